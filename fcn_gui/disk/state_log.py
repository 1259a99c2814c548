"""state.jsonl: what is known of each image but its pixels. Appended to; the last row of a key holds."""

import math
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from fcn_gui.disk.image_keys import is_safe_key
from fcn_gui.disk.json_lines import Entry, JsonLines

STATE_NAME = "state.jsonl"
_KIND, _VERSION = "fcn-gui/state", 1


@dataclass(frozen=True)
class StateRow:
    """One image. `status` is a word of the session; `held_out` None while its side of the split is open.

    `size` (bytes), `mtime` (seconds) and `digest` (SHA-256, hex) are those of the photograph when it was last read;
    `seconds` of work and `strokes` are sums; `raised` says which pixels the last verify raised, in the session's form.
    """

    key: str
    status: str = "new"
    held_out: bool | None = None
    size: int = 0
    mtime: float = 0.0
    digest: str = ""
    seconds: float = 0.0
    strokes: int = 0
    note: str = ""
    raised: str | None = None
    phash: str = ""
    """Perceptual hash of the photograph as hex, "" where it is not known."""
    verified_at: float = 0.0
    """When it was verified last, seconds since 1970; 0 where it never was."""
    is_imported: bool = False
    """Its unvouched pixels show a mask from elsewhere, and follow no prediction until a person asks for that."""


class StateLog:
    """The rows in state.jsonl, and the stored names that are not a key's own."""

    def __init__(self, folder: Path) -> None:
        self._lines = JsonLines(folder / STATE_NAME, _KIND, _VERSION)
        self.refused = 0
        """Rows the last `read` passed over: torn, not ours, or with a path that leaves the folder."""

    @property
    def path(self) -> Path:
        return self._lines.path

    def read(self) -> tuple[dict[str, StateRow], dict[str, str]]:
        """Rows by key, and stored names by key. Raises NewerFormatError, ProjectError."""
        rows: dict[str, StateRow] = {}
        stems: dict[str, str] = {}
        refused = 0
        for entry in self._lines.read():
            key = entry.get("key")
            if not isinstance(key, str) or not is_safe_key(key):
                refused += 1
            elif "stem" in entry:
                stem = entry["stem"]
                if isinstance(stem, str) and _is_digest(stem):
                    stems[key] = stem
                else:
                    refused += 1
            else:
                rows[key] = _row(key, entry)
        self.refused = refused + self._lines.damaged
        return rows, stems

    def append(self, row: StateRow) -> None:
        """Keep a row; it outlives the process at once, a power cut after `sync`. Raises SaveError."""
        self._lines.append(_entry(row))

    def append_stem(self, key: str, stem: str) -> None:
        """Keep the stored name of a key. Raises SaveError."""
        self._lines.append({"key": key, "stem": stem})

    def sync(self) -> None:
        """Make all rows outlive a power cut; off the main thread. Raises SaveError."""
        self._lines.sync()

    def compact(self, rows: dict[str, StateRow], stems: dict[str, str]) -> None:
        """Replace the file by these rows and names, as a whole. Raises SaveError, NewerFormatError."""
        named = [{"key": key, "stem": stem} for key, stem in stems.items()]
        self._lines.rewrite([*named, *map(_entry, rows.values())])


_DEFAULTS = StateRow("")
_NAMES = {field.name for field in fields(StateRow)}


def _entry(row: StateRow) -> Entry:
    return {name: value for name, value in vars(row).items() if name == "key" or value != getattr(_DEFAULTS, name)}


def _row(key: str, entry: Entry) -> StateRow:
    values = {name: value for name, value in entry.items() if name in _NAMES and _fits(name, value)}
    return StateRow(**{**values, "key": key})


def _fits(name: str, value: Any) -> bool:
    if name in ("held_out", "is_imported"):
        return isinstance(value, bool)
    if name in ("size", "strokes"):
        return isinstance(value, int) and not isinstance(value, bool) and value >= 0
    if name in ("mtime", "seconds", "verified_at"):
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return isinstance(value, str)


def _is_digest(stem: str) -> bool:
    return len(stem) == 64 and all(c in "0123456789abcdef" for c in stem)
