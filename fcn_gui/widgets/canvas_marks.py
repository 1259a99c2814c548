"""What the canvas paints besides the image: the open polygon, the focus border, the words of an empty canvas."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QPolygonF

from fcn_gui.core.viewport import Viewport
from fcn_gui.widgets.cursors import LIGHT, SHADE
from fcn_gui.widgets.hand import CLOSE_PX
from fcn_gui.widgets.tools import PolygonGesture

FOCUS_PX = 2
CORNER_PX = 3.0
FILL_SHARE = 0.3


def paint_polygon(painter: QPainter, polygon: PolygonGesture, viewport: Viewport, color: QColor) -> None:
    """Corners, sides and where the next side would go, in logical pixels."""
    points = [QPointF(*viewport.to_screen(xy)) for xy in polygon.points]
    if not points:
        return
    path = [*points, QPointF(*viewport.to_screen(polygon.hover))] if polygon.hover is not None else points
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    inside = QColor(color)
    inside.setAlphaF(FILL_SHARE)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(inside)
    painter.drawPolygon(QPolygonF(path))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for pen_color, width in ((SHADE, 3.4), (LIGHT, 1.6)):
        painter.setPen(QPen(pen_color, width))
        painter.drawPolyline(QPolygonF(path))
    for number, point in enumerate(points):
        can_close = number == 0 and len(points) >= 3
        painter.setPen(QPen(SHADE, 1))
        painter.setBrush(color if can_close else LIGHT)
        radius = CORNER_PX + 2 if can_close and _is_near(polygon, viewport, point) else CORNER_PX
        painter.drawEllipse(point, radius, radius)


def _is_near(polygon: PolygonGesture, viewport: Viewport, first: QPointF) -> bool:
    if polygon.hover is None:
        return False
    away = QPointF(*viewport.to_screen(polygon.hover)) - first
    return QPointF.dotProduct(away, away) <= CLOSE_PX**2


def paint_focus(painter: QPainter, rect: QRect, accent: QColor) -> None:
    """The inner border that shows that keys go to the canvas."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(accent, FOCUS_PX))
    painter.drawRect(QRectF(rect).adjusted(1, 1, -1, -1))


def paint_empty(painter: QPainter, rect: QRect, color: QColor, font: QFont, has_images: bool) -> None:
    """What to do while no image is open; the list on the left may be too narrow for words, or folded."""
    painter.setPen(color)
    painter.setFont(font)
    if has_images:
        words = QCoreApplication.translate("canvas", "Choose an image on the left.")
    else:
        words = QCoreApplication.translate("canvas", "No photos in this folder. Drop some here, or open another.")
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, words)
