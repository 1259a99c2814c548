"""What a person can do with a folder: open it, go from image to image, save, leave.

A verb changes what is in memory and returns a `Change`; what takes long comes back as a request for `jobs` or
`opening`, whose answer is handed to the verb that applies it. So window and command line run the same session.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from fcn_gui.core.mask import VouchedMask
from fcn_gui.core.prediction import Prediction
from fcn_gui.core.raster import Inside, Mask
from fcn_gui.core.refinement import Refinement
from fcn_gui.core.settings import Settings
from fcn_gui.disk.lock import ProjectLock
from fcn_gui.session import saving
from fcn_gui.session.activity import ActivityClock
from fcn_gui.session.background_learning import BackgroundLearning
from fcn_gui.session.change import NOTHING, Change, Write
from fcn_gui.session.class_rewrites import ClassRewrites
from fcn_gui.session.document import Document
from fcn_gui.session.editing import OpenImage, status_of
from fcn_gui.session.effort import vouched_truth
from fcn_gui.session.jobs import PredictRequest
from fcn_gui.session.look_ahead import LookAhead
from fcn_gui.session.measuring import Measurements
from fcn_gui.session.messages import HARDLY_KNOWN, KEEPS_IMPORT, PAYS_NOTHING, changed_outside, refused_in_read_only
from fcn_gui.session.opening import Loaded, OpenedProject
from fcn_gui.session.packing import unpack_bits
from fcn_gui.session.project import Item, Project, Status
from fcn_gui.session.proposal import outright
from fcn_gui.session.refitting import Refitting
from fcn_gui.session.skips import Skips
from fcn_gui.session.stroke_log import StrokeLog
from fcn_gui.session.waiting import WaitingImage
from fcn_gui.session.where_next import WhereNext

RECENT, RECENT_BYTES = 4, 256 << 20


class Session(Refitting, ClassRewrites):
    """One open folder at a time, or none. Belongs to the main thread."""

    def __init__(
        self, settings: Settings, start_checkpoint: Path | None = None, now: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(settings, ActivityClock(now), start_checkpoint)
        self._lock: ProjectLock | None = None
        self._recent: LookAhead[OpenImage] = LookAhead(RECENT, RECENT_BYTES)
        self.where_next = WhereNext()
        self.measurements = Measurements()
        self.skips: Skips | None = None
        """The last image that was looked at stride by stride, while it is open."""

    # The folder

    def adopt(self, opened: OpenedProject) -> Change:
        """Make a folder that `opening.open_project` found the open one; the one before must be closed."""
        self._lock = opened.lock
        self.is_read_only = opened.lock is None
        self.project = Project(opened.folder, opened.rows, opened.split, opened.foreign)
        message = self.adopt_checkpoints()
        self.background.remember(opened.rows.values(), Status.VERIFIED)
        writes: tuple[Write, ...] = ()
        if self.project.label_map is None and opened.foreign is not None:
            writes = self.choose_label_map(opened.foreign.label_map).writes
        return Change(label_map=True, predictions=True, writes=writes, message=message)

    def add_items(self, keys: Sequence[str]) -> tuple[int, int]:
        """Images that the scan found; (first index, count)."""
        return self.project.add(keys) if self.project else (0, 0)

    def close(self) -> Change:
        """What must still be written, the open image's last state included; nothing is open afterwards."""
        writes = [*self.leave().writes, *(self.write_of(opened) for opened in self.unsaved.values())]
        if self.project is not None and not self.is_read_only:
            writes.extend(self.keep_refit())
            writes.append(Write("forget rewrites", self.project.folder.forget_rewrites))
            writes.append(Write("compact", self.project.folder.compact))
        if self._lock is not None:
            writes.append(Write("unlock", self._lock.release))
        self.project = self._lock = self.checkpoints = self.refit = None
        self._recent.clear()
        self.forget_rewrites()
        self.where_next, self.measurements, self.skips = WhereNext(), Measurements(), None
        self.background = BackgroundLearning()
        self.unsaved = {}
        self.locked, self.is_read_only = frozenset(), False
        return Change(writes=tuple(writes))

    # From image to image

    def recall(self, key: str) -> OpenImage | None:
        """The image as it was left, where it is still in memory."""
        unsaved = self.unsaved.get(key)
        return unsaved if isinstance(unsaved, OpenImage) else self._recent.get(key)

    def in_memory(self, key: str) -> OpenImage | None:
        """The image, open or left but not yet forgotten."""
        return super().in_memory(key) or self.recall(key)

    def all_in_memory(self) -> list[OpenImage]:
        """All of them."""
        left = [opened for key in self._recent if (opened := self._recent.get(key)) is not None]
        unsaved = [opened for opened in self.unsaved.values() if isinstance(opened, OpenImage)]
        found = [*([self.open_image] if self.open_image else []), *left, *unsaved]
        return list({opened.item.key: opened for opened in reversed(found)}.values())

    def show(self, loaded: Loaded | OpenImage) -> Change:
        """Make an image the open one, after `leave`."""
        change = NOTHING
        if isinstance(loaded, Loaded):
            loaded, change = self._opened_image(loaded)
        self.open_image = loaded
        self.clock.take()
        return replace(change, keys=(loaded.item.key,), history=True)

    def leave(self) -> Change:
        """Put the open image away; what it holds unsaved is written."""
        opened = self.open_image
        if opened is None:
            return NOTHING
        change = self.save()
        self.open_image = self.skips = None
        self._recent.put(opened.item.key, opened, opened.document.nbytes)
        self._pack_unsaved(self._recent)
        history = opened.document.history
        if history.can_undo or history.can_redo:
            self._histories.put(opened.item.key, history, history.nbytes)
        return change

    def save(self) -> Change:
        """Write the open image, if it holds anything that is not on disk."""
        opened = self.open_image
        if opened is None or self.is_read_only:
            return NOTHING
        worked = self.clock.take()
        opened.item.seconds += worked
        opened.document.seconds = opened.item.seconds
        if not opened.document.is_dirty:
            return Change(writes=(self._keep_state(opened.item),)) if worked >= 1 else NOTHING
        self.unsaved[opened.item.key] = opened
        return Change(keys=(opened.item.key,), writes=(self.write_of(opened),))

    def save_all(self) -> Change:
        """Write everything that is not on disk: also what an earlier save could not write."""
        here = self.save()
        others = [o for o in self.unsaved.values() if o is not self.open_image]
        return replace(here, writes=(*here.writes, *(self.write_of(opened) for opened in others)))

    @property
    def has_unsaved(self) -> bool:
        """Something is in memory only."""
        return bool(self.unsaved) or (self.document is not None and self.document.is_dirty)

    def mark_problem(self, key: str, reason: str) -> Change:
        """The image can't be used, and why; its files stay as they are."""
        item = self.need_project().item(key)
        item.mark_problem(reason)
        return Change(keys=(key,))

    def set_note(self, key: str, note: str) -> Change:
        """Keep a remark on an image."""
        project = self.need_project()
        if self.is_read_only:
            return Change(message=refused_in_read_only())
        item = project.item(key)
        item.note = note
        return Change(keys=(key,), writes=(self._keep_state(item),))

    # Predictions

    def predict_request(self, is_asked: bool = False) -> PredictRequest | None:
        """A snapshot of the open image for `jobs.predict`.

        `is_asked`: a person wants to see what the network says, whether that earns its place or not.
        """
        live = self.live
        if self.open_image is None or self.document is None or live is None:
            return None
        if is_asked:
            live = replace(live, cleanup=outright(live.cleanup))
        document, name, known = self.document, self._name_of(self.open_image.item), None
        if live.refine is not Refinement.OFF and document.masked.vouch.any():
            known = vouched_truth(document.masked.mask, document.masked.vouch)
        return PredictRequest(document.key, document.picture.image, live, name, known, is_asked)

    def follow(self, request: PredictRequest, prediction: Prediction) -> Change:
        """The answer to `request`; nothing happens when it is stale. Only unvouched pixels change."""
        opened = self.open_image
        is_stale = opened is None or opened.item.key != request.key or request.live.version != self._version
        if opened is None or is_stale or self.is_rewriting:
            return NOTHING
        dropped = self._drop_import(opened.item) if request.is_asked else NOTHING
        is_kept = opened.item.is_imported
        rect = opened.document.follow(prediction, request.live.refit is not None, is_kept=is_kept)
        if opened.document.untouched is prediction:
            opened.document.refit_before = self.refit
        if opened.item.status is Status.NEW:
            opened.item.status = Status.PREDICTED
        first = () if self.is_read_only or opened.document.first_look_is_saved else self.save().writes
        said = "" if opened.document.is_verified else KEEPS_IMPORT if is_kept else self._why_blank(request, prediction)
        return Change(rect, (opened.item.key,), said=said, writes=(*dropped.writes, *first))

    def _why_blank(self, request: PredictRequest, prediction: Prediction) -> str:
        """ "" where the mask shows what the network says, or where the person wants masks to start blank."""
        if not prediction.is_withheld or self.settings.get("learn.start") == "blank":
            return ""
        return PAYS_NOTHING if request.live.cleanup.is_blank else HARDLY_KNOWN

    def follow_again(self, key: str, labels: Mask) -> Change:
        """Second look at an image that isn't the open one; only its unvouched pixels change."""
        project = self.need_project()
        is_open = self.document is not None and self.document.key == key
        if self.refusal is not None or is_open or project.item(key).is_imported:
            return NOTHING
        unsaved, opened = self.unsaved.get(key), self.recall(key)
        if isinstance(unsaved, WaitingImage):
            return self._waiting_follows(unsaved, labels)
        if opened is None:
            follow = partial(saving.follow_again, project.folder, key, labels, self.need_label_map())

            def work() -> None:
                project.item(key).changed_px = follow()

            return Change(keys=(key,), writes=(Write(f"follow {key}", work),))
        if labels.shape != opened.document.shape:
            return NOTHING
        opened.item.changed_px, is_changed = saving.follow_labels(opened.document.masked, labels)
        if not is_changed:
            return NOTHING
        opened.document.proposed = labels
        opened.document.edition += 1
        self.unsaved[key] = opened
        return Change(keys=(key,), writes=(self.write_of(opened),))

    def _waiting_follows(self, waiting: WaitingImage, labels: Mask) -> Change:
        """Second look at an image that could not be written."""
        item, maps = waiting.item, waiting.maps
        if labels.shape != maps.shape:
            return NOTHING
        masked = VouchedMask(maps.mask, maps.vouch)
        item.changed_px, is_changed = saving.follow_labels(masked, labels)
        if not is_changed:
            return NOTHING
        newer = self.unsaved[item.key] = replace(waiting, maps=maps.with_mask(masked.mask))
        return Change(keys=(item.key,), writes=(self.write_of(newer),))

    def reset_predictions(self) -> None:
        """Another network answers: what was predicted ahead or kept of images left behind is stale."""
        self.where_next.forget_doubts()
        for key in list(self._recent):
            opened = self._recent.get(key)
            if opened is not None:
                opened.document.forget_prediction(is_kept=opened.item.is_imported)

    def _opened_image(self, loaded: Loaded) -> tuple[OpenImage, Change]:
        item, waiting = self.need_project().item(loaded.key), self.unsaved.get(loaded.key)
        shape = loaded.picture.image.shape[:2]
        if isinstance(waiting, WaitingImage):
            maps = waiting.maps
            maps.check_fits(loaded.key, shape)
            first_look = loaded.first_look if maps.first_look is None else maps.first_look
            loaded = replace(loaded, mask=maps.mask, vouch=maps.vouch, first_look=first_look, is_foreign=False)
        mask = np.zeros(shape, np.uint8) if loaded.mask is None else loaded.mask
        vouch = np.zeros(shape, np.uint8) if loaded.vouch is None else loaded.vouch
        document = Document(loaded.key, loaded.picture, VouchedMask(mask, vouch), first_look=loaded.first_look)
        document.first_look_is_saved = loaded.first_look is not None
        document.history = self._histories.get(loaded.key) or document.history
        document.strokes, document.seconds = item.strokes, item.seconds
        document.raised = _raised(item, loaded)
        item.size, item.mtime, item.digest = loaded.size, loaded.mtime, loaded.digest
        item.phash, item.notes = loaded.perceptual_hash, loaded.picture.notes
        item.problem = ""
        self._propose_import(document, item, loaded)
        item.status = status_of(document)
        message = changed_outside(loaded.key, "was replaced") if loaded.was_replaced else None
        if isinstance(waiting, WaitingImage):
            opened = self.unsaved[loaded.key] = OpenImage(document, item, waiting.log)
            document.edition = 1
            document.first_look_is_saved &= waiting.maps.packed_first_look is None
            return opened, Change(message=message)
        folder = self.need_project().folder
        log = StrokeLog(folder.journal(loaded.key), folder.folder)
        return OpenImage(document, item, log), Change(message=message)


def _raised(item: Item, loaded: Loaded) -> Inside | None:
    shape = loaded.picture.image.shape[:2]
    if loaded.is_foreign:
        return np.ones(shape, bool)
    if item.status is not Status.VERIFIED or loaded.vouch is None or not loaded.vouch.all():
        return None
    kept = unpack_bits(item.raised, (shape[0], shape[1])) if item.raised else None
    return np.zeros(shape, bool) if kept is None else kept
