"""Borders of labels as closed loops, for fills and lines that agree with each other.

A pixel's side is a crack where the label across it differs. Cracks run clockwise round their own pixel (y down), so
the region lies to the right; chained they are the exact pixel edges, and joining their midpoints gives the contour
half-way between pixel centres. Plain numpy: what is drawn with them stands in `line_coverage`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fcn_gui.core.raster import Inside, Mask

Points = NDArray[np.float64]
Indices = NDArray[np.intp]

_START = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], np.float64)
"""Where the crack on the top, right, bottom and left side starts, in x and y from the pixel's corner."""
_STEP = np.array([(1, 0), (0, 1), (-1, 0), (0, -1)], np.float64)


@dataclass(frozen=True)
class Loops:
    """Closed loops one after the other.

    `points` N×2 x and y in grid coordinates (corner of the first pixel 0, 0); `starts` index of each loop's first
    point; `labels` one a loop; `vouched` one a point: whether the pixel inside the crack is vouched.
    """

    points: Points
    starts: Indices
    labels: NDArray[np.uint8]
    vouched: Inside

    @property
    def lengths(self) -> Indices:
        """Points of each loop."""
        counts: Indices = np.diff(np.append(self.starts, len(self.points)))
        return counts

    def of_label(self, label: int) -> Loops:
        """The loops of one label."""
        kept = self.labels == label
        taken = np.repeat(kept, self.lengths)
        lengths = self.lengths[kept]
        starts = np.cumsum(lengths) - lengths
        return Loops(self.points[taken], starts, self.labels[kept], self.vouched[taken])


def trace(labels: Mask, vouched: Inside, skip: frozenset[int] = frozenset(), is_smooth: bool = True) -> Loops:
    """Loops around every 4-connected region of `labels` (h×w) but those in `skip`; the border of the grid counts too.

    `vouched` h×w bool. Smooth loops run half-way between pixel centres, others along pixel edges. Loops of holes
    run the other way round, so an odd-even fill is right.
    """
    cracks, successor, pixel_labels = _cracks(labels, skip)
    if not cracks.size:
        none = np.zeros(0, np.intp)
        return Loops(np.zeros((0, 2)), none, np.zeros(0, np.uint8), np.zeros(0, bool))
    order, starts = _chained(successor)
    cracks = cracks[order]
    side, pixel = np.divmod(cracks, labels.size)
    rows, cols = np.divmod(pixel, labels.shape[1])
    corners = np.stack([cols, rows], 1) + _START[side]
    loops = Loops(corners, starts, pixel_labels[order][starts], vouched.ravel()[pixel])
    if not is_smooth:
        return _kept(loops, _turns(loops))
    middles = Loops(corners + _STEP[side] / 2, starts, loops.labels, loops.vouched)
    softened = Loops(_softened(middles), starts, loops.labels, loops.vouched)
    return _kept(softened, _turns(softened))


def _cracks(labels: Mask, skip: frozenset[int]) -> tuple[Indices, Indices, NDArray[np.uint8]]:
    """Ids (side · size + pixel) of all cracks, the position of the crack that follows each, and their labels."""
    height, width = labels.shape
    framed = np.full((height + 2, width + 2), -1, np.int16)
    framed[1:-1, 1:-1] = labels
    core = framed[1:-1, 1:-1]
    wanted = np.ones(256, bool)
    wanted[list(skip)] = False
    taken = wanted[labels]
    across = (framed[:-2, 1:-1], framed[1:-1, 2:], framed[2:, 1:-1], framed[1:-1, :-2])
    ids = [np.flatnonzero((side != core) & taken) for side in across]
    numbers = np.repeat(np.arange(4), [len(found) for found in ids])
    pixels = np.concatenate(ids)
    cracks = numbers * labels.size + pixels
    following = _following(framed, numbers, pixels, width)
    place = np.empty(4 * labels.size, np.int32)
    place[cracks] = np.arange(len(cracks))
    return cracks, place[following].astype(np.intp), labels.ravel()[pixels]


def _following(framed: NDArray[np.int16], sides: Indices, pixels: Indices, width: int) -> Indices:
    """Id of the crack after each: round the own corner, straight on, or into the pixel diagonally ahead."""
    rows, cols = np.divmod(pixels, width)
    own = framed[rows + 1, cols + 1]
    dx, dy = _STEP[:, 0].astype(np.intp), _STEP[:, 1].astype(np.intp)
    ahead_r, ahead_c = rows + dy[sides], cols + dx[sides]
    left_r, left_c = ahead_r - dx[sides], ahead_c + dy[sides]
    turns = framed[ahead_r + 1, ahead_c + 1] != own
    bends = ~turns & (framed[left_r + 1, left_c + 1] == own)
    size = (framed.shape[0] - 2) * width
    straight = sides * size + ahead_r * width + ahead_c
    following = np.where(bends, (sides + 3) % 4 * size + left_r * width + left_c, straight)
    out: Indices = np.where(turns, (sides + 1) % 4 * size + pixels, following)
    return out


def _chained(successor: Indices) -> tuple[Indices, Indices]:
    """Positions in the order of the loops, and where each loop starts."""
    following = successor.tolist()
    seen = bytearray(len(following))
    order: list[int] = []
    starts: list[int] = []
    for first in range(len(following)):
        if seen[first]:
            continue
        starts.append(len(order))
        at = first
        while not seen[at]:
            seen[at] = 1
            order.append(at)
            at = following[at]
    return np.array(order, np.intp), np.array(starts, np.intp)


def _neighbours(loops: Loops) -> tuple[Indices, Indices]:
    """Index of the point before and after each, round its own loop."""
    count = len(loops.points)
    before, after = np.arange(count) - 1, np.arange(count) + 1
    last = loops.starts + loops.lengths - 1
    before[loops.starts], after[last] = last, loops.starts
    return before, after


def _softened(loops: Loops) -> Points:
    """Binomial 1-2-1 average along each loop: stairs of slanted borders go, nothing moves by half a pixel."""
    before, after = _neighbours(loops)
    points = loops.points
    for _ in range(2):
        points = (points[before] + 2 * points + points[after]) / 4
    return points


def _turns(loops: Loops) -> Inside:
    """Points where the loop turns or the vouch changes; the others lie on a straight line between their neighbours."""
    before, after = _neighbours(loops)
    one, two = loops.points - loops.points[before], loops.points[after] - loops.points
    bend = np.abs(one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0]) > 1e-9
    out: Inside = bend | (loops.vouched != loops.vouched[before])
    return out


def _kept(loops: Loops, kept: Inside) -> Loops:
    """Without the points that are not in `kept`; loops of fewer than three points go."""
    counts = np.add.reduceat(kept, loops.starts, dtype=np.intp)
    whole = counts >= 3
    kept = kept & np.repeat(whole, loops.lengths)
    counts = counts[whole]
    return Loops(loops.points[kept], np.cumsum(counts) - counts, loops.labels[whole], loops.vouched[kept])
