"""A folder that appears as a whole or not at all: filled beside its place, then swapped in."""

import ctypes
import os
import secrets
import shutil
import sys
from pathlib import Path

from fcn_gui.core.errors import ExportError, LockedError, SaveError
from fcn_gui.disk.atomic import make_folder, sync_folder
from fcn_gui.disk.lock import ProjectLock

_MARK = ".fcn-export-"
_EXCHANGE = 2  # RENAME_EXCHANGE of renameat2(2)
_HERE = -100  # AT_FDCWD


class StagedFolder:
    """Fill `path`, then `commit`; `discard` leaves everything as it was. Leftovers of killed processes are removed."""

    def __init__(self, target: Path) -> None:
        self._target = target
        self._base = target.parent / f"{_MARK}{secrets.token_hex(8)}"
        self.path = self._base / "new"
        """The folder to fill; beside the target, so on the same drive."""
        self._lock: ProjectLock | None = None
        try:
            make_folder(target.parent)
            _remove_leftovers(target.parent)
            self._base.mkdir()
            self._lock = ProjectLock.acquire(self._base)
            self.path.mkdir()
        except (OSError, SaveError) as error:
            self.discard()
            raise _cant_write(target, error) from error

    def commit(self) -> None:
        """Put the folder in the target's place. Raises ExportError; then the target is what it was."""
        try:
            for here, _, _ in os.walk(self.path):
                sync_folder(Path(here))
            if self._target.is_dir() and any(self._target.iterdir()):
                _exchange(self.path, self._target, self._base / "old")
            else:
                if sys.platform == "win32" and self._target.is_dir():
                    self._target.rmdir()
                self.path.rename(self._target)
            sync_folder(self._target.parent)
        except OSError as error:
            raise _cant_write(self._target, error) from error
        finally:
            self.discard()

    def discard(self) -> None:
        """Remove what is beside the target."""
        if self._lock is not None:
            self._lock.release()
        shutil.rmtree(self._base, ignore_errors=True)


def _exchange(new: Path, target: Path, aside: Path) -> None:
    """Swap two folders: at once where the system can, else by two renames of which the first is taken back."""
    if sys.platform == "linux" and _renameat2(new, target):
        return
    target.rename(aside)
    try:
        new.rename(target)
    except OSError:
        aside.rename(target)
        raise


def _renameat2(one: Path, other: Path) -> bool:
    call = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    return call is not None and call(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE) == 0


def _remove_leftovers(folder: Path) -> None:
    for path in folder.glob(f"{_MARK}*"):
        if path.is_dir() and not path.is_symlink() and not (path / "old").exists():
            _remove_if_dead(path)


def _remove_if_dead(path: Path) -> None:
    try:
        lock = ProjectLock.acquire(path)
    except (LockedError, SaveError):  # another export is writing there
        return
    lock.release()
    shutil.rmtree(path, ignore_errors=True)


def _cant_write(target: Path, error: OSError | SaveError) -> ExportError:
    reason = getattr(error, "strerror", None) or str(error)
    return ExportError(f"{target} can't be written: {reason}; choose another folder or free some space.")
