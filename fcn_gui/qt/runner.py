"""A thread that steps tasks: the most urgent first, one step at a time, joined on close.

Because a job is a generator, a long one (a fine-tune) is simply not stepped while something more urgent waits.
"""

import heapq
import itertools
import threading

from fcn_gui.qt.task import Task


class Runner:
    """One thread for one kind of work (`network`, `disk`, `reader`). Started by the first task."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._changed = threading.Condition()
        self._waiting: list[tuple[int, int, Task]] = []
        self._running: Task | None = None
        self._untold: set[Task] = set()
        """Held until their ends were told: Qt has no way to tell an object that is gone, and would crash."""
        self._order = itertools.count()
        self._is_closing = False
        self._thread: threading.Thread | None = None

    def submit(self, task: Task, *, is_latest_of_kind: bool = False) -> Task:
        """Queue `task`; with `is_latest_of_kind` older ones of its kind are cancelled. RuntimeError when closed."""
        with self._changed:
            if self._is_closing:
                raise RuntimeError(f"the {self._name} runner is closed")
            self._untold.add(task)
            task.ended.connect(lambda: self._untold.discard(task))
            if is_latest_of_kind:
                self._cancel(task.kind)
            task.woken = self._wake
            heapq.heappush(self._waiting, (task.priority, next(self._order), task))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=f"fcn-gui {self._name}", daemon=True)
                self._thread.start()
            self._changed.notify()
        return task

    def cancel(self, kind: str | None = None) -> None:
        """Cancel every task of `kind`, or all."""
        with self._changed:
            self._cancel(kind)

    @property
    def is_idle(self) -> bool:
        """Nothing waits, nothing runs, and every end was told."""
        return not self._untold

    def close(self, *, drain: bool = False) -> None:
        """End the thread and join it: `drain` finishes what waits, else it is cancelled."""
        with self._changed:
            self._is_closing = True
            if not drain:
                self._cancel(None)
            self._changed.notify()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()

    def _cancel(self, kind: str | None) -> None:
        for _, _, task in self._waiting:
            if kind in (None, task.kind):
                task.cancel()
        if self._running is not None and kind in (None, self._running.kind):
            self._running.cancel()

    def _run(self) -> None:
        while True:
            with self._changed:
                while (entry := self._next()) is None:
                    if self._is_closing:
                        return
                    self._changed.wait()
                self._running = entry[2]
            goes_on = entry[2].advance()
            with self._changed:
                self._running = None
                if goes_on:
                    heapq.heappush(self._waiting, entry)

    def _next(self) -> tuple[int, int, Task] | None:
        """The most urgent that is not paused; on close the paused ones too, so that each has its end."""
        paused = []
        while self._waiting and self._waiting[0][2].is_paused and not self._is_closing:
            paused.append(heapq.heappop(self._waiting))
        found = heapq.heappop(self._waiting) if self._waiting else None
        for entry in paused:
            heapq.heappush(self._waiting, entry)
        return found

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify()
