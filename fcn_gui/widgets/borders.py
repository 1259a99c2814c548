"""Lines that go by more than the mask: border of the prediction, differences, doubts, what a click takes."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor, QImage, QPainter

from fcn_gui.core.palette import Color
from fcn_gui.core.raster import Inside, Mask, Rect
from fcn_gui.core.stroke import Coverage
from fcn_gui.session.comparison import Comparison
from fcn_gui.session.document import Document
from fcn_gui.session.doubts import doubted_pixels
from fcn_gui.widgets import line_coverage
from fcn_gui.widgets.contours import Loops, trace
from fcn_gui.widgets.line_coverage import Lines, Plane
from fcn_gui.widgets.mask_painter import Pixels, over, tinted
from fcn_gui.widgets.placement import Placement
from fcn_gui.widgets.shown_mask import ShownMask

WHITE: Color = (255, 255, 255)
BLACK: Color = (0, 0, 0)
SHADE_SHARE = 0.55
PREDICTION_PX, TAKEN_PX, OLD_BORDER_PX = 1.2, 1.6, 1.2
SHADE_ROOM_PX = 1.0
CHANGED_SHARE = 0.45
DASH_PX = 5.0


class BorderLayers:
    """Pictures of one document's borders, each kept for the placement it was made for."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._predicted: tuple[tuple[Placement, int], QImage] | None = None
        self._difference: tuple[tuple[Placement, str], QImage] | None = None
        self._doubts: tuple[tuple[Placement, str], QImage] | None = None
        self._compared: tuple[tuple[Placement, str, Comparison], QImage] | None = None

    def forget(self) -> None:
        """Prediction or first look changed."""
        self._predicted = self._difference = self._doubts = None

    def forget_mask(self) -> None:
        """The mask changed."""
        self._difference = self._doubts = None

    def paint_prediction(self, painter: QPainter, placement: Placement, label: int) -> None:
        """A white line where the prediction changes from `label` to another; the painter is in device pixels."""
        prediction = self._document.prediction
        if prediction is None:
            return
        key = (placement, label)
        if self._predicted is None or self._predicted[0] != key:
            loops = _loops(_sampled(prediction.labels, placement) == label, placement)
            lines = line_coverage.fixed_points(loops, _corner(placement))
            self._predicted = (key, _picture(_lined(lines, PREDICTION_PX, placement, is_closed=True)))
        painter.drawImage(QPoint(*_corner(placement)), self._predicted[1])

    def paint_difference(self, painter: QPainter, placement: Placement, accent: QColor) -> None:
        """Pixels that differ from the first look, and the border that the first look had."""
        first = self._document.first_look
        if first is None:
            return
        key = (placement, accent.name())
        if self._difference is None or self._difference[0] != key:
            now = self._document.masked.mask
            self._difference = (key, _picture(_difference_pixels((first, now), placement, accent)))
        painter.drawImage(QPoint(*_corner(placement)), self._difference[1])

    def paint_comparison(self, painter: QPainter, placement: Placement, comparison: Comparison, accent: QColor) -> None:
        """The same of what two checkpoints say."""
        key = (placement, accent.name(), comparison)
        if self._compared is None or self._compared[0][:2] != key[:2] or self._compared[0][2] is not comparison:
            pair = comparison.before, comparison.after
            self._compared = (key, _picture(_difference_pixels(pair, placement, accent)))
        painter.drawImage(QPoint(*_corner(placement)), self._compared[1])

    def paint_doubts(self, painter: QPainter, placement: Placement, accent: QColor) -> None:
        """Vouched pixels of which the network is sure that they are something else, in a white line."""
        prediction, masked = self._document.prediction, self._document.masked
        if prediction is None:
            return
        key = (placement, accent.name())
        if self._doubts is None or self._doubts[0] != key:
            inside = doubted_pixels(prediction, masked.mask, masked.vouch).astype(np.uint8)
            lines = line_coverage.fixed_points(_loops(_sampled(inside, placement) > 0, placement), _corner(placement))
            area = _area(lines, placement, accent)
            self._doubts = (key, _picture(over(_lined(lines, OLD_BORDER_PX, placement, is_closed=True), area)))
        painter.drawImage(QPoint(*_corner(placement)), self._doubts[1])


def _difference_pixels(labels: tuple[Mask, Mask], placement: Placement, accent: QColor) -> Pixels:
    """Pixels that differ, and the border that the first had."""
    before, now = (_sampled(each, placement) for each in labels)
    changed = line_coverage.fixed_points(_loops(before != now, placement), _corner(placement))
    area = _area(changed, placement, accent)
    old = trace(before, before > 0, frozenset({0}), not placement.is_crisp)
    dashes = line_coverage.fixed_runs(_dashed(_placed(old, placement), placement), _corner(placement))
    return over(_lined(dashes, OLD_BORDER_PX, placement, is_closed=False), area)


class TakenOutline:
    """The outline of what a click would take, for one placement at a time."""

    def __init__(self, covered: Coverage) -> None:
        self.covered = covered
        self._drawn: tuple[Placement, QImage] | None = None

    def paint(self, painter: QPainter, placement: Placement) -> None:
        """The painter is in device pixels."""
        if placement.shown.is_empty:
            return
        if self._drawn is None or self._drawn[0] != placement:
            lines = line_coverage.fixed_points(_loops(self._inside(placement), placement), _corner(placement))
            self._drawn = (placement, _picture(_lined(lines, TAKEN_PX, placement, is_closed=True)))
        painter.drawImage(QPoint(*_corner(placement)), self._drawn[1])

    def _inside(self, placement: Placement) -> Inside:
        """The coverage on the cells that show."""
        grid, covered = placement.grid, self.covered
        rows, cols = grid.pixel_rows(0, grid.rows) - covered.rect.y0, grid.pixel_cols(0, grid.cols) - covered.rect.x0
        row_fits, col_fits = (rows >= 0) & (rows < covered.rect.height), (cols >= 0) & (cols < covered.rect.width)
        inside = np.zeros((grid.rows, grid.cols), bool)
        inside[np.ix_(row_fits, col_fits)] = covered.inside[rows[row_fits]][:, cols[col_fits]]
        return inside


def _area(lines: Lines, placement: Placement, accent: QColor) -> Pixels:
    """What lies inside, tinted."""
    size = (placement.shown.height, placement.shown.width)
    return tinted(line_coverage.region(lines, size), (accent.red(), accent.green(), accent.blue()), CHANGED_SHARE)


def _corner(placement: Placement) -> tuple[int, int]:
    return placement.shown.x0, placement.shown.y0


def _sampled(mask: Mask, placement: Placement) -> Mask:
    grid = placement.grid
    return ShownMask(mask, mask, None, grid).window(Rect(0, 0, grid.cols, grid.rows))[0]


def _loops(inside: Inside, placement: Placement) -> Loops:
    return _placed(trace(inside.astype(np.uint8), inside, frozenset({0}), not placement.is_crisp), placement)


def _placed(loops: Loops, placement: Placement) -> Loops:
    grid = placement.grid
    points = loops.points * grid.scale + np.array([grid.left, grid.top])
    return Loops(points, loops.starts, loops.labels, loops.vouched)


def _dashed(loops: Loops, placement: Placement) -> Loops:
    """Every other piece of the way round marked as vouched, so that it is drawn as a run of its own."""
    steps = np.hypot(*np.diff(loops.points, axis=0, prepend=loops.points[:1]).T)
    is_on = (np.cumsum(steps) // (DASH_PX * placement.ratio)) % 2 == 0
    return Loops(loops.points, loops.starts, loops.labels, is_on)


def _lined(lines: Lines, width_px: float, placement: Placement, is_closed: bool) -> Pixels:
    """White lines in a dark shade, over all of what shows."""
    white, shade = max(1, round(width_px * placement.ratio)), round((width_px + 2 * SHADE_ROOM_PX) * placement.ratio)
    planes: list[Plane] = []
    for width in (white, shade):
        plane = np.zeros((placement.shown.height, placement.shown.width), np.uint8)
        planes.append(line_coverage.stroke(plane, lines, width, is_closed))
    return over(tinted(planes[0], WHITE, 1.0), tinted(planes[1], BLACK, SHADE_SHARE))


def _picture(pixels: Pixels) -> QImage:
    height, width = pixels.shape[:2]
    pixels = np.ascontiguousarray(pixels)
    return QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied).copy()
