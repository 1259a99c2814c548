"""The focus ring, shown only when the focus came by Tab or a shortcut; and letters stay out of the way of typing."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QPen, QRegion
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QKeySequenceEdit,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)

from fcn_gui.widgets.appearance import Appearance
from fcn_gui.widgets.theme import Radius

GAP_PX, WIDTH_PX = 1, 2
_BY_KEYBOARD = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)
_HEARD = frozenset(
    (
        QEvent.Type.FocusIn,
        QEvent.Type.FocusOut,
        QEvent.Type.Move,
        QEvent.Type.Resize,
        QEvent.Type.Hide,
        QEvent.Type.ShortcutOverride,
    )
)
_TEXT_FIELDS = (QLineEdit, QTextEdit, QPlainTextEdit, QAbstractSpinBox, QKeySequenceEdit)
_NO_TEXT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier


class FocusRing(QWidget):
    """Lies 1 px outside the focused control, over everything, and takes no mouse.

    The canvas draws its own inner border: it gets the property `keyFocus` only.
    """

    def __init__(self, appearance: Appearance, window: QWidget) -> None:
        super().__init__(window)
        self._appearance = appearance
        self._target: QWidget | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()
        appearance.changed.connect(self.update)

    def start(self) -> None:
        """Watch the focus from now on: once the window stands, or building it would go through here too."""
        app = QApplication.instance()
        if app is not None:
            app.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the focus; keep plain keys from the window's shortcuts while somebody types."""
        kind = event.type()
        if kind not in _HEARD:
            return False
        if kind == QEvent.Type.FocusIn and isinstance(watched, QWidget) and isinstance(event, QFocusEvent):
            if watched.window() is self.window():
                self._follow(watched, event.reason() in _BY_KEYBOARD)
        elif kind == QEvent.Type.FocusOut and watched is self._target:
            self._follow(None, False)
        elif kind in (QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Hide) and self._moves_with(watched):
            self._place()
        elif kind == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and is_typing(event):
            event.accept()
            return True
        return False

    def _moves_with(self, watched: QObject) -> bool:
        """Whether the focused control is this one or stands in it."""
        target = self._target
        return (
            target is not None and isinstance(watched, QWidget) and (watched is target or watched.isAncestorOf(target))
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._appearance.theme.color("accent"), WIDTH_PX))
        inset = WIDTH_PX / 2
        painter.drawRoundedRect(
            QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), Radius.BUTTON + 2, Radius.BUTTON + 2
        )
        painter.end()

    def _follow(self, target: QWidget | None, is_by_keyboard: bool) -> None:
        before = self._target
        if before is not None and before is not target:
            before.setProperty("keyFocus", False)
            before.update()
        self._target = target if is_by_keyboard else None
        if target is not None:
            target.setProperty("keyFocus", is_by_keyboard)
            target.update()
        self._place()

    def _place(self) -> None:
        target = self._target
        is_own_border = target is not None and target.property("drawsFocus")
        if target is None or is_own_border or not target.isVisible() or target is self.window():
            self.hide()
            return
        origin = target.mapTo(self.window(), target.rect().topLeft())
        grow = GAP_PX + WIDTH_PX
        outer = target.rect().translated(origin).adjusted(-grow, -grow, grow, grow)
        self.setGeometry(outer)
        inner = self.rect().adjusted(WIDTH_PX + 2, WIDTH_PX + 2, -WIDTH_PX - 2, -WIDTH_PX - 2)
        self.setMask(QRegion(self.rect()).subtracted(QRegion(inner)))
        self.show()
        self.raise_()


def chain_focus(zones: Sequence[QWidget]) -> None:
    """Tab goes through the zones in this order, and through each as it was built."""
    chain = [part for zone in zones for part in (zone, *zone.findChildren(QWidget)) if _takes_tab(part, zone)]
    for one, other in pairwise(chain):
        QWidget.setTabOrder(one, other)


def _takes_tab(part: QWidget, zone: QWidget) -> bool:
    """A menu is a child of its button, but a window of its own."""
    return bool(part.focusPolicy() & Qt.FocusPolicy.TabFocus) and part.window() is zone.window()


def is_typing(event: QKeyEvent) -> bool:
    """Whether a key without Ctrl, Alt or Meta belongs to the text field that has the focus."""
    focused = QApplication.focusWidget()
    if isinstance(focused, QComboBox) and not focused.isEditable():
        return False
    is_field = isinstance(focused, _TEXT_FIELDS) and focused.isEnabled()
    is_function_key = Qt.Key.Key_F1 <= event.key() <= Qt.Key.Key_F35
    return is_field and not is_function_key and not event.modifiers() & _NO_TEXT
