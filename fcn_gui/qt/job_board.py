"""The jobs that a person is told of: what runs, how far it is, and a way to cancel it."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal

from fcn_gui.core.errors import FcnGuiError
from fcn_gui.core.progress import Progress
from fcn_gui.qt.task import Task
from fcn_gui.session.messages import Message

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class JobStatus:
    """One line of the status bar; `fraction` 0…1, None while the end is not known."""

    id: int
    kind: str
    text: str
    fraction: float | None
    can_cancel: bool
    can_pause: bool = False
    is_paused: bool = False


class JobBoard(QObject):
    """Watches tasks; says of each how it goes and, once, how it ended."""

    progressed = Signal(object)
    """JobStatus."""
    ended = Signal(int, str, str, str)
    """id, kind, outcome (finished, failed, cancelled), text."""
    told = Signal(object)
    """Message: an error to show."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._watched: dict[int, Task] = {}
        self._status: dict[int, JobStatus] = {}

    @property
    def running(self) -> list[JobStatus]:
        """The jobs that were not yet told to have ended, oldest first."""
        return list(self._status.values())

    def is_running(self, kind: str) -> bool:
        """A job of this kind has not ended."""
        return any(status.kind == kind for status in self._status.values())

    def watch(
        self,
        task: Task,
        text: str,
        on_finished: Callable[[object], None],
        on_failed: Callable[[Exception], bool] | None = None,
        *,
        can_cancel: bool = False,
        can_pause: bool = False,
    ) -> Task:
        """Tell of `task`. `on_failed` returns True when it has told the person itself."""
        self._watched[task.id] = task
        task.progressed.connect(lambda progress: self._progressed(task, progress))
        task.finished.connect(lambda result: self._ended(task, "finished", "", on_finished, result))
        task.cancelled.connect(lambda: self._ended(task, "cancelled", ""))
        task.failed.connect(lambda error: self._failed(task, error, on_failed))
        self._say(JobStatus(task.id, task.kind, text, None, can_cancel, can_pause))
        return task

    def pause_or_resume(self, job: int | None = None) -> None:
        """Hold one, or the newest that can be held, and let it go on the next time."""
        able = [status for status in self._status.values() if status.can_pause and job in (None, status.id)]
        if not able:
            return
        status, task = able[-1], self._watched[able[-1].id]
        (task.resume if status.is_paused else task.pause)()
        self._say(replace(status, is_paused=not status.is_paused))

    def cancel(self, job: int | None = None) -> None:
        """Cancel one, or the newest that can be."""
        able = [status.id for status in self._status.values() if status.can_cancel and job in (None, status.id)]
        if able:
            self._watched[able[-1]].cancel()

    def _progressed(self, task: Task, progress: Progress) -> None:
        before = self._status.get(task.id)
        if before is not None:
            self._say(replace(before, text=progress.text or before.text, fraction=progress.fraction))

    def _say(self, status: JobStatus) -> None:
        self._status[status.id] = status
        self.progressed.emit(status)

    def _failed(self, task: Task, error: Exception, on_failed: Callable[[Exception], bool] | None) -> None:
        text = describe(error)
        if on_failed is None or not on_failed(error):
            self.told.emit(Message("error", text))
        self._ended(task, "failed", text)

    def _ended(
        self,
        task: Task,
        outcome: str,
        text: str,
        then: Callable[[object], None] | None = None,
        result: object = None,
    ) -> None:
        if self._watched.pop(task.id, None) is None:
            return
        del self._status[task.id]
        if then is not None:
            then(result)
        self.ended.emit(task.id, task.kind, outcome, text)


def describe(error: Exception) -> str:
    """The sentence for a person; what is not ours is logged with its traceback."""
    if isinstance(error, FcnGuiError):
        return str(error)
    _log.error("a job broke", exc_info=error)
    what = f"{type(error).__name__}: {error}"
    return f"Something went wrong here ({what}). Your strokes are safe; the log has the details."
