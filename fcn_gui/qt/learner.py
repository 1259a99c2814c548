"""Retrain, its curve, the second look after it, and the export: long jobs that a person starts and may cancel."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from fcn_gui.core.errors import CheckpointError, FcnGuiError
from fcn_gui.core.image_io import read_image
from fcn_gui.core.progress import Progress
from fcn_gui.core.raster import Mask
from fcn_gui.disk.voc_export import ExportReport, export_voc
from fcn_gui.disk.voc_truth import ExportOptions
from fcn_gui.qt.disk_worker import DiskWorker
from fcn_gui.qt.job_board import JobBoard
from fcn_gui.qt.runner import Runner
from fcn_gui.qt.task import Task
from fcn_gui.session import jobs
from fcn_gui.session.checkpoints import CheckpointHistory, LiveModel
from fcn_gui.session.engine import Engine
from fcn_gui.session.exporting import export_message, export_request
from fcn_gui.session.messages import Message
from fcn_gui.session.opening import read_marks
from fcn_gui.session.project import Project
from fcn_gui.session.session import Session

CHECK_PRIORITY, RETRAIN_PRIORITY, SECOND_LOOK_PRIORITY = 5, 80, 90


@dataclass
class LearningCurve:
    """The fine-tune that runs or ran last: loss by step, and (step, mean IU) of the watched images."""

    steps: list[int] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)
    mean_iu: list[tuple[int, float]] = field(default_factory=list)

    def add(self, progress: Progress) -> bool:
        """Take in one step; False where it carries no numbers."""
        if not progress.numbers:
            return False
        if "loss" in progress.numbers:
            self.steps.append(progress.done)
            self.losses.append(progress.numbers["loss"])
        if "mean_iu" in progress.numbers:
            self.mean_iu.append((progress.done, progress.numbers["mean_iu"]))
        return True


class Learner(QObject):
    """Starts the long jobs on the runners and hands their ends to the session."""

    changed = Signal(object)
    """Change."""
    curve_changed = Signal()
    checkpoints_changed = Signal()
    looked_again = Signal(str)
    """Key of an image whose unvouched pixels follow the new network."""
    told = Signal(object)
    """Message."""
    _looked = Signal(object, str, object)

    def __init__(self, session: Session, engine: Engine, network: Runner, disk: DiskWorker, board: JobBoard) -> None:
        super().__init__(board)
        self._session, self._engine, self._board = session, engine, board
        self._network, self._disk = network, disk
        self.curve = LearningCurve()
        self._preparing: Project | None = None
        """The project for which a retrain is prepared."""
        self._looked.connect(self._on_looked)

    @property
    def is_retraining(self) -> bool:
        """A retrain is prepared or runs."""
        return self._preparing is not None or self._board.is_running("retrain")

    def retrain(self) -> None:
        """Save all, settle the sides of the split, then learn."""
        if self.is_retraining:
            return
        if self._session.is_read_only:
            self.told.emit(Message("warn", "This project is read-only here, so it can't be retrained."))
            return
        self._preparing = self._session.project
        self.changed.emit(self._session.save_all())
        self._disk.when_written(self._settle)

    def stop(self) -> None:
        """The folder is closed: nothing of it goes on."""
        self._preparing = None
        for kind in ("retrain", "second_look"):
            self._network.cancel(kind)

    def second_look(self) -> None:
        """Images seen before and not verified follow the network that is live now."""
        project, live, document = self._session.project, self._live(), self._session.document
        self._network.cancel("second_look")
        if project is None or live is None or self._session.is_read_only:
            return
        here = document.key if document else None
        keys = [item.key for item in project.to_look_at_again() if item.key != here]
        if not keys:
            return
        images = [(key, _reader(project.folder.image_path(key))) for key in keys]
        asked = project, live.version
        job = jobs.second_look(self._engine, live, images, lambda *found: self._looked.emit(asked, *found))
        task = Task("second_look", job, SECOND_LOOK_PRIORITY)
        self._board.watch(task, "Second look", lambda _: None, can_cancel=True)
        self._network.submit(task)

    def judge_waiting(self) -> None:
        """Judge the candidate that waits, if the image verified just now was the last that was missing."""
        project = self._session.project
        request = None if self.is_retraining or project is None else self._session.waiting_request()
        if project is None or request is None:
            return
        task = Task("retrain", jobs.judge_waiting(self._engine, *request), RETRAIN_PRIORITY)
        self._board.watch(task, "Judging", lambda result: self._learned(project, result), can_cancel=True)
        self._network.submit(task)

    def _live(self) -> LiveModel | None:
        try:
            return self._session.live
        except CheckpointError:
            return None  # told by whoever predicts the open image

    def make_live(self, checkpoint: str | None) -> None:
        """Put a checkpoint live, after its file was found whole; None: the one before the live one."""
        history = self._session.checkpoints
        try:
            if history is None:
                return
            chosen = checkpoint or self._session.before_live()
            task = Task("make_live", jobs.check_checkpoint(history.path(chosen)), CHECK_PRIORITY)
        except FcnGuiError as error:
            self.told.emit(Message("warn", str(error)))
            return
        self._board.watch(task, "Reading the checkpoint", lambda _: self._make_live(history, chosen))
        self._network.submit(task)

    def _make_live(self, history: CheckpointHistory, checkpoint: str) -> None:
        if self._session.checkpoints is not history:
            return
        try:
            self.changed.emit(self._session.make_live(checkpoint))
        except FcnGuiError as error:
            self.told.emit(Message("warn", str(error)))
        self.checkpoints_changed.emit()

    def export(self, target: Path, choices: Mapping[str, object]) -> None:
        """Write a VOC data set, behind all saves; `choices` are fields of `ExportOptions`."""
        self.changed.emit(self._session.save_all())
        try:
            options = ExportOptions(**choices)  # type: ignore[arg-type]
            request = export_request(self._session, target, options)
        except FcnGuiError as error:
            self.told.emit(Message("error", str(error)))
            return
        task = Task("export", export_voc(request))
        self._board.watch(task, "Exporting", lambda report: self._exported(report, options), can_cancel=True)
        self._disk.run_after(task)

    def _settle(self) -> None:
        if self._preparing is None or self._session.project is not self._preparing:
            return
        task = Task("read marks", read_marks(self._session.undecided()))
        self._board.watch(task, "Preparing", self._start, self._not_started)
        self._disk.run_after(task)

    def _start(self, marks: object) -> None:
        project, self._preparing = self._preparing, None
        if project is None or self._session.project is not project:
            return
        try:
            if isinstance(marks, list) and marks:
                self.changed.emit(self._session.decide_sides(marks))
            request = self._session.retrain_request()
        except FcnGuiError as error:
            self.told.emit(Message("warn", str(error)))
            return
        self.curve = LearningCurve()
        self.curve_changed.emit()
        task = Task("retrain", jobs.retrain(self._engine, request), RETRAIN_PRIORITY)
        task.progressed.connect(self._learning)
        self._board.watch(task, "Fine-tuning", lambda result: self._learned(project, result), can_cancel=True)
        self._network.submit(task)

    def _not_started(self, error: Exception) -> bool:
        self._preparing = None
        return False

    def _learning(self, progress: Progress) -> None:
        if self.curve.add(progress):
            self.curve_changed.emit()

    def _learned(self, project: Project, result: object) -> None:
        if isinstance(result, jobs.RetrainResult) and self._session.project is project:
            self.changed.emit(self._session.learned(result))
            self.checkpoints_changed.emit()
            self.judge_waiting()  # the image that was missing may have been verified meanwhile

    def _on_looked(self, asked: tuple[Project, int], key: str, labels: Mask) -> None:
        if (self._session.project, self._session.version) == asked and labels.size:
            self.changed.emit(self._session.follow_again(key, labels))
            self.looked_again.emit(key)

    def _exported(self, report: object, options: ExportOptions) -> None:
        if isinstance(report, ExportReport):
            self.told.emit(export_message(report, options))


def _reader(path: Path) -> Callable[[], Mask]:
    return lambda: read_image(path).image
