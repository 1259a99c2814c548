"""One window or process at a time on a project.

The lock is one of the operating system, held as long as the file is open, so a killed process leaves none; what is
written in the file only says who has it.
"""

import errno
import getpass
import json
import os
import platform
import sys
from datetime import datetime
from pathlib import Path

from fcn_gui.core.errors import LockedError
from fcn_gui.disk.atomic import make_folder, save_error, write_all

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

LOCK_NAME = "lock"
_FLAGS = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
_FAR_AWAY = 1 << 30  # Windows locks bytes against reading too: one that is never written
_CANT_LOCK = {errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS}


class ProjectLock:
    """A held lock; `release` it, or leave the `with` block."""

    def __init__(self, descriptor: int, is_protected: bool) -> None:
        self._descriptor: int | None = descriptor
        self.is_protected = is_protected
        """False on a drive that can't lock: nobody is kept out."""

    @classmethod
    def acquire(cls, folder: Path) -> "ProjectLock":
        """Take the lock of the project folder `folder` (made where missing) without waiting.

        Raises LockedError that says who has it and since when, SaveError where the folder can't be written to.
        """
        path = folder / LOCK_NAME
        try:
            make_folder(folder)
            descriptor = os.open(path, _FLAGS, 0o666)
        except OSError as error:
            raise save_error(path, error) from error
        try:
            is_protected = _lock(descriptor)
            _say_who(descriptor)
        except BlockingIOError:
            who, since = _read_who(descriptor)
            os.close(descriptor)
            raise LockedError(
                f"{folder} is open elsewhere: {who or 'another window'}"
                f"{f', since {since}' if since else ''}; close it there to change anything here.",
                who,
                since,
            ) from None
        except OSError as error:
            os.close(descriptor)
            raise save_error(path, error) from error
        return cls(descriptor, is_protected)

    @property
    def is_held(self) -> bool:
        return self._descriptor is not None

    def release(self) -> None:
        """Let others in. The file stays: deleting it could take away a lock that another one just got."""
        if self._descriptor is None:
            return
        descriptor, self._descriptor = self._descriptor, None
        try:
            os.ftruncate(descriptor, 0)
            _unlock(descriptor)
        except OSError as error:
            raise save_error(Path(LOCK_NAME), error) from error
        finally:
            os.close(descriptor)

    def __enter__(self) -> "ProjectLock":
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def _say_who(descriptor: int) -> None:
    who = f"{_user()} on {platform.node() or 'this computer'} (process {os.getpid()})"
    since = datetime.now().astimezone().isoformat(sep=" ", timespec="minutes")
    os.ftruncate(descriptor, 0)
    os.lseek(descriptor, 0, os.SEEK_SET)
    write_all(descriptor, json.dumps({"who": who, "since": since}).encode("ascii"))


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "somebody"


def _read_who(descriptor: int) -> tuple[str, str]:
    os.lseek(descriptor, 0, os.SEEK_SET)
    try:
        content = json.loads(os.read(descriptor, 4096))
        return str(content["who"])[:200], str(content["since"])[:40]
    except (ValueError, KeyError, TypeError, RecursionError):
        return "", ""  # it only says who; the lock itself is the system's


if sys.platform == "win32":

    def _lock(descriptor: int) -> bool:
        os.lseek(descriptor, _FAR_AWAY, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except PermissionError as error:
            raise BlockingIOError from error
        return True

    def _unlock(descriptor: int) -> None:
        os.lseek(descriptor, _FAR_AWAY, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

else:

    def _lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise
        except OSError as error:
            if error.errno not in _CANT_LOCK:
                raise
            return False
        return True

    def _unlock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)
