"""Removing, merging and moving classes: all masks are rewritten beside those in use, then put into place at once."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from fcn_gui.core.errors import FcnGuiError
from fcn_gui.disk.rewrite import CutOffError, Rewrite
from fcn_gui.qt.disk_worker import DiskWorker
from fcn_gui.qt.image_flow import ImageFlow
from fcn_gui.qt.job_board import JobBoard
from fcn_gui.qt.learner import Learner
from fcn_gui.qt.retrainer import Retrainer
from fcn_gui.qt.task import Task
from fcn_gui.session.class_rewrites import RewriteRequest, Rewritten, commit, stage
from fcn_gui.session.messages import Message
from fcn_gui.session.project import Project
from fcn_gui.session.session import Session


class Relabeller(QObject):
    """Two jobs behind all saves: the long one can be cancelled, the short one waits until nothing reads a mask."""

    began = Signal()
    """Nothing else may read masks from now on."""
    ended = Signal()
    """Everything is as it was or as it was wished, and may be read again."""
    changed = Signal(object)
    """Change."""
    relabelled = Signal(object)
    """`LabelMapChange`: what every label has become; told before `changed`."""
    told = Signal(object)
    """Message."""

    def __init__(
        self,
        session: Session,
        learning: tuple[Retrainer, Learner],
        flow: ImageFlow,
        disk: DiskWorker,
        board: JobBoard,
    ) -> None:
        super().__init__(board)
        self._session, self._flow, self._disk, self._board = session, flow, disk, board
        self._retrainer, self._learner = learning
        self._project: Project | None = None
        """The project that is being rewritten."""

    def start(self, ask: Callable[[], RewriteRequest]) -> None:
        """Carry out what a verb of the session asks for."""
        try:
            if (refused := self._session.refusal) is not None:
                self.told.emit(refused)
                return
            request = ask()
        except FcnGuiError as error:
            self.told.emit(Message("warn", str(error)))
            return
        is_in_use = self._board.is_running("export") or self._board.is_running("import")
        if is_in_use or not self._retrainer.make_way():
            text = (
                "A fine-tune, export or import uses the masks: wait for its end or cancel it, then change the classes."
            )
            self.told.emit(Message("warn", text, (("Cancel", "learn.cancel"),)))
            return
        self._project = self._session.project
        self._learner.stop()  # a second look, which goes by the labels of before
        self.changed.emit(self._session.begin_rewrite())
        self.began.emit()
        self._disk.when_written(lambda: self._stage(request))

    def stop(self) -> None:
        """The folder is closed: what is in its place stays there, what is not is dropped."""
        self._project = None
        for status in self._board.running:
            if status.kind == "rewrite":
                self._board.cancel(status.id)

    def _is_current(self) -> bool:
        return self._project is not None and self._session.project is self._project

    def _stage(self, request: RewriteRequest) -> None:
        if not self._is_current():
            return
        try:
            self._session.check_saved()
        except FcnGuiError as error:
            self._end()
            self.told.emit(Message("error", str(error)))
            return
        task = Task("rewrite", stage(request))
        task.cancelled.connect(self._cancelled)
        self._board.watch(
            task,
            "Rewriting the masks",
            lambda staged: self._commit(request, staged),
            lambda error: self._end(),
            can_cancel=True,
        )
        self._disk.run_after(task)

    def _commit(self, request: RewriteRequest, staged: object) -> None:
        if not isinstance(staged, tuple) or not isinstance(staged[0], Rewrite):
            return
        if not self._is_current():
            staged[0].discard()
            return
        self._flow.hold()
        task = Task("rewrite end", commit(request, staged))
        self._board.watch(task, "Rewriting the masks", lambda done: self._done(request, done), self._not_done)
        self._disk.run_after(task)

    def _done(self, request: RewriteRequest, done: object) -> None:
        if not isinstance(done, Rewritten) or not self._is_current():
            return
        self._project = None
        change = self._session.rewritten(request, done)
        self.relabelled.emit(request.change)
        self.changed.emit(change)
        self._flow.go_on()
        self.ended.emit()
        if request.undoes is None and not all(map(request.change.keeps, range(len(request.change.before)))):
            self._learner.second_look()  # unvouched pixels of the class that is gone follow the network again

    def _not_done(self, error: Exception) -> bool:
        if isinstance(error, CutOffError):  # neither old nor new: nothing may be saved until the folder is opened again
            self._project = None
            return False
        return self._end()

    def _cancelled(self) -> None:
        if self._is_current():
            self._end()
            self.told.emit(Message("info", "Cancelled: the classes and all masks are what they were."))

    def _end(self) -> bool:
        """Back to work with everything as it was."""
        if self._is_current():
            self._project = None
            self.changed.emit(self._session.end_rewrite())
            self._flow.go_on()
            self._flow.predict_open()
            self.ended.emit()
        return False
