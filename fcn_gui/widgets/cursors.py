"""The cursor over the canvas: a ring as large as the brush, crosses, and what stands beside it after a change.

These lie on the photograph, so they are the same in both themes.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from fcn_gui.core.stroke import Tool

RING_PX, SHADE_PX = 1.6, 3.4
SHADE = QColor(0, 0, 0, 153)
LIGHT = QColor(255, 255, 255)
INSIDE_SHARE = 0.18
LEAST_RING_PX = 6.0
"""From this diameter down a ring can't be told from a dot: a cross stands for it."""
CROSS_PX, CROSS_GAP_PX = 9.0, 3.0
SWATCH_PX = 12.0
BESIDE_PX = 12.0


class Shape(Enum):
    """What the cursor looks like; the last four are the system's own."""

    RING = auto()
    DASHED_RING = auto()
    CROSS = auto()
    PICK = auto()
    OPEN_HAND = auto()
    CLOSED_HAND = auto()
    FORBIDDEN = auto()
    ARROW = auto()


SYSTEM = {
    Shape.OPEN_HAND: Qt.CursorShape.OpenHandCursor,
    Shape.CLOSED_HAND: Qt.CursorShape.ClosedHandCursor,
    Shape.FORBIDDEN: Qt.CursorShape.ForbiddenCursor,
    Shape.ARROW: Qt.CursorShape.ArrowCursor,
}


@dataclass(frozen=True)
class Situation:
    """What decides on the cursor: `is_hand` while Space is down, `erases` while an open stroke does."""

    tool: Tool
    has_image: bool = True
    is_read_only: bool = False
    is_picking: bool = False
    is_hand: bool = False
    is_panning: bool = False
    erases: bool = False


def shape_for(now: Situation) -> Shape:
    """The cursor of a situation; panning comes before everything, looking before painting."""
    order = (
        (not now.has_image, Shape.ARROW),
        (now.is_panning, Shape.CLOSED_HAND),
        (now.is_hand, Shape.OPEN_HAND),
        (now.is_picking, Shape.PICK),
        (now.is_read_only, Shape.FORBIDDEN),
        (now.erases or now.tool is Tool.ERASER, Shape.DASHED_RING),
        (now.tool is Tool.BRUSH, Shape.RING),
    )
    return next((shape for holds, shape in order if holds), Shape.CROSS)


@dataclass(frozen=True)
class Cursor:
    """What to paint at `at` (logical pixels): `radius_px` on screen, class `color`, and `note` beside it."""

    shape: Shape
    at: QPointF
    radius_px: float
    color: QColor
    note: str = ""
    within_px: float = float("inf")
    """Width of what it is painted on: at the right edge the note stands on the left."""

    def extent(self, font: QFont) -> QRectF:
        """The logical rectangle that painting it touches."""
        half = max(self.radius_px if self.is_ring else 0, CROSS_PX + SWATCH_PX) + SHADE_PX
        around = QRectF(self.at.x() - half, self.at.y() - half, 2 * half, 2 * half)
        return around.united(self.note_rect(font).adjusted(-2, -2, 2, 2)) if self.note else around

    @property
    def is_ring(self) -> bool:
        """Large enough to be shown as a ring."""
        is_round = self.shape in (Shape.RING, Shape.DASHED_RING)
        return is_round and 2 * self.radius_px > LEAST_RING_PX

    def note_rect(self, font: QFont) -> QRectF:
        """Where the note stands: beside the ring, on the right where there is room."""
        metrics = QFontMetricsF(font)
        width, height = metrics.horizontalAdvance(self.note) + 14, metrics.height() + 6
        side = (self.radius_px if self.is_ring else CROSS_PX) + BESIDE_PX
        left = self.at.x() + side
        if left + width > self.within_px:
            left = max(0.0, self.at.x() - side - width)
        return QRectF(left, self.at.y() - height / 2, width, height)

    def paint(self, painter: QPainter, font: QFont) -> None:
        """Painted in logical pixels; nothing for the system's own cursors."""
        if self.shape in SYSTEM:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.is_ring:
            self._paint_ring(painter)
        else:
            self._paint_cross(painter)
        if self.shape is Shape.PICK:
            self._paint_swatch(painter)
        if self.note:
            self._paint_note(painter, font)

    def _paint_ring(self, painter: QPainter) -> None:
        if self.shape is Shape.RING:
            inside = QColor(self.color)
            inside.setAlphaF(INSIDE_SHARE)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(inside)
            painter.drawEllipse(self.at, self.radius_px, self.radius_px)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(SHADE, SHADE_PX))
        painter.drawEllipse(self.at, self.radius_px, self.radius_px)
        pen = QPen(LIGHT, RING_PX)
        if self.shape is Shape.DASHED_RING:
            pen.setDashPattern([3.2, 2.4])
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        painter.drawEllipse(self.at, self.radius_px, self.radius_px)
        painter.setPen(Qt.PenStyle.NoPen)
        for color, radius in ((SHADE, 1.9), (LIGHT, 1.0)):
            painter.setBrush(color)
            painter.drawEllipse(self.at, radius, radius)

    def _paint_cross(self, painter: QPainter) -> None:
        for color, width in ((SHADE, SHADE_PX), (LIGHT, RING_PX)):
            painter.setPen(QPen(color, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
            for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
                direction = QPointF(dx, dy)
                painter.drawLine(self.at + direction * CROSS_GAP_PX, self.at + direction * CROSS_PX)

    def _paint_swatch(self, painter: QPainter) -> None:
        corner = self.at + QPointF(6, -6 - SWATCH_PX)
        painter.setPen(QPen(SHADE, 1))
        painter.setBrush(self.color)
        painter.drawRoundedRect(QRectF(corner.x(), corner.y(), SWATCH_PX, SWATCH_PX), 3, 3)

    def _paint_note(self, painter: QPainter, font: QFont) -> None:
        rect = self.note_rect(font)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(12, 12, 16, 190))
        painter.drawRoundedRect(rect, 6, 6)
        painter.setFont(font)
        painter.setPen(LIGHT)
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, self.note)
