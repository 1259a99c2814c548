"""One painted plot: a few series over a common horizontal axis, without a plotting library."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from fcn_gui.widgets.appearance import Appearance

DOT_PX, CROSS_PX = 3.0, 3.5
LEAST_STEP = 0.001
"""Figures at the axis have three decimals."""


@dataclass(frozen=True)
class Series:
    """`points` (x, y) in order; `token` its colour; joined by a line, marked by dots or crosses (refused)."""

    name: str
    points: tuple[tuple[float, float], ...]
    token: str = "accent"
    is_joined: bool = True
    mark: str = ""
    own_scale: bool = False
    """Scaled to the height by itself, without figures at the axis: a loss, of which only the course matters."""
    says_last: bool = False
    band: tuple[tuple[float, float, float], ...] = ()
    """(x, low, high): between what the figure lies."""


def ticks(low: float, high: float, about: int = 4) -> list[float]:
    """Round figures from below `low` to above `high`, 1, 2 or 5 times a power of ten apart, and never told alike."""
    if not high > low:
        low, high = low - 0.05, high + 0.05
    rough = (high - low) / max(1, about - 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = max(LEAST_STEP, next(s * power for s in (1, 2, 5, 10) if s * power >= rough * 0.999))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(k * step, 10) for k in range(first, last + 1)]


class Plot(QWidget):
    """Painted from tokens; its accessible text is the last value of each series."""

    def __init__(self, appearance: Appearance, x_name: str) -> None:
        super().__init__()
        self._appearance, self._x_name = appearance, x_name
        self._series: tuple[Series, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        appearance.changed.connect(self.update)

    def show_series(self, series: Sequence[Series]) -> None:
        """Show these instead; empty ones are left out."""
        self._series = tuple(each for each in series if each.points)
        self.setAccessibleName(", ".join(f"{each.name} {each.points[-1][1]:.3f}" for each in self._series))
        self.update()

    @property
    def series(self) -> tuple[Series, ...]:
        """What is shown."""
        return self._series

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 80)

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._series:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._appearance.font("small", tabular=True))
        metrics = QFontMetricsF(painter.font())
        scaled = [y for each in self._series if not each.own_scale for _, y in each.points]
        scaled += [y for each in self._series for _, *ends in each.band for y in ends]
        marks = ticks(min(scaled), max(scaled)) if scaled else []
        left = max((metrics.horizontalAdvance(_figure(m)) for m in marks), default=0.0) + 10
        area = QRectF(left, metrics.height(), self.width() - left - 10, self.height() - 2 * metrics.height() - 6)
        xs = [x for each in self._series for x, _ in each.points]
        x_range = (min(xs), max(max(xs), min(xs) + 1))
        self._paint_axes(painter, area, marks, x_range)
        for each in self._series:
            self._paint_band(painter, each, area, x_range, marks)
        for each in self._series:
            ys = [y for _, y in each.points] if each.own_scale else marks
            self._paint_series(painter, each, [_at(area, x_range, (min(ys), max(ys)), point) for point in each.points])
        painter.end()

    def _paint_axes(self, painter: QPainter, area: QRectF, marks: list[float], x_range: tuple[float, float]) -> None:
        theme, metrics = self._appearance.theme, QFontMetricsF(painter.font())
        for mark in marks:
            y = _at(area, x_range, (marks[0], marks[-1]), (x_range[0], mark)).y()
            painter.setPen(QPen(theme.color("line"), 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(theme.color("text2"))
            painter.drawText(
                QRectF(0, y - 8, area.left() - 8, 16),
                Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
                _figure(mark),
            )
        painter.setPen(theme.color("text2"))
        below = area.bottom() + 6
        name_width = metrics.horizontalAdvance(self._x_name)
        painter.drawText(
            QRectF(area.right() - name_width, below, name_width + 2, 16), Qt.AlignmentFlag.AlignRight, self._x_name
        )
        for x in _whole_ticks(*x_range):
            at = area.left() + (x - x_range[0]) / (x_range[1] - x_range[0]) * area.width()
            if at < area.right() - name_width - 20:
                painter.drawText(QRectF(at - 20, below, 40, 16), Qt.AlignmentFlag.AlignHCenter, str(x))

    def _paint_band(
        self, painter: QPainter, series: Series, area: QRectF, x_range: tuple[float, float], marks: list[float]
    ) -> None:
        if len(series.band) < 2:
            return
        upper = [(x, high) for x, _, high in series.band]
        lower = [(x, low) for x, low, _ in reversed(series.band)]
        around = [_at(area, x_range, (marks[0], marks[-1]), point) for point in (*upper, *lower)]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._appearance.theme.color("soft"))
        painter.drawPolygon(QPolygonF(around))

    def _paint_series(self, painter: QPainter, series: Series, points: list[QPointF]) -> None:
        color = self._appearance.theme.color(series.token)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(color, 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
        if series.is_joined:
            painter.drawPolyline(QPolygonF(points))
        for point in points:
            if series.mark == "cross":
                painter.setPen(QPen(color, 1.5))
                for sign in (1, -1):
                    arm = QPointF(CROSS_PX, sign * CROSS_PX)
                    painter.drawLine(point - arm, point + arm)
            elif series.mark == "dot":
                painter.setPen(QPen(self._appearance.theme.color("panel"), 1))
                painter.setBrush(color)
                painter.drawEllipse(point, DOT_PX, DOT_PX)
        if series.says_last and points:
            painter.setFont(self._appearance.font("small", 600, tabular=True))
            painter.setPen(self._appearance.theme.color("text"))
            x = max(min(points[-1].x() - 24, self.width() - 50), points[0].x() - 6)
            spot = QRectF(x, points[-1].y() - 20, 48, 16)
            painter.drawText(spot, Qt.AlignmentFlag.AlignCenter, f"{series.points[-1][1]:.3f}")


def _at(
    area: QRectF, x_range: tuple[float, float], y_range: tuple[float, float], point: tuple[float, float]
) -> QPointF:
    across = (point[0] - x_range[0]) / (x_range[1] - x_range[0])
    span = y_range[1] - y_range[0]
    up = (point[1] - y_range[0]) / span if span else 0.5
    return QPointF(area.left() + across * area.width(), area.bottom() - up * area.height())


def _whole_ticks(low: float, high: float) -> list[int]:
    return sorted({round(t) for t in ticks(low, high, 5) if low <= round(t) <= high})


def _figure(value: float) -> str:
    return f"{value:.3f}".rstrip("0") if abs(value * 100 - round(value * 100)) > 1e-6 else f"{value:.2f}"
