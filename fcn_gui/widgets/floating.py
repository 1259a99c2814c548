"""Frameless children of the window that float over it: a rounded ground with edge and shadow, no dialog."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QScrollArea, QVBoxLayout, QWidget

from fcn_gui.widgets.appearance import Appearance
from fcn_gui.widgets.motion import Fade
from fcn_gui.widgets.theme import Radius

SHADOW_PX = 14


class Floating(QWidget):
    """A ground to put widgets on; `column` lies inside the shadow's margin."""

    def __init__(self, appearance: Appearance, parent: QWidget, radius: int = Radius.PALETTE) -> None:
        super().__init__(parent)
        self.host = parent
        self._appearance, self._radius = appearance, radius
        self.fade = Fade(self, appearance)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(SHADOW_PX, SHADOW_PX, SHADOW_PX, SHADOW_PX)
        self.column.setSpacing(0)
        appearance.changed.connect(self.update)
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._appearance.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = QRectF(self.rect()).adjusted(SHADOW_PX, SHADOW_PX, -SHADOW_PX, -SHADOW_PX)
        painter.setPen(Qt.PenStyle.NoPen)
        for spread in range(SHADOW_PX, 0, -2):
            shade = QColor(0, 0, 0, 14 if theme.is_dark else 4)
            painter.setBrush(shade)
            painter.drawRoundedRect(
                ground.adjusted(-spread, -spread + 3, spread, spread), self._radius + spread, self._radius + spread
            )
        painter.setBrush(theme.color("menu"))
        painter.setPen(QPen(theme.color("edge"), 1))
        painter.drawRoundedRect(ground.adjusted(0.5, 0.5, -0.5, -0.5), self._radius, self._radius)
        painter.end()


class Sheet(Floating):
    """Opens over the window, takes the focus, closes on Esc, on a click elsewhere, and gives the focus back."""

    closed = Signal()

    def __init__(self, appearance: Appearance, parent: QWidget, width_px: int, top_px: int = 52) -> None:
        super().__init__(appearance, parent)
        self._width_px, self._top_px = width_px, top_px
        self._had_focus: QWidget | None = None

    def open(self) -> None:
        """Show it, centred, under the top bar."""
        self._had_focus = QApplication.focusWidget()
        self.place()
        self.show()
        self.raise_()
        self.fade.come()
        QApplication.instance().installEventFilter(self)  # type: ignore[union-attr]

    def close_sheet(self) -> None:
        """Hide it and give the focus back."""
        if not self.isVisible():
            return
        QApplication.instance().removeEventFilter(self)  # type: ignore[union-attr]
        self.hide()
        if self._had_focus is not None and self._had_focus.isVisible():
            self._had_focus.setFocus(Qt.FocusReason.OtherFocusReason)
        self._had_focus = None
        self.closed.emit()

    def place(self) -> None:
        """Keep it inside the window."""
        host = self.host
        width = min(self._width_px, host.width() - 2 * 16) + 2 * SHADOW_PX
        self.setFixedWidth(width)
        self.setMaximumHeight(host.height() - self._top_px)
        self.adjustSize()
        self.fade.place((host.width() - width) // 2, self._top_px - SHADOW_PX)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_sheet()
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Esc belongs to the open sheet; a click elsewhere in the window closes it."""
        kind = event.type()
        if kind == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            event.accept()
            return False
        if kind == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            if QApplication.activePopupWidget() is None:
                self.close_sheet()
                return True
        elif kind == QEvent.Type.MouseButtonPress and isinstance(watched, QWidget):
            is_inside = watched is self or self.isAncestorOf(watched)
            if not is_inside and watched.window() is self.window():
                self.close_sheet()
        elif kind == QEvent.Type.Resize and watched is self.host:
            self.place()
        return False


def show_page(area: QScrollArea, page: QWidget) -> None:
    """Put a page into the scroll area of a sheet, whose own ground shows through."""
    area.setWidget(page)
    page.setAutoFillBackground(False)
    area.viewport().setAutoFillBackground(False)
