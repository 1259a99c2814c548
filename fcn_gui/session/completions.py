"""What completed the strokes of an image: taken back with its stroke, and judged once a person verified the image.

Where most of their pixels stood when images were verified, less certain ones follow; where fewer did, only more certain
ones. Where too few even of these stand they are still found, and shown again once those that nobody saw would have
stood.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np

from fcn_gui.core.annotator_hand import HandStroke
from fcn_gui.core.raster import CORRECTED, UNVOUCHED, VOID, Image, Inside, Mask, Rect
from fcn_gui.core.surroundings import Boldness, Surroundings

JUDGED_BY, FEWEST = 10, 3
"""The last so many completions of verified images; fewer than `FEWEST` say nothing."""
BOLDER_FROM, WARIER_BELOW, RIGHT = 0.85, 0.75, 0.65
"""Of their pixels, shares that were right: from the first on it gets bolder, below the second warier, below the last
nothing is shown."""

Complete = Callable[[Surroundings], Inside | None]
"""H×W bool: what else a stroke meant; None without any."""


@dataclass(frozen=True)
class Completed:
    """`pixels` (H×W bool) that a stroke with `label` meant as well; not `is_shown`: only to be judged."""

    pixels: Inside
    label: int
    is_shown: bool = True


@dataclass(frozen=True)
class Verdict:
    """Of one completion: its pixels, and how many of them a person left as they were, or painted so."""

    pixels: int
    right: int


@dataclass(frozen=True)
class _Completion:
    """In `rect` the pixels `inside` are of `label` instead of what was proposed `before`."""

    rect: Rect
    inside: Inside
    label: int
    before: Mask | None

    def taken_back(self, proposal: Mask) -> Mask:
        """The proposal (H×W) without it; what was proposed since stays."""
        found = proposal.copy()
        part = found[self.rect.slices]
        if self.before is not None:
            np.copyto(part, self.before, where=self.inside & (part == self.label))
        return found

    def verdict(self, mask: Mask) -> Verdict:
        said = mask[self.rect.slices][self.inside]
        return Verdict(int((said != VOID).sum()), int((said == self.label).sum()))


@dataclass
class Completions:
    """Those of one image, by the depth in its history of the strokes that they completed."""

    _of: dict[int, _Completion] = field(default_factory=dict)

    def add(self, depth: int, completed: Completed, proposal: Mask) -> None:
        """The step at `depth` is about to be completed; `proposal` (H×W) is what unvouched pixels were to show."""
        rect = Rect.around(completed.pixels)
        if rect is not None:
            before = proposal[rect.slices].copy() if completed.is_shown else None
            self._of[depth] = _Completion(rect, completed.pixels[rect.slices].copy(), completed.label, before)

    def forget(self, depth: int) -> None:
        """A new step stands at `depth`."""
        self._of.pop(depth, None)

    def clear(self) -> None:
        """Forget all."""
        self._of.clear()

    def without(self, depth: int, proposal: Mask) -> Mask | None:
        """The proposal (H×W) after the step at `depth` is taken back; None where it stays as it is."""
        completion = self._of.pop(depth, None)
        return None if completion is None or completion.before is None else completion.taken_back(proposal)

    def verdicts(self, mask: Mask) -> list[Verdict]:
        """What a person who verified `mask` (H×W) said of each; asked once, for nothing of them is kept."""
        found = [completion.verdict(mask) for completion in self._of.values()]
        self._of.clear()
        return found


class CompletedStrokes:
    """What follows the strokes of a made-up person in one image, from a mask of which nothing is vouched for."""

    def __init__(self, image: Image, complete: Complete) -> None:
        self._image, self._complete = image, complete
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
            around = Surroundings(self._image, mask.copy(), self._vouch.copy(), changed, stroke.label, replaced)
            found = self._complete(around)
            if found is not None:
                mask[found] = stroke.label


class Trust:
    """How bold completions may be, and whether they are right often enough to be shown."""

    def __init__(self) -> None:
        self._verdicts: deque[Verdict] = deque(maxlen=JUDGED_BY)
        self.boldness = Boldness.USUAL

    def add(self, verdicts: Iterable[Verdict]) -> None:
        """Of an image that was just verified."""
        self._verdicts.extend(verdicts)
        if len(self._verdicts) < FEWEST:
            return
        if self._are_right(BOLDER_FROM):
            self._go_to(self.boldness + 1)
        elif not self._are_right(RIGHT):
            self.boldness = Boldness.WARY
        elif not self._are_right(WARIER_BELOW):
            self._go_to(self.boldness - 1)

    @property
    def is_deserved(self) -> bool:
        """So it is until there are enough verdicts."""
        return len(self._verdicts) < FEWEST or self._are_right(RIGHT)

    def _are_right(self, share: float) -> bool:
        right, pixels = sum(each.right for each in self._verdicts), sum(each.pixels for each in self._verdicts)
        return right >= share * pixels

    def _go_to(self, boldness: int) -> None:
        """What is known of others says nothing of the completions that follow."""
        if Boldness.WARY <= boldness <= Boldness.BOLDEST:
            self.boldness = Boldness(boldness)
            self._verdicts.clear()
