"""Keys that act while they are down: E the eraser, H the bare image, Space the hand.

An application-wide filter, so they work wherever the focus is in the window but in a text field: it takes the key
before it becomes a shortcut. A tap of E chooses the eraser; a held E gives the tool before back.
"""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QKeySequenceEdit,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)

from fcn_gui.core.stroke import Tool
from fcn_gui.qt.view_state import ViewState
from fcn_gui.widgets.hand import Hand

TAP_S = 0.25
_TEXT = (QLineEdit, QAbstractSpinBox, QPlainTextEdit, QTextEdit, QKeySequenceEdit)
_KEY_EVENTS = (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress, QEvent.Type.KeyRelease)
_CLOSE, _BACK = (Qt.Key.Key_Return, Qt.Key.Key_Enter), (Qt.Key.Key_Backspace,)


def is_text_field(widget: QObject | None) -> bool:
    """Whether letters typed there are text."""
    return isinstance(widget, _TEXT) or (isinstance(widget, QComboBox) and widget.isEditable())


class HoldKeys(QObject):
    """Watches the keys for one canvas; `hand_changed` is called when Space went down or up."""

    def __init__(self, canvas: QWidget, view: ViewState, hand: Hand, hand_changed: Callable[[], None]) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._view = view
        self._hand = hand
        self._hand_changed = hand_changed
        self._down: dict[int, tuple[float, int]] = {}
        self.eraser_key = int(Qt.Key.Key_E)
        self.bare_key = int(Qt.Key.Key_H)
        self._watches = False

    def watch(self) -> None:
        """From now on; until the canvas shows there is nothing to watch for."""
        app = QApplication.instance()
        if app is not None and not self._watches:
            app.installEventFilter(self)
            self._watches = True

    @property
    def has_space(self) -> bool:
        """Space is down: the hand."""
        return int(Qt.Key.Key_Space) in self._down

    def release_all(self) -> None:
        """As if every key went up: the window lost the focus."""
        for key in list(self._down):
            self._let_go(key, is_tap=False)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """True where the key was ours."""
        if event.type() not in _KEY_EVENTS or not isinstance(event, QKeyEvent) or not isinstance(watched, QWidget):
            return False
        if watched.window() is not self._canvas.window() or not self._canvas.isVisible():
            return False
        if event.type() == QEvent.Type.KeyRelease:
            return self._released(event)
        if is_text_field(QApplication.focusWidget()) or QApplication.activePopupWidget() is not None:
            return False
        return self._pressed(watched, event)

    def _pressed(self, watched: QWidget, event: QKeyEvent) -> bool:
        key = event.key()
        if not self._is_ours(watched, event):
            return False
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
        elif not event.isAutoRepeat():
            self._take(key)
        return True

    def _is_ours(self, watched: QWidget, event: QKeyEvent) -> bool:
        modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if modifiers != Qt.KeyboardModifier.NoModifier:
            return False
        key = event.key()
        if key in _CLOSE or key in _BACK:
            return self._hand.polygon is not None
        if key == Qt.Key.Key_Space:
            return watched is self._canvas or (self._canvas.underMouse() and not isinstance(watched, QAbstractButton))
        return key in (self.eraser_key, self.bare_key)

    def _take(self, key: int) -> None:
        if key in _CLOSE:
            self._hand.close_polygon()
        elif key in _BACK:
            self._hand.remove_corner()
        else:
            self._down[key] = (monotonic(), self._hand.strokes_begun)
            if key == self.eraser_key:
                self._view.hold(Tool.ERASER)
            elif key == self.bare_key:
                self._view.bare = True
            else:
                self._hand_changed()

    def _released(self, event: QKeyEvent) -> bool:
        key = event.key()
        if key not in self._down:
            return False
        if not event.isAutoRepeat():
            since, strokes = self._down[key]
            self._let_go(key, is_tap=monotonic() - since < TAP_S and strokes == self._hand.strokes_begun)
        return True

    def _let_go(self, key: int, is_tap: bool) -> None:
        del self._down[key]
        if key == self.eraser_key:
            self._view.hold(None)
            if is_tap:
                self._view.tool = Tool.ERASER
        elif key == self.bare_key:
            self._view.bare = False
        else:
            self._hand_changed()
