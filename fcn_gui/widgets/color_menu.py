"""Colours to choose from for a class: those that are told apart by everybody, or any other."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QColorDialog, QMenu, QWidget

from fcn_gui.core.palette import OWN_COLORS, Color, hex_color

SWATCH_PX = 16


class ColorMenu(QMenu):
    """`chosen` with (R, G, B), each 0…255."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget, current: Color) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._host, self._current = parent.window(), current
        for color in OWN_COLORS:
            action = self.addAction(_swatch(color), hex_color(color))
            action.triggered.connect(lambda _checked=False, wanted=color: self.chosen.emit(wanted))
        self.addSeparator()
        self.addAction(self.tr("Other colour…")).triggered.connect(self._ask)

    def _ask(self) -> None:
        dialog = QColorDialog(QColor(*self._current), self._host)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setModal(False)
        emit = self.chosen.emit
        dialog.colorSelected.connect(lambda c: emit((c.red(), c.green(), c.blue())))
        dialog.show()


def _swatch(color: Color) -> QIcon:
    pixmap = QPixmap(SWATCH_PX, SWATCH_PX)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(*color))
    painter.drawRoundedRect(1, 1, SWATCH_PX - 2, SWATCH_PX - 2, 3, 3)
    painter.end()
    return QIcon(pixmap)
