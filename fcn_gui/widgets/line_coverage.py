"""Loops as coverage: how much of each device pixel a region or a line takes, 0…255.

OpenCV draws them: its time goes with the points, where a painter's stroker goes with points times area.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from fcn_gui.widgets.contours import Loops

Plane = NDArray[np.uint8]
Lines = list[NDArray[np.int32]]
_SHIFT = 4
_UNIT = 1 << _SHIFT


def fixed_points(loops: Loops, origin: tuple[float, float]) -> Lines:
    """One M×2 array a loop in sixteenths of a pixel, counted from the centre of the pixel at `origin`."""
    points = np.round((loops.points - origin - 0.5) * _UNIT).astype(np.int32)
    return np.split(points, loops.starts[1:]) if len(loops.starts) else []


def fixed_runs(loops: Loops, origin: tuple[float, float]) -> Lines:
    """Only the vouched pieces of the loops, open lines in the same form."""
    if not len(loops.starts):
        return []
    ends = loops.starts + loops.lengths
    points = np.insert(loops.points, ends, loops.points[loops.starts], axis=0)
    vouched = np.insert(loops.vouched, ends, loops.vouched[loops.starts])
    starts = loops.starts + np.arange(len(loops.starts))
    breaks = np.zeros(len(points), bool)
    breaks[starts] = True
    breaks[1:] |= ~vouched[:-1]
    fixed = np.round((points - origin - 0.5) * _UNIT).astype(np.int32)
    return [run for run in np.split(fixed, np.flatnonzero(breaks)[1:]) if len(run) > 1]


def region(lines: Lines, size: tuple[int, int]) -> Plane:
    """h×w coverage of the inside of closed loops, holes left out."""
    plane = np.zeros(size, np.uint8)
    if lines:
        cv2.fillPoly(plane, lines, 255, cv2.LINE_AA, _SHIFT)
    return plane


def stroke(plane: Plane, lines: Lines, width: int, is_closed: bool) -> Plane:
    """`plane` with lines of `width` pixels drawn into it."""
    if lines and width > 0:
        cv2.polylines(plane, lines, is_closed, 255, width, cv2.LINE_AA, _SHIFT)
    return plane
