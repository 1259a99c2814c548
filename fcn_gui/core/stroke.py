"""What a tool's path covers: strokes → pixels.

A pixel is covered where its centre is. Shapes are cut into rows: a row of a brush's capsule is one interval, the rows
of a polygon lie between every two crossings. So the time goes with the number of rows of the stroke's parts, not with
radius² times points.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from fcn_gui.core.raster import Inside, Rect

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Intervals = tuple[Ints, Ints, Ints]
"""Row, first column and the column after the last, one of each an interval; disjoint and in order."""

_ROUNDING_PX = 1e-9
_BAND_PIXELS = 1 << 18
_SMALL_PIXELS, _TILE_ROWS, _TILE_GAP_PX = 1 << 16, 64, 32
_FEW_INTERVALS = 30_000
"""So many are filled one after the other; more in one pass over all pixels."""
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


def bands(covered: Coverage) -> Iterator[Coverage]:
    """The same pixels in bands of rows that fit a processor's cache, each no larger than what it covers."""
    rect = covered.rect
    rows = max(1, _BAND_PIXELS // max(1, rect.width))
    if rect.height <= rows:
        yield covered
        return
    for top in range(0, rect.height, rows):
        inside = covered.inside[top : top + rows]
        around = Rect.around(inside)
        if around is not None:
            x0, y0 = rect.x0 + around.x0, rect.y0 + top + around.y0
            band = Rect(x0, y0, x0 + around.width, y0 + around.height)
            yield Coverage(band, inside[around.slices])


def coverage(stroke: Stroke, shape: tuple[int, ...]) -> Coverage:
    """The pixels of an image of `shape` (H, W, …) that a brush, eraser or polygon covers; ValueError for other tools.

    A brush also covers the pixels that its points lie in, so the smallest one paints something wherever it is set down.
    """
    rect = _reach(stroke, shape)
    size = (rect.height, rect.width)
    return Coverage(rect, _filled(_intervals(stroke, rect), size))


def tiles(stroke: Stroke, shape: tuple[int, ...]) -> Iterator[Coverage]:
    """The same pixels, each in one of several small rectangles.

    What is done with a stroke takes the time that its rectangles take: a line across a photograph of 12 megapixels
    would take a tenth of a second as one, a few milliseconds in tiles.
    """
    rect = _reach(stroke, shape)
    if rect.width * rect.height <= _SMALL_PIXELS:
        yield coverage(stroke, shape)
        return
    row, first, last = _intervals(stroke, rect)
    bounds = np.searchsorted(row, np.arange(0, rect.height + _TILE_ROWS, _TILE_ROWS))
    for a, b in pairwise(bounds.tolist()):
        for group in _apart(first[a:b], last[a:b]):
            rows, left, right = row[a:b][group], first[a:b][group], last[a:b][group]
            x0, y0, x1, y1 = int(left.min()), int(rows.min()), int(right.max()), int(rows.max()) + 1
            inside = _filled((rows - y0, left - x0, right - x0), (y1 - y0, x1 - x0))
            yield Coverage(Rect(rect.x0 + x0, rect.y0 + y0, rect.x0 + x1, rect.y0 + y1), inside)


def _apart(first: Ints, last: Ints) -> list[Ints]:
    """The intervals first ≤ column < last in groups with free columns between them."""
    if not len(first):
        return []
    order = np.argsort(first)
    reach = np.maximum.accumulate(last[order])
    return np.split(order, np.flatnonzero(first[order][1:] > reach[:-1] + _TILE_GAP_PX) + 1)


def _reach(stroke: Stroke, shape: tuple[int, ...]) -> Rect:
    if stroke.tool in (Tool.FILL, Tool.SMART):
        raise ValueError(f"what {stroke.tool} covers is decided by the image")
    points = np.array(stroke.points, np.float64).reshape(-1, 2)
    return _around(points, stroke.radius_px if stroke.tool is not Tool.POLYGON else 0.0, shape)


def _intervals(stroke: Stroke, rect: Rect) -> Intervals:
    """What a stroke covers of `rect`, counted from its corner."""
    if rect.is_empty:
        return (np.zeros(0, np.intp),) * 3
    points = np.array(stroke.points, np.float64).reshape(-1, 2) - (rect.x0, rect.y0)
    size = (rect.height, rect.width)
    return _polygon(points, size) if stroke.tool is Tool.POLYGON else _brush(points, stroke.radius_px, size)


def _around(points: Floats, reach_px: float, shape: tuple[int, ...]) -> Rect:
    if not len(points):
        return Rect(0, 0, 0, 0)
    limit = max(shape[:2]) + 2
    low = np.floor(np.clip(points.min(0) - reach_px, -limit, limit)).astype(int)
    high = np.floor(np.clip(points.max(0) + reach_px, -limit, limit)).astype(int) + 1
    return Rect(int(low[0]), int(low[1]), int(high[0]), int(high[1])).clipped(shape)


def _brush(points: Floats, radius: float, size: tuple[int, int]) -> Intervals:
    """Centres at most `radius` from the path through N×2 `points`."""
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
    return _united(row, first_col, last_col, size)


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
        part = np.divide(y - one[:, 1], rise, out=np.full(len(y), -1.0), where=np.abs(rise) > _ROUNDING_PX)
        hit = (part >= 0) & (part <= 1)
        x = one[:, 0] + part * (other[:, 0] - one[:, 0])
        left, right = np.where(hit, np.minimum(left, x), left), np.where(hit, np.maximum(right, x), right)
    return left, right


def _polygon(points: Floats, size: tuple[int, int]) -> Intervals:
    """Centres inside the closed polygon through N×2 `points`, by the even-odd rule."""
    starts, ends = points, np.roll(points, -1, axis=0)
    low, high = np.minimum(starts[:, 1], ends[:, 1]), np.maximum(starts[:, 1], ends[:, 1])
    # Row centres with low ≤ y < high: a corner on a row is crossed once, a level edge never.
    part, row = _rows(np.ceil(low - 0.5).astype(np.intp), np.ceil(high - 0.5).astype(np.intp) - 1, size[0])
    start, along = starts[part], (ends - starts)[part]
    x = start[:, 0] + (row + 0.5 - start[:, 1]) * along[:, 0] / along[:, 1]
    return _between(row, np.ceil(x - 0.5), size)


def _rows(first: Ints, last: Ints, height: int) -> tuple[Ints, Ints]:
    """Part number and row, one of each for every row first…last of every part that lies in 0…height−1."""
    first, last = np.maximum(first, 0), np.minimum(last, height - 1)
    counts = np.maximum(last - first + 1, 0)
    part = np.repeat(np.arange(len(first)), counts)
    before = np.cumsum(counts) - counts
    return part, np.arange(len(part)) - before[part] + first[part]


def _united(row: Ints, first_col: Floats, last_col: Floats, size: tuple[int, int]) -> Intervals:
    """Pixels in one of the intervals first_col ≤ column < last_col of their row."""
    starts, ends = _places(row, first_col, size), _places(row, last_col, size)
    kept = ends > starts
    if not kept.any():
        return (np.zeros(0, np.intp),) * 3
    order = np.argsort(starts[kept])
    starts, reach = starts[kept][order], np.maximum.accumulate(ends[kept][order])
    begins = np.concatenate([[0], np.flatnonzero(starts[1:] > reach[:-1]) + 1])
    return _by_row(starts[begins], reach[np.concatenate([begins[1:] - 1, [len(reach) - 1]])], size)


def _between(row: Ints, crossing: Floats, size: tuple[int, int]) -> Intervals:
    """Pixels from every other crossing (a column) of their row to the next one; each row has an even number."""
    places = np.sort(_places(row, crossing, size))
    starts, ends = places[::2], places[1::2]
    kept = ends > starts
    return _by_row(starts[kept], ends[kept], size)


def _places(row: Ints, col: Floats, size: tuple[int, int]) -> Ints:
    """Row and column as one number, in rows of one more than the width: what ends one row does not begin the next."""
    return row * (size[1] + 1) + np.clip(col, 0, size[1]).astype(np.intp)


def _by_row(starts: Ints, ends: Ints, size: tuple[int, int]) -> Intervals:
    row = starts // (size[1] + 1)
    before = row * (size[1] + 1)
    return row, starts - before, ends - before


def _filled(intervals: Intervals, size: tuple[int, int]) -> Inside:
    """h×w bool that is true in disjoint intervals."""
    (row, first, last), (height, width) = intervals, size
    if len(row) <= _FEW_INTERVALS:
        out, corner = np.zeros(height * width, bool), row * width
        for start, end in zip((corner + first).tolist(), (corner + last).tolist(), strict=True):
            out[start:end] = True
        return out.reshape(size)
    begun = np.zeros((height, width + 1), np.int8)
    begun[row, first] += 1
    begun[row, last] -= 1
    return np.ascontiguousarray(np.cumsum(begun, axis=1, dtype=np.int8)[:, :-1].view(bool))
