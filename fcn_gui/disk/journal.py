"""The strokes of one image since its last save.

An entry outlives the process as soon as `append` returns and a power cut as soon as `sync` does. Entries must hold what
pixels become, not what is done to them, so that playing one twice changes nothing: a kill between the save of a mask
and `drop_through` plays the saved strokes again.
"""

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fcn_gui.disk.json_lines import Entry, JsonLines

_KIND, _VERSION = "fcn-gui/journal", 2
_SAVED = "_saved_through"


class Journal:
    """The journal of the image whose stored name is `stem`, in `folder`. Methods may be called from any thread."""

    def __init__(self, folder: Path, stem: str) -> None:
        self._lines = JsonLines(folder / f"{stem}.jsonl", _KIND, _VERSION)
        self._lock = threading.RLock()
        self._count: int | None = None

    @property
    def path(self) -> Path:
        return self._lines.path

    @property
    def damaged(self) -> int:
        """Lines that the last `read` could not use: torn by a kill, or not ours."""
        return self._lines.damaged

    def append(self, entry: Mapping[str, Any]) -> int:
        """Keep one stroke; returns how many the journal holds now. Raises SaveError, and then it holds what it held."""
        if _SAVED in entry:
            raise ValueError(f"{_SAVED} is the journal's own word")
        with self._lock:
            count = self._known_count()
            self._lines.append(entry)
            self._count = count + 1
            return self._count

    def sync(self) -> None:
        """Make all entries outlive a power cut; call it off the main thread. Raises SaveError."""
        self._lines.sync()

    def read(self) -> list[Entry]:
        """The strokes not saved yet, oldest first. Raises NewerFormatError, ProjectError."""
        with self._lock:
            left: list[Entry] = []
            for entry in self._lines.read():
                saved = entry.get(_SAVED)
                if saved is None:
                    left.append(entry)
                elif isinstance(saved, int) and saved >= 0:
                    del left[:saved]
            self._count = len(left)
            return left

    def drop_through(self, count: int) -> None:
        """Forget the oldest `count` strokes: call it after the save that holds them was renamed into place."""
        with self._lock:
            known = self._known_count()
            count = min(max(count, 0), known)
            if count == known:
                self._lines.remove()
            elif count:
                self._lines.append({_SAVED: count})  # an append, so that a stroke never waits for a rewrite
            self._count = known - count

    def clear(self) -> None:
        """Forget all strokes. Raises SaveError, NewerFormatError."""
        with self._lock:
            self.drop_through(self._known_count())

    def _known_count(self) -> int:
        if self._count is None:
            self.read()
        return self._count or 0
