"""The cursor of one widget: where it is, what it looks like, and which pixels to repaint when either changes."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, Qt, QTimer
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import QWidget

from fcn_gui.widgets.cursors import SYSTEM, Cursor, Shape

NOTE_MS = 600


class CursorLayer:
    """Paints a cursor of our own over `widget` and hides the system's below it, or shows the system's."""

    def __init__(self, widget: QWidget, font: QFont) -> None:
        self._widget = widget
        self._font = font
        self._cursor: Cursor | None = None
        self._note = ""
        self._timer = QTimer(widget)
        self._timer.setSingleShot(True)
        self._timer.setInterval(NOTE_MS)
        self._timer.timeout.connect(self._end_note)

    @property
    def note(self) -> str:
        """What stands beside the cursor now."""
        return self._note

    def show(self, shape: Shape, at: QPointF, radius_px: float, color: QColor) -> None:
        """Show `shape` at a logical position of the widget."""
        self._replace(Cursor(shape, at, radius_px, color, self._note, self._widget.width()))
        wanted = SYSTEM.get(shape, Qt.CursorShape.BlankCursor)
        if self._widget.cursor().shape() != wanted:
            self._widget.setCursor(wanted)

    def hide(self) -> None:
        """The pointer is elsewhere."""
        self._replace(None)

    def tell(self, note: str) -> None:
        """Show `note` beside the cursor for a moment."""
        self._note = note
        self._timer.start()
        if self._cursor is not None:
            self.show(self._cursor.shape, self._cursor.at, self._cursor.radius_px, self._cursor.color)

    def stop(self) -> None:
        """No timer goes on."""
        self._timer.stop()

    def paint(self, painter: QPainter) -> None:
        """Painted in logical pixels, last of all."""
        if self._cursor is not None:
            self._cursor.paint(painter, self._font)

    def _end_note(self) -> None:
        self._note = ""
        if self._cursor is not None:
            self.show(self._cursor.shape, self._cursor.at, self._cursor.radius_px, self._cursor.color)

    def _replace(self, cursor: Cursor | None) -> None:
        if cursor == self._cursor:
            return
        dirty = QRect()
        for one in (self._cursor, cursor):
            if one is not None and one.shape not in SYSTEM:
                dirty |= one.extent(self._font).toAlignedRect()
        self._cursor = cursor
        if not dirty.isEmpty():
            self._widget.update(dirty)
