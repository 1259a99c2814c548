"""One job and its signals: progressed any number of times, then exactly one of finished, failed, cancelled."""

import itertools
import threading
import time
from collections import deque
from collections.abc import Callable
from functools import cache

from PySide6.QtCore import QObject, Qt, Signal, Slot

from fcn_gui.core.progress import Job, Progress

THIN_MS = 30
"""Progress without numbers is told at most this often; numbers belong to a plot and are always told."""

_ids = itertools.count(1)


class _Doorbell(QObject):
    """Brings what happened on other threads to the main one, in order.

    One for all tasks, which lives as long as the program. With tasks that emitted themselves, from the other thread,
    2 of 7 runs of `tests/benchmarks/test_refit_window.py` on a busy machine crashed in that emit; so, none of 8.
    """

    _rung = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._happened: deque[tuple[Task, str, object]] = deque()
        # Queued in every case: listeners run on the main thread, whoever rings.
        self._rung.connect(self._answer, Qt.ConnectionType.QueuedConnection)

    def ring(self, task: "Task", how: str, what: object) -> None:
        """Safe from any thread."""
        self._happened.append((task, how, what))
        self._rung.emit()

    @Slot()
    def _answer(self) -> None:
        task, how, what = self._happened.popleft()
        task.tell(how, what)


@cache
def _doorbell() -> _Doorbell:
    """Made with the first task, on the main thread."""
    return _Doorbell()


def _nobody() -> None:
    """No runner has it yet."""


class Task(QObject):
    """A job on its way through a `Runner`.

    Made on the main thread, where its signals come too; `advance` runs on the runner's thread only, so a job needs no
    locks. After its end was told it lets go of everything that listened.
    """

    progressed = Signal(object)
    """Progress."""
    finished = Signal(object)
    """What the job returned."""
    failed = Signal(object)
    """The exception that ended it."""
    cancelled = Signal()
    ended = Signal()
    """After any of the three."""

    def __init__(self, kind: str, job: Job[object], priority: int = 50) -> None:
        super().__init__()
        self.id: int = next(_ids)
        self.kind = kind
        self.priority = priority
        self._job: Job[object] | None = job
        self._wants_end = threading.Event()
        self._is_paused = False
        self.woken: Callable[[], None] = _nobody
        """Called, from any thread, when it can be stepped again; its runner listens."""
        self._told_at = 0.0
        self._doorbell = _doorbell()

    def cancel(self) -> None:
        """Ask for the end; it comes before the job's next step. Safe from any thread, and after the end."""
        self._wants_end.set()
        self.woken()

    def pause(self) -> None:
        """Take no further step until `resume` or `cancel`; what the job holds stays as it is."""
        self._is_paused = True

    def resume(self) -> None:
        """Go on from where it paused."""
        self._is_paused = False
        self.woken()

    @property
    def is_paused(self) -> bool:
        """It is not to be stepped: a paused one, unless its end is wanted."""
        return self._is_paused and not self._wants_end.is_set()

    def advance(self) -> bool:
        """One step of the job, on the runner's thread; False when it has ended."""
        job = self._job
        if job is None:
            return False
        try:
            if self._wants_end.is_set():
                job.close()
                return self._end("cancelled", None)
            self._progress(next(job))
        except StopIteration as stop:
            return self._end("finished", stop.value)
        except Exception as error:  # noqa: BLE001 - every way a job can break has one way out: `failed`
            return self._end("failed", error)
        return True

    def _progress(self, progress: Progress) -> None:
        now = time.monotonic()
        if progress.numbers or (now - self._told_at) * 1000 >= THIN_MS:
            self._told_at = now
            self._doorbell.ring(self, "progressed", progress)

    def _end(self, how: str, what: object) -> bool:
        self._job = None
        self._doorbell.ring(self, how, what)
        return False

    def tell(self, how: str, what: object) -> None:
        """On the main thread: what happened on the runner's, to all who listen."""
        if how == "progressed":
            self.progressed.emit(what)
            return
        if how == "finished":
            self.finished.emit(what)
        elif how == "failed":
            self.failed.emit(what)
        else:
            self.cancelled.emit()
        self.ended.emit()
        # Listeners hold snapshots of whole images: they go with the C++ side of this object.
        self.deleteLater()
