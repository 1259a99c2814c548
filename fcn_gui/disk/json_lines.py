"""A file of JSON objects, one a line, that only grows: the journal and the state log.

A line is written with one call and ends with a newline; a line without one was torn by a kill and never happened. The
first line names the format and its version; a newer version is refused and stays untouched.
"""

import json
import os
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from fcn_gui.core.errors import NewerFormatError, ProjectError
from fcn_gui.disk.atomic import make_folder, save_error, sync_folder, write_all, write_bytes

Entry = dict[str, Any]
_OPEN = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


class JsonLines:
    """The entries of one file. Methods may be called from several threads."""

    def __init__(self, path: Path, kind: str, version: int) -> None:
        self.path = path
        self._kind = kind
        self._version = version
        self._lock = threading.RLock()
        self._is_checked = False
        self.damaged = 0
        """Lines the last `read` passed over because they were torn or are not JSON."""

    def read(self) -> list[Entry]:
        """All whole entries in order, [] where there is no file. Raises NewerFormatError, ProjectError."""
        with self._lock:
            try:
                lines = self.path.read_bytes().split(b"\n")
            except FileNotFoundError:
                return []
            except OSError as error:
                raise ProjectError(
                    f"{self.path} can't be read: {error.strerror or error}; make it readable or move it away."
                ) from error
            parsed = [_parsed(line) for line in lines[:-1] if line]
            self.damaged = sum(entry is None for entry in parsed) + bool(lines[-1])
            entries = [entry for entry in parsed if entry is not None]
            if entries and "format" in entries[0]:
                self._refuse_newer(entries[0])
                entries = entries[1:]
            self._is_checked = True
            return entries

    def append(self, entry: Mapping[str, Any]) -> None:
        """Hand one entry to the operating system: it outlives this process from now on.

        Raises SaveError, and then the file is as long as it was; NewerFormatError rather than write into such a file.
        """
        self.extend((entry,))

    def extend(self, entries: Iterable[Mapping[str, Any]]) -> None:
        """`append` for several entries in one write."""
        data = b"".join(_line(entry) for entry in entries)
        with self._lock:
            if not self._is_checked:
                self.read()
            try:
                make_folder(self.path.parent)
                descriptor = os.open(self.path, _OPEN, 0o666)
                try:
                    self._append_whole(descriptor, data)
                finally:
                    os.close(descriptor)
            except OSError as error:
                raise save_error(self.path, error) from error

    def sync(self) -> None:
        """Wait until all of it is on the disk; slow, never on the main thread. Raises SaveError."""
        try:
            descriptor = os.open(self.path, os.O_RDWR)
        except FileNotFoundError:
            return
        except OSError as error:
            raise save_error(self.path, error) from error
        try:
            os.fsync(descriptor)
            sync_folder(self.path.parent)
        except OSError as error:
            raise save_error(self.path, error) from error
        finally:
            os.close(descriptor)

    def rewrite(self, entries: Iterable[Mapping[str, Any]]) -> None:
        """Replace the file by `entries`, as a whole. Raises SaveError, NewerFormatError."""
        with self._lock:
            if not self._is_checked:
                self.read()
            write_bytes(self.path, self._header() + b"".join(_line(entry) for entry in entries))

    def remove(self) -> None:
        """Delete the file. Raises SaveError, NewerFormatError."""
        with self._lock:
            if not self._is_checked:
                self.read()
            try:
                self.path.unlink(missing_ok=True)
            except OSError as error:
                raise save_error(self.path, error) from error

    def _append_whole(self, descriptor: int, data: bytes) -> None:
        size = os.lseek(descriptor, 0, os.SEEK_END)
        if size == 0:
            data = self._header() + data
        elif not _ends_with_newline(descriptor, size):
            data = b"\n" + data  # a torn line must not swallow this one
        try:
            write_all(descriptor, data)
        except OSError:
            os.ftruncate(descriptor, size)
            raise

    def _header(self) -> bytes:
        return _line({"format": self._kind, "version": self._version})

    def _refuse_newer(self, header: Entry) -> None:
        version = header.get("version")
        if header["format"] != self._kind or not isinstance(version, int):
            raise ProjectError(f"{self.path} is not a {self._kind} file; move it away.")
        if version > self._version:
            raise NewerFormatError(
                f"{self.path} was written by a newer fcn-gui (version {version}, this one knows {self._version}); "
                "update fcn-gui to open it."
            )


def _line(entry: Mapping[str, Any]) -> bytes:
    # ASCII with escapes: file names that are not valid Unicode come back as they were.
    return json.dumps(entry, ensure_ascii=True, separators=(",", ":")).encode("ascii") + b"\n"


def _parsed(line: bytes) -> Entry | None:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return entry if isinstance(entry, dict) else None


def _ends_with_newline(descriptor: int, size: int) -> bool:
    os.lseek(descriptor, size - 1, os.SEEK_SET)
    return os.read(descriptor, 1) == b"\n"
