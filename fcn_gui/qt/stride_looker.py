"""Looks at the open image stride by stride while somebody wants to see it."""

from PySide6.QtCore import QObject, Signal

from fcn_gui.core.errors import CheckpointError
from fcn_gui.qt.job_board import JobBoard
from fcn_gui.qt.runner import Runner
from fcn_gui.qt.task import Task
from fcn_gui.session.effort import vouched_truth
from fcn_gui.session.engine import Engine
from fcn_gui.session.session import Session
from fcn_gui.session.skips import Skips, look_by_stride

STRIDES_PRIORITY = 60


class StrideLooker(QObject):
    """The newest question wins; an answer for another image or another network is dropped."""

    changed = Signal()

    def __init__(self, session: Session, engine: Engine, network: Runner, board: JobBoard) -> None:
        super().__init__(board)
        self._session, self._engine, self._network, self._board = session, engine, network, board

    def look(self) -> None:
        """Look at the open image as it is now."""
        try:
            request = self._session.predict_request()
        except CheckpointError:
            return  # told by whoever predicts the open image
        document = self._session.document
        if request is None or document is None:
            self.forget()
            return
        truth = vouched_truth(document.masked.mask, document.masked.vouch)
        task = Task("strides", look_by_stride(self._engine, request, truth), STRIDES_PRIORITY)
        self._board.watch(task, "Looking stride by stride", self._take)
        self._network.submit(task, is_latest_of_kind=True)

    def forget(self) -> None:
        """Nothing is open."""
        self._network.cancel("strides")
        self._session.skips = None
        self.changed.emit()

    def _take(self, found: object) -> None:
        document = self._session.document
        if isinstance(found, Skips) and document is not None and document.key == found.key:
            self._session.skips = found
            self.changed.emit()
