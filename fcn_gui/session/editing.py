"""The verbs of a person on the open image. The hand wins at once: nothing here waits for a network or for fsync."""

import itertools
import time
from collections.abc import Callable, Container
from dataclasses import dataclass, replace
from functools import partial

from fcn_gui.core.errors import LabelMapError, ProjectError, SaveError
from fcn_gui.core.label_map import LabelMap
from fcn_gui.core.raster import Rect
from fcn_gui.core.stroke import Coverage, Stroke
from fcn_gui.session.activity import ActivityClock
from fcn_gui.session.change import NOTHING, Change, Write
from fcn_gui.session.document import Document, Step
from fcn_gui.session.messages import Message, busy_with_classes, refused_in_read_only, without_classes
from fcn_gui.session.project import Item, Project, Status, state_row
from fcn_gui.session.saving import Snapshot, packed_raised, save, snapshot, stroke_entry
from fcn_gui.session.stroke_log import StrokeLog
from fcn_gui.session.waiting import PackedMaps, WaitingImage

Verb = Callable[[Document], Step]


@dataclass
class OpenImage:
    """The document with what the project knows of it."""

    document: Document
    item: Item
    log: StrokeLog
    packed: WaitingImage | None = None
    """What it was packed into; nothing changes here from then on."""


class Editing:
    """Strokes, acceptance and their taking back; each verb returns a `Change`."""

    def __init__(self, clock: ActivityClock) -> None:
        self.clock = clock
        self.project: Project | None = None
        self.open_image: OpenImage | None = None
        self.locked: frozenset[int] = frozenset()
        self.unsaved: dict[str, OpenImage | WaitingImage] = {}
        """Images that hold something which is not on disk yet, by key; packed where they were left long ago."""
        self.is_read_only = False
        self._editions = itertools.count(1)
        self._reserved = "", 0, 0
        """Key and edition of a document, and that of its item once it is verified."""
        self.is_rewriting = False
        """All masks are being written anew: nothing may be changed until that is done or cancelled."""

    @property
    def document(self) -> Document | None:
        """The open image."""
        return self.open_image.document if self.open_image else None

    @property
    def refusal(self) -> Message | None:
        """Why nothing can be changed now; None when it can."""
        if self.is_read_only:
            return refused_in_read_only()
        return busy_with_classes() if self.is_rewriting else None

    @property
    def can_undo(self) -> bool:
        document = self.document
        return document is not None and not self.is_read_only and document.history.can_undo

    @property
    def can_redo(self) -> bool:
        document = self.document
        return document is not None and not self.is_read_only and document.history.can_redo

    def apply_stroke(self, stroke: Stroke) -> Change:
        """Paint or erase with one press-drag-release."""
        return self._edit(lambda document: document.apply_stroke(stroke, self.locked), is_stroke=True)

    def paint_pixels(self, covered: Coverage, label: int) -> Change:
        """Paint exactly these pixels with `label`, as one stroke: for a hand whose strokes follow no path of a tool."""
        return self._edit(lambda document: document.paint_pixels(covered, label, self.locked), is_stroke=True)

    def accept_region(self, rc: tuple[int, int]) -> Change:
        """Say that the connected region around pixel (row, col) is right."""
        return self._edit(lambda document: document.accept_region(rc))

    def accept_class(self, label: int) -> Change:
        """Say that every pixel that shows `label` is right."""
        return self._edit(lambda document: document.accept_class(label))

    def fill_holes(self, label: int, share: float) -> Change:
        """Give what a class encloses its label, up to `share` (0…1) of the image; every changed pixel is corrected."""
        return self._edit(lambda document: document.fill_holes(label, _pixels(document, share), self.locked))

    def remove_specks(self, share: float) -> Change:
        """Join regions of up to `share` (0…1) of the image to what is around them; changed pixels are corrected."""
        return self._edit(lambda document: document.remove_specks(_pixels(document, share), self.locked))

    def undo(self) -> Change:
        """Take back the last step of the open image, its verify included."""
        return self._edit(lambda document: document.undo())

    def redo(self) -> Change:
        """Do again what was taken back last."""
        return self._edit(lambda document: document.redo())

    def verify(self) -> Change:
        """Say that the whole open image is right as it stands."""
        return self._with_state(self._edit(lambda document: document.verify(), edition=self._reserved_edition()))

    def unverify(self) -> Change:
        """Take back what verify raised."""
        return self._with_state(self._edit(lambda document: document.unverify()))

    def lock_class(self, label: int, is_locked: bool) -> Change:
        """Pixels of a locked class aren't painted over."""
        self.locked = self.locked | {label} if is_locked else self.locked - {label}
        return NOTHING

    def need_project(self) -> Project:
        """The open project. Raises ProjectError."""
        if self.project is None:
            raise ProjectError("No folder is open: open one first.")
        return self.project

    def _with_state(self, change: Change) -> Change:
        """The state of a verified image is written at once: a kill must not turn it into a corrected one."""
        opened = self.open_image
        if opened is None or not change.history:
            return change
        opened.item.raised = packed_raised(opened.document)
        opened.item.verified_at = time.time() if opened.document.is_verified else 0.0
        return replace(change, writes=(*change.writes, self._keep_state(opened.item)))

    def _reserve(self, opened: OpenImage) -> int:
        """The edition that the image will have if it is verified as it is now."""
        if self._reserved_edition() is None:
            self._reserved = opened.item.key, opened.document.edition, next(self._editions)
        return self._reserved[2]

    def _reserved_edition(self) -> int | None:
        """What was reserved for the open image as it is now; None for any other."""
        opened = self.open_image
        is_of_it = opened is not None and self._reserved[:2] == (opened.item.key, opened.document.edition)
        return self._reserved[2] if is_of_it else None

    def _edit(self, verb: Verb, is_stroke: bool = False, edition: int | None = None) -> Change:
        opened = self.open_image
        if opened is None or self.project is None:
            return NOTHING
        if (refused := self.refusal) is not None:
            return Change(message=refused)
        if self.project.label_map is None:
            return Change(message=without_classes())
        step = verb(opened.document)
        if not step:
            return NOTHING
        opened.item.edition = next(self._editions) if edition is None else edition
        if is_stroke:
            opened.item.strokes += 1
        if opened.item.held_out is None and any(patch.vouch_after.values.any() for patch in step):
            self.project.decide_side(opened.item)  # by the first vouched pixel, before any loss sees it
        opened.item.status = status_of(opened.document)
        opened.item.by_hand_s = None  # that was of the mask before
        also = opened.document.followed
        rect = Rect.union_of([*(patch.rect for patch in step), *([] if also is None else [also])])
        write = self._keep(opened, step)
        return Change(rect, (opened.item.key,), history=True, writes=(write,))

    def _keep_state(self, item: Item) -> Write:
        """The row of an image that is not saved otherwise at once."""
        return Write(f"state {item.key}", partial(self.need_project().folder.append_state, state_row(item)))

    def _keep(self, opened: OpenImage, step: Step) -> Write:
        """Into the journal at once; where that can't be done the whole image is saved, which says what is wrong."""
        try:
            opened.log.append(stroke_entry(opened.document, step, opened.item))
        except SaveError:
            return self.write_of(opened)
        return Write(f"sync {opened.item.key}", opened.log.sync)

    def write_of(self, opened: OpenImage | WaitingImage) -> Write:
        """A save of an image as it is now, to be carried out later."""
        project, item = self.need_project(), opened.item
        if project.label_map is None:
            raise LabelMapError("This folder has no classes yet: choose them first.")
        if isinstance(opened, WaitingImage):
            return self._write_of_waiting(opened, project, project.label_map)
        document = opened.document
        item.raised = packed_raised(document)
        shot = snapshot(document, state_row(item), project.label_map, opened.log.appended)

        def saved() -> None:
            document.saved_edition = max(document.saved_edition, shot.edition)
            document.first_look_is_saved = document.first_look_is_saved or shot.first_look is not None
            held = self.unsaved.get(item.key)
            if held is not None and not document.is_dirty and (held is opened or held is opened.packed):
                del self.unsaved[item.key]

        return Write(f"save {item.key}", partial(save, project.folder, shot, opened.log), saved)

    def _write_of_waiting(self, waiting: WaitingImage, project: Project, label_map: LabelMap) -> Write:
        """It is unpacked where it is written: hundreds may be asked for at once."""
        item, maps = waiting.item, waiting.maps
        row, journaled = state_row(item), waiting.log.appended

        def write() -> None:
            shot = Snapshot(item.key, maps.mask, maps.vouch, maps.first_look, row, label_map, journaled, 0)
            save(project.folder, shot, waiting.log)

        def saved() -> None:
            if self.unsaved.get(item.key) is waiting:
                del self.unsaved[item.key]

        return Write(f"save {item.key}", write, saved)

    def _pack_unsaved(self, kept: Container[str]) -> None:
        """Make small what could not be written, but for the open image and those in `kept`."""
        for key, opened in self.unsaved.items():
            if isinstance(opened, OpenImage) and opened is not self.open_image and key not in kept:
                opened.item.raised = packed_raised(opened.document)
                opened.packed = WaitingImage(opened.item, opened.log, PackedMaps.of(opened.document))
                self.unsaved[key] = opened.packed


def _pixels(document: Document, share: float) -> int:
    height, width = document.shape
    return max(1, round(share * height * width))


def status_of(document: Document) -> Status:
    """How far an open image is, by what it holds."""
    if document.is_verified:
        return Status.VERIFIED
    if document.masked.vouch.any():
        return Status.CORRECTED
    return Status.NEW if document.first_look is None else Status.PREDICTED
