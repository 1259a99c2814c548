"""Masks from elsewhere as proposals: unvouched pixels take their labels, and keep them until a person asks to repaint.

The job writes each mask into the project; what is in memory follows on the main thread. Where a mask is void it says
nothing: what stands there stays, and an image that nobody has looked at yet takes the first prediction there.
"""

import logging
import os
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from fcn_gui.core.errors import FcnGuiError
from fcn_gui.core.image_io import read_size
from fcn_gui.core.label_map import LabelMap
from fcn_gui.core.mask import VouchedMask
from fcn_gui.core.progress import Job, Progress
from fcn_gui.core.raster import VOID, Mask
from fcn_gui.core.settings import Settings
from fcn_gui.disk.mask_folder import MaskFolder
from fcn_gui.disk.project_folder import ProjectFolder
from fcn_gui.session.activity import ActivityClock
from fcn_gui.session.change import NOTHING, Change, Write
from fcn_gui.session.document import Document
from fcn_gui.session.learning import Learning
from fcn_gui.session.look_ahead import LookAhead
from fcn_gui.session.opening import Loaded, read_import
from fcn_gui.session.project import Item, Status
from fcn_gui.session.waiting import WaitingImage

_log = logging.getLogger(__name__)

MOST_KEPT, KEPT_BYTES = 10_000, 256 << 20
_QUICK = 1  # zlib level


@dataclass(frozen=True)
class ImportRequest:
    """A snapshot: masks in `source` for the images `keys` of a project; `verified` are those that are done."""

    source: Path
    folder: ProjectFolder
    label_map: LabelMap
    keys: tuple[str, ...]
    verified: frozenset[str]


@dataclass(frozen=True)
class ImportedMask:
    """Labels of the image `key`, packed: hundreds may be on their way; 255 where the mask says nothing."""

    key: str
    shape: tuple[int, int]
    packed: bytes

    @classmethod
    def of(cls, key: str, labels: Mask) -> "ImportedMask":
        """Of H×W labels."""
        return cls(key, (labels.shape[0], labels.shape[1]), zlib.compress(labels.tobytes(), _QUICK))

    @property
    def labels(self) -> Mask:
        """H×W uint8."""
        return np.frombuffer(zlib.decompress(self.packed), np.uint8).reshape(self.shape)


@dataclass(frozen=True)
class ImportReport:
    """How many masks were imported, how many stayed out for verified images, and (file, reason) of those refused."""

    imported: int
    verified: int
    refused: tuple[tuple[str, str], ...]


def import_masks(request: ImportRequest, deliver: Callable[[ImportedMask], None]) -> Job[ImportReport]:
    """Give each image its mask as the proposal; `deliver` is called for each that was written.

    A mask that can't be used is refused by itself. Closed in between, those delivered are imported, the others not.
    Raises DatasetError, LabelMapError for the folder as a whole.
    """
    yield Progress(text=f"Looking for masks in {request.source.name}")
    source = MaskFolder.find(request.source)
    found = [(key, path) for key in request.keys if (path := source.mask_of(key)) is not None]
    wanted = [(key, path) for key, path in found if key not in request.verified]
    refused, imported = [], 0
    for number, (key, path) in enumerate(wanted):
        yield Progress(number, len(wanted), f"Importing {path.name}")
        try:
            deliver(_import(request, source, key, path))
            imported += 1
        except FcnGuiError as error:
            reason = str(error).replace(f"{source.path}{os.sep}", "")
            _log.info("the mask of %s was refused: %s", key, error)
            refused.append((path.name, reason))
    return ImportReport(imported, len(found) - len(wanted), tuple(refused))


def _import(request: ImportRequest, source: MaskFolder, key: str, path: Path) -> ImportedMask:
    """Write one into the project. A saved mask keeps its vouched pixels, and what stands where this one is void."""
    folder = request.folder
    shape = read_size(folder.image_path(key))
    labels = source.read(path, request.label_map, shape)
    mask, vouch = folder.read_mask(key, shape), folder.read_vouch(key, shape)
    vouch = np.zeros(shape, np.uint8) if vouch is None else vouch
    masked = VouchedMask(labels.copy() if mask is None else mask, vouch)
    masked.follow(_over(masked.mask, labels))
    before = read_import(folder, key, shape)
    folder.write_import(key, labels if before is None else _over(before, labels), request.label_map)
    folder.write_mask(key, masked.mask, request.label_map)
    if mask is None:
        folder.write_vouch(key, vouch)
    return ImportedMask.of(key, labels)


class Importing(Learning):
    """The verbs of imported proposals."""

    def __init__(self, settings: Settings, clock: ActivityClock, start_checkpoint: Path | None = None) -> None:
        super().__init__(settings, clock, start_checkpoint)
        self._imported: LookAhead[ImportedMask] = LookAhead(MOST_KEPT, KEPT_BYTES)
        """What was imported since the folder was opened: an image may have been read just before."""

    def import_request(self, source: Path) -> ImportRequest:
        """For `import_masks`. Raises ProjectError, LabelMapError where there is nothing to import onto."""
        project = self.need_project()
        usable = [item for item in project.items if not item.problem]
        verified = frozenset(item.key for item in usable if item.status is Status.VERIFIED)
        keys = tuple(item.key for item in usable)
        return ImportRequest(source, project.folder, self.need_label_map(), keys, verified)

    def take_import(self, imported: ImportedMask) -> Change:
        """A mask was imported: the image, if it is in memory, follows; no vouched pixel changes."""
        item = self.need_project().item(imported.key)
        item.is_imported = True
        self._imported.put(item.key, imported, len(imported.packed))
        kept = Change(keys=(item.key,), writes=(self._keep_state(item),))
        waiting, opened = self.unsaved.get(item.key), self.in_memory(item.key)
        if isinstance(waiting, WaitingImage):
            return self._waiting_imports(waiting, imported, kept)
        if opened is None or opened.document.shape != imported.shape:
            return kept
        document = opened.document
        has_shown = document.prediction is not None or document.first_look is not None
        rect = document.propose(_over(document.proposal, imported.labels) if has_shown else imported.labels.copy())
        if opened is self.open_image:
            item.edition = next(self._editions)  # a repaint that is on its way is of the mask before
            kept = replace(kept, rect=rect)
        if not document.is_dirty:
            return kept
        self.unsaved[item.key] = opened
        return replace(kept, writes=(self.write_of(opened),))

    def _waiting_imports(self, waiting: WaitingImage, imported: ImportedMask, kept: Change) -> Change:
        """The same of an image that could not be written."""
        maps = waiting.maps
        if maps.shape != imported.shape:
            return kept
        masked = VouchedMask(maps.mask, maps.vouch)
        masked.follow(_over(masked.mask, imported.labels))
        newer = self.unsaved[waiting.item.key] = replace(waiting, maps=maps.with_mask(masked.mask))
        return replace(kept, writes=(self.write_of(newer),))

    def _propose_import(self, document: Document, item: Item, loaded: Loaded) -> None:
        """A document that was just read shows what was imported onto it."""
        has_mask = loaded.mask is not None
        imported = self._imported.get(item.key)
        if imported is not None and imported.shape != document.shape:
            imported = None  # another photograph by now
        item.is_imported = item.is_imported and (has_mask or imported is not None)
        if not item.is_imported:
            return
        proposed = document.standing_proposal()
        if loaded.imported is not None:  # also under what was corrected, which the mask itself does not say
            proposed = _over(proposed, loaded.imported)
        if imported is not None:
            proposed = _over(proposed, imported.labels) if has_mask else imported.labels.copy()
        document.propose(proposed)

    def _drop_import(self, item: Item) -> Change:
        """A person asked to repaint: the image follows the network again."""
        if not item.is_imported:
            return NOTHING
        item.is_imported = False
        self._imported.drop(item.key)
        if self.is_read_only:
            return NOTHING  # it shows here, and stays imported where the folder is written to
        drop = Write("drop import", partial(self.need_project().folder.drop_import, item.key))
        return Change(writes=(self._keep_state(item), drop))

    def forget_imports(self) -> None:
        """Only the project's masks know it from now on: the folder is closed, or labels mean other classes."""
        self._imported.clear()


def _over(below: Mask, labels: Mask) -> Mask:
    """H×W: the imported labels, and what is below where they are void."""
    return np.where(labels == VOID, below, labels)
