"""Counts in idle time what painting by hand would have cost; a stroke stops it, quiet lets it go on."""

from PySide6.QtCore import QObject, QTimer, Signal

from fcn_gui.qt.runner import Runner
from fcn_gui.qt.task import Task
from fcn_gui.session.by_hand import ByHandBook, count_by_hand
from fcn_gui.session.project import Project
from fcn_gui.session.session import Session

IDLE_MS = 4000


class ByHandCounter(QObject):
    """Its thread is its own: nobody waits for it, and it waits for nobody."""

    counted = Signal(str)
    """Key of an image whose seconds by hand are known now."""
    _found = Signal(object, str, float)

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._runner = Runner("by hand")
        self._timer = QTimer(self, singleShot=True, interval=IDLE_MS)
        self._timer.timeout.connect(self.start)
        self._found.connect(self._note)

    def wait(self) -> None:
        """Something is done: not now, but when it is quiet."""
        self._runner.cancel()
        if self._session.project is not None:
            self._timer.start()

    def start(self) -> None:
        """Count what is not counted yet, but not while all masks are being rewritten."""
        project, images = self._session.project, self._session.not_counted_by_hand()
        if project is None or self._session.is_rewriting or not images:
            return
        book = ByHandBook(project.folder.cache_dir)
        job = count_by_hand(book, images, lambda *found: self._found.emit(project, *found))
        self._runner.submit(Task("by hand", job), is_latest_of_kind=True)

    def stop(self) -> None:
        """The folder is closed."""
        self._timer.stop()
        self._runner.cancel()

    def close(self) -> None:
        """End the thread."""
        self.stop()
        self._runner.close()

    def _note(self, project: Project, key: str, seconds: float) -> None:
        if self._session.project is project and key in project:
            project.item(key).by_hand_s = seconds
            self.counted.emit(key)
