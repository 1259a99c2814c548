"""Runs a script in the window's own event loop: it does one thing, goes back to the loop, and waits for conditions."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal

from fcn_gui.core.errors import FcnGuiError

_log = logging.getLogger(__name__)
WAIT_MS = 15
T = TypeVar("T")


@dataclass(frozen=True)
class Until:
    """Go on when `holds` is true; `what` says in words what is waited for, for at most `most_s` seconds."""

    what: str
    holds: Callable[[], bool]
    most_s: float = 60.0


Script = Generator[Until | None, None, T]
"""Yields None to let the event loop run once, or `Until` to wait; returns its result."""


class AutopilotError(FcnGuiError):
    """The window did not do what the script expected of it."""


class Pilot(QObject):
    """Steps one script by a timer; `ended` comes once, then `result` or `error` is set."""

    ended = Signal()

    def __init__(self, script: Script[Any]) -> None:
        super().__init__()
        self._script = script
        self._until: Until | None = None
        self._since = 0.0
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._step)
        self.result: Any = None
        self.error: Exception | None = None

    def start(self) -> None:
        """Begin with the next turn of the event loop."""
        self._timer.start(0)

    def _step(self) -> None:
        try:
            if self._must_wait():
                self._timer.start(WAIT_MS)
                return
            self._until = next(self._script)
            self._since = time.monotonic()
            if self._until is not None:
                _log.debug("waits for %s", self._until.what)
            self._timer.start(0)
        except StopIteration as stop:
            self.result = stop.value
            self.ended.emit()
        except Exception as error:  # noqa: BLE001  # whatever it is, the window must not hang: the caller raises it
            self.error = error
            self.ended.emit()

    def _must_wait(self) -> bool:
        until = self._until
        if until is None or until.holds():
            return False
        if time.monotonic() - self._since > until.most_s:
            raise AutopilotError(f"Waited {until.most_s:.0f} s for {until.what}; the log may say why.")
        return True
