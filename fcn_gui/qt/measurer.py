"""Measures the network on the project's own images when somebody wants to see it."""

from PySide6.QtCore import QObject, Signal

from fcn_gui.core.errors import CheckpointError
from fcn_gui.qt.job_board import JobBoard
from fcn_gui.qt.runner import Runner
from fcn_gui.qt.task import Task
from fcn_gui.session.engine import Engine
from fcn_gui.session.measuring import Measured, measure
from fcn_gui.session.messages import Message
from fcn_gui.session.project import Project
from fcn_gui.session.session import Session

MEASURE_PRIORITY = 91


class Measurer(QObject):
    """What was measured of an image is kept until the image, the classes or the network change."""

    changed = Signal()
    """Another image was measured, or what was known is forgotten."""
    told = Signal(object)
    """Message."""
    _measured = Signal(object, object)

    def __init__(self, session: Session, engine: Engine, network: Runner, board: JobBoard) -> None:
        super().__init__(board)
        self._session, self._engine, self._network, self._board = session, engine, network, board
        self._measured.connect(self._note)
        board.ended.connect(lambda _id, kind, _how, _text: self.changed.emit() if kind == "measure" else None)

    @property
    def is_measuring(self) -> bool:
        """Images are being measured."""
        return self._board.is_running("measure")

    @property
    def stale(self) -> int:
        """How many images were not measured as they, or the network, are now."""
        return self._session.measurements.stale(self._session.measure_stamps())

    def start(self) -> None:
        """Measure what is not known yet by the network of now; what runs already goes on."""
        session = self._session
        if self.is_measuring or session.project is None or session.is_rewriting:
            return
        try:
            live, subjects = session.live, session.to_measure()
        except CheckpointError as error:
            self.told.emit(Message("warn", str(error)))
            return
        if live is None:
            return
        left = session.measurements.begin(live.label_map, subjects)
        self.changed.emit()
        if not left:
            return
        about = session.project
        job = measure(self._engine, live, left, lambda found: self._measured.emit(about, found))
        task = Task("measure", job, MEASURE_PRIORITY)
        self._board.watch(task, "Measuring", lambda _: None, can_cancel=True)
        self._network.submit(task)

    def stop(self) -> None:
        """The folder is closed, or its masks are about to be rewritten."""
        self._network.cancel("measure")

    def _note(self, about: Project, found: Measured) -> None:
        if about is self._session.project:
            self._session.measurements.put(found)
            self.changed.emit()
