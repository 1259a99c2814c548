"""How long the event loop is away: a timer that should fire at once, and the gaps between its firings."""

from __future__ import annotations

import time

import numpy as np
from PySide6.QtCore import QObject, QTimer


class Heartbeat(QObject):
    """Counts from `start`; `gaps_ms` are the times between two turns of the event loop."""

    def __init__(self) -> None:
        super().__init__()
        self._timer = QTimer(self, interval=1)
        self._timer.timeout.connect(self._beat)
        self._last = 0.0
        self.gaps_ms: list[float] = []

    def start(self) -> None:
        self.gaps_ms = []
        self._last = time.perf_counter()
        self._timer.start()

    def stop(self) -> dict[str, float]:
        """p50, p99 and max in ms, and how many turns there were."""
        self._timer.stop()
        gaps = np.array(self.gaps_ms)
        return {
            "p50_ms": float(np.percentile(gaps, 50)),
            "p99_ms": float(np.percentile(gaps, 99)),
            "max_ms": float(gaps.max()),
            "turns": float(gaps.size),
        }

    def _beat(self) -> None:
        now = time.perf_counter()
        self.gaps_ms.append((now - self._last) * 1000)
        self._last = now
