"""The simulated annotator's eye: what is wrong with a mask whose truth is known, and how far a stroke may go.

Distances are exact ones between pixel centres; "within r" means at most r + 0.3 px.
"""

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from fcn_gui.core.raster import VOID, Inside, Mask, Rect, check_mask

MARGIN_PX = 0.3
TOLERANCE_PX = 2
LEAST_AREA_PX, LEAST_PART = 12, 0.0004
MOST_LOOKED_AT = 3
_KERNEL_PX = 4
"""Up to this radius a dilation is faster than a distance transform."""

Distances = NDArray[np.float32]


@dataclass(frozen=True)
class Part:
    """A connected part of what is wrong: `area` pixels, those of `rect` (tight) where `inside` is true.

    The truth there is `label`.
    """

    area: int
    label: int
    rect: Rect
    inside: Inside


@dataclass(frozen=True)
class Room:
    """Where a stroke of one class may paint (H×W bool), and how far each pixel lies from its edge (H×W px)."""

    inside: Inside
    to_edge: Distances
    deepest: float


class Eye:
    """Sees one image: `labels` is its truth, H×W uint8, 255 void."""

    def __init__(self, labels: Mask) -> None:
        check_mask(labels)
        self.labels = np.ascontiguousarray(labels)
        self.least_area = max(LEAST_AREA_PX, int(LEAST_PART * labels.size))
        self._rects = {int(k): _aligned_rect(labels == k) for k in np.unique(labels) if k != VOID}
        self.band = self._find_band()
        """Where nothing is wrong enough to matter: along borders, and void."""
        self._judged = ~self.band
        self._rooms: dict[int, Room] = {}
        self._wrong = np.zeros(labels.shape, bool)
        self._parts: dict[int, list[Part]] = {}

    def parts(self, mask: Mask) -> list[Part]:
        """The three largest parts of what is wrong in `mask` (H×W), largest first, then lower class, then raster order.

        Parts that are too small to be seen are let go.
        """
        wrong = mask != self.labels
        wrong &= self._judged
        changed = wrong != self._wrong
        self._wrong = wrong
        for k in np.flatnonzero(np.bincount(self.labels[changed], minlength=1)).tolist():
            self._parts[k] = self._parts_of(k)
        found = [part for k in self._rects for part in self._parts.get(k, ())]
        return sorted(found, key=lambda part: -part.area)[:MOST_LOOKED_AT]

    def wrong_of(self, label: int, rect: Rect) -> Inside:
        """The pixels of `rect` that were wrong at the last look and whose truth is `label`, h×w bool."""
        found: Inside = self._wrong[rect.slices] & (self.labels[rect.slices] == label)
        return found

    def count_wrong(self, label: int, within: Rect) -> int:
        """How many those are in a rectangle."""
        return int(np.count_nonzero(self.wrong_of(label, within)))

    def rect_of(self, label: int) -> Rect:
        """A rectangle that holds every pixel of a class."""
        return self._rects[label]

    def room(self, label: int) -> Room:
        """The class itself, and what of the band lies within 2 px of it."""
        if label not in self._rooms:
            rect = _grown(self._rects[label], TOLERANCE_PX + 1, self.labels.shape)
            own = self.labels[rect.slices] == label
            near: Inside = own | (self.band[rect.slices] & grow(own, TOLERANCE_PX))
            inside, to_edge = np.zeros(self.labels.shape, bool), np.zeros(self.labels.shape, np.float32)
            inside[rect.slices], to_edge[rect.slices] = near, distance_to_edge(near)
            self._rooms[label] = Room(inside, to_edge, float(to_edge.max()))
        return self._rooms[label]

    def _find_band(self) -> Inside:
        labels = self.labels
        edge, thin = np.zeros(labels.shape, bool), np.zeros(labels.shape, bool)
        across, down = labels[:, 1:] != labels[:, :-1], labels[1:] != labels[:-1]
        edge[:, 1:] |= across
        edge[:, :-1] |= across
        edge[1:] |= down
        edge[:-1] |= down
        for k, tight in self._rects.items():
            rect = _grown(tight, 1, labels.shape)
            thin[rect.slices] |= _thin_lines(labels[rect.slices] == k)
        band: Inside = (grow(edge, TOLERANCE_PX - 1) & ~thin) | (labels == VOID)
        return band

    def _parts_of(self, label: int) -> list[Part]:
        rect = self._rects[label]
        wrong = self.wrong_of(label, rect)
        _, numbers, stats, _ = cv2.connectedComponentsWithStats(wrong.view(np.uint8), connectivity=8)
        areas = stats[1:, cv2.CC_STAT_AREA]
        found = []
        for number in (np.argsort(-areas, kind="stable")[:MOST_LOOKED_AT] + 1).tolist():
            x, y, w, h, area = (int(value) for value in stats[number])
            if area < self.least_area:
                break
            inside = numbers[y : y + h, x : x + w] == number
            at = Rect(rect.x0 + x, rect.y0 + y, rect.x0 + x + w, rect.y0 + y + h)
            found.append(Part(area, label, at, inside))
        return found


def grow(inside: Inside, radius_px: int) -> Inside:
    """The pixels within `radius_px` of those that are `inside` (H×W bool)."""
    if radius_px <= _KERNEL_PX:
        return cv2.dilate(inside.view(np.uint8), _disc(radius_px)).view(np.bool_)
    return distance_to(inside) <= radius_px + MARGIN_PX


def distance_to(inside: Inside) -> Distances:
    """H×W float32: how far each pixel lies from the nearest `inside` (H×W bool), of which there must be one."""
    away = np.equal(inside, False).view(np.uint8)
    return np.asarray(cv2.distanceTransform(away, cv2.DIST_L2, cv2.DIST_MASK_PRECISE), np.float32)


def distance_to_edge(inside: Inside) -> Distances:
    """H×W float32: how far each pixel lies from the nearest that isn't `inside`; the border of the array is no edge."""
    padded = np.pad(inside, 1, constant_values=True).view(np.uint8)
    found = cv2.distanceTransform(padded, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return np.asarray(found[1:-1, 1:-1], np.float32)


def window(rect: Rect, reach_px: int, shape: tuple[int, ...]) -> Rect:
    """`rect` with all that lies within `reach_px` of it, in an image of `shape`.

    It begins in even rows and columns: OpenCV numbers connected parts by blocks of 2×2 pixels, and of equal ones
    the first counts.
    """
    return _even(_grown(rect, reach_px + 1, shape))


def _thin_lines(inside: Inside) -> Inside:
    """The centre lines of what is at most 4 px thin."""
    depth = distance_to_edge(inside)
    highest = cv2.dilate(depth, np.ones((3, 3), np.uint8))
    found: Inside = (depth > 0) & (depth <= TOLERANCE_PX + MARGIN_PX) & (depth >= highest)
    return found


def _aligned_rect(inside: Inside) -> Rect:
    rect = Rect.around(inside)
    assert rect is not None
    return _even(rect)


def _even(rect: Rect) -> Rect:
    return Rect(rect.x0 & ~1, rect.y0 & ~1, rect.x1, rect.y1)


def _grown(rect: Rect, by_px: int, shape: tuple[int, ...]) -> Rect:
    return rect.grown(by_px).clipped(shape)


@cache
def _disc(radius_px: int) -> NDArray[np.uint8]:
    y, x = np.mgrid[-radius_px : radius_px + 1, -radius_px : radius_px + 1]
    return np.asarray(np.hypot(x, y) <= radius_px + MARGIN_PX, np.uint8)
