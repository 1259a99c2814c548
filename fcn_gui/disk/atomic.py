"""Writes that happen as a whole or not at all.

The bytes go to a temporary file in the same folder, are fsynced, renamed over the target, and the folder is fsynced, so
a reader sees the old file or the new one, after a kill or a power cut too.
"""

import errno
import os
import shutil
import sys
from pathlib import Path

from fcn_gui.core.errors import SaveError

TEMPORARY_SUFFIX = ".fcn-tmp"
COPIED_AT_ONCE = 1 << 20
_REASONS = {
    errno.ENOSPC: "the disk is full; free some space",
    errno.EDQUOT: "the disk quota is used up; free some space",
    errno.EFBIG: "the file may not grow that large here; free some space",
    errno.EROFS: "the disk is read-only; choose another place",
    errno.EACCES: "the folder may not be written to; change its permissions",
    errno.EPERM: "the folder may not be written to; change its permissions",
    errno.ENOENT: "the folder is gone; bring the drive back",
    errno.EIO: "the drive does not answer; check it",
}


def save_error(path: Path, error: OSError) -> SaveError:
    """`error` in words a person can act on."""
    reason = _REASONS.get(error.errno or 0, f"{error.strerror or error}; free the file or choose another place")
    return SaveError(f"{path} could not be saved: {reason}, then save again.")


def write_bytes(path: Path, data: bytes, durable: bool = True) -> None:
    """Make `path` hold `data`; folders on the way are made.

    With `durable` false nothing waits for the disk: for caches only, whose readers put up with a torn file.
    Raises SaveError; then `path` is what it was before, and no temporary file is left.
    """
    temporary = path.parent / f".{os.urandom(8).hex()}{TEMPORARY_SUFFIX}"
    try:
        make_folder(path.parent)
        try:
            write_new(temporary, data, durable)
            _keep_permissions(path, temporary)
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        if durable:
            sync_folder(path.parent)
    except OSError as error:
        raise save_error(path, error) from error


def copy_file(source: Path, target: Path) -> None:
    """Make `target` hold what `source` holds, piece by piece: it may be large. Raises SaveError like `write_bytes`."""
    temporary = target.parent / f".{os.urandom(8).hex()}{TEMPORARY_SUFFIX}"
    try:
        make_folder(target.parent)
        try:
            with source.open("rb") as read, temporary.open("xb") as written:
                shutil.copyfileobj(read, written, COPIED_AT_ONCE)
                written.flush()
                os.fsync(written.fileno())
            temporary.replace(target)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        sync_folder(target.parent)
    except OSError as error:
        raise save_error(target, error) from error


def write_text(path: Path, text: str) -> None:
    """Make `path` hold `text` as UTF-8, lines ending as they stand. Raises SaveError like `write_bytes`."""
    write_bytes(path, text.encode("utf-8"))


def write_new(path: Path, data: bytes, durable: bool = True) -> None:
    """Create `path` with `data` in place, for folders that nobody reads yet. Raises OSError, also where it exists."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    try:
        write_all(descriptor, data)
        if durable:
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_all(descriptor: int, data: bytes) -> None:
    """Write every byte; the operating system may take less than it is given."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def make_folder(path: Path) -> None:
    """Make a folder and those above it, so that it outlives a power cut. Raises OSError."""
    if path.is_dir():
        return
    make_folder(path.parent)
    path.mkdir(exist_ok=True)
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Make renames inside `path` outlive a power cut, where the system can do that."""
    if sys.platform == "win32":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # some network drives can't, and say so
            raise
    finally:
        os.close(descriptor)


def remove_file(path: Path) -> None:
    """Remove a file, where there is one. Raises SaveError."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise SaveError(f"{path} can't be removed: {error.strerror}.") from error


def remove_leftovers(folder: Path) -> int:
    """Delete temporary files that a killed process left below `folder`; links are not followed. Returns how many.

    Only for the holder of the project's lock: nobody else may be writing.
    """
    removed = 0
    for here, _, names in os.walk(folder, followlinks=False):
        for name in names:
            if name.startswith(".") and name.endswith(TEMPORARY_SUFFIX):
                (Path(here) / name).unlink(missing_ok=True)
                removed += 1
    return removed


def _keep_permissions(path: Path, temporary: Path) -> None:
    if path.is_file() and not path.is_symlink():
        temporary.chmod(path.stat().st_mode & 0o777)
