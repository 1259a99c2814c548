"""After another network went live: which vouched pixels does it doubt?"""

from PySide6.QtCore import QObject, Signal

from fcn_gui.core.errors import CheckpointError
from fcn_gui.core.label_map_change import LabelMapChange
from fcn_gui.qt.job_board import JobBoard
from fcn_gui.qt.runner import Runner
from fcn_gui.qt.task import Task
from fcn_gui.session.doubts import recheck
from fcn_gui.session.engine import Engine
from fcn_gui.session.project import Project
from fcn_gui.session.session import Session

RECHECK_PRIORITY = 93


class Rechecker(QObject):
    """Counts and tells; whether anything is done about it is for the person."""

    checked = Signal(str)
    """Key of an image whose pixels in doubt were counted."""
    _counted = Signal(object, str, int)

    def __init__(self, session: Session, engine: Engine, network: Runner, board: JobBoard) -> None:
        super().__init__(board)
        self._session, self._engine, self._network, self._board = session, engine, network, board
        self._is_wanted = False
        """To be started when masks can be read again."""
        self._checked: Project | None = None
        """The project whose pixels in doubt are known, or were."""
        self._counted.connect(self._note)

    def start(self) -> None:
        """Look at all images with vouched pixels by the network that is live now."""
        self.stop()
        if self._session.is_rewriting:
            self._is_wanted = True
            return
        project = self._session.project
        try:
            live, images = self._session.live, self._session.to_recheck()
        except CheckpointError:
            return  # told by whoever predicts the open image
        if project is None or live is None or not images:
            return
        self._checked = project
        about = project, self._session.checkpoint_version
        job = recheck(self._engine, live, images, lambda *found: self._counted.emit(about, *found))
        task = Task("recheck", job, RECHECK_PRIORITY)
        self._board.watch(task, "Checking again", lambda _: None, can_cancel=True)
        self._network.submit(task)

    def stop(self) -> None:
        """Another network answers, or the folder is closed."""
        self._is_wanted = False
        self._network.cancel("recheck")

    def hold(self) -> None:
        """All masks are being rewritten: nothing is read until `go_on`."""
        is_running = self._board.is_running("recheck")
        self.stop()
        self._is_wanted = is_running

    def follow(self, change: LabelMapChange) -> None:
        """Labels mean something else now: what was doubted may not be any more, where a class went or came back."""
        if self._checked is self._session.project and len(change.before) != len(change.after):
            self._is_wanted = True

    def go_on(self) -> None:
        """They are rewritten, or stay as they were."""
        if self._is_wanted:
            self.start()

    def _note(self, asked: tuple[Project, int], key: str, doubted_px: int) -> None:
        project, version = asked
        if self._session.project is project and self._session.checkpoint_version == version and key in project:
            project.item(key).doubted_px = doubted_px
            self.checked.emit(key)
