"""Time as the simulated annotator lives it: the person's seconds, made up, and the waiting, measured.

What runs in the background runs on the person's seconds alone, so that equal seeds give equal strokes on any machine.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

PATIENCE_S = 0.3
"""So much of the machine's time after a stroke is not felt as waiting."""


@dataclass
class PersonClock:
    """`seconds` of the person alone since the first image; `waiting` for the machine beside them."""

    measure: Callable[[], float] = time.perf_counter
    seconds: float = 0.0
    waiting: float = 0.0

    def now(self) -> float:
        """The person's seconds, as a clock for others."""
        return self.seconds

    def work(self, seconds: float) -> None:
        """The person does something for so long."""
        self.seconds += seconds

    def wait_after_stroke(self, took_s: float) -> None:
        """The machine needed `took_s` seconds after a stroke."""
        self.waiting += max(0.0, took_s - PATIENCE_S)

    def wait_until(self, ready_at: float) -> None:
        """What was begun in the background is there at `ready_at` of the person's seconds."""
        self.waiting += max(0.0, ready_at - self.seconds)
