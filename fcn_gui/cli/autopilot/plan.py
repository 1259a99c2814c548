"""Which stroke a careful person would make next: from a mask as it stands and the mask as it should be.

The largest wrong region comes first. A thick one is outlined with the polygon tool, a thin one gets a brush stroke
along its middle; a region whose outline would spoil more than it mends (a ring, say) is taken in quarters.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fcn_gui.core.raster import VOID, Inside, Mask
from fcn_gui.core.stroke import Stroke, Tool, coverage

THIN_PX = 3.0
"""A region nowhere thicker than twice this is only brushed,"""
THICK_PX = 10.0
"""one thicker than twice this somewhere only outlined."""
OUTLINE_SLACK_PX = 0.75
GROWN_PX = 2
"""An outline goes so far beyond the wrong pixels, where the class is the same: nobody follows a border twice."""
MOST_CORNERS = 40
MOST_QUARTERINGS = 4

Pixel = tuple[int, int]


@dataclass(frozen=True)
class Region:
    """Connected pixels (H×W bool `inside`) that show another label than `label`, the right one."""

    label: int
    inside: Inside

    @property
    def size(self) -> int:
        """Its pixels."""
        return int(self.inside.sum())


def wrong_pixels(mask: Mask, truth: Mask) -> Inside:
    """H×W bool: where the mask says something else than the truth; void truth asks for nothing."""
    wrong: Inside = (mask != truth) & (truth != VOID)
    return wrong


def next_stroke(mask: Mask, truth: Mask, least_px: int) -> Stroke | None:
    """The stroke that mends the largest region of at least `least_px` pixels that one can mend; None when done."""
    for region in wrong_regions(mask, truth, least_px):
        stroke = _stroke_for(region, mask, truth, MOST_QUARTERINGS)
        if stroke is not None:
            return stroke
    return None


def wrong_regions(mask: Mask, truth: Mask, least_px: int = 1) -> Iterator[Region]:
    """Connected wrong regions of one right label each, largest first."""
    wrong = wrong_pixels(mask, truth)
    found = []
    for label in np.unique(truth[wrong]):
        numbers, sizes = _numbered(wrong & (truth == label))
        found += [(size, int(label), numbers, number) for number, size in sizes if size >= least_px]
    for _, label, numbers, number in sorted(found, key=lambda entry: (-entry[0], entry[1], entry[3])):
        yield Region(label, numbers == number)


def gain(stroke: Stroke, mask: Mask, truth: Mask) -> int:
    """How many pixels more are right after the stroke."""
    covered = coverage(stroke, mask.shape)
    there = covered.rect.slices
    asked = covered.inside & (truth[there] != VOID)
    was, right = mask[there] == truth[there], truth[there] == stroke.label
    return int((asked & right & ~was).sum()) - int((asked & ~right & was).sum())


def _stroke_for(region: Region, mask: Mask, truth: Mask, quarterings: int) -> Stroke | None:
    """The best single stroke for a region: worth at least half of its pixels, or else for a quarter of it."""
    tries = [stroke for stroke in (_outline(region, truth), _along(region)) if stroke is not None]
    best = max(tries, key=lambda stroke: gain(stroke, mask, truth), default=None)
    if best is not None and 2 * gain(best, mask, truth) >= region.size:
        return best
    if quarterings:
        for quarter in _quarters(region):
            stroke = _stroke_for(quarter, mask, truth, quarterings - 1)
            if stroke is not None:
                return stroke
    return None


def _outline(region: Region, truth: Mask) -> Stroke | None:
    """A polygon around a thick region, a little beyond it where the same class goes on."""
    if _thickness(region.inside).max() < THIN_PX:
        return None
    kernel = np.ones((2 * GROWN_PX + 1,) * 2, np.uint8)
    grown = cv2.dilate(region.inside.astype(np.uint8), kernel) > 0
    grown &= (truth == region.label) | region.inside
    contours, _ = cv2.findContours(grown.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    contour = max(contours, key=cv2.contourArea)
    slack = OUTLINE_SLACK_PX
    corners = cv2.approxPolyDP(contour, slack, True)
    while len(corners) > MOST_CORNERS:
        slack *= 1.4
        corners = cv2.approxPolyDP(contour, slack, True)
    if len(corners) < 3:
        return None
    points = _pushed_out(corners[:, 0, :].astype(np.float64))
    return Stroke(Tool.POLYGON, region.label, tuple((float(x), float(y)) for x, y in points))


def _along(region: Region) -> Stroke | None:
    """A brush stroke along the middle of a region that is not too thick, as wide as it mostly is."""
    inside = region.inside
    if _thickness(inside).max() > THICK_PX:
        return None
    path = _longest_path(inside)
    if not path:
        return None
    rows, cols = np.array(path).T
    radius = max(0.5, float(np.median(_thickness(inside)[rows, cols])) - 0.5)
    line = np.stack([cols, rows], 1).astype(np.int32)[:, None]
    bends = np.asarray(cv2.approxPolyDP(line, OUTLINE_SLACK_PX, False) if len(line) > 2 else line)
    return Stroke(Tool.BRUSH, region.label, tuple((float(x) + 0.5, float(y) + 0.5) for x, y in bends[:, 0]), radius)


def _longest_path(inside: Inside) -> list[Pixel]:
    """From one end of a region to the other, as pixels (row, col), each a neighbour of the one before."""
    first = np.argwhere(inside)[0]
    one_end = next(reversed(_walk(inside, (int(first[0]), int(first[1])))))
    came_from = _walk(inside, one_end)
    path = [next(reversed(came_from))]
    while (before := came_from[path[-1]]) is not None:
        path.append(before)
    return path


def _walk(inside: Inside, start: Pixel) -> dict[Pixel, Pixel | None]:
    """Each pixel that can be reached from `start`, nearest first, with the one it was reached from."""
    height, width = inside.shape
    came_from: dict[Pixel, Pixel | None] = {start: None}
    edge = [start]
    while edge:
        reached = []
        for row, col in edge:
            for r, c in ((row - 1, col), (row + 1, col), (row, col - 1), (row, col + 1)):
                if 0 <= r < height and 0 <= c < width and inside[r, c] and (r, c) not in came_from:
                    came_from[r, c] = (row, col)
                    reached.append((r, c))
        edge = reached
    return came_from


def _quarters(region: Region) -> list[Region]:
    """The parts of a region left and right of its middle, above and below it, largest first."""
    rows, cols = np.nonzero(region.inside)
    row, col = int(np.median(rows)) + 1, int(np.median(cols)) + 1
    found = []
    for vertical in (slice(0, row), slice(row, None)):
        for horizontal in (slice(0, col), slice(col, None)):
            quarter = np.zeros_like(region.inside)
            quarter[vertical, horizontal] = region.inside[vertical, horizontal]
            numbers, sizes = _numbered(quarter)
            found += [(size, numbers == number) for number, size in sizes if size < region.size]
    largest = sorted(found, key=lambda part: -part[0])[:4]
    return [Region(region.label, inside) for _, inside in largest]


def _numbered(inside: Inside) -> tuple[NDArray[np.int32], list[tuple[int, int]]]:
    """H×W numbers of the connected parts of `inside`, and of each part its number and its pixels."""
    count, numbers, facts, _ = cv2.connectedComponentsWithStats(inside.astype(np.uint8), connectivity=4)
    sizes = [(number, int(facts[number, cv2.CC_STAT_AREA])) for number in range(1, count)]
    return np.asarray(numbers, np.int32), sizes


def _thickness(inside: Inside) -> NDArray[np.float32]:
    """How far each pixel is from what is outside; the border of the image is no outside."""
    return np.asarray(cv2.distanceTransform(inside.astype(np.uint8), cv2.DIST_L2, 3), np.float32)


def _pushed_out(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    """Corners at the middles of border pixels, moved out to these pixels' far sides, so that they are covered."""
    centre_of = corners + 0.5
    before, after = np.roll(centre_of, 1, axis=0), np.roll(centre_of, -1, axis=0)
    along = after - before
    aside = np.stack([along[:, 1], -along[:, 0]], 1)
    length = np.maximum(np.hypot(aside[:, 0], aside[:, 1]), 1e-9)[:, None]
    x, y = centre_of.T
    area = float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))
    return centre_of + (0.5 if area > 0 else -0.5) * aside / length
