"""Where the photograph lies on the device's pixels, and on which grid its mask is sampled for the screen.

All layers go by the same whole-pixel offset, so photograph, fill and outline never slip against each other.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fcn_gui.core.raster import Rect
from fcn_gui.core.viewport import Viewport

Indices = NDArray[np.intp]
CRISP_ZOOM = 3.0
"""From here on pixels are shown as squares and outlines follow their edges."""


@dataclass(frozen=True)
class Grid:
    """Cells that are traced and filled: image pixels where they are enlarged, device pixels where they are shrunk.

    Cell (column i, row j) has its corner at image (x0 + i·step, y0 + j·step) and at device (left + i·scale, …).
    """

    x0: float
    y0: float
    step: float
    cols: int
    rows: int
    left: float
    top: float
    scale: float
    margin: int

    def pixel_cols(self, first: int, last: int) -> Indices:
        """Image columns under the centres of cells first … last−1."""
        cols: Indices = np.floor(self.x0 + (np.arange(first, last) + 0.5) * self.step).astype(np.intp)
        return cols

    def pixel_rows(self, first: int, last: int) -> Indices:
        """Image rows under the centres of cells first … last−1."""
        rows: Indices = np.floor(self.y0 + (np.arange(first, last) + 0.5) * self.step).astype(np.intp)
        return rows

    def cells_under(self, device: Rect) -> Rect:
        """Cells that can show in `device` pixels, with what their outlines need around them."""
        x0, x1 = (device.x0 - self.left) / self.scale, (device.x1 - self.left) / self.scale
        y0, y1 = (device.y0 - self.top) / self.scale, (device.y1 - self.top) / self.scale
        cells = Rect(math.floor(x0), math.floor(y0), math.ceil(x1), math.ceil(y1)).grown(self.margin)
        return cells.clipped((self.rows, self.cols))


@dataclass(frozen=True)
class Placement:
    """`scale` device pixels an image pixel; the image's corner at device (`left`, `top`); `ratio` device : logical."""

    image_wh: tuple[int, int]
    device_wh: tuple[int, int]
    scale: float
    left: int
    top: int
    ratio: float

    @classmethod
    def of(cls, viewport: Viewport, ratio: float) -> Placement:
        """On a device with `ratio` device pixels a logical one."""
        width, height = viewport.widget_wh
        return cls(
            viewport.image_wh,
            (round(width * ratio), round(height * ratio)),
            viewport.zoom * ratio,
            round(viewport.offset_xy[0] * ratio),
            round(viewport.offset_xy[1] * ratio),
            ratio,
        )

    @property
    def is_crisp(self) -> bool:
        """Pixels are squares."""
        return self.scale / self.ratio >= CRISP_ZOOM

    @cached_property
    def shown(self) -> Rect:
        """Device pixels whose centres lie on the image."""
        width, height = self.image_wh
        x0, y0 = max(0, self.left), max(0, self.top)
        x1 = min(self.device_wh[0], math.floor(self.left + width * self.scale + 0.5))
        y1 = min(self.device_wh[1], math.floor(self.top + height * self.scale + 0.5))
        return Rect(x0, y0, max(x0, x1), max(y0, y1))

    def device_rect(self, rect: Rect) -> Rect:
        """Device pixels that image pixels `rect` touch; inside `shown`."""
        corner = (float(self.left), float(self.top))
        return self._clipped(rect, corner, self.scale, 0)

    def cells_rect(self, cells: Rect, around_px: float) -> Rect:
        """Device pixels that cells of the grid touch, and `around_px` logical pixels around; inside `shown`."""
        grid = self.grid
        return self._clipped(cells, (grid.left, grid.top), grid.scale, around_px * self.ratio)

    def _clipped(self, rect: Rect, corner: tuple[float, float], scale: float, around: float) -> Rect:
        shown = self.shown
        x0 = max(shown.x0, math.floor(corner[0] + rect.x0 * scale - around))
        y0 = max(shown.y0, math.floor(corner[1] + rect.y0 * scale - around))
        x1 = min(shown.x1, math.ceil(corner[0] + rect.x1 * scale + around))
        y1 = min(shown.y1, math.ceil(corner[1] + rect.y1 * scale + around))
        return Rect(x0, y0, max(x0, x1), max(y0, y1))

    def image_rect(self) -> Rect:
        """Image pixels that show, partly shown ones included."""
        shown = self.shown
        return Rect(
            math.floor((shown.x0 - self.left) / self.scale),
            math.floor((shown.y0 - self.top) / self.scale),
            math.ceil((shown.x1 - self.left) / self.scale),
            math.ceil((shown.y1 - self.top) / self.scale),
        ).clipped((self.image_wh[1], self.image_wh[0]))

    @cached_property
    def grid(self) -> Grid:
        """The grid of what shows, with room around it so that no outline runs along the edge of the window."""
        margin = 3 + math.ceil(6 * self.ratio / max(self.scale, 1.0))
        if self.scale >= 1:
            area = self.image_rect().grown(margin).clipped((self.image_wh[1], self.image_wh[0]))
            left, top = self.left + area.x0 * self.scale, self.top + area.y0 * self.scale
            return Grid(area.x0, area.y0, 1.0, area.width, area.height, left, top, self.scale, margin)
        full = Rect(
            self.left,
            self.top,
            max(self.left + 1, math.floor(self.left + self.image_wh[0] * self.scale + 0.5)),
            max(self.top + 1, math.floor(self.top + self.image_wh[1] * self.scale + 0.5)),
        )
        around = self.shown.grown(margin)
        x0, y0 = max(full.x0, around.x0), max(full.y0, around.y0)
        x1, y1 = min(full.x1, around.x1), min(full.y1, around.y1)
        step = 1 / self.scale
        image_x, image_y = (x0 - self.left) * step, (y0 - self.top) * step
        return Grid(image_x, image_y, step, max(0, x1 - x0), max(0, y1 - y0), x0, y0, 1.0, margin)
