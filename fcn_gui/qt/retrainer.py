"""Fine-tunes and their gate, begun by hand or by themselves: at most one at a time, which can be paused and cancelled.

It runs on the network's thread behind refits and predictions, a micro-batch between two of them. When one is due is
decided by `session.background_learning`.
"""

import logging
from dataclasses import dataclass, field

from PySide6.QtCore import QObject, Signal

from fcn_gui.core.errors import FcnGuiError, LearningError
from fcn_gui.core.progress import Job, Progress
from fcn_gui.qt.disk_worker import DiskWorker
from fcn_gui.qt.job_board import JobBoard
from fcn_gui.qt.runner import Runner
from fcn_gui.qt.task import Task
from fcn_gui.session import jobs
from fcn_gui.session.background_learning import Due
from fcn_gui.session.engine import Engine
from fcn_gui.session.messages import Message
from fcn_gui.session.opening import read_marks
from fcn_gui.session.project import Project
from fcn_gui.session.session import Session

RETRAIN_PRIORITY = 80
_log = logging.getLogger(__name__)


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


@dataclass(frozen=True, eq=False)
class _Run:
    """One retrain from its preparation to its end."""

    project: Project
    is_automatic: bool


class Retrainer(QObject):
    """Begins what is due, or what a person asks for, and hands its end to the session."""

    changed = Signal(object)
    """Change."""
    curve_changed = Signal()
    checkpoints_changed = Signal()
    told = Signal(object)
    """Message."""

    def __init__(self, session: Session, engine: Engine, network: Runner, disk: DiskWorker, board: JobBoard) -> None:
        super().__init__(board)
        self._session, self._engine, self._board = session, engine, board
        self._network, self._disk = network, disk
        self.curve = LearningCurve()
        self._run: _Run | None = None
        """What is prepared or goes on; the end of any other one is of no interest any more."""

    @property
    def is_retraining(self) -> bool:
        """A retrain is prepared or runs, or is paused."""
        return self._run is not None or self._board.is_running("retrain")

    def retrain(self) -> None:
        """Because a person asks for it: save all, settle the sides of the split, then learn."""
        project = self._session.project
        if self.is_retraining or project is None:
            return
        if self._session.is_read_only:
            self.told.emit(Message("warn", "This project is read-only here, so it can't be retrained."))
            return
        self._prepare(_Run(project, is_automatic=False))

    def go_on(self) -> None:
        """After a verify, and after each end: begin what is due by itself."""
        project = self._session.project
        if self.is_retraining or project is None:
            return
        due = self._session.due()
        if due is Due.JUDGING:
            self._judge(_Run(project, is_automatic=True))
        elif due is Due.LEARNING:
            self._prepare(_Run(project, is_automatic=True))

    def stop(self) -> None:
        """The folder is closed: nothing of it goes on."""
        self._run = None
        self._session.background.cut_off()
        self._network.cancel("retrain")

    def make_way(self) -> bool:
        """Somebody wants to rewrite all masks: end what nobody asked for, to be begun again; False where one asked."""
        if self._run is not None and self._run.is_automatic:
            self.stop()
        return self._run is None

    def give_up(self) -> None:
        """The person put another checkpoint live: nothing that learned by itself from the one before shall follow."""
        if self._run is not None and self._run.is_automatic:
            self._cancelled(self._run)
            self._network.cancel("retrain")

    def _prepare(self, run: _Run) -> None:
        self._run = run
        self.changed.emit(self._session.save_all())
        self._disk.when_written(lambda: self._settle(run))

    def _settle(self, run: _Run) -> None:
        if not self._is_current(run):
            return
        task = Task("read marks", read_marks(self._session.undecided()))
        self._board.watch(
            task, "Preparing", lambda marks: self._start(run, marks), lambda _: self._not_prepared(run, None)
        )
        self._disk.run_after(task)

    def _start(self, run: _Run, marks: object) -> None:
        if not self._is_current(run):
            return
        try:
            if isinstance(marks, list) and marks:
                self.changed.emit(self._session.decide_sides(marks))
            request = self._session.retrain_request()
        except FcnGuiError as error:
            self._not_prepared(run, error)
            return
        self._session.background.begin(Due.LEARNING)
        self.curve = LearningCurve()
        self.curve_changed.emit()
        task = self._submit(run, jobs.retrain(self._engine, request), "Fine-tuning")
        task.progressed.connect(self._learning)

    def _judge(self, run: _Run) -> None:
        """The image verified just now may be the last that was missing for the candidate that waits."""
        request = self._session.waiting_request()
        if request is not None:
            self._run = run
            self._session.background.begin(Due.JUDGING)
            self._submit(run, jobs.judge_waiting(self._engine, *request), "Judging")

    def _submit(self, run: _Run, job: Job[jobs.RetrainResult], text: str) -> Task:
        task = Task("retrain", job, RETRAIN_PRIORITY)
        self._board.watch(
            task,
            text,
            lambda result: self._learned(run, result),
            lambda error: self._failed(run, error),
            can_cancel=True,
            can_pause=True,
        )
        task.cancelled.connect(lambda: self._cancelled(run))
        task.ended.connect(self.go_on)  # more may have been verified meanwhile
        self._network.submit(task)
        return task

    def _is_current(self, run: _Run) -> bool:
        return self._run is run and self._session.project is run.project

    def _not_prepared(self, run: _Run, error: FcnGuiError | None) -> bool:
        """Nothing was begun; what is due by itself is tried again after the next verify."""
        if self._is_current(run):
            self._run = None
            if error is not None and not run.is_automatic:
                self.told.emit(Message("warn", str(error)))
        return False

    def _learning(self, progress: Progress) -> None:
        if self.curve.add(progress):
            self.curve_changed.emit()

    def _learned(self, run: _Run, result: object) -> None:
        if isinstance(result, jobs.RetrainResult) and self._is_current(run):
            self._run = None
            self.changed.emit(self._session.learned(result, run.is_automatic))
            self.checkpoints_changed.emit()

    def _failed(self, run: _Run, error: Exception) -> bool:
        """True where the person need not hear of it: nobody asked for that, and nothing is broken."""
        if not self._is_current(run):
            return True
        self._run = None
        self.changed.emit(self._session.learning_failed())
        is_quiet = run.is_automatic and isinstance(error, LearningError)
        if is_quiet:
            _log.info("a fine-tune that began by itself learned nothing: %s", error)
        return is_quiet

    def _cancelled(self, run: _Run) -> None:
        if self._is_current(run):
            self._run = None
            self.changed.emit(self._session.learning_cancelled())
