"""A long brush stroke as a few small rectangles instead of one large one.

The time that painting takes goes with the rectangle: a line across a photograph of 12 megapixels would take a tenth of
a second as one, a few milliseconds in pieces. The pieces overlap, which changes nothing: a pixel that the first one
corrected stands there with that label for the second.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from fcn_gui.core.stroke import Coverage, Stroke, Tool, coverage

LARGE_PX = 160_000
"""A rectangle of this many pixels is not worth cutting."""


def pieces(stroke: Stroke, shape: tuple[int, ...]) -> Iterator[Coverage]:
    """What a brush, eraser or polygon covers, in one or more rectangles that together are `coverage(stroke, shape)`."""
    points = np.array(stroke.points, np.float64).reshape(-1, 2)
    if stroke.tool is Tool.POLYGON or _area(points, stroke.radius_px) <= LARGE_PX:
        yield coverage(stroke, shape)
        return
    most = max(LARGE_PX / 3, 8 * stroke.radius_px**2)
    # A hair-thin brush also takes the pixels that its points lie in: it gets no points of ours.
    path = points if stroke.radius_px < 1 else _subdivided(points, max(24.0, stroke.radius_px / 2))
    first = 0
    for last in range(1, len(path)):
        is_end = last == len(path) - 1
        if is_end or _area(path[first : last + 2], stroke.radius_px) > most:
            yield coverage(replace(stroke, points=tuple(map(tuple, path[first : last + 1].tolist()))), shape)
            first = last


def _area(points: NDArray[np.float64], radius: float) -> float:
    width, height = points.max(0) - points.min(0) + 2 * radius
    return float(width * height)


def _subdivided(points: NDArray[np.float64], longest: float) -> NDArray[np.float64]:
    """The same path with no segment longer than `longest` px."""
    if len(points) == 1:
        return points
    lengths = np.hypot(*(points[1:] - points[:-1]).T)
    parts = np.maximum(1, np.ceil(lengths / longest)).astype(int)
    found = [points[:1]]
    for start, end, count in zip(points[:-1], points[1:], parts.tolist(), strict=True):
        found.append(start + (end - start) * (np.arange(1, count + 1) / count)[:, None])
    return np.concatenate(found)
