"""What completed the strokes of an image, to be taken back with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from fcn_gui.core.annotator_hand import HandStroke
from fcn_gui.core.raster import CORRECTED, UNVOUCHED, Image, Inside, Mask, Rect
from fcn_gui.core.scores import ScoreGrid
from fcn_gui.core.surroundings import Surroundings

Complete = Callable[[Surroundings], Inside | None]
"""H×W bool: what else a stroke meant; None without any."""


@dataclass(frozen=True)
class Completed:
    """`pixels` (H×W bool) that a stroke with `label` meant as well."""

    pixels: Inside
    label: int


@dataclass(frozen=True)
class _Completion:
    """In `rect` the pixels `inside` are of `label` instead of what was proposed `before`."""

    rect: Rect
    inside: Inside
    label: int
    before: Mask

    def taken_back(self, proposal: Mask) -> Mask:
        """The proposal (H×W) without it; what was proposed since stays."""
        found = proposal.copy()
        part = found[self.rect.slices]
        np.copyto(part, self.before, where=self.inside & (part == self.label))
        return found

    def over(self, proposal: Mask) -> tuple[_Completion, Mask]:
        """It once more, and what is proposed (H×W) with it, where `proposal` is now."""
        found = proposal.copy()
        found[self.rect.slices][self.inside] = self.label
        return replace(self, before=proposal[self.rect.slices].copy()), found


@dataclass
class Completions:
    """Those of one image, by the depth in its history of the strokes that they completed."""

    _of: dict[int, _Completion] = field(default_factory=dict)
    _taken_back: dict[int, _Completion] = field(default_factory=dict)
    """Those of steps that can be done again."""

    def add(self, depth: int, completed: Completed, proposal: Mask) -> None:
        """The step at `depth` is about to be completed; `proposal` (H×W) is what unvouched pixels were to show."""
        rect = Rect.around(completed.pixels)
        if rect is not None:
            before = proposal[rect.slices].copy()
            self._of[depth] = _Completion(rect, completed.pixels[rect.slices].copy(), completed.label, before)

    def forget(self, depth: int) -> None:
        """A new step stands at `depth`, and none can be done again."""
        self._of.pop(depth, None)
        self._taken_back.clear()

    def clear(self) -> None:
        """Forget all."""
        self._of.clear()
        self._taken_back.clear()

    def without(self, depth: int, proposal: Mask) -> Mask | None:
        """The proposal (H×W) after the step at `depth` is taken back; None where it stays as it is."""
        completion = self._of.pop(depth, None)
        if completion is None:
            return None
        self._taken_back[depth] = completion
        return completion.taken_back(proposal)

    def again(self, depth: int, proposal: Mask) -> Mask | None:
        """The proposal (H×W) after the step at `depth` is done again; None where it stays as it is."""
        completion = self._taken_back.pop(depth, None)
        if completion is None:
            return None
        self._of[depth], found = completion.over(proposal)
        return found


class CompletedStrokes:
    """What follows the strokes of a made-up person in one image, from a mask of which nothing is vouched for."""

    def __init__(self, image: Image, complete: Complete, held: ScoreGrid | None = None) -> None:
        """`held`: what the network says of the image before."""
        self._image, self._complete, self._held = image, complete, held
        self._vouch = np.zeros(image.shape[:2], np.uint8)

    def __call__(self, before: Mask, mask: Mask, stroke: HandStroke) -> None:
        """Give what `stroke` meant as well its label, in `mask` as it is after it."""
        covered = np.zeros(mask.shape, bool)
        covered[stroke.covered.rect.slices] = stroke.covered.inside
        painted = before != mask
        changed = painted | (covered & (self._vouch == UNVOUCHED))
        self._vouch[covered] = CORRECTED
        replaced = tuple(int(label) for label in np.unique(before[painted]))
        if replaced:
            around = Surroundings(
                self._image, mask.copy(), self._vouch.copy(), changed, stroke.label, replaced, self._held
            )
            found = self._complete(around)
            if found is not None:
                mask[found] = stroke.label
