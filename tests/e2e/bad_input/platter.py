"""What is left of a folder after a power cut: of each file and folder what it held when last fsynced, no more."""

import os
import stat
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Cut:
    """The platter at one moment: contents by inode, and the entries of folders by inode."""

    label: str
    files: dict[int, bytes]
    folders: dict[int, dict[str, tuple[int, bool]]]


@dataclass
class Platter:
    """Takes the place of `os.fsync`; `cuts` holds the state of the disk after each call. Linux only."""

    root: Path
    on_sync: Callable[[Path], str] = str
    """Called with what is synced before it is; what it returns labels the cut."""
    cuts: list[Cut] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._real, self._lock = os.fsync, threading.RLock()
        self._files: dict[int, bytes] = {}
        self._folders: dict[int, dict[str, tuple[int, bool]]] = {}
        self._held: dict[int, int] = {}
        for path in (self.root, *self.root.rglob("*")):  # what was there before has long been written
            self._keep(path)

    def fsync(self, descriptor: int) -> None:
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        with self._lock:
            label = self.on_sync(path)
            self._real(descriptor)
            if self.root in (path, *path.parents):
                self._keep(path)
                folders = {inode: dict(entries) for inode, entries in self._folders.items()}
                self.cuts.append(Cut(label, dict(self._files), folders))

    def close(self) -> None:
        """Let go of the files."""
        for descriptor in self._held.values():
            os.close(descriptor)

    def _keep(self, path: Path) -> None:
        inode = self._hold(path)
        if path.is_dir():
            entries = [Path(entry) for entry in os.scandir(path)]
            self._folders[inode] = {entry.name: (self._hold(entry), entry.is_dir()) for entry in entries}
        else:
            self._files[inode] = path.read_bytes()

    def _hold(self, path: Path) -> int:
        """The inode, kept open: its number must not be given to another file while the old one is still on disk."""
        descriptor = os.open(path, os.O_RDONLY)
        inode = os.fstat(descriptor).st_ino
        if inode in self._held:
            os.close(descriptor)
        else:
            self._held[inode] = descriptor
        return inode


def rebuild(cut: Cut, root: Path, target: Path) -> Path:
    """The folder `root` as the disk has it after the cut, made anew as `target`."""
    _rebuild(cut, root.stat().st_ino, target)
    return target


def _rebuild(cut: Cut, inode: int, target: Path) -> None:
    target.mkdir()
    for name, (child, is_folder) in cut.folders.get(inode, {}).items():
        if is_folder:
            _rebuild(cut, child, target / name)
        else:
            (target / name).write_bytes(cut.files.get(child, b""))  # a name whose content never got there: empty
            assert stat.S_ISREG((target / name).stat().st_mode)
