"""A stroke as it stands in its image, and a window of coarser cells around it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fcn_gui.core.raster import CORRECTED, UNVOUCHED, Image, Inside, Mask, Rect, Vouch, is_any_of
from fcn_gui.core.scores import ScoreGrid

CELL_PX, USUAL_SIDE_PX = 2, 512
"""A cell, in an image of this long side or a smaller one; distances are in pixels of such an image."""
AROUND_PX = 64
"""How far the window reaches beyond the stroke."""


class Boldness(IntEnum):
    """With how little certainty a stroke is completed, if it is."""

    NEVER = 0
    WARY = 1
    USUAL = 2
    BOLD = 3
    BOLDEST = 4


@dataclass(frozen=True)
class Surroundings:
    """A stroke that was just painted, in its image: `shown` and `vouch` are those after it, all H×W.

    `stroke` are the pixels that it changed to `label`, `replaced` the labels that stood there.
    """

    image: Image
    shown: Mask
    vouch: Vouch
    stroke: Inside
    label: int
    replaced: tuple[int, ...]
    held: ScoreGrid | None = None
    """What the network held of the image before anybody said anything of it."""

    @cached_property
    def size(self) -> tuple[int, int]:
        """(h, w) of the cells over the image."""
        height, width = self.shown.shape
        side = CELL_PX * max(1.0, max(height, width) / USUAL_SIDE_PX)
        return max(1, round(height / side)), max(1, round(width / side))

    @cached_property
    def window(self) -> Rect:
        """The cells that are looked at."""
        around = Rect.around(self.stroke)
        assert around is not None
        (height, width), (rows, cols) = self.shown.shape, self.size
        reach = AROUND_PX // CELL_PX
        return Rect(
            around.x0 * cols // width - reach,
            around.y0 * rows // height - reach,
            -(-around.x1 * cols // width) + reach,
            -(-around.y1 * rows // height) + reach,
        ).clipped(self.size)

    @property
    def pixels(self) -> Rect:
        """The pixels under the cells that are looked at."""
        (height, width), (rows, cols), window = self.shown.shape, self.size, self.window
        return Rect(
            window.x0 * width // cols, window.y0 * height // rows, window.x1 * width // cols, window.y1 * height // rows
        )

    def with_more(self, pixels: Inside) -> Surroundings:
        """As if the stroke had painted these `pixels` (H×W bool) too."""
        shown = np.where(pixels, np.uint8(self.label), self.shown)
        vouch = np.where(pixels, np.uint8(CORRECTED), self.vouch)
        return replace(self, shown=shown, vouch=vouch, stroke=self.stroke | pixels)

    def replaceable(self) -> Inside:
        """H×W bool: pixels that nobody vouched for, of the labels that the stroke replaced."""
        found = is_any_of(self.shown, set(self.replaced) - {self.label})
        found &= self.vouch == UNVOUCHED
        return found

    def at_cells(self, pixels: NDArray) -> NDArray:
        """An H×W array at the middles of the window's cells."""
        rows, cols = self._middles()
        return pixels[rows[:, None], cols]

    def pixels_of(self, cells: NDArray[np.intp]) -> NDArray[np.int64]:
        """Flat indices into H×W of the middles of cells, which are flat indices into the window."""
        rows, cols = self._middles()
        down, across = np.divmod(cells, self.window.width)
        found: NDArray[np.int64] = rows[down] * self.shown.shape[1] + cols[across]
        return found

    def _middles(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        (height, width), (rows, cols), window = self.shown.shape, self.size, self.window
        down, across = np.arange(window.y0, window.y1), np.arange(window.x0, window.x1)
        return (2 * down + 1) * height // (2 * rows), (2 * across + 1) * width // (2 * cols)
