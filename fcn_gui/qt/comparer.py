"""Two checkpoints of the history on the open image: asked for by a person, answered beside all else."""

from PySide6.QtCore import QObject, Signal

from fcn_gui.core.errors import FcnGuiError
from fcn_gui.qt.job_board import JobBoard
from fcn_gui.qt.runner import Runner
from fcn_gui.qt.task import Task
from fcn_gui.session.comparison import Comparison, compare_checkpoints
from fcn_gui.session.document import Document
from fcn_gui.session.engine import Engine
from fcn_gui.session.messages import Message, compared
from fcn_gui.session.session import Session

COMPARE_PRIORITY = 15


class Comparer(QObject):
    """Holds the comparison of the open image, until another image is open."""

    found = Signal()
    """`comparison` is another one."""
    told = Signal(object)
    """Message."""

    def __init__(self, session: Session, engine: Engine, network: Runner, board: JobBoard) -> None:
        super().__init__(board)
        self._session, self._engine, self._network, self._board = session, engine, network, board
        self._document: Document | None = None
        self._comparison: Comparison | None = None

    @property
    def comparison(self) -> Comparison | None:
        """Of the open image; None where nobody asked for one."""
        return self._comparison if self._document is self._session.document else None

    def compare(self, before: str, after: str) -> None:
        """Predict the open image by two checkpoints of the history."""
        document = self._session.document
        try:
            request = self._session.comparison_request(before, after)
        except FcnGuiError as error:
            self.told.emit(Message("warn", str(error)))
            return
        task = Task("compare", compare_checkpoints(self._engine, request), COMPARE_PRIORITY)
        self._board.watch(task, "Comparing checkpoints", lambda found: self._keep(document, found), can_cancel=True)
        self._network.submit(task, is_latest_of_kind=True)

    def stop(self) -> None:
        """The folder is closed."""
        self._document = self._comparison = None
        self._network.cancel("compare")

    def _keep(self, document: Document | None, found: object) -> None:
        if isinstance(found, Comparison) and document is not None and document is self._session.document:
            self._document, self._comparison = document, found
            self.told.emit(compared(*found.numbers, found.changed))
            self.found.emit()
