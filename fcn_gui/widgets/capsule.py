"""A round brush drawn from one point to another, on any rows and columns of sample points.

The stroke itself is `core.stroke`; this is the same rule where the screen looks at only some of the pixels.
"""

from __future__ import annotations

from math import hypot

import numpy as np
from numpy.typing import NDArray

from fcn_gui.core.raster import Inside

Floats = NDArray[np.float64]
Spans = tuple[Floats, Floats]
XY = tuple[float, float]
_ROUNDING_PX = 1e-9


def capsule(start: XY, end: XY, radius: float, cols: Floats, rows: Floats) -> Inside:
    """h×w bool: whether (cols[j], rows[i]) is at most `radius` from the line start … end."""
    lows, highs = _spans(start, end, radius, rows)
    inside: Inside = (cols >= lows[:, None] - _ROUNDING_PX) & (cols <= highs[:, None] + _ROUNDING_PX)
    return inside


def _spans(start: XY, end: XY, radius: float, rows: Floats) -> Spans:
    """Least and greatest x of the capsule at each y of `rows`; (inf, −inf) where there is none.

    A capsule is convex: its row is one span over both discs and the band between them.
    """
    spans = [_disc_span(start, radius, rows), _disc_span(end, radius, rows)]
    if start != end:
        spans.append(_band_span(start, end, radius, rows))
    return np.minimum.reduce([low for low, _ in spans]), np.maximum.reduce([high for _, high in spans])


def _disc_span(centre: XY, radius: float, rows: Floats) -> Spans:
    square = radius * radius - (rows - centre[1]) ** 2
    half = np.sqrt(np.maximum(square, 0))
    return np.where(square >= 0, centre[0] - half, np.inf), np.where(square >= 0, centre[0] + half, -np.inf)


def _band_span(start: XY, end: XY, radius: float, rows: Floats) -> Spans:
    """The rectangle of half width `radius` along the line: |across| ≤ radius and 0 ≤ along ≤ length."""
    length = hypot(end[0] - start[0], end[1] - start[1])
    ux, uy = (end[0] - start[0]) / length, (end[1] - start[1]) / length
    dy = rows - start[1]
    across = _solved(uy, -dy * ux, -radius, radius)
    along = _solved(ux, dy * uy, 0.0, length)
    low = start[0] + np.maximum(across[0], along[0])
    high = start[0] + np.minimum(across[1], along[1])
    is_empty = low > high
    return np.where(is_empty, np.inf, low), np.where(is_empty, -np.inf, high)


def _solved(slope: float, constant: Floats, least: float, most: float) -> Spans:
    """The x with least ≤ slope·x + constant ≤ most, row by row."""
    if abs(slope) < 1e-12:
        fits = (constant >= least) & (constant <= most)
        return np.where(fits, -np.inf, np.inf), np.where(fits, np.inf, -np.inf)
    one, two = (least - constant) / slope, (most - constant) / slope
    return np.minimum(one, two), np.maximum(one, two)
