"""A widget that is told what mouse, pen, wheel and fingers do in one language, whichever of them it was."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import (
    QFocusEvent,
    QHideEvent,
    QInputEvent,
    QMouseEvent,
    QPointingDevice,
    QTabletEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from fcn_gui.widgets.scrolling import Scroll, scroll_of, zoom_of_gesture
from fcn_gui.widgets.tools import XY, Press

_BUTTONS = {
    Qt.MouseButton.LeftButton: "left",
    Qt.MouseButton.MiddleButton: "middle",
    Qt.MouseButton.RightButton: "right",
}


class PointerWidget(QWidget):
    """Turns Qt's events into calls of the methods below; positions are logical pixels of the widget."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self.setTabletTracking(True)
        self.grabGesture(Qt.GestureType.PinchGesture)

    # To be filled

    def pointer_pressed(self, press: Press, at: XY) -> None:
        """A button of mouse or pen went down."""
        raise NotImplementedError

    def pointer_moved(self, at: XY, has_alt: bool, has_button: bool) -> None:
        """The pointer is elsewhere."""
        raise NotImplementedError

    def pointer_released(self, button: str, at: XY, has_alt: bool) -> None:
        """A button went up."""
        raise NotImplementedError

    def pointer_double_clicked(self, press: Press, at: XY) -> None:
        """The second press of a double click."""
        raise NotImplementedError

    def pointer_left(self) -> None:
        """The pointer is over another widget."""
        raise NotImplementedError

    def scrolled(self, scroll: Scroll, at: XY) -> None:
        """Wheel, touchpad or pinch."""
        raise NotImplementedError

    def grab_lost(self) -> None:
        """Window or focus was lost: whatever was held down counts as released."""
        raise NotImplementedError

    # Qt's side

    def mousePressEvent(self, event: QMouseEvent) -> None:
        press = _press(_BUTTONS.get(event.button(), ""), event)
        self.pointer_pressed(press, _xy(event.position()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        press = _press(_BUTTONS.get(event.button(), ""), event)
        self.pointer_double_clicked(press, _xy(event.position()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        has_button = event.buttons() != Qt.MouseButton.NoButton
        self.pointer_moved(_xy(event.position()), _has_alt(event), has_button)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.pointer_released(_BUTTONS.get(event.button(), ""), _xy(event.position()), _has_alt(event))

    def tabletEvent(self, event: QTabletEvent) -> None:
        """A pen is a mouse whose other end erases; how hard it presses changes nothing: borders stay where drawn."""
        is_eraser = event.pointerType() == QPointingDevice.PointerType.Eraser
        button = "eraser" if is_eraser else _BUTTONS.get(event.button(), "left")
        at = _xy(event.position())
        if event.type() == QEvent.Type.TabletPress:
            self.pointer_pressed(_press(button, event), at)
        elif event.type() == QEvent.Type.TabletRelease:
            self.pointer_released(button, at, _has_alt(event))
        else:
            self.pointer_moved(at, _has_alt(event), event.buttons() != Qt.MouseButton.NoButton)
        event.accept()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.scrolled(scroll_of(event), _xy(event.position()))
        event.accept()

    def event(self, event: QEvent) -> bool:
        pinch = zoom_of_gesture(event)
        if pinch is None:
            return super().event(event)
        factor, (x, y) = pinch
        is_global = event.type() == QEvent.Type.Gesture
        self.scrolled(Scroll(zoom=factor), _xy(self.mapFromGlobal(QPointF(x, y)) if is_global else QPointF(x, y)))
        event.accept()
        return True

    def leaveEvent(self, event: QEvent) -> None:
        self.pointer_left()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        if event.reason() == Qt.FocusReason.ActiveWindowFocusReason:
            self.grab_lost()
        super().focusOutEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.ActivationChange and not self.isActiveWindow():
            self.grab_lost()
        super().changeEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        self.grab_lost()
        super().hideEvent(event)


def _xy(at: QPointF) -> XY:
    return at.x(), at.y()


def _has_alt(event: QInputEvent) -> bool:
    return bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)


def _press(button: str, event: QInputEvent) -> Press:
    has_shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
    return Press(button, has_shift=has_shift, has_alt=_has_alt(event))
