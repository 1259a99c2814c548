"""The mask as the screen samples it, with the open stroke laid over it.

While the button is down the document's mask stays as it is; only what shows is changed, on the cells that show.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fcn_gui.core.raster import Inside, Mask, Rect, Vouch, is_any_of
from fcn_gui.widgets.capsule import Floats, capsule
from fcn_gui.widgets.placement import Grid


@dataclass(frozen=True)
class LivePaint:
    """What an open stroke does: paints `label` but not over `locked`, or (None) gives pixels back to the proposal."""

    label: int | None
    locked: frozenset[int] = frozenset()


class ShownMask:
    """Cells of one grid over `mask` and `vouch` (H×W); `proposal` is what erased pixels go back to."""

    def __init__(self, mask: Mask, vouch: Vouch, proposal: Mask | None, grid: Grid) -> None:
        self._mask = mask
        self._vouch = vouch
        self._proposal = proposal
        self.grid = grid
        self._centre_cols: Floats = grid.pixel_cols(0, grid.cols) + np.float64(0.5)
        self._centre_rows: Floats = grid.pixel_rows(0, grid.rows) + np.float64(0.5)
        self._paint: LivePaint | None = None
        self._inside: Inside | None = None

    def begin(self, paint: LivePaint) -> None:
        """An open stroke that covers nothing yet."""
        self._paint = paint
        self._inside = np.zeros((self.grid.rows, self.grid.cols), bool)

    def end(self) -> None:
        """The stroke is applied or aborted: the document's mask shows again."""
        self._paint, self._inside = None, None

    def cover(self, start: tuple[float, float], end: tuple[float, float], radius_px: float) -> None:
        """Add all cells whose pixel's centre is at most `radius_px` image pixels from the line start … end (image xy).

        As with the stroke itself, the pixels that the points lie in are always part of it.
        """
        if self._inside is None:
            return
        reach = max(radius_px, 1.0)
        cols = self._cells(min(start[0], end[0]) - reach, max(start[0], end[0]) + reach, self._centre_cols)
        rows = self._cells(min(start[1], end[1]) - reach, max(start[1], end[1]) + reach, self._centre_rows)
        x, y = self._centre_cols[cols], self._centre_rows[rows]
        inside = capsule(start, end, radius_px, x, y)
        if radius_px < 1:
            for point in (start, end):
                inside |= (np.floor(y) == np.floor(point[1]))[:, None] & (np.floor(x) == np.floor(point[0]))
        self._inside[rows, cols] |= inside

    def _cells(self, least: float, most: float, centres: Floats) -> slice:
        first, last = np.searchsorted(centres, (least, most))
        return slice(int(first), int(last))

    def window(self, cells: Rect) -> tuple[Mask, Inside]:
        """Labels and whether they are vouched, h×w, of a rectangle of cells, the open stroke included."""
        labels, vouched = self._sampled(self._mask, cells), self._sampled(self._vouch, cells) > 0
        if self._paint is None or self._inside is None:
            return labels, vouched
        inside = self._inside[cells.slices]
        if self._paint.label is None:
            proposal = self._mask if self._proposal is None else self._proposal
            given_back = inside & vouched
            return np.where(given_back, self._sampled(proposal, cells), labels), vouched & ~given_back
        if self._paint.locked:
            inside = inside & ~is_any_of(labels, self._paint.locked)
        return np.where(inside, np.uint8(self._paint.label), labels), vouched | inside

    def _sampled(self, array: NDArray[np.uint8], cells: Rect) -> NDArray[np.uint8]:
        grid = self.grid
        if grid.step == 1.0:
            x, y = int(grid.x0), int(grid.y0)
            return array[y + cells.y0 : y + cells.y1, x + cells.x0 : x + cells.x1]
        rows = np.minimum(grid.pixel_rows(cells.y0, cells.y1), array.shape[0] - 1)
        cols = np.minimum(grid.pixel_cols(cells.x0, cells.x1), array.shape[1] - 1)
        sampled: NDArray[np.uint8] = array[rows].take(cols, axis=1)
        return sampled
