"""The journal of one image, counted from the first stroke on, so that saves may overtake each other."""

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fcn_gui.core.errors import SaveError
from fcn_gui.disk.journal import Journal


class StrokeLog:
    """`append` on the main thread, `sync` and `drop_through` on the disk worker."""

    def __init__(self, journal: Journal, photos: Path) -> None:
        self._journal, self._photos = journal, photos
        self._lock = threading.Lock()
        self._appended = self._dropped = 0

    @property
    def appended(self) -> int:
        """How many strokes were ever appended through this log."""
        return self._appended

    def append(self, entry: Mapping[str, Any]) -> None:
        """Keep one stroke: it outlives the process from now on. Raises SaveError."""
        if not self._photos.is_dir():
            # A drive that was pulled out must not come back as a folder of ours on another disk.
            raise SaveError(f"{self._photos} is gone: bring the drive back.")
        self._journal.append(entry)
        self._appended += 1

    def sync(self) -> None:
        """Make them outlive a power cut. Raises SaveError."""
        self._journal.sync()

    def drop_through(self, number: int) -> None:
        """Forget the strokes up to the `number`-th ever appended; later ones stay. Raises SaveError."""
        with self._lock:
            count = number - self._dropped
            if count > 0:
                self._journal.drop_through(count)
                self._dropped = number
