"""The simulated annotator's hand: the strokes that would put a part right, and the seconds that each takes.

Seconds follow the keystroke-level model and the steering law. No one may tune them: only the machine may get better.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray

from fcn_gui.core.annotator_eye import MARGIN_PX, TOLERANCE_PX, Distances, Eye, Part, distance_to, grow, window
from fcn_gui.core.raster import Inside, Mask, Rect
from fcn_gui.core.stroke import Coverage, Tool

CHANGE_CLASS_S, CHANGE_SIZE_S, DECIDE_AND_POINT_S, CLOSE_POLYGON_S = 1.6, 0.5, 2.45, 0.28
STEERING_S, POLYGON_WIDTH_PX, BRUSH_SLACK_PX = 0.2, 4, 3
OVERSWEEP = 1.2
"""How much more a brush goes over than it paints."""
RADII_PX = (2, 4, 8, 16, 32, 64)
FILL_FITS = 0.97
_SURELY = 1 + 1e-9
"""Rounding must not cut off a stroke that would have won."""


@dataclass
class Habit:
    """What the hand still holds from the stroke before, also from image to image."""

    label: int | None = None
    radius_px: int | None = None


@dataclass(frozen=True)
class HandStroke:
    """`covered` gets `label`: `seconds` for `fixed` pixels of the class put right. `radius_px` is that of a brush."""

    tool: Tool
    label: int
    covered: Coverage
    fixed: int
    seconds: float
    radius_px: int | None = None

    @property
    def rate(self) -> float:
        """Pixels put right in a second."""
        return self.fixed / self.seconds


class Regions:
    """The 4-connected regions of a mask (H×W), found label by label when they are asked for."""

    def __init__(self, mask: Mask) -> None:
        self._mask = mask
        self._known: dict[int, tuple[NDArray[np.int32], NDArray[np.int32]]] = {}

    def under(self, part: Part) -> Coverage:
        """The region of the commonest label under the part that overlaps it most."""
        here = self._mask[part.rect.slices][part.inside]
        label = int(np.bincount(here).argmax())
        if label not in self._known:
            same = (self._mask == label).view(np.uint8)
            _, numbers, stats, _ = cv2.connectedComponentsWithStats(same, connectivity=4)
            self._known[label] = np.asarray(numbers, np.int32), np.asarray(stats, np.int32)
        numbers, stats = self._known[label]
        votes = np.bincount(numbers[part.rect.slices][part.inside], minlength=len(stats))
        votes[0] = 0
        number = int(votes.argmax())
        x, y, w, h = (int(value) for value in stats[number][:4])
        rect = Rect(x, y, x + w, y + h)
        return Coverage(rect, numbers[rect.slices] == number)


class Target:
    """One part and the strokes for it. Where they lie depends on the truth alone, so it is worked out once."""

    def __init__(self, eye: Eye, part: Part) -> None:
        self.part = part
        self._eye, self._room = eye, eye.room(part.label)
        self._radii = [radius for radius in RADII_PX if radius <= self._room.deepest]
        self._rect = window(part.rect, max((*self._radii, TOLERANCE_PX)), eye.labels.shape)
        self._away: Distances | None = None
        self._polygon: tuple[Coverage, float] | None = None
        self._brushes: dict[int, tuple[Coverage, float] | None] = {}

    def best(self, regions: Regions, habit: Habit, to_beat: float = 0.0) -> HandStroke | None:
        """The stroke with most pixels put right per second, of equal ones the first; None where none beats `to_beat`.

        Polygon, brushes rising, fill; those that can't beat the best so far are not worked out.
        """
        change = 0.0 if habit.label == self.part.label else CHANGE_CLASS_S
        brushes = (partial(self._with_brush, radius, habit) for radius in self._radii)
        makers: list[Callable[[float, float], HandStroke | None]] = [
            self._with_polygon,
            *brushes,
            partial(self._with_fill, regions),
        ]
        best = None
        for make in makers:
            stroke = make(change, to_beat)
            if stroke is not None and stroke.rate > to_beat:
                best, to_beat = stroke, stroke.rate
        return best

    def _with_polygon(self, change_s: float, to_beat: float) -> HandStroke | None:
        if self._polygon is None:
            self._polygon = _polygon(self._eye, self._room.inside, self.part)
        covered, length = self._polygon
        seconds = DECIDE_AND_POINT_S + STEERING_S * length / POLYGON_WIDTH_PX + CLOSE_POLYGON_S + change_s
        return HandStroke(Tool.POLYGON, self.part.label, covered, self.part.area, seconds)

    def _with_brush(self, radius: int, habit: Habit, change_s: float, to_beat: float) -> HandStroke | None:
        resize_s = 0.0 if habit.radius_px == radius else CHANGE_SIZE_S
        if self._most_by_brush(radius, resize_s + change_s) <= to_beat:
            return None
        if radius not in self._brushes:
            self._brushes[radius] = self._brush(radius)
        found = self._brushes[radius]
        if found is None:
            return None
        covered, length = found
        fixed = self._fixed_by(covered)
        seconds = _brush_seconds(length, radius) + resize_s + change_s
        return HandStroke(Tool.BRUSH, self.part.label, covered, fixed, seconds, radius)

    def _with_fill(self, regions: Regions, change_s: float, to_beat: float) -> HandStroke | None:
        label, seconds = self.part.label, DECIDE_AND_POINT_S + change_s
        if self._eye.count_wrong(label, self._eye.rect_of(label)) / seconds * _SURELY <= to_beat:
            return None
        covered = regions.under(self.part)
        here = covered.rect.slices
        fits = covered.inside & ((self._eye.labels[here] == label) | self._eye.band[here])
        if np.count_nonzero(fits) < FILL_FITS * np.count_nonzero(covered.inside):
            return None
        return HandStroke(Tool.FILL, label, covered, self._fixed_by(covered), seconds)

    def _fixed_by(self, covered: Coverage) -> int:
        return int(np.count_nonzero(covered.inside & self._eye.wrong_of(self.part.label, covered.rect)))

    def _most_by_brush(self, radius: int, extra_s: float) -> float:
        """A bound on the rate of a brush, from how much is wrong around the part."""
        area = self.part.area
        nearby = self._eye.count_wrong(self.part.label, window(self.part.rect, radius, self._eye.labels.shape))
        free = 2 * radius * 2 * radius / OVERSWEEP  # so much it paints without being moved
        # The more of the part it paints, the longer it takes; in between the rate only rises or only falls.
        return max(
            (nearby - area + painted) / (_brush_seconds(_sweep(painted, radius), radius) + extra_s) * _SURELY
            for painted in (min(area, free), area)
        )

    def _brush(self, radius: int) -> tuple[Coverage, float] | None:
        """What a brush covers and how long its path is; None where it can't stand."""
        rect = window(self.part.rect, radius, self._eye.labels.shape)
        away = self._distance_to_part(rect)
        near = away <= radius + MARGIN_PX
        centres = (self._room.to_edge[rect.slices] >= radius) & near
        if not centres.any():
            return None
        centres = _one_piece(centres, away == 0)
        painted = grow(centres, radius) & self._room.inside[rect.slices] & near
        swept = int(np.count_nonzero(painted & (away <= 1 + MARGIN_PX)))
        return _tight(rect, painted), _sweep(swept, radius)

    def _distance_to_part(self, rect: Rect) -> Distances:
        if self._away is None:
            self._away = distance_to(_placed(self.part, self._rect))
        y, x = rect.y0 - self._rect.y0, rect.x0 - self._rect.x0
        return self._away[y : y + rect.height, x : x + rect.width]


def _polygon(eye: Eye, room: Inside, part: Part) -> tuple[Coverage, float]:
    """What a polygon around the part covers, and the length of its outlines."""
    rect = window(part.rect, TOLERANCE_PX, room.shape)
    inside = grow(_placed(part, rect), TOLERANCE_PX) & room[rect.slices]
    outlines, _ = cv2.findContours(inside.view(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    return _tight(rect, inside), sum(cv2.arcLength(outline, True) for outline in outlines)


def _one_piece(centres: Inside, part: Inside) -> Inside:
    """Of several pieces of `centres` the one with most pixels in the part, else the largest."""
    count, numbers = cv2.connectedComponents(centres.view(np.uint8), connectivity=8)
    if count <= 2:
        return centres
    inside = centres & part
    votes = np.bincount(numbers[inside if inside.any() else centres], minlength=count)
    votes[0] = 0
    found: Inside = numbers == votes.argmax()
    return found


def _sweep(painted_px: float, radius: int) -> float:
    """How far a brush moves to paint so many pixels."""
    return max(0.0, OVERSWEEP * float(painted_px) / (2 * radius) - 2 * radius)


def _brush_seconds(length: float, radius: int) -> float:
    return DECIDE_AND_POINT_S + STEERING_S * length / (radius + BRUSH_SLACK_PX)


def _placed(part: Part, rect: Rect) -> Inside:
    """The part in the larger rectangle `rect`, h×w bool."""
    inside = np.zeros((rect.height, rect.width), bool)
    y, x = part.rect.y0 - rect.y0, part.rect.x0 - rect.x0
    inside[y : y + part.rect.height, x : x + part.rect.width] = part.inside
    return inside


def _tight(rect: Rect, inside: Inside) -> Coverage:
    """The pixels of `rect` that are inside, in the smallest rectangle."""
    found = Rect.around(inside)
    assert found is not None
    at = Rect(rect.x0 + found.x0, rect.y0 + found.y0, rect.x0 + found.x1, rect.y0 + found.y1)
    return Coverage(at, inside[found.slices])
