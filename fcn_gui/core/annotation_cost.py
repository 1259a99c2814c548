"""What a mask costs: the seconds that a made-up person with a stop-watch takes to bring it to a known truth.

The person sees (`annotator_eye`), strokes (`annotator_hand`) and is the same for every mask, so that two ways of making
a mask can be compared by their seconds.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from fcn_gui.core.annotator_eye import Eye
from fcn_gui.core.annotator_hand import Habit, HandStroke, Regions, Target
from fcn_gui.core.progress import Job, Progress, run_to_end
from fcn_gui.core.raster import Image, Mask, check_mask

LOOK_S, VERIFY_S = 2.0, 1.6
MOST_STROKES = 120
Follow = Callable[[Mask, Mask, HandStroke], None]
"""Given the mask before and after a stroke: changes, in the latter, what a tool lets follow it."""
LONG_SIDE_PX = 512


@dataclass(frozen=True)
class Cost:
    """Seconds and strokes of one image. `hit_limit`: ended by 120 strokes; `is_bound`: broken off above the bound."""

    seconds: float
    strokes: int
    hit_limit: bool = False
    is_bound: bool = False


class Annotator:
    """The person before one image: `truth` H×W uint8, 255 void. What the hand holds stays in `habit`."""

    def __init__(self, truth: Mask, habit: Habit | None = None) -> None:
        self.habit = habit if habit is not None else Habit()
        self._eye = Eye(truth)
        self._targets: dict[tuple[object, ...], Target] = {}

    def next_stroke(self, mask: Mask) -> HandStroke | None:
        """What the person does about `mask` (H×W uint8) now; None when it is as good as by hand."""
        check_mask(mask, self._eye.labels.shape)
        mask = np.ascontiguousarray(mask)
        self._targets = dict(self._looked_at(mask))
        regions, best = Regions(mask), None
        for target in self._targets.values():
            best = target.best(regions, self.habit, best.rate if best else 0.0) or best
        if best is not None:
            self.habit.label = best.label
            self.habit.radius_px = best.radius_px or self.habit.radius_px
        return best

    def _looked_at(self, mask: Mask) -> Iterator[tuple[tuple[object, ...], Target]]:
        for part in self._eye.parts(mask):
            key = part.label, part.rect, part.inside.tobytes()
            yield key, self._targets.get(key) or Target(self._eye, part)


def correction_cost(mask: Mask, truth: Mask, habit: Habit | None = None, bound_s: float | None = None) -> Cost:
    """What it costs to bring `mask` to `truth` (both H×W uint8, 255 void), the first look and the verify included.

    `habit` is what the hand holds from the image before, and is changed. Beyond `bound_s` seconds the work is broken
    off: more than that is all that is known then.
    """
    return run_to_end(correction(mask, truth, habit, bound_s))


def correction(
    mask: Mask, truth: Mask, habit: Habit | None = None, bound_s: float | None = None, follow: Follow | None = None
) -> Job[Cost]:
    """`correction_cost` as a job: others can run between two strokes. `follow`: what a tool does after each."""
    annotator, mask = Annotator(truth, habit), mask.copy()
    seconds, strokes = LOOK_S, 0
    while strokes < MOST_STROKES:
        if bound_s is not None and seconds + VERIFY_S > bound_s:
            return Cost(seconds + VERIFY_S, strokes, is_bound=True)
        yield Progress(strokes)
        stroke = annotator.next_stroke(mask)
        if stroke is None:
            return Cost(seconds + VERIFY_S, strokes)
        before = mask if follow is None else mask.copy()
        paint(mask, stroke)
        if follow is not None:
            follow(before, mask, stroke)
        seconds, strokes = seconds + stroke.seconds, strokes + 1
    return Cost(seconds + VERIFY_S, strokes, hit_limit=True)


def cost_by_hand(truth: Mask, habit: Habit | None = None, bound_s: float | None = None) -> Cost:
    """What it costs to paint `truth` on a mask of class 0."""
    return correction_cost(np.zeros(truth.shape, np.uint8), truth, habit, bound_s)


def paint(mask: Mask, stroke: HandStroke) -> None:
    """Give the pixels of a stroke its label, in place."""
    mask[stroke.covered.rect.slices][stroke.covered.inside] = stroke.label


def scaled_image(image: Image) -> Image:
    """The image at a long side of at most 512 px, area-averaged."""
    size = scaled_size(image.shape)
    if size == image.shape[:2]:
        return image
    return np.asarray(cv2.resize(image, size[::-1], interpolation=cv2.INTER_AREA), np.uint8)


def scaled_mask(mask: Mask) -> Mask:
    """The mask at a long side of at most 512 px, nearest."""
    size = scaled_size(mask.shape)
    if size == mask.shape:
        return mask
    return np.asarray(cv2.resize(mask, size[::-1], interpolation=cv2.INTER_NEAREST_EXACT), np.uint8)


def scaled_size(shape: tuple[int, ...]) -> tuple[int, int]:
    """(H, W) at which the person works on an image of `shape`."""
    height, width = shape[:2]
    scale = min(1.0, LONG_SIDE_PX / max(height, width))
    return max(1, round(height * scale)), max(1, round(width * scale))
