"""Keys that act while they are down: those of the eraser (E) and of the bare image (H), and Space for the hand.

An application-wide filter, so they work wherever the focus is in the window but in a text field: it takes the key
before it becomes a shortcut. A tap of E chooses the eraser; a held E gives the tool before back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from time import monotonic

from PySide6.QtCore import QEvent, QKeyCombination, QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
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
from fcn_gui.widgets.actions import ACTION_BY_ID
from fcn_gui.widgets.hand import Hand

TAP_S = 0.25
ERASER, BARE, HAND = "tool.eraser", "view.bare", "hand"
"""What a held key does: the first two are actions of the table, whose keys a person may change."""
HELD_ACTIONS = (ERASER, BARE)
HAND_KEY = "Space"
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
        self._down: dict[int, tuple[str, float, int]] = {}
        """By key: what it does, since when (seconds), and how many strokes had begun then."""
        self._held: dict[QKeyCombination, str] = {}
        self.set_keys({name: ACTION_BY_ID[name].keys for name in HELD_ACTIONS})
        self._watches = False

    def set_keys(self, keys: Mapping[str, Iterable[str]]) -> None:
        """The keys of HELD_ACTIONS in Qt's portable form, from now on."""
        self.release_all()
        pairs = [(QKeySequence(key), name) for name, all_keys in keys.items() for key in all_keys]
        self._held = {sequence[0]: name for sequence, name in pairs if not sequence.isEmpty()}  # type: ignore[index]

    def watch(self) -> None:
        """From now on; until the canvas shows there is nothing to watch for."""
        app = QApplication.instance()
        if app is not None and not self._watches:
            app.installEventFilter(self)
            self._watches = True

    @property
    def has_space(self) -> bool:
        """Space is down: the hand."""
        return any(what == HAND for what, _, _ in self._down.values())

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
        what = self._meaning(watched, event)
        if not what:
            return False
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
        elif not event.isAutoRepeat():
            self._take(event.key(), what)
        return True

    def _meaning(self, watched: QWidget, event: QKeyEvent) -> str:
        """What the key does here; empty where it is not ours."""
        key, modifiers = Qt.Key(event.key()), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if held := self._held.get(QKeyCombination(modifiers, key)):
            return held
        is_sign = modifiers == Qt.KeyboardModifier.ShiftModifier and not event.text().isalpha()
        if is_sign and (held := self._held.get(QKeyCombination(key))):
            return held  # such as "?", which needs Shift on many keyboards and is written without it
        if modifiers != Qt.KeyboardModifier.NoModifier:
            return ""
        if key in _CLOSE or key in _BACK:
            return "polygon" if self._hand.polygon is not None else ""
        if key == Qt.Key.Key_Space:
            is_here = watched is self._canvas or (
                self._canvas.underMouse() and not isinstance(watched, QAbstractButton)
            )
            return HAND if is_here else ""
        return ""

    def _take(self, key: int, what: str) -> None:
        if what == "polygon":
            if key in _CLOSE:
                self._hand.close_polygon()
            else:
                self._hand.remove_corner()
            return
        self._down[key] = (what, monotonic(), self._hand.strokes_begun)
        if what == ERASER:
            self._view.hold(Tool.ERASER)
        elif what == BARE:
            self._view.bare = True
        else:
            self._hand_changed()

    def _released(self, event: QKeyEvent) -> bool:
        """Modifiers are not asked for: they may go up first."""
        key = event.key()
        if key not in self._down:
            return False
        if not event.isAutoRepeat():
            _, since, strokes = self._down[key]
            self._let_go(key, is_tap=monotonic() - since < TAP_S and strokes == self._hand.strokes_begun)
        return True

    def _let_go(self, key: int, is_tap: bool) -> None:
        what, _, _ = self._down.pop(key)
        if what == ERASER:
            self._view.hold(None)
            if is_tap:
                self._view.tool = Tool.ERASER
        elif what == BARE:
            self._view.bare = False
        else:
            self._hand_changed()
