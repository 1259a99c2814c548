"""A person's seconds: counted only while the window has the focus and something was done in the last 20 s."""

import time
from collections.abc import Callable

IDLE_AFTER_S = 20.0


class ActivityClock:
    """Adds up working time; `take` hands out what has come together since the last call, for the open image."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._done_at: float | None = None
        self._counted_to = 0.0
        self._has_focus = True
        self._seconds = 0.0

    def note(self) -> None:
        """Something was done: a key, a press, a move over the canvas."""
        if not self._has_focus:
            return
        self._settle()
        self._done_at = self._counted_to = self._now()

    def set_focus(self, has_focus: bool) -> None:
        """The window got or lost the focus; time without it is nobody's."""
        if has_focus == self._has_focus:
            return
        self._settle()
        self._done_at = None
        self._has_focus = has_focus

    def take(self) -> float:
        """Seconds since the last `take`; counting goes on."""
        self._settle()
        taken, self._seconds = self._seconds, 0.0
        return taken

    def _settle(self) -> None:
        if self._done_at is None:
            return
        until = min(self._now(), self._done_at + IDLE_AFTER_S)
        self._seconds += max(0.0, until - self._counted_to)
        self._counted_to = max(until, self._counted_to)
