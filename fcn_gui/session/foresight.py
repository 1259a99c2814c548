"""Did the network foresee a stroke? What was predicted before it, against what the person painted.

A network that would have painted just what the person painted, stroke after stroke, would have saved these strokes, and
may go on by itself. One that says the same class everywhere foresees every stroke and much besides: it counts what it
would have painted, not only what it would have hit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from fcn_gui.core.mask import Patch
from fcn_gui.core.raster import UNVOUCHED, VOID, Mask, Vouch

ENOUGH, FORESEEN = 3, 0.7
"""So many strokes in a row, each foreseen to such a part of its union with what would have been painted."""
LARGE = 0.01
"""Of the image: a stroke that stands for all that looks alike."""


@dataclass(frozen=True)
class NewestStroke:
    """`step` gives what it changed; `predicted` H×W uint8 was known before it; `foreseen`: the strokes before it."""

    step: Callable[[], tuple[Patch, ...]]
    predicted: Mask
    foreseen: tuple[Foreseen, ...]


@dataclass(frozen=True)
class Foreseen:
    """A stroke against the regions that the network would have painted in its place: overlap over union, 0…1, and the
    pixels of both.
    """

    overlap: float
    area: int


def foresaw(predicted: Mask, shown: Mask, vouch: Vouch, step: tuple[Patch, ...]) -> Foreseen | None:
    """How far the stroke `step` was foreseen.

    `predicted` (H×W uint8) was known before the stroke, `shown` and `vouch` are those after it. None for a stroke that
    changed no label, or none to one class.
    """
    mask, vouched = before(shown, vouch, step)
    painted = (mask != shown) & (shown != VOID)
    labels = np.unique(shown[painted])
    if len(labels) != 1:
        return None
    would = (predicted == labels[0]) & (mask != labels[0]) & (vouched == UNVOUCHED)
    _, regions = cv2.connectedComponents(would.view(np.uint8), connectivity=8)
    is_met = np.zeros(int(regions.max()) + 1, bool)
    is_met[regions[painted & would]] = True
    met = is_met[regions]
    area = int((met | painted).sum())
    return Foreseen(float((met & painted).sum()) / area, area)


def before(shown: Mask, vouch: Vouch, step: tuple[Patch, ...]) -> tuple[Mask, Vouch]:
    """Mask and vouch map (H×W) before a `step` after which they are `shown` and `vouch`."""
    mask, vouched = shown.copy(), vouch.copy()
    for patch in reversed(step):
        where = patch.rect.slices
        mask[where][patch.changed] = patch.mask_before.array()[patch.changed]
        vouched[where][patch.changed] = patch.vouch_before.array()[patch.changed]
    return mask, vouched


def most_to_go_on(foreseen: tuple[Foreseen, ...], strokes: int = ENOUGH) -> int:
    """Pixels of the largest region that the network may paint by itself; 0 unless the last `strokes` were foreseen.

    A person begins with what is most wrong: a larger region that they passed over is right as it stands.
    """
    last = foreseen[-strokes:]
    if len(last) < strokes or min(stroke.overlap for stroke in last) < FORESEEN:
        return 0
    return max(stroke.area for stroke in last)


def most_to_begin_with(foreseen: tuple[Foreseen, ...], pixels: int) -> int:
    """The same in the first image of a class, of so many `pixels`, where one foreseen stroke is enough.

    Who paints something large and is foreseen may leave the rest; a crumb says nothing of what is larger.
    """
    most = most_to_go_on(foreseen, 1)
    return pixels if most >= LARGE * pixels else most
