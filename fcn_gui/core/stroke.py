"""What a tool's path covers: strokes → pixels.

A pixel is covered where its centre is. Shapes are cut into rows: a row of a brush's capsule is one interval, the rows
of a polygon are crossings; both are summed up along the row. So the time goes with the rectangle of the stroke and
the number of rows of its parts, not with radius² times points.
"""

from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from fcn_gui.core.raster import Inside, Rect

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

_ROUNDING_PX = 1e-9
_BAND_ROWS = 64
_SMALLEST_PX = 0.7072  # a disc of this radius holds the centre of the pixel that its own centre lies in


class Tool(StrEnum):
    """What the person paints with; FILL and SMART take what is under a click, which the image decides."""

    BRUSH = "brush"
    POLYGON = "polygon"
    FILL = "fill"
    SMART = "smart"
    ERASER = "eraser"


@dataclass(frozen=True)
class Stroke:
    """One press-drag-release: `points` (x, y) in image pixels, pixel centres at .5; `label` 0…255, None to erase.

    Brush and eraser paint everything up to `radius_px` from the path; a polygon is closed by itself.
    """

    tool: Tool
    label: int | None
    points: tuple[tuple[float, float], ...]
    radius_px: float = 0.0
    erase: bool = False

    @property
    def is_erasing(self) -> bool:
        """The vouch is taken back instead of a label set."""
        return self.erase or self.tool is Tool.ERASER


@dataclass(frozen=True)
class Coverage:
    """The pixels of `rect` (inside the image) where `inside` (h×w bool, of the rectangle's size) is true."""

    rect: Rect
    inside: Inside

    @property
    def is_empty(self) -> bool:
        """No pixel is covered."""
        return not self.inside.any()


def coverage(stroke: Stroke, shape: tuple[int, ...]) -> Coverage:
    """The pixels of an image of `shape` (H, W, …) that a brush, eraser or polygon covers; ValueError for other tools.

    A brush also covers the pixels that its points lie in, so the smallest one paints something wherever it is set down.
    """
    if stroke.tool in (Tool.FILL, Tool.SMART):
        raise ValueError(f"what {stroke.tool} covers is decided by the image")
    points = np.array(stroke.points, np.float64).reshape(-1, 2)
    reach = stroke.radius_px if stroke.tool is not Tool.POLYGON else 0.0
    rect = _around(points, reach, shape)
    if rect.is_empty:
        return Coverage(rect, np.zeros((rect.height, rect.width), bool))
    points = points - (rect.x0, rect.y0)
    size = (rect.height, rect.width)
    return Coverage(rect, _polygon(points, size) if stroke.tool is Tool.POLYGON else _brush(points, reach, size))


def _around(points: Floats, reach_px: float, shape: tuple[int, ...]) -> Rect:
    if not len(points):
        return Rect(0, 0, 0, 0)
    limit = max(shape[:2]) + 2
    low = np.floor(np.clip(points.min(0) - reach_px, -limit, limit)).astype(int)
    high = np.floor(np.clip(points.max(0) + reach_px, -limit, limit)).astype(int) + 1
    return Rect(int(low[0]), int(low[1]), int(high[0]), int(high[1])).clipped(shape)


def _brush(points: Floats, radius: float, size: tuple[int, int]) -> Inside:
    """h×w bool: centres at most `radius` from the path through N×2 `points`."""
    starts, ends = (points, points) if len(points) == 1 else (points[:-1], points[1:])
    first = np.floor(np.minimum(starts, ends)[:, 1] - radius).astype(np.intp)
    last = np.floor(np.maximum(starts, ends)[:, 1] + radius).astype(np.intp)
    part, row = _rows(first, last, size[0])
    left, right = _capsule_rows(starts[part], ends[part], radius, row.astype(np.float64) + 0.5)
    first_col = np.ceil(left - 0.5 - _ROUNDING_PX)
    last_col = np.floor(right - 0.5 + _ROUNDING_PX) + 1
    if radius < _SMALLEST_PX:
        under = np.floor(points)
        seen = (under[:, 1] >= 0) & (under[:, 1] < size[0])
        row = np.concatenate([row, under[seen, 1].astype(np.intp)])
        first_col = np.concatenate([first_col, under[seen, 0]])
        last_col = np.concatenate([last_col, under[seen, 0] + 1])
    return _covered(row, first_col, last_col, size, by_parity=False)


def _capsule_rows(start: Floats, end: Floats, radius: float, y: Floats) -> tuple[Floats, Floats]:
    """Left and right end (x) of the row `y` of each capsule; left > right where the row misses it.

    A capsule is convex, so each row is one interval: that of both discs and of the rectangle between them together.
    """
    left, right = np.full(len(y), np.inf), np.full(len(y), -np.inf)
    for centre in (start, end):
        half = np.sqrt(np.maximum(radius**2 - (y - centre[:, 1]) ** 2, 0))
        hit = np.abs(y - centre[:, 1]) <= radius + _ROUNDING_PX
        left = np.where(hit, np.minimum(left, centre[:, 0] - half), left)
        right = np.where(hit, np.maximum(right, centre[:, 0] + half), right)
    along = end - start
    length = np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-12)
    aside = np.stack([-along[:, 1], along[:, 0]], 1) * (radius / length)[:, None]
    corners = (start + aside, end + aside, end - aside, start - aside)
    for one, other in zip(corners, corners[1:] + corners[:1], strict=True):
        rise = other[:, 1] - one[:, 1]
        part = np.divide(y - one[:, 1], rise, out=np.full(len(y), -1.0), where=rise != 0)
        hit = (part >= 0) & (part <= 1)
        x = one[:, 0] + part * (other[:, 0] - one[:, 0])
        left, right = np.where(hit, np.minimum(left, x), left), np.where(hit, np.maximum(right, x), right)
    return left, right


def _polygon(points: Floats, size: tuple[int, int]) -> Inside:
    """h×w bool: centres inside the closed polygon through N×2 `points`, by the even-odd rule."""
    starts, ends = points, np.roll(points, -1, axis=0)
    low, high = np.minimum(starts[:, 1], ends[:, 1]), np.maximum(starts[:, 1], ends[:, 1])
    # Row centres with low ≤ y < high: a corner on a row is crossed once, a level edge never.
    part, row = _rows(np.ceil(low - 0.5).astype(np.intp), np.ceil(high - 0.5).astype(np.intp) - 1, size[0])
    start, along = starts[part], (ends - starts)[part]
    x = start[:, 0] + (row + 0.5 - start[:, 1]) * along[:, 0] / along[:, 1]
    return _covered(row, np.ceil(x - 0.5), np.full(len(x), float(size[1])), size, by_parity=True)


def _rows(first: Ints, last: Ints, height: int) -> tuple[Ints, Ints]:
    """Part number and row, one of each for every row first…last of every part that lies in 0…height−1."""
    first, last = np.maximum(first, 0), np.minimum(last, height - 1)
    counts = np.maximum(last - first + 1, 0)
    part = np.repeat(np.arange(len(first)), counts)
    before = np.cumsum(counts) - counts
    return part, np.arange(len(part)) - before[part] + first[part]


def _covered(row: Ints, first_col: Floats, last_col: Floats, size: tuple[int, int], *, by_parity: bool) -> Inside:
    """h×w bool: pixels in one of the intervals first_col ≤ column < last_col of their row, or in an odd number of them.

    Done in bands of rows, each only as wide as its intervals: a thin line across a photograph costs no more than its
    neighbourhood.
    """
    height, width = size
    out = np.zeros(size, bool)
    kept = last_col > first_col
    order = np.argsort(row[kept], kind="stable")
    row = row[kept][order]
    first = np.clip(first_col[kept], 0, width).astype(np.intp)[order]
    last = np.clip(last_col[kept], 0, width).astype(np.intp)[order]
    bounds = np.searchsorted(row, np.arange(0, height + _BAND_ROWS, _BAND_ROWS))
    for number, (a, b) in enumerate(pairwise(bounds)):
        if a == b:
            continue
        top, left = number * _BAND_ROWS, int(first[a:b].min())
        band = out[top : top + _BAND_ROWS, left : int(last[a:b].max())]
        stride = band.shape[1] + 1
        start_of_row = (row[a:b] - top) * stride - left
        begun = np.bincount(start_of_row + first[a:b], minlength=band.shape[0] * stride)
        begun -= np.bincount(start_of_row + last[a:b], minlength=band.shape[0] * stride)
        counts = np.cumsum(begun.reshape(-1, stride), axis=1)[:, :-1]
        band[:] = counts % 2 == 1 if by_parity else counts > 0
    return out
