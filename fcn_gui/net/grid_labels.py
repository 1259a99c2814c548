"""Argmax at image size without interpolating where it can't change anything.

Inside a cell of the grid every score is a mean of its four corners with weights ≥ 0. So where one class is ahead at
all four it is ahead in the whole cell, and only cells that hold a border need their scores brought up to pixels.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fcn_gui.core.raster import Mask
from fcn_gui.core.scores import Axis, ScoreGrid

BAND_PX = 1 << 16
"""Taken at a time: fancy indexing keeps all other threads waiting, the window's too."""


def grid_labels(grid: ScoreGrid) -> Mask:
    """H×W uint8, equal to `grid.labels()` (but for exact ties)."""
    height, width = grid.shape
    coarse = grid.values.argmax(0).astype(np.uint8)
    low_r, high_r, part_r = _neighbours(grid.rows, height, coarse.shape[0])
    low_c, high_c, part_c = _neighbours(grid.cols, width, coarse.shape[1])
    is_mixed = _mixed_cells(coarse)
    by_point = np.ascontiguousarray(grid.values.transpose(1, 2, 0), np.float32)
    labels = np.empty((height, width), np.uint8)
    step = max(1, BAND_PX // width)
    for band in (slice(first, first + step) for first in range(0, height, step)):
        low, high, part = low_r[band], high_r[band], part_r[band]
        labels[band] = coarse[low[:, None], low_c]
        r, c = np.nonzero(is_mixed[low[:, None], low_c])
        down, right = part[r, None], part_c[c, None]
        top = by_point[low[r], low_c[c]] * (1 - right) + by_point[low[r], high_c[c]] * right
        bottom = by_point[high[r], low_c[c]] * (1 - right) + by_point[high[r], high_c[c]] * right
        labels[band][r, c] = (top * (1 - down) + bottom * down).argmax(1)
    return labels


def _mixed_cells(coarse: Mask) -> NDArray[np.bool_]:
    """True for the cells right and below each point whose corners do not all have one label."""
    mixed = np.zeros(coarse.shape, bool)
    mixed[:-1] |= coarse[:-1] != coarse[1:]
    mixed[:, :-1] |= coarse[:, :-1] != coarse[:, 1:]
    mixed[:-1, :-1] |= coarse[:-1, :-1] != coarse[1:, 1:]
    return mixed


def _neighbours(axis: Axis, pixels: int, points: int) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float32]]:
    at = np.clip(axis.start + np.arange(pixels) * axis.step, 0, points - 1)
    low = np.floor(at).astype(np.intp)
    return low, np.minimum(low + 1, points - 1), (at - low).astype(np.float32)
