"""What the network says, on device pixels: heatmap of one class, and uncertainty as dots.

Softmax is taken on the grid of the scores and its result interpolated to the screen; the value under the cursor,
which is a number that people read, comes from the interpolated scores themselves.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from fcn_gui.core.overlay import heatmap_rgba
from fcn_gui.core.prediction import Prediction
from fcn_gui.core.raster import Rect
from fcn_gui.core.uncertainty import margins_beside_borders
from fcn_gui.widgets.placement import Placement

Floats = NDArray[np.float32]
HEAT_STEPS = 1024
DOT_GRID_PX = 6
DOT_LEAST_PX, DOT_MOST_PX = 0.5, 2.1
DOT_SIZES = 8


class ScoreLayers:
    """Screen pictures of one prediction; the softmax on its grid is kept."""

    def __init__(self, prediction: Prediction) -> None:
        self._prediction = prediction
        self._probabilities: Floats | None = None
        self._margin: Floats | None = None
        self._heat: tuple[tuple[Placement, int, float, float], QImage] | None = None
        self._dots: tuple[Placement, Floats] | None = None

    def heatmap(self, placement: Placement, label: int, opacity: float, hide_below: float) -> QImage:
        """Premultiplied ARGB of `placement.shown`: magma, transparent where the class is unlikely."""
        key = (placement, label, opacity, hide_below)
        if self._heat is None or self._heat[0] != key:
            self._heat = (key, self._heat_picture(*key))
        return self._heat[1]

    def _heat_picture(self, placement: Placement, label: int, opacity: float, hide_below: float) -> QImage:
        shown = placement.shown
        probabilities = self._softmax()
        if shown.is_empty or label >= len(probabilities):
            return QImage()
        heat = self._on_screen(probabilities[label], placement, 1.0)
        index = np.round(heat * (HEAT_STEPS - 1)).astype(np.uint16)
        pixels = _heat_table(opacity, hide_below)[index]
        return QImage(
            pixels.data, shown.width, shown.height, 4 * shown.width, QImage.Format.Format_ARGB32_Premultiplied
        ).copy()

    def paint_dots(self, painter: QPainter, placement: Placement, dirty: Rect, amount: float) -> None:
        """White dots on a 6 px grid where the margin of the two likeliest is under `amount`, larger the smaller it is.

        The painter is in device pixels.
        """
        ratio = placement.ratio
        spacing = round(DOT_GRID_PX * ratio)
        if self._dots is None or self._dots[0] != placement:
            self._dots = (placement, self._on_screen(self._margins(), placement, 1 / spacing))
        shown = placement.shown
        draw_dots(painter, self._dots[1], (shown.x0, shown.y0, spacing), dirty, amount)

    def _softmax(self) -> Floats:
        """K×h×w on the grid of the scores."""
        if self._probabilities is None:
            scores = self._prediction.scores.values.astype(np.float32)
            np.exp(scores - scores.max(0, keepdims=True), out=scores)
            scores /= scores.sum(0, keepdims=True)
            self._probabilities = scores
        return self._probabilities

    def _margins(self) -> Floats:
        """h×w difference of the two greatest probabilities, 0…1, where that is more than every border has."""
        if self._margin is None:
            self._margin = margins_beside_borders(self._softmax())
        return self._margin

    def _on_screen(self, values: Floats, placement: Placement, density: float) -> Floats:
        """h×w grid values at the device pixels of `shown`, or at every 1/density-th of them; clamped at the border."""
        grid, shown = self._prediction.scores, placement.shown
        spacing = 1 / density
        pixel = spacing / placement.scale
        first_x = (shown.x0 + spacing / 2 - placement.left) / placement.scale - 0.5
        first_y = (shown.y0 + spacing / 2 - placement.top) / placement.scale - 0.5
        matrix = np.array(
            [
                [grid.cols.step * pixel, 0, grid.cols.start + grid.cols.step * first_x],
                [0, grid.rows.step * pixel, grid.rows.start + grid.rows.step * first_y],
            ]
        )
        size = (max(1, int(shown.width * density)), max(1, int(shown.height * density)))
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        source = np.ascontiguousarray(values, np.float32)
        found = cv2.warpAffine(source, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(found, np.float32)


def draw_dots(
    painter: QPainter, margins: Floats, lattice: tuple[float, float, int], dirty: Rect, amount: float
) -> None:
    """A dot for each of the r×c `margins` under `amount`; `lattice`: left, top and spacing of the cells."""
    left, top, spacing = lattice
    ratio = spacing / DOT_GRID_PX
    size = np.clip(1 - margins / max(amount, 1e-6), 0, 1)
    size[margins >= amount] = 0
    rows, cols = np.nonzero(size > 0)
    x, y = left + (cols + 0.5) * spacing, top + (rows + 0.5) * spacing
    near = (x >= dirty.x0 - spacing) & (x < dirty.x1 + spacing) & (y >= dirty.y0 - spacing) & (y < dirty.y1 + spacing)
    level = np.minimum((size[rows, cols] * DOT_SIZES).astype(int), DOT_SIZES - 1)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for number in np.unique(level[near]).tolist():
        radius = DOT_LEAST_PX + (DOT_MOST_PX - DOT_LEAST_PX) * (number + 1) / DOT_SIZES
        chosen = near & (level == number)
        points = [QPointF(a, b) for a, b in zip(x[chosen].tolist(), y[chosen].tolist(), strict=True)]
        for color, width in ((QColor(0, 0, 0, 110), radius + 0.7), (QColor(255, 255, 255), radius)):
            pen = painter.pen()
            pen.setColor(color)
            pen.setWidthF(2 * width * ratio)
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            painter.drawPoints(points)


@lru_cache(maxsize=8)
def _heat_table(opacity: float, hide_below: float) -> NDArray[np.uint32]:
    """HEAT_STEPS premultiplied ARGB words for probabilities 0…1."""
    rgba = heatmap_rgba(np.linspace(0, 1, HEAT_STEPS, dtype=np.float32)[None], opacity, hide_below)[0].astype(np.uint32)
    red, green, blue, alpha = (rgba[:, i] for i in range(4))
    red, green, blue = (np.round(c * alpha / 255).astype(np.uint32) for c in (red, green, blue))
    words: NDArray[np.uint32] = alpha << 24 | red << 16 | green << 8 | blue
    return words
