"""A mask and what is vouched for in it: how strokes, accepting, verifying and predictions change both.

An unvouched pixel follows the proposal; a vouched one changes only by the person. Everything works on the rectangle
it concerns and gives back a patch of exactly that.
"""

from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from fcn_gui.core.raster import ACCEPTED, CORRECTED, UNVOUCHED, Inside, Mask, Rect, Vouch, check_mask
from fcn_gui.core.stroke import Coverage

_BAND_ROWS = 64


@dataclass(frozen=True)
class Patch:
    """What one step changed: h×w uint8 of the pixels of `rect` before and after; nothing of it is shared with the mask.

    Only pixels that differ in mask or vouch belong to the step; the others fill the rectangle and say nothing.
    """

    rect: Rect
    mask_before: Mask
    mask_after: Mask
    vouch_before: Vouch
    vouch_after: Vouch

    @cached_property
    def changed(self) -> Inside:
        """h×w bool: the pixels that belong to the step."""
        differs: Inside = self.mask_before != self.mask_after
        differs |= self.vouch_before != self.vouch_after
        return differs


@dataclass
class VouchedMask:
    """`mask` H×W uint8, 255 void; `vouch` H×W uint8, 0 unvouched, 1 accepted, 2 corrected; both changed in place."""

    mask: Mask
    vouch: Vouch

    def __post_init__(self) -> None:
        check_mask(self.mask)
        check_mask(self.vouch, self.mask.shape)

    def paint(self, covered: Coverage, label: int, locked: Set[int] = frozenset()) -> Patch | None:
        """A stroke with `label` (255 void): vouch 2 where another label stood, at least 1 where the same did.

        Pixels of a `locked` class keep their label. None where nothing changes.
        """

        def change(mask: Mask, vouch: Vouch, piece: Coverage) -> None:
            inside = piece.inside
            others = mask != label
            others &= inside
            if locked:
                kept = _is_any_of(mask, locked)
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
            np.copyto(mask, proposal[piece.rect.slices], where=piece.inside)

        return self._step(covered, change)

    def accept(self, covered: Coverage) -> Patch | None:
        """Vouch for the labels as they stand: 0 becomes 1 and nothing else changes. None where all are vouched."""

        def change(mask: Mask, vouch: Vouch, piece: Coverage) -> None:
            np.maximum(vouch, piece.inside.view(np.uint8), out=vouch)

        return self._step(covered, change)

    def verify(self) -> Inside:
        """Accept every pixel; H×W bool of those that this raised."""
        raised: Inside = self.vouch == UNVOUCHED
        self.vouch[raised] = ACCEPTED
        return raised

    def unverify(self, raised: Inside) -> Rect | None:
        """Back to 0 what a verify had `raised` and nobody corrected since; the rectangle of it."""
        lowered = raised & (self.vouch == ACCEPTED)
        self.vouch[lowered] = UNVOUCHED
        return Rect.around(lowered)

    def apply(self, patch: Patch, proposal: Mask | None = None) -> None:
        """Do a step again. Pixels that it leaves unvouched show the `proposal` (H×W) of today, where one is given."""
        self._set(patch.rect, patch.changed, (patch.mask_after, patch.vouch_after), proposal)

    def revert(self, patch: Patch, proposal: Mask | None = None) -> None:
        """Take a step back. Pixels that are unvouched again show the `proposal` (H×W) of today, where one is given."""
        self._set(patch.rect, patch.changed, (patch.mask_before, patch.vouch_before), proposal)

    def follow(self, proposal: Mask) -> Rect | None:
        """Let every unvouched pixel show the `proposal` (H×W); the rectangle of those that changed."""
        check_mask(proposal, self.mask.shape)
        changed = (self.mask != proposal) & (self.vouch == UNVOUCHED)
        rect = Rect.around(changed)
        if rect is not None:
            np.copyto(self.mask[rect.slices], proposal[rect.slices], where=changed[rect.slices])
        return rect

    def _step(self, covered: Coverage, change: Callable[[Mask, Vouch, Coverage], None]) -> Patch | None:
        """The patch of what `change` does to the mask and vouch of each piece; None where it does nothing."""
        before, after = (np.zeros((2, *covered.inside.shape), np.uint8) for _ in range(2))
        for piece, place in _pieces(covered):
            mask, vouch = self.mask[piece.rect.slices], self.vouch[piece.rect.slices]
            before[0][place], before[1][place] = mask, vouch
            change(mask, vouch, piece)
            after[0][place], after[1][place] = mask, vouch
        patch = Patch(covered.rect, before[0], after[0], before[1], after[1])
        return patch if patch.changed.any() else None

    def _set(self, rect: Rect, changed: Inside, to: tuple[Mask, Vouch], proposal: Mask | None) -> None:
        mask, vouch = self.mask[rect.slices], self.vouch[rect.slices]
        np.copyto(vouch, to[1], where=changed)
        np.copyto(mask, to[0], where=changed)
        if proposal is not None:
            np.copyto(mask, proposal[rect.slices], where=changed & (to[1] == UNVOUCHED))


def _pieces(covered: Coverage) -> Iterator[tuple[Coverage, tuple[slice, slice]]]:
    """The coverage in bands of rows, each as wide as what it covers, and where each lies in the rectangle.

    A thin line across a photograph has a large rectangle, but few pixels in narrow bands.
    """
    rect = covered.rect
    for top in range(0, rect.height, _BAND_ROWS):
        inside = covered.inside[top : top + _BAND_ROWS]
        around = Rect.around(inside)
        if around is not None:
            place = Rect(around.x0, top + around.y0, around.x1, top + around.y1)
            image_rect = Rect(rect.x0 + place.x0, rect.y0 + place.y0, rect.x0 + place.x1, rect.y0 + place.y1)
            yield Coverage(image_rect, inside[around.slices]), place.slices


def _is_any_of(mask: Mask, labels: Set[int]) -> Inside:
    table = np.zeros(256, bool)
    table[list(labels)] = True
    return np.asarray(table[mask])
