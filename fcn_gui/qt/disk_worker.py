"""Everything that is written, in the order in which it was asked for, off the main thread."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from fcn_gui.core.progress import Job
from fcn_gui.qt.runner import Runner
from fcn_gui.qt.task import Task
from fcn_gui.session.change import Write

SYNC_PRIORITY, WRITE_PRIORITY = 10, 50


class DiskWorker(QObject):
    """One thread for writes. An fsync of the journal goes before saves: a power cut costs at most the last 200 ms."""

    wrote = Signal(object)
    """A `Write` that went well, on the main thread."""
    failed = Signal(object, object)
    """A `Write` that did not, and why."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runner = Runner("disk")
        self._tasks: dict[int, tuple[Task, Write]] = {}
        self._syncs_to_come: set[str] = set()

    @property
    def is_idle(self) -> bool:
        """Everything was written and told."""
        return not self._tasks

    def submit(self, write: Write) -> None:
        """Queue a write; a sync that has not begun yet serves all strokes until it does."""
        is_sync = write.kind.startswith("sync ")
        if is_sync and write.kind in self._syncs_to_come:
            return
        if is_sync:
            self._syncs_to_come.add(write.kind)
        task = Task(write.kind, self._job(write), SYNC_PRIORITY if is_sync else WRITE_PRIORITY)
        self._tasks[task.id] = task, write
        task.finished.connect(lambda _: self._finished(task.id))
        task.failed.connect(lambda error: self._failed(task.id, error))
        task.cancelled.connect(lambda: self._tasks.pop(task.id, None))
        self._runner.submit(task)

    def run_after(self, task: Task, priority: int = WRITE_PRIORITY) -> Task:
        """Queue another job behind all writes asked for so far: one that reads what they wrote.

        With a larger `priority` later writes go before its next step.
        """
        task.priority = priority
        self._runner.submit(task)
        return task

    def when_written(self, then: Callable[[], None]) -> None:
        """Call `then` on the main thread once all writes asked for so far are done."""
        self.submit(Write("barrier", lambda: None, then))

    def close(self) -> None:
        """Write all that waits, and end."""
        self._runner.close(drain=True)

    def _finished(self, task: int) -> None:
        _, write = self._tasks.pop(task)
        write.done()
        self.wrote.emit(write)

    def _failed(self, task: int, error: object) -> None:
        _, write = self._tasks.pop(task)
        self.failed.emit(write, error)

    def _job(self, write: Write) -> Job[None]:
        yield from ()  # nothing to tell on the way
        self._syncs_to_come.discard(write.kind)
        write.run()
