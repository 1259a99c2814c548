"""A widget that shows one stage: fit, zoom about a point, pan, and which image point the pointer is over."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRect, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from fcn_gui.core.raster import Rect
from fcn_gui.core.viewport import Viewport
from fcn_gui.widgets.pointer_widget import PointerWidget
from fcn_gui.widgets.stage import Stage
from fcn_gui.widgets.tools import XY

LARGEST_LOOK = 8.0
"""Logical pixels an image pixel: nobody wants to be nearer at once."""


class StageWidget(PointerWidget):
    """`zoomed(zoom)` after each change of zoom or place (logical pixels an image pixel)."""

    zoomed = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stage: Stage | None = None
        self._is_fitted = True
        self._at: XY | None = None
        self._ahead_timer = QTimer(self, singleShot=True, interval=0)
        self._ahead_timer.timeout.connect(self._work_ahead)

    @property
    def stage(self) -> Stage | None:
        """The layers of the open image, None while none is open."""
        return self._stage

    @property
    def zoom(self) -> float:
        """Logical pixels an image pixel; 1 while no image is open."""
        return self._stage.viewport.zoom if self._stage else 1.0

    def fit(self) -> None:
        """Show the whole image."""
        if self._stage is not None:
            self._set_viewport(self._stage.viewport.fit(), is_fitted=True)

    def actual_size(self) -> None:
        """One logical pixel an image pixel."""
        if self._stage is not None:
            self._set_viewport(self._stage.viewport.actual_size())

    def zoom_by(self, factor: float, at: XY | None = None) -> None:
        """Zoom about the logical position `at`: by default the pointer, else the middle."""
        if self._stage is not None:
            self._set_viewport(self._stage.viewport.zoomed_at(factor, at or self._at or self._middle))

    def pan_by(self, dx: float, dy: float) -> None:
        """Move the image by logical pixels."""
        if self._stage is not None and (dx or dy):
            self._set_viewport(self._stage.viewport.panned(dx, dy))

    def show_point(self, xy: XY) -> None:
        """Bring image point `xy` to the middle."""
        if self._stage is not None:
            self._set_viewport(self._stage.viewport.centred_on(xy))

    def show_rect(self, rect: Rect) -> None:
        """Bring a part of the image to the middle, about a third of the widget large, never smaller than fitted."""
        if self._stage is None or rect.is_empty:
            return
        viewport = self._stage.viewport
        wanted = min(self.width() / (3 * rect.width), self.height() / (3 * rect.height))
        zoom = max(viewport.fit().zoom, min(wanted, max(LARGEST_LOOK, viewport.zoom)))
        middle = (rect.x0 + rect.x1) / 2, (rect.y0 + rect.y1) / 2
        self._set_viewport(viewport.zoomed_at(zoom / viewport.zoom, self._middle).centred_on(middle))

    def cursor_xy(self) -> XY | None:
        """Image point under the pointer, None where it is over no pixel."""
        if self._stage is None or self._at is None:
            return None
        x, y = self._stage.viewport.to_image(self._at)
        width, height = self._stage.viewport.image_wh
        return (x, y) if 0 <= x < width and 0 <= y < height else None

    def cursor_position(self) -> QPoint:
        """Where a list at the pointer opens: global, the middle while the pointer is elsewhere."""
        x, y = self._at or self._middle
        return self.mapToGlobal(QPoint(round(x), round(y)))

    def show_soon(self) -> None:
        """Repaint everything; what that takes is made before, in turns of a few milliseconds."""
        self._ahead_timer.start()

    @property
    def is_getting_ready(self) -> bool:
        """All will be repainted in a moment."""
        return self._ahead_timer.isActive()

    def begin_paint(self, exposed: QRect) -> None:
        """A paint event makes all that is left at once; what it does not cover is then to be painted too."""
        if self.is_getting_ready:
            self._ahead_timer.stop()
            if exposed != self.rect():
                self.update()

    def place_changed(self) -> None:
        """Another image, zoom or place shows; to be extended."""
        self.zoomed.emit(self.zoom)

    def _work_ahead(self) -> None:
        if self._stage is not None and self.isVisible() and self._stage.work_ahead():
            self._ahead_timer.start()
        else:
            self.update()

    @property
    def _middle(self) -> XY:
        return self.width() / 2, self.height() / 2

    def _set_viewport(self, viewport: Viewport, is_fitted: bool = False) -> None:
        if self._stage is not None:
            self._is_fitted = is_fitted
            self._stage.set_viewport(viewport, self.devicePixelRatioF())
            self.update()
            self.place_changed()

    def resizeEvent(self, event: QResizeEvent) -> None:
        if self._stage is not None:
            viewport = self._stage.viewport.resized((self.width(), self.height()))
            self._set_viewport(viewport.fit() if self._is_fitted else viewport, self._is_fitted)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DevicePixelRatioChange and self._stage is not None:
            self._set_viewport(self._stage.viewport, self._is_fitted)
        return super().event(event)
