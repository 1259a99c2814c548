"""What each step of a training cost and found, as lines of JSON: the loss against steps and against time."""

from __future__ import annotations

import json
import time
from pathlib import Path

from fcn_gui.core.errors import SaveError


class StepLog:
    """One line a step, written at once: `step`, `images`, `loss`, and `seconds` and `cpu_seconds` of all steps so far.

    Only steps count, not what goes on between them; `cpu_seconds` are those of all threads. Without a path: nothing.
    """

    def __init__(self, path: Path | None = None) -> None:
        """Begins the file anew. Raises SaveError."""
        self._path = path
        self._steps = 0
        self._seconds = self._cpu_seconds = 0.0
        self._began = (0.0, 0.0)
        self._put("w", "")

    def begin(self) -> None:
        """A step begins."""
        self._began = (time.perf_counter(), time.process_time())

    def write(self, images: int, loss: float) -> None:
        """The step that began is done: it looked at `images` and found `loss`. Raises SaveError."""
        self._seconds += time.perf_counter() - self._began[0]
        self._cpu_seconds += time.process_time() - self._began[1]
        self._steps += 1
        line = {
            "step": self._steps,
            "images": images,
            "loss": loss,
            "seconds": round(self._seconds, 4),
            "cpu_seconds": round(self._cpu_seconds, 4),
        }
        self._put("a", json.dumps(line) + "\n")

    def _put(self, mode: str, text: str) -> None:
        if self._path is None:
            return
        try:
            with self._path.open(mode, encoding="utf-8") as file:
                file.write(text)
        except OSError as error:
            raise SaveError(
                f"{self._path} can't be written: {error.strerror or error}; choose another --log."
            ) from error
