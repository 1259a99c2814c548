"""All masks and first looks of a project and its header, written anew as a whole or not at all.

    rewrite.new/    being filled beside the files in use; a project that opens removes what a kill left of it
    rewrite/        the same folder after one rename: from then on the rewrite has happened, and whoever opens the
                    project next puts into place what is still in `rewrite/new`; `rewrite/old` takes what stood there
    rewrites/N/     what stood there before, for undo, as long as the project is open

Only for the holder of the project's lock, while nobody else reads or writes masks.
"""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fcn_gui.core.errors import MaskError, ProjectError, SaveError
from fcn_gui.core.label_map_change import LabelMapChange
from fcn_gui.core.progress import Job, Progress
from fcn_gui.core.raster import UNVOUCHED, Mask
from fcn_gui.disk.atomic import TEMPORARY_SUFFIX, make_folder, save_error, sync_folder, write_bytes, write_new
from fcn_gui.disk.image_keys import is_inside
from fcn_gui.disk.mask_file import encode_mask, read_indices, read_vouch
from fcn_gui.disk.project_header import HEADER_NAME, ProjectHeader, write_header

STAGED, COMMITTED, KEPT = "rewrite.new", "rewrite", "rewrites"
FOLDERS = ("masks", "first", "imported")
"""Where labels are kept."""


class CutOffError(SaveError):
    """A rewrite that has happened could neither be finished nor taken back; opening the project again finishes it."""


@dataclass(frozen=True)
class Former:
    """A rewrite to take back: its `change`, and the `folder` of what stood there before it."""

    change: LabelMapChange
    folder: Path


class Rewrite:
    """`stage`, then `commit` or `discard`; in `folder` are the files of the project."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._staged = folder / STAGED

    def stage(self, change: LabelMapChange, header: ProjectHeader, former: Former | None = None) -> Job[int]:
        """Write every mask and first look with the labels changed, and `header`, beside those in use; how many.

        With `former` that rewrite is taken back: pixels nobody changed since get the label they had before it. Raises
        MaskError for a mask that can't be read or holds an index without a class, ProjectError for links, SaveError.
        Then, and when the job is closed, nothing has changed.
        """
        is_done = False
        try:
            names = [(kind, name) for kind in FOLDERS for name in _files(self._folder, kind)]
            _remove(self._staged)
            for kind in FOLDERS:
                if (self._folder / kind).is_dir():
                    make_folder(self._staged / "new" / kind)
            make_folder(self._staged / "old")
            for done, (kind, name) in enumerate(names):
                yield Progress(done, len(names), f"Rewriting {name.removesuffix('.png')}")
                self._write(kind, name, change, former)
            # Files reach the disk together, which takes a fraction of the time that one by one takes.
            for done, (kind, name) in enumerate(names):
                yield Progress(done, len(names), "Waiting for the disk")
                _sync_file(self._staged / "new" / kind / name)
            write_header(self._staged / "new" / HEADER_NAME, header)
            here = self._folder / HEADER_NAME
            if here.exists():
                write_bytes(self._staged / "old" / HEADER_NAME, here.read_bytes())
            for place, _, _ in os.walk(self._staged):
                sync_folder(Path(place))
            is_done = True
        except OSError as error:
            raise save_error(self._staged, error) from error
        finally:
            if not is_done:
                self.discard()
        return len(names)

    def commit(self) -> Path:
        """Put all of it into place; the folder of what stood there before, for a `Former`.

        Raises SaveError, and then everything is what it was, or CutOffError.
        """
        try:
            self._staged.rename(self._folder / COMMITTED)
        except OSError as error:
            self.discard()
            raise save_error(self._folder / COMMITTED, error) from error
        try:
            return _finish(self._folder)
        except OSError as error:
            self._take_back(error)
            raise save_error(self._folder / COMMITTED, error) from error

    def discard(self) -> None:
        """Remove what was staged; what is in use stays."""
        _remove(self._staged)

    def _take_back(self, reason: OSError) -> None:
        try:
            for name in reversed((*FOLDERS, HEADER_NAME)):
                _out_of_place(self._folder / COMMITTED, self._folder, name)
            (self._folder / COMMITTED).rename(self._staged)
            sync_folder(self._folder)
        except (OSError, SaveError) as error:
            raise CutOffError(
                f"{self._folder} was only rewritten in part ({reason.strerror or reason}): open the folder again, "
                "then it is finished."
            ) from error
        self.discard()

    def _write(self, kind: str, name: str, change: LabelMapChange, former: Former | None) -> None:
        source, target = self._folder / kind / name, self._staged / "new" / kind / name
        make_folder(target.parent)
        if not name.endswith(".png"):
            write_new(target, source.read_bytes(), durable=False)
            return
        mask = read_indices(source, change.before)
        old = former.folder / kind / name if former is not None else None
        if former is None or old is None or not old.is_file():
            _write_mask(target, change.of(mask), change)
            return
        before = read_indices(old, former.change.before)
        after = self._taken_back(kind, name, mask, before, (change, former.change))
        if np.array_equal(after, before):
            write_new(target, old.read_bytes(), durable=False)  # the very same file
        else:
            _write_mask(target, after, change)

    def _taken_back(
        self, kind: str, name: str, mask: Mask, before: Mask, changes: tuple[LabelMapChange, LabelMapChange]
    ) -> Mask:
        """The mask as it was before the change `changes[1]`, with what a person painted since."""
        back, forth = changes
        if before.shape != mask.shape:
            return back.of(mask)
        if kind == "first":
            return before  # a first look is never changed
        vouch = self._folder / "vouch" / name
        is_free = np.full(mask.shape, kind == "masks")  # what was imported may have been imported since
        if kind == "masks" and vouch.exists():
            is_free = read_vouch(vouch, mask.shape) == UNVOUCHED
        return np.where(is_free | (forth.of(before) == mask), before, back.of(mask))


def recover(folder: Path) -> None:
    """When a project is opened: finish a rewrite that was cut off after it had happened, remove every other trace.

    Raises SaveError, ProjectError for links.
    """
    for place in (folder / COMMITTED, folder / COMMITTED / "new", folder / COMMITTED / "old", folder / KEPT):
        if place.is_symlink():
            raise ProjectError(f"{place} is a link that leads elsewhere; remove it. Nothing was touched.")
    try:
        if (folder / COMMITTED).is_dir():
            _finish(folder)
        for name in (STAGED, KEPT):
            _remove(folder / name)
    except OSError as error:
        raise save_error(folder / COMMITTED, error) from error


def forget_rewrites(folder: Path) -> None:
    """Remove what was kept for undo."""
    _remove(folder / KEPT)


def _finish(folder: Path) -> Path:
    """Do what is still to be done, in any state that a kill may leave; where the former files are kept."""
    committed = folder / COMMITTED
    for name in (*FOLDERS, HEADER_NAME):
        _into_place(committed, folder, name)
    sync_folder(folder)
    make_folder(folder / KEPT)
    numbers = [int(path.name) for path in (folder / KEPT).iterdir() if path.name.isdecimal()]
    kept = folder / KEPT / str(1 + max(numbers, default=0))
    committed.rename(kept)  # comes undone in a power cut, then there is just nothing left to do
    return kept / "old"


def _into_place(committed: Path, folder: Path, name: str) -> None:
    new, old, place = committed / "new" / name, committed / "old" / name, folder / name
    if not new.exists():
        return  # it is in its place, or there never was one
    if not old.exists() and place.exists():
        place.rename(old)
    new.replace(place)


def _out_of_place(committed: Path, folder: Path, name: str) -> None:
    new, old, place = committed / "new" / name, committed / "old" / name, folder / name
    if not old.exists():
        return
    if name == HEADER_NAME:  # of which there is a copy
        if not new.exists():
            write_bytes(place, old.read_bytes())
        return
    if not new.exists():
        place.rename(new)
    old.rename(place)


def _files(folder: Path, kind: str) -> Iterator[str]:
    """Names of all files below `folder/kind`, temporary ones left out. Raises ProjectError for links."""
    for here, folders, names in os.walk(folder / kind, followlinks=False):
        folders.sort()
        for name in [*folders, *sorted(names)]:
            path = Path(here) / name
            if path.is_symlink() and (name in folders or not is_inside(path, folder)):
                raise ProjectError(f"{path} is a link; put what it leads to in its place. Nothing was changed.")
            if name in names and not name.endswith(TEMPORARY_SUFFIX):
                yield path.relative_to(folder / kind).as_posix()


def _write_mask(path: Path, mask: Mask, change: LabelMapChange) -> None:
    write_new(path, encode_mask(mask, change.after.palette()), durable=False)
    try:
        is_same = np.array_equal(read_indices(path, change.after, mask.shape), mask)
    except MaskError as error:
        raise SaveError(f"{path} can't be read back after saving ({error}); check the drive.") from error
    if not is_same:
        raise SaveError(f"{path} holds something else than was saved; check the drive, then try again.")


def _sync_file(path: Path) -> None:
    descriptor = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove(path: Path) -> None:
    if path.is_symlink():
        path.unlink()
    else:
        shutil.rmtree(path, ignore_errors=True)
