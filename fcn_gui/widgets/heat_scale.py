"""The scale of the heatmap, with a mark at the probability under the cursor."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QLinearGradient, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from fcn_gui.core.overlay import magma
from fcn_gui.widgets.appearance import Appearance
from fcn_gui.widgets.theme import Space

BAR_PX, HEIGHT_PX, STOPS = 10.0, 32, 17


class HeatScale(QWidget):
    """Magma from 0 to 1; `value` None shows no mark."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self._value: float | None = None
        self.setFixedHeight(HEIGHT_PX)
        self.setAccessibleName(self.tr("Heatmap scale, 0 to 1"))
        appearance.changed.connect(self.update)

    @property
    def value(self) -> float | None:
        """The probability that is marked."""
        return self._value

    def show_value(self, value: float | None) -> None:
        """The probability under the cursor, 0…1, None where there is none."""
        if value != self._value:
            self._value = value
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._appearance.theme
        bar = QRectF(Space.PANEL, 2, self.width() - 2 * Space.PANEL, BAR_PX)
        gradient = QLinearGradient(bar.topLeft(), bar.topRight())
        colors = magma()
        for stop in range(STOPS):
            red, green, blue = (int(v) for v in colors[round(stop / (STOPS - 1) * 255)])
            gradient.setColorAt(stop / (STOPS - 1), QColor(red, green, blue))
        painter = QPainter(self)
        painter.fillRect(bar, gradient)
        painter.setFont(self._appearance.font("small", tabular=True))
        painter.setPen(theme.color("text2"))
        words = QRectF(bar.left(), bar.bottom() + 2, bar.width(), HEIGHT_PX - BAR_PX - 4)
        for side, text in (("Left", "0"), ("HCenter", "0.5"), ("Right", "1")):
            painter.drawText(words, Qt.AlignmentFlag[f"Align{side}"] | Qt.AlignmentFlag.AlignTop, text)
        if self._value is not None:
            self._paint_mark(painter, bar, self._value)
        painter.end()

    def _paint_mark(self, painter: QPainter, bar: QRectF, value: float) -> None:
        x = bar.left() + bar.width() * value
        mark = QRectF(x - 1.5, bar.top() - 2, 3, bar.height() + 4)
        painter.setPen(QPen(QColor(0, 0, 0, 170), 1))
        painter.setBrush(QColor(255, 255, 255))
        painter.drawRect(mark)
