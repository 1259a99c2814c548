"""What a wheel, a touchpad or two fingers ask for."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QInputDevice, QNativeGestureEvent, QWheelEvent
from PySide6.QtWidgets import QGestureEvent, QPinchGesture

NOTCH = 120
ZOOM_PER_NOTCH = 1.2
PIXELS_PER_NOTCH = 60.0
"""Scrolled pixels with Ctrl that count as one notch of zoom."""


@dataclass(frozen=True)
class Scroll:
    """Exactly one of: `zoom` a factor, `pan` logical pixels, `size` notches of the brush."""

    zoom: float = 1.0
    pan: tuple[float, float] = (0.0, 0.0)
    size: float = 0.0


def scroll_of(event: QWheelEvent) -> Scroll:
    """Shift sizes the brush, Ctrl and notched wheels zoom, pixel-precise scrolling pans."""
    angle, pixels = event.angleDelta(), event.pixelDelta()
    turned = angle.y() or angle.x()
    modifiers = event.modifiers()
    if modifiers & Qt.KeyboardModifier.ShiftModifier:
        return Scroll(size=turned / NOTCH)
    if modifiers & Qt.KeyboardModifier.ControlModifier:
        notches = turned / NOTCH if turned else pixels.y() / PIXELS_PER_NOTCH
        return Scroll(zoom=ZOOM_PER_NOTCH**notches)
    if is_notched(event):
        return Scroll(zoom=ZOOM_PER_NOTCH ** (angle.y() / NOTCH))
    return Scroll(pan=(pixels.x(), pixels.y()) if not pixels.isNull() else (angle.x() / 8, angle.y() / 8))


def is_notched(event: QWheelEvent) -> bool:
    """A mouse wheel that turns by clicks, as against a touchpad or a wheel that tells pixels."""
    if event.device() is not None and event.device().type() == QInputDevice.DeviceType.TouchPad:
        return False
    return event.pixelDelta().isNull() or (
        event.phase() == Qt.ScrollPhase.NoScrollPhase and event.angleDelta().y() % NOTCH == 0
    )


def zoom_of_gesture(event: QEvent) -> tuple[float, tuple[float, float]] | None:
    """Factor and position (event's own coordinates) of a pinch, on a touchpad or a touch screen; None otherwise."""
    if isinstance(event, QNativeGestureEvent) and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
        return 1 + event.value(), (event.position().x(), event.position().y())
    if isinstance(event, QGestureEvent):
        pinch = event.gesture(Qt.GestureType.PinchGesture)
        if isinstance(pinch, QPinchGesture):
            centre = pinch.centerPoint()
            return pinch.scaleFactor(), (centre.x(), centre.y())
    return None
