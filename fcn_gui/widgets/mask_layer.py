"""The mask's device pixels of one stage, and which of them are out of date.

Nothing is drawn before it is asked for: all at once by a paint event, or band by band in short turns before it.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from PySide6.QtGui import QImage

from fcn_gui.core.raster import Rect
from fcn_gui.widgets.mask_painter import MaskStyle, paint_mask
from fcn_gui.widgets.placement import Placement
from fcn_gui.widgets.scroll_cache import scroll
from fcn_gui.widgets.shown_mask import ShownMask

TILE_PX = 1024
BAND_PIXELS = 150_000
"""What one short turn draws: a few milliseconds."""


class MaskLayer:
    """`stale` rectangles of device pixels are drawn again before the picture is used."""

    def __init__(self) -> None:
        self._pixels = np.zeros((0, 0, 4), np.uint8)
        self._image = QImage()
        """A view of `_pixels`, which it must not outlive."""
        self._stale: list[Rect] = []

    @property
    def is_ready(self) -> bool:
        """`picture` costs nothing."""
        return not self._stale

    def spoil(self, device: Rect) -> None:
        """What lies in these device pixels changed."""
        self._stale = _joined(self._stale, device)

    def spoil_all(self, placement: Placement) -> None:
        """All of it changed."""
        self._stale = [placement.shown]

    def move(self, before: Placement, now: Placement) -> None:
        """Take what is drawn along with a pan, so that only what is new to the eye is stale; after a zoom all is."""
        is_pan = (now.scale, now.ratio, now.device_wh) == (before.scale, before.ratio, before.device_wh)
        if self._image.isNull() or not is_pan or self._stale:
            self._image = QImage()
            self._stale = [now.shown]
            return
        shift = (now.left - before.left, now.top - before.top)
        self._stale = scroll(self._pixels, shift, before.shown, now.shown)

    def picture(self, shown: ShownMask, placement: Placement, style: MaskStyle) -> QImage:
        """All device pixels of the widget, premultiplied ARGB, up to date."""
        stale, self._stale = self._stale, []
        for tile in (tile for rect in stale for tile in _tiles(rect)):
            self._draw(tile, shown, placement, style)
        self._need_image(placement)
        return self._image

    def work_ahead(self, shown: ShownMask, placement: Placement, style: MaskStyle) -> None:
        """Draw one band of what is stale."""
        if not self._stale:
            return
        rect = self._stale.pop()
        rows = max(1, BAND_PIXELS // max(1, rect.width))
        if rect.height > rows:
            self._stale.append(Rect(rect.x0, rect.y0 + rows, rect.x1, rect.y1))
        self._draw(Rect(rect.x0, rect.y0, rect.x1, min(rect.y1, rect.y0 + rows)), shown, placement, style)

    def _draw(self, tile: Rect, shown: ShownMask, placement: Placement, style: MaskStyle) -> None:
        self._need_image(placement)
        cells = placement.grid.cells_under(tile)
        if not cells.is_empty:
            paint_mask(self._pixels, tile, shown.window(cells), cells, placement, style)

    def _need_image(self, placement: Placement) -> None:
        if self._image.isNull():
            width, height = placement.device_wh
            self._pixels = np.zeros((height, width, 4), np.uint8)
            kind = QImage.Format.Format_ARGB32_Premultiplied
            self._image = QImage(self._pixels.data, width, height, 4 * width, kind)


def _joined(known: list[Rect], new: Rect) -> list[Rect]:
    """`known` with `new`: as one rectangle where they overlap, so that nothing is drawn twice."""
    if new.is_empty:
        return known
    apart = []
    for rect in known:
        if rect.x0 <= new.x1 and new.x0 <= rect.x1 and rect.y0 <= new.y1 and new.y0 <= rect.y1:
            new = Rect.union_of([rect, new]) or new
        else:
            apart.append(rect)
    return [*apart, new]


def _tiles(rect: Rect) -> Iterator[Rect]:
    """Pieces of at most TILE_PX a side, so that temporary planes stay in the processor's cache."""
    for y in range(rect.y0, rect.y1, TILE_PX):
        for x in range(rect.x0, rect.x1, TILE_PX):
            yield Rect(x, y, min(x + TILE_PX, rect.x1), min(y + TILE_PX, rect.y1))
