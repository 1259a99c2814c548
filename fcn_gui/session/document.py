"""One open image: what is seen of it, what the person said of it, and how to take that back.

Pixels belong to it alone. Nothing here reads or writes a file, and nothing waits for a network.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from fcn_gui.core.history import History
from fcn_gui.core.image_io import Picture
from fcn_gui.core.mask import Patch, VouchedMask
from fcn_gui.core.prediction import Prediction
from fcn_gui.core.raster import CORRECTED, VOID, Inside, Mask, Rect
from fcn_gui.core.refit import Refit
from fcn_gui.core.regions import holes, region_at, specks
from fcn_gui.core.stroke import Coverage, Stroke, Tool, bands, tiles
from fcn_gui.session.completions import Completions
from fcn_gui.session.foresight import Foreseen, NewestStroke

Step = tuple[Patch, ...]
"""What one verb changed, in the order of doing; () where it changed nothing."""


@dataclass
class Document:
    """The image `key` while it is in memory. `raised` (H×W bool) is what the last verify raised, None without one."""

    key: str
    picture: Picture
    masked: VouchedMask
    prediction: Prediction | None = None
    first_look: Mask | None = None
    history: History = field(default_factory=History)
    strokes: int = 0
    seconds: float = 0.0
    raised: Inside | None = None
    superpixels: NDArray[np.int32] | None = None
    edition: int = 0
    """Grows with every change of mask, vouch map or state; what was saved is `saved_edition`."""
    saved_edition: int = 0
    proposed: Mask | None = None
    """What unvouched pixels were last made to show."""
    untouched: Prediction | None = None
    """The newest prediction made before anything was vouched here."""
    is_untouched_refit: bool = False
    """A refit said that."""
    refit_before: Refit | None = None
    """The newest refit of when nothing was vouched here: it knows nothing of this image, and can be judged by it."""
    foreseen: tuple[Foreseen, ...] = ()
    """How far the network foresaw the last strokes; see `foresight`."""
    first_look_is_saved: bool = False
    completions: Completions = field(default_factory=Completions)
    followed: Rect | None = None
    """What the last step changed besides its own pixels: of a stroke taken back, or done again, what completes it."""
    _is_whole: bool = True
    _newest: Callable[[], Step] | None = None
    """The newest step, until it was compared with what had been predicted before it."""

    @property
    def shape(self) -> tuple[int, int]:
        """(H, W)."""
        height, width = self.picture.image.shape[:2]
        return height, width

    @property
    def proposal(self) -> Mask:
        """What an unvouched pixel shows, H×W uint8: a prediction, cleaned up or in parts; class 0 without one."""
        if self.proposed is not None:
            return self.proposed
        if self.prediction is not None:
            return self.prediction.proposal
        return self.first_look if self.first_look is not None else np.zeros(self.shape, np.uint8)

    @property
    def is_verified(self) -> bool:
        """A person said that the whole image is done, and every pixel is vouched still."""
        return self.raised is not None and self._is_whole

    @property
    def is_dirty(self) -> bool:
        """Something is here that is not on disk."""
        return self.edition != self.saved_edition

    @property
    def nbytes(self) -> int:
        """Memory of its arrays."""
        scores = self.prediction.nbytes if self.prediction else 0
        superpixels = self.superpixels.nbytes if self.superpixels is not None else 0
        return self.picture.image.nbytes + 2 * self.masked.mask.nbytes + scores + superpixels

    def covers(self, stroke: Stroke) -> Iterable[Coverage]:
        """The pixels that a stroke takes, in one or more rectangles; none where its superpixels aren't there yet."""
        if stroke.tool is Tool.FILL:
            return self._filled(stroke)
        if stroke.tool is Tool.SMART:
            return self._superpixels_under(stroke)
        return tiles(stroke, self.shape)

    def apply_stroke(self, stroke: Stroke, locked: frozenset[int] = frozenset()) -> Step:
        """Paint or erase; () where nothing changed."""
        found, proposal = [], self.proposal
        for covered in self.covers(stroke):
            if covered.rect.is_empty:
                continue
            for band in bands(covered):
                if stroke.is_erasing:
                    found.append(self.masked.erase(band, proposal))
                else:
                    found.append(self.masked.paint(band, 0 if stroke.label is None else stroke.label, locked))
        return self._done(found)

    def paint_pixels(self, covered: Coverage, label: int, locked: frozenset[int] = frozenset()) -> Step:
        """Paint exactly these pixels; () where nothing changed."""
        return () if covered.is_empty else self._done([self.masked.paint(covered, label, locked)])

    def accept_region(self, rc: tuple[int, int]) -> Step:
        """Vouch for the connected region of one label around a pixel."""
        if not _is_inside(rc, self.shape):
            return ()
        return self._done([self.masked.accept(band) for band in bands(region_at(self.masked.mask, rc))])

    def accept_class(self, label: int) -> Step:
        """Vouch for every pixel that shows `label`."""
        return self._done(self.masked.accept_label(label))

    def fill_holes(self, label: int, most_px: int, locked: frozenset[int] = frozenset()) -> Step:
        """Give what a class encloses its label, where that is at most `most_px` pixels."""
        covered = holes(self.masked.mask, label, most_px)
        return () if covered is None else self._done([self.masked.paint(covered, label, locked)])

    def remove_specks(self, most_px: int, locked: frozenset[int] = frozenset()) -> Step:
        """Give regions of at most `most_px` pixels the label of the neighbour with the longest border."""
        found = specks(self.masked.mask, most_px, locked)
        return self._done([self.masked.paint(covered, label, locked) for label, covered in found])

    def take_newest_stroke(self) -> NewestStroke | None:
        """To compare with what is predicted now, once: a later prediction has learned it. None without either."""
        step, self._newest = self._newest, None
        return (
            None
            if step is None or self.prediction is None
            else NewestStroke(step, self.prediction.labels, self.foreseen)
        )

    def undo(self) -> Step:
        """Take the last step back; pixels that are unvouched again show today's proposal."""
        depth, self.followed = self.history.depth, None
        patches, proposal = self.history.undo(), self.proposal
        self._newest, self.foreseen = None, ()
        for patch in patches:
            self.masked.revert(patch, proposal)
        without = self.completions.without(depth, self.proposal)
        if without is not None:
            self.followed = self.propose(without)
        if patches:
            self._changed()
        return tuple(patch.turned() for patch in patches)

    def redo(self) -> Step:
        """Do the step again that was taken back last."""
        patches, proposal, self.followed = self.history.redo(), self.proposal, None
        self._newest, self.foreseen = None, ()
        for patch in patches:
            self.masked.apply(patch, proposal)
        if patches:
            again = self.completions.again(self.history.depth, self.proposal)
            if again is not None:
                self.followed = self.propose(again)
            self._changed()
        return patches

    def verify(self) -> Step:
        """Vouch for every pixel as it stands; () where that was done before."""
        if self.is_verified:
            return ()
        raised, patches = self.masked.verify()
        step = self._done(patches)
        self.raised, self._is_whole = raised, True
        return step

    def unverify(self) -> Step:
        """Take back what verify raised; () where the image is not verified."""
        if self.raised is None or not self.is_verified:
            return ()
        step = self._done(self.masked.unverify(self.raised, self.proposal))
        self.raised = None
        return step

    def follow(self, prediction: Prediction, is_of_refit: bool = False, *, is_kept: bool = False) -> Rect | None:
        """Let unvouched pixels show a new prediction; what changed, None where nothing did.

        `is_kept`: they keep what they were last made to show, but for void, where that says nothing.
        """
        kept = self.proposed if is_kept else None
        self.prediction = prediction
        if not self.masked.vouch.any():
            self.untouched, self.is_untouched_refit = prediction, is_of_refit
        if self.first_look is None:
            self.first_look = prediction.labels.copy()
            self.edition += 1
        new = prediction.proposal
        return self.propose(new if kept is None else np.where(kept == VOID, new, kept))

    def propose(self, labels: Mask) -> Rect | None:
        """Let unvouched pixels show `labels` (H×W); what changed."""
        self.proposed = labels
        changed = self.masked.follow(labels)
        if changed is not None:
            self.edition += 1
        return changed

    def forget_prediction(self, *, is_kept: bool = False) -> None:
        """Another network answers; `is_kept`: what unvouched pixels show stays proposed."""
        self.prediction = None
        self.completions.clear()
        if not is_kept:
            self.proposed = None

    def standing_proposal(self) -> Mask:
        """What the mask itself says was proposed, H×W: its labels, but for the first look where they were corrected."""
        below = self.masked.mask if self.first_look is None else self.first_look
        return np.where(self.masked.vouch == CORRECTED, below, self.masked.mask)

    def repaint(self, prediction: Prediction, labels: Mask | None, is_whole: bool = True) -> Rect | None:
        """Know a newer prediction; unvouched pixels show `labels`, where given; what changed.

        `is_whole`: they are a new proposal for all pixels, those under a vouch too.
        """
        self.prediction = prediction
        if labels is None:
            return None
        self.proposed = labels if is_whole else np.where(self.masked.vouch > 0, self.proposal, labels)
        changed = self.masked.follow(labels)
        if changed is not None:
            self.edition += 1
        return changed

    def _done(self, patches: Iterable[Patch | None]) -> Step:
        step = tuple(patch for patch in patches if patch is not None)
        if step:
            if self.history.can_redo and not self._is_whole:
                self.raised = None  # the verify may be among what can no longer be done again
            self.history.push(*step)
            self.completions.forget(self.history.depth)
            self.followed = None
            self._newest = self.history.newest
            self._changed()
        return step

    def _changed(self) -> None:
        self.edition += 1
        if self.raised is not None:
            self._is_whole = bool(self.masked.vouch.all())

    def _filled(self, stroke: Stroke) -> Iterable[Coverage]:
        rc = _pixel(stroke.points[0])
        return (region_at(self.masked.mask, rc),) if _is_inside(rc, self.shape) else ()

    def _superpixels_under(self, stroke: Stroke) -> Iterable[Coverage]:
        if self.superpixels is None:
            return ()
        under = {_pixel(point) for point in stroke.points}
        found = {int(self.superpixels[rc]) for rc in under if _is_inside(rc, self.shape)}
        # A table and not isin, which takes ten times as long: these are as many numbers as the image has pixels.
        taken = np.zeros(int(self.superpixels.max()) + 1, bool)
        taken[list(found)] = True
        inside = taken[self.superpixels]
        rect = Rect.around(inside)
        return () if rect is None else (Coverage(rect, inside[rect.slices]),)


def _pixel(xy: tuple[float, float]) -> tuple[int, int]:
    return int(np.floor(xy[1])), int(np.floor(xy[0]))


def _is_inside(rc: tuple[int, int], shape: tuple[int, int]) -> bool:
    return 0 <= rc[0] < shape[0] and 0 <= rc[1] < shape[1]
