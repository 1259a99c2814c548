"""Void's hatch: light 45° lines over a shade, told from every class by its pattern and not by a colour alone."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from fcn_gui.core.palette import Color

HATCH_COLOR: Color = (236, 236, 214)
SHADE_SHARE = 0.38
PERIOD_PX, LINE_PX = 7.0, 1.6
SMALL_PERIOD_PX = 5.0
"""Period of swatches and thumbnails."""

Pixels = NDArray[np.uint8]


def hatch(ratio: float, origin: tuple[int, int], size: tuple[int, int], period_px: float = PERIOD_PX) -> Pixels:
    """h×w×4 premultiplied BGRA device pixels of the hatch, that of the plane at `origin`; `ratio` device : logical."""
    tile = _tile(ratio, period_px)
    side = len(tile)
    cols = (np.arange(size[1]) + origin[0]) % side
    rows = (np.arange(size[0]) + origin[1]) % side
    out: Pixels = tile[rows].take(cols, axis=1)
    return out


@lru_cache(maxsize=8)
def _tile(ratio: float, period_px: float) -> Pixels:
    """One seamless period: coverage of the lines from the distance to the nearest one, antialiased over a pixel."""
    side = max(3, round(period_px * ratio * 2**0.5))
    along = (np.arange(side)[:, None] + np.arange(side) + 1) % side
    distance = np.minimum(along, side - along) / 2**0.5
    line = np.clip(LINE_PX * ratio / 2 - distance + 0.5, 0, 1)[..., None]
    red, green, blue = HATCH_COLOR
    light = line * np.array([blue, green, red, 255.0])
    shade = (1 - line) * np.array([0, 0, 0, 255 * SHADE_SHARE])
    tile: Pixels = np.round(light + shade).astype(np.uint8)
    return tile
