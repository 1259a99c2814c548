"""A mask and what is vouched for in it: how strokes, accepting, verifying and predictions change both.

An unvouched pixel follows the proposal; a vouched one changes only by the person. Everything works on the rectangle
it concerns and gives back a patch of exactly that. What concerns a whole photograph goes through it in bands of rows
that fit a processor's cache: of 12 megapixels each pass then takes a millisecond instead of ten.
"""

from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass

import cv2
import numpy as np

from fcn_gui.core.raster import ACCEPTED, CORRECTED, UNVOUCHED, Inside, Mask, Rect, Vouch, check_mask, is_any_of
from fcn_gui.core.runs import Runs
from fcn_gui.core.stroke import Coverage

_BAND_PIXELS = 1 << 18


@dataclass(frozen=True)
class Patch:
    """What one step changed: the pixels of `rect` before and after; nothing of it is shared with the mask.

    Only pixels that differ in mask or vouch (`changed`, h×w bool) belong to the step; the others fill the rectangle
    and say nothing.
    """

    rect: Rect
    changed: Inside
    mask_before: Runs
    mask_after: Runs
    vouch_before: Runs
    vouch_after: Runs

    @classmethod
    def between(cls, rect: Rect, before: tuple[Mask, Vouch], after: tuple[Mask, Vouch]) -> "Patch | None":
        """Of the mask and vouch (h×w) of a rectangle; None where nothing differs."""
        differs = (before[0] != after[0], before[1] != after[1])
        mask_before, vouch_before = Runs.of(before[0]), Runs.of(before[1])
        mask_after = Runs.of(after[0]) if differs[0].any() else mask_before
        vouch_after = Runs.of(after[1]) if differs[1].any() else vouch_before
        if mask_after is mask_before and vouch_after is vouch_before:
            return None
        changed = np.logical_or(*differs, out=differs[0])
        return cls(rect, changed, mask_before, mask_after, vouch_before, vouch_after)

    def turned(self) -> "Patch":
        """What taking the step back does."""
        return Patch(self.rect, self.changed, self.mask_after, self.mask_before, self.vouch_after, self.vouch_before)


@dataclass
class VouchedMask:
    """`mask` H×W uint8, 255 void; `vouch` H×W uint8, 0 unvouched, 1 accepted, 2 corrected; both changed in place."""

    mask: Mask
    vouch: Vouch

    def __post_init__(self) -> None:
        check_mask(self.mask)
        check_mask(self.vouch, self.mask.shape)
        self.mask, self.vouch = np.ascontiguousarray(self.mask), np.ascontiguousarray(self.vouch)

    def paint(self, covered: Coverage, label: int, locked: Set[int] = frozenset()) -> Patch | None:
        """A stroke with `label` (255 void): vouch 2 where another label stood, at least 1 where the same did.

        Pixels of a `locked` class keep their label. None where nothing changes.
        """

        def change(mask: Mask, vouch: Vouch, piece: Coverage) -> None:
            inside = piece.inside
            others = mask != label
            others &= inside
            if locked:
                kept = is_any_of(mask, locked)
                kept &= others
                others, inside = others & ~kept, inside & ~kept
            # True is 1: where covered, at least accepted.
            np.maximum(vouch, inside.view(np.uint8), out=vouch)
            np.maximum(vouch, others.view(np.uint8) * np.uint8(CORRECTED), out=vouch)
            np.copyto(mask, np.uint8(label), where=others)

        return self._step(covered, change)

    def erase(self, covered: Coverage, proposal: Mask) -> Patch | None:
        """Take the vouch back: the pixels follow the `proposal` (H×W) again. None where nothing changes."""

        def change(mask: Mask, vouch: Vouch, piece: Coverage) -> None:
            np.copyto(vouch, np.uint8(UNVOUCHED), where=piece.inside)
            _copy(proposal[piece.rect.slices], piece.inside, mask)

        return self._step(covered, change)

    def accept(self, covered: Coverage) -> Patch | None:
        """Vouch for the labels as they stand: 0 becomes 1 and nothing else changes. None where all are vouched."""

        def change(mask: Mask, vouch: Vouch, piece: Coverage) -> None:
            np.maximum(vouch, piece.inside.view(np.uint8), out=vouch)

        return self._step(covered, change)

    def verify(self) -> tuple[Inside, tuple[Patch, ...]]:
        """Accept every pixel; H×W bool of those that this raised, and the step, where nothing was to raise too."""
        raised, found = np.zeros(self.vouch.shape, bool), []
        for rect in self._bands():
            inside = np.equal(self.vouch[rect.slices], UNVOUCHED, out=raised[rect.slices])
            if inside.any():
                found.append(self.accept(Coverage(rect, inside)))
        return raised, self._said(found)

    def verified(self) -> tuple[Mask, Vouch]:
        """Mask and vouch map as they would be after `verify`; nothing changes, nothing is shared."""
        return self.mask.copy(), np.where(self.vouch == UNVOUCHED, np.uint8(ACCEPTED), self.vouch)

    def unverify(self, raised: Inside, proposal: Mask) -> tuple[Patch, ...]:
        """Back to 0 what a verify had `raised` and nobody corrected since: it follows the `proposal` (H×W) again.

        A step even where nothing is left to take back.
        """
        found = []
        for rect in self._bands():
            lowered = raised[rect.slices] & (self.vouch[rect.slices] == ACCEPTED)
            if lowered.any():
                found.append(self.erase(Coverage(rect, lowered), proposal))
        return self._said(found)

    def accept_label(self, label: int) -> tuple[Patch, ...]:
        """Vouch for every pixel that shows `label`."""
        found = []
        for rect in self._bands():
            inside = self.mask[rect.slices] == label
            if inside.any():
                found.append(self.accept(Coverage(rect, inside)))
        return tuple(patch for patch in found if patch is not None)

    def apply(self, patch: Patch, proposal: Mask | None = None) -> None:
        """Do a step again. Pixels that it leaves unvouched show the `proposal` (H×W) of today, where one is given."""
        self._set(patch, (patch.mask_after, patch.vouch_after), proposal)

    def revert(self, patch: Patch, proposal: Mask | None = None) -> None:
        """Take a step back. Pixels that are unvouched again show the `proposal` (H×W) of today, where one is given."""
        self._set(patch, (patch.mask_before, patch.vouch_before), proposal)

    def follow(self, proposal: Mask) -> Rect | None:
        """Let every unvouched pixel show the `proposal` (H×W); the rectangle of those that changed."""
        check_mask(proposal, self.mask.shape)
        found = [changed for rect in self._bands() if (changed := self._follow(rect, proposal)) is not None]
        return Rect.union_of(found)

    def _follow(self, rect: Rect, proposal: Mask) -> Rect | None:
        mask, wanted = self.mask[rect.slices], proposal[rect.slices]
        changed = mask != wanted
        changed &= self.vouch[rect.slices] == UNVOUCHED
        around = Rect.around(changed)
        if around is None:
            return None
        _copy(wanted, changed, mask)
        return Rect(rect.x0 + around.x0, rect.y0 + around.y0, rect.x0 + around.x1, rect.y0 + around.y1)

    def _bands(self) -> Iterator[Rect]:
        """The whole mask in bands of rows."""
        height, width = self.mask.shape
        rows = max(1, _BAND_PIXELS // max(1, width))
        for top in range(0, height, rows):
            yield Rect(0, top, width, min(height, top + rows))

    def _step(self, covered: Coverage, change: Callable[[Mask, Vouch, Coverage], None]) -> Patch | None:
        """The patch of what `change` does to the mask and vouch of the rectangle; None where it does nothing."""
        mask, vouch = self.mask[covered.rect.slices], self.vouch[covered.rect.slices]
        before = mask.copy(), vouch.copy()
        change(mask, vouch, covered)
        return Patch.between(covered.rect, before, (mask, vouch))

    def _said(self, found: list[Patch | None]) -> tuple[Patch, ...]:
        """What was said of the whole image is a step, were it one that changes no pixel."""
        patches = tuple(patch for patch in found if patch is not None)
        if patches:
            return patches
        corner = Rect(0, 0, 1, 1)
        mask, vouch = Runs.of(self.mask[corner.slices]), Runs.of(self.vouch[corner.slices])
        return (Patch(corner, np.zeros((1, 1), bool), mask, mask, vouch, vouch),)

    def _set(self, patch: Patch, to: tuple[Runs, Runs], proposal: Mask | None) -> None:
        mask, vouch = self.mask[patch.rect.slices], self.vouch[patch.rect.slices]
        wanted = to[1].array()
        _copy(wanted, patch.changed, vouch)
        if proposal is None or any(to[1].has(value) for value in (ACCEPTED, CORRECTED)):
            _copy(to[0].array(), patch.changed, mask)
        if proposal is not None and to[1].has(UNVOUCHED):
            _copy(proposal[patch.rect.slices], patch.changed & (wanted == UNVOUCHED), mask)


def _copy(source: Mask, where: Inside, target: Mask) -> None:
    """`source` into `target` (a view) `where` it is true, all h×w; numpy's own takes three times as long."""
    if target.size:
        cv2.copyTo(source, where.view(np.uint8), target)
