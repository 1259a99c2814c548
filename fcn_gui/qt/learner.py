"""What goes live by hand, the second look after a checkpoint went live, and the export."""

from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from fcn_gui.core.errors import CheckpointError, FcnGuiError
from fcn_gui.core.image_io import read_image
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
from fcn_gui.session.project import Project
from fcn_gui.session.session import Session

CHECK_PRIORITY, SECOND_LOOK_PRIORITY = 5, 90


class Learner(QObject):
    """Starts these jobs on the runners and hands their ends to the session."""

    changed = Signal(object)
    """Change."""
    checkpoints_changed = Signal()
    made_live = Signal()
    """A person put a checkpoint live."""
    looked_again = Signal(str)
    """Key of an image whose unvouched pixels follow the new network."""
    told = Signal(object)
    """Message."""
    _looked = Signal(object, str, object)

    def __init__(self, session: Session, engine: Engine, network: Runner, disk: DiskWorker, board: JobBoard) -> None:
        super().__init__(board)
        self._session, self._engine, self._board = session, engine, board
        self._network, self._disk = network, disk
        self._looked.connect(self._on_looked)

    def stop(self) -> None:
        """The folder is closed: nothing of it goes on."""
        self._network.cancel("second_look")

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
            self.made_live.emit()
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

    def _on_looked(self, asked: tuple[Project, int], key: str, labels: Mask) -> None:
        if (self._session.project, self._session.version) == asked and labels.size:
            self.changed.emit(self._session.follow_again(key, labels))
            self.looked_again.emit(key)

    def _exported(self, report: object, options: ExportOptions) -> None:
        if isinstance(report, ExportReport):
            self.told.emit(export_message(report, options))


def _reader(path: Path) -> Callable[[], Mask]:
    return lambda: read_image(path).image
