"""From disk to memory: a folder as a project, an image as a document. All of it may run off the main thread."""

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fcn_gui.core.errors import ImageError, LockedError, MaskError, SaveError
from fcn_gui.core.image_io import Picture, digest, read_image
from fcn_gui.core.progress import Job, Progress
from fcn_gui.core.raster import ACCEPTED, VOID, Image, Mask, Vouch
from fcn_gui.core.split import Split, SplitRow, perceptual_hash
from fcn_gui.disk.lock import ProjectLock
from fcn_gui.disk.mask_file import check_labels, read_voc_mask
from fcn_gui.disk.project_folder import ProjectFolder
from fcn_gui.disk.project_header import ProjectHeader
from fcn_gui.disk.state_log import StateRow
from fcn_gui.disk.voc import VocFolder
from fcn_gui.session.messages import Message, read_only, reopened
from fcn_gui.session.project import hash_of
from fcn_gui.session.saving import replay, row_after_crash
from fcn_gui.session.waiting import PackedMaps

_log = logging.getLogger(__name__)

BATCH = 500
FOREIGN = "names.foreign"
"""Where the project's header keeps what the labels of the VOC folder's own masks have become."""
MOST_REGROUPED = 3000
"""Beyond so many decided images which of them are alike is not worked out anew when a folder opens: it is quadratic."""


@dataclass(frozen=True)
class OpenedProject:
    """A folder as it was found. Without `lock` it is read-only; `foreign` is there when it is a VOC folder too."""

    folder: ProjectFolder
    lock: ProjectLock | None
    rows: Mapping[str, StateRow]
    split: Split
    foreign: VocFolder | None = None
    messages: tuple[Message, ...] = ()


@dataclass(frozen=True)
class LoadRequest:
    """Which image to read; `digest` as known from before ("" when never read)."""

    folder: ProjectFolder
    key: str
    digest: str = ""
    foreign: VocFolder | None = None
    waiting: PackedMaps | None = None
    """What is to be written in place of the maps on disk as soon as that can be done."""


@dataclass(frozen=True)
class Loaded:
    """An image and what is saved of it. `was_replaced`: the file is another one than when it was last read."""

    key: str
    picture: Picture
    mask: Mask | None
    vouch: Vouch | None
    first_look: Mask | None
    is_foreign: bool
    size: int
    mtime: float
    digest: str
    perceptual_hash: int
    was_replaced: bool
    imported: Mask | None = None
    """What was imported onto it, 255 where that says nothing."""


def open_project(path: Path, project_dir: Path | None = None) -> Job[OpenedProject]:
    """Open a folder, take its lock, bring back strokes after a crash.

    Raises ProjectError, NewerFormatError, DatasetError; somebody else's lock makes it read-only instead.
    """
    yield Progress(text=f"Opening {path.name}")
    folder = ProjectFolder.open(path, project_dir)
    messages = [Message("info", folder.notice)] if folder.notice else []
    lock: ProjectLock | None = None
    try:
        lock = folder.lock()
    except LockedError as error:
        messages.append(read_only(error.who, error.since))
    except SaveError as error:
        messages.append(Message("warn", f"{error} So this folder is read-only here."))
    try:
        if lock is not None:
            folder.recover()
            messages += yield from bring_back(folder)
        rows = folder.read_states()
        foreign = VocFolder.find(folder.folder)
        yield Progress(text=f"Opening {path.name}")
        split = split_of(folder.header.split_seed, rows.values(), foreign)
    except BaseException:
        if lock is not None:
            lock.release()
        raise
    return OpenedProject(folder, lock, rows, split, foreign, tuple(messages))


def split_of(seed: int, rows: Collection[StateRow], foreign: VocFolder | None) -> Split:
    """The sides of before: those of a VOC folder's lists, then those that were decided here, in order."""
    listed = []
    if foreign is not None:
        names = ((f"{foreign.prefix}{path.relative_to(foreign.path).as_posix()}") for path in foreign.images.values())
        sides = ((name, foreign.held_out(name)) for name in names)
        listed = [SplitRow(name, "", side, None, run) for run, (name, side) in enumerate(sides) if side is not None]
    decided = [row for row in rows if row.held_out is not None]
    if len(listed) + len(decided) > MOST_REGROUPED:
        known = (
            SplitRow(row.key, row.digest, bool(row.held_out), hash_of(row.phash), len(listed) + run)
            for run, row in enumerate(decided)
        )
        return Split(seed, [*listed, *known])
    split = Split(seed, listed)
    for row in decided:
        split.remember(row.key, row.digest, bool(row.held_out), hash_of(row.phash))
    return split


def bring_back(folder: ProjectFolder) -> Job[list[Message]]:
    """Play the strokes of a process that was killed onto the saved masks; what to tell of it. Raises SaveError."""
    strokes = images = 0
    for key in folder.journalled_keys():
        yield Progress(text=f"Bringing back {key}")
        journal = folder.journal(key)
        entries = journal.read()
        if not entries:  # killed in the middle of its first line
            journal.clear()
            continue
        found = replay(folder, key, entries)
        if found is None:
            continue
        mask, vouch, used = found
        label_map = folder.header.label_map
        if label_map is not None:
            folder.write_mask(key, mask, label_map)
            folder.write_vouch(key, vouch)
            before = folder.read_states().get(key, StateRow(key))
            folder.append_state(row_after_crash(before, entries, vouch, used))
            journal.clear()
        strokes, images = strokes + used, images + 1
    return [reopened(strokes, images)] if images else []


def scan(folder: ProjectFolder, deliver: Callable[[list[str]], object]) -> Job[int]:
    """Give the keys of all images to `deliver`, in batches, as they are found. How many there are."""
    batch: list[str] = []
    found = 0
    for key in folder.scan():
        batch.append(key)
        found += 1
        # The first one is shown at once, more come in handfuls that a list takes in its stride.
        if len(batch) >= (BATCH if found > BATCH else 20):
            deliver(batch)
            batch = []
            yield Progress(found, 0, f"Found {found} images")
    if batch:
        deliver(batch)
    return found


def load(request: LoadRequest) -> Job[Loaded]:
    """Read an image and its saved maps. Raises ImageError, MaskError (a mask of another size), ProjectError."""
    yield Progress(text=f"Opening {request.key}")
    path = request.folder.image_path(request.key)
    try:
        about = path.stat()
    except OSError as error:
        raise ImageError(f"{path.name} can't be read: {error.strerror}. Its mask is kept.") from error
    picture = read_image(path)
    shape = picture.image.shape[:2]
    mask, vouch, is_foreign = _saved_maps(request, shape)
    yield Progress(text=f"Opening {request.key}")
    now = digest(path)
    return Loaded(
        request.key,
        picture,
        mask,
        vouch,
        read_first_look(request, shape),
        is_foreign,
        about.st_size,
        about.st_mtime,
        now,
        perceptual_hash(picture.image),
        bool(request.digest) and request.digest != now,
        read_import(request.folder, request.key, shape),
    )


@dataclass(frozen=True)
class Mark:
    """What the split goes by: `digest` of the file, `perceptual_hash` of the picture."""

    key: str
    digest: str
    perceptual_hash: int


def read_marks(requests: Sequence[LoadRequest]) -> Job[list[Mark]]:
    """The marks of images whose side of the split is open; those that can't be read are left out."""
    found = []
    for number, request in enumerate(requests):
        yield Progress(number, len(requests), f"Reading {request.key}")
        path = request.folder.image_path(request.key)
        try:
            found.append(Mark(request.key, digest(path), perceptual_hash(read_image(path).image)))
        except (ImageError, OSError) as error:
            _log.info("%s takes no side of the split: %s", request.key, error)
    return found


def read_corrected(request: LoadRequest) -> tuple[Image, Mask, Vouch]:
    """Image, mask and vouch map as saved; nothing vouched where nothing was saved. Raises ImageError, MaskError."""
    image = read_image(request.folder.image_path(request.key)).image
    mask, vouch, _ = _saved_maps(request, image.shape[:2])
    if mask is None or vouch is None:
        return image, np.zeros(image.shape[:2], np.uint8), np.zeros(image.shape[:2], np.uint8)
    return image, mask, vouch


def read_first_look(request: LoadRequest, shape: tuple[int, ...] | None = None) -> Mask | None:
    """The first look at an image, H×W, None where there was none. Raises MaskError (also for another `shape`)."""
    first_look = None if request.waiting is None else request.waiting.first_look
    return request.folder.read_first_look(request.key, shape) if first_look is None else first_look


def read_import(folder: ProjectFolder, key: str, shape: tuple[int, ...]) -> Mask | None:
    """What was imported onto an image, H×W, 255 where that says nothing; None where there is nothing, or it is damaged.

    The mask that stands has it but under what was corrected.
    """
    try:
        return folder.read_import(key, shape)
    except MaskError as error:
        _log.warning("what was imported is left out: %s", error)
        return None


def foreign_labels(header: ProjectHeader) -> tuple[int, ...]:
    """What each of 256 labels of the masks that came with a VOC folder has become; () while they are as they came."""
    kept = header.settings.get(FOREIGN)
    is_table = isinstance(kept, list) and len(kept) == 256 and all(type(v) is int and 0 <= v <= VOID for v in kept)
    return tuple(kept) if is_table else ()  # type: ignore[arg-type]


def _saved_maps(request: LoadRequest, shape: tuple[int, ...]) -> tuple[Mask | None, Vouch | None, bool]:
    folder, key, waiting = request.folder, request.key, request.waiting
    if waiting is not None:
        waiting.check_fits(key, shape)
        return waiting.mask, waiting.vouch, False
    mask, vouch = folder.read_mask(key, shape), folder.read_vouch(key, shape)
    path = request.foreign.mask_path(key) if request.foreign else None
    if mask is not None or path is None or request.foreign is None:
        return mask, vouch, False
    foreign = read_voc_mask(path, request.foreign.label_map, shape)
    labels = foreign_labels(folder.header)
    if labels:
        foreign = np.array(labels, np.uint8)[foreign]
        if folder.header.label_map is not None:
            check_labels(foreign, folder.header.label_map, path)
    return foreign, np.full(foreign.shape, ACCEPTED, np.uint8), True
