"""A hand at mouse and keyboard: events go to the widgets through the event loop, as those of a person do."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from fcn_gui.cli.autopilot.pilot import AutopilotError, Script, Until
from fcn_gui.core.stroke import Stroke, Tool
from fcn_gui.qt.view_state import ViewState
from fcn_gui.widgets.canvas import Canvas
from fcn_gui.widgets.main_window import MainWindow

NOTCH = 120
SMALL_ON_SCREEN_PX = 260.0
"""A stroke that would be smaller than this on the screen is painted zoomed in."""
EDGE_PX = 24.0
"""So far from the canvas' edge a stroke stays while zooming."""
CLOSING_PX = 11.0
"""Corners this near (logical pixels) to a polygon's first one are left out, else their click would close it."""
NARROWEST = 0.75
"""Of the wanted radius: a brush this narrow does."""
MOST_NOTCHES = 60
_LEFT, _NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
_CTRL, _SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
_PLAIN = Qt.KeyboardModifier.NoModifier

XY = tuple[float, float]


class Hand:
    """Works on one window. Each method is a script: it yields so that the window can answer."""

    def __init__(self, window: MainWindow, canvas: Canvas, view: ViewState) -> None:
        self._window, self._canvas, self._view = window, canvas, view

    # Keys, buttons, fields

    def press_key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = _PLAIN) -> Script[None]:
        """A key, wherever the focus is in the window."""
        self._window.activateWindow()
        yield Until("the window to be active", lambda: QApplication.activeWindow() is not None)
        QTest.keyClick(QApplication.focusWidget() or self._window, key, modifiers)
        yield None

    def write(self, field: QLineEdit, text: str) -> Script[None]:
        """Click into a field and type a text in place of what stands there."""
        yield from self.click(field)
        yield Until("the field to have the focus", field.hasFocus)
        QTest.keyClick(field, Qt.Key.Key_A, _CTRL)
        QTest.keyClicks(field, text)
        yield None

    def click(self, widget: QWidget) -> Script[None]:
        """The left button in the middle of a widget."""
        yield Until("a part of the window to show", widget.isVisible)
        QTest.mouseClick(widget, _LEFT)
        yield None

    def drop(self, folder: Path) -> Script[None]:
        """Drag a folder onto the window and let it go."""
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(folder))])
        at = self._window.rect().center()
        copy = Qt.DropAction.CopyAction
        for event in (
            QDragEnterEvent(at, copy, data, _LEFT, _PLAIN),
            QDropEvent(QPointF(at), copy, data, _LEFT, _PLAIN),
        ):
            QApplication.sendEvent(self._window, event)
        yield None

    # Painting

    def paint(self, stroke: Stroke) -> Script[None]:
        """Paint one stroke on the canvas: class, tool, brush size and zoom first, then the mouse."""
        yield from self._choose_class(stroke.label)
        yield from self.press_key(Qt.Key.Key_P if stroke.tool is Tool.POLYGON else Qt.Key.Key_B)
        yield Until("the tool", lambda: self._view.tool is stroke.tool)
        is_zoomed = yield from self._zoom_to(stroke)
        if stroke.tool is Tool.POLYGON:
            yield from self._outline(stroke.points)
        else:
            yield from self._size_brush(stroke.radius_px)
            yield from self._drag(stroke.points)
        if is_zoomed:
            yield from self.press_key(Qt.Key.Key_F, _CTRL)

    def _choose_class(self, label: int | None) -> Script[None]:
        label_map = self._window.model.label_map
        if label is None or label_map is None:
            raise AutopilotError("A stroke needs a class, and the folder has none.")
        if label == self._view.label:
            return
        if label < 10:
            yield from self.press_key(Qt.Key(Qt.Key.Key_0 + label))
        else:
            finder = self._window.sheets.class_finder
            yield from self.press_key(Qt.Key.Key_C)
            yield Until("the list of classes", finder.isVisible)
            yield from self.write(finder.field, label_map.names[label])
            QTest.keyClick(finder.field, Qt.Key.Key_Return)
        yield Until("the class", lambda: self._view.label == label)

    def _zoom_to(self, stroke: Stroke) -> Script[bool]:
        """Turn the wheel with Ctrl over the middle of a small stroke until it can be painted well."""
        xs, ys = zip(*stroke.points, strict=True)
        middle = (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2
        reach = max(max(xs) - min(xs), max(ys) - min(ys)) / 2 + stroke.radius_px
        is_zoomed = False
        for _ in range(MOST_NOTCHES):
            x, y = self._on_screen(middle)
            size = self._canvas.size()
            room = min(x, y, size.width() - x, size.height() - y) - EDGE_PX
            shown = reach * self._canvas.zoom * 1.25
            if 2 * shown > SMALL_ON_SCREEN_PX or shown > room or self._canvas.zoom > 12:
                break
            self._wheel((x, y), _CTRL, 1)
            is_zoomed = True
            yield None
        return is_zoomed

    def _size_brush(self, radius_px: float) -> Script[None]:
        """Turn the wheel with Shift until the brush is about as wide as wanted, rather narrower than wider."""
        at = self._canvas.width() / 2, self._canvas.height() / 2
        has_shrunk = False
        for _ in range(MOST_NOTCHES):
            now = self._view.radius_px
            if now > radius_px:
                notches, has_shrunk = -1, True
            elif now < radius_px * NARROWEST and not has_shrunk:
                notches = 1
            else:
                return
            self._wheel(at, _SHIFT, notches)
            yield None
            if self._view.radius_px == now:
                return

    def _outline(self, points: tuple[XY, ...]) -> Script[None]:
        """Click the corners, then the first one again."""
        first, *others = [self._on_screen(point) for point in points]
        kept = [at for at in others if abs(at[0] - first[0]) + abs(at[1] - first[1]) > CLOSING_PX * 1.5]
        for at in (first, *kept, first):
            self._mouse(QEvent.Type.MouseMove, at, _NONE, _NONE)
            self._mouse(QEvent.Type.MouseButtonPress, at, _LEFT, _LEFT)
            self._mouse(QEvent.Type.MouseButtonRelease, at, _LEFT, _NONE)
            yield None
        yield Until("the polygon to close", lambda: self._canvas.hand.polygon is None)

    def _drag(self, points: tuple[XY, ...]) -> Script[None]:
        """Press, move along the points, release."""
        path = [self._on_screen(point) for point in points]
        self._mouse(QEvent.Type.MouseMove, path[0], _NONE, _NONE)
        self._mouse(QEvent.Type.MouseButtonPress, path[0], _LEFT, _LEFT)
        for at in path[1:]:
            self._mouse(QEvent.Type.MouseMove, at, _NONE, _LEFT)
            yield None
        self._mouse(QEvent.Type.MouseButtonRelease, path[-1], _LEFT, _NONE)
        yield Until("the stroke to end", lambda: self._canvas.hand.brush is None)

    def _on_screen(self, point: XY) -> XY:
        stage = self._canvas.stage
        if stage is None:
            raise AutopilotError("There is no image on the canvas to paint on.")
        return stage.viewport.to_screen(point)

    def _mouse(self, kind: QEvent.Type, at: XY, button: Qt.MouseButton, held: Qt.MouseButton) -> None:
        local = QPointF(*at)
        event = QMouseEvent(kind, local, QPointF(self._canvas.mapToGlobal(local)), button, held, _PLAIN)
        QCoreApplication.postEvent(self._canvas, event)

    def _wheel(self, at: XY, modifiers: Qt.KeyboardModifier, notches: int) -> None:
        local = QPointF(*at)
        turned = QPoint(0, notches * NOTCH)
        event = QWheelEvent(
            local,
            QPointF(self._canvas.mapToGlobal(local)),
            QPoint(),
            turned,
            _NONE,
            modifiers,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QCoreApplication.postEvent(self._canvas, event)
