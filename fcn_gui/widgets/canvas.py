"""The canvas: it shows the stage, forwards what mouse, pen and wheel do to the hand, and decides nothing else."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QHideEvent,
    QInputEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPointingDevice,
    QResizeEvent,
    QTabletEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from fcn_gui.core.palette import VOID_COLOR, Colors, overlay_colors
from fcn_gui.core.raster import VOID, Mask, Rect
from fcn_gui.core.viewport import Viewport
from fcn_gui.qt.session_model import SessionModel
from fcn_gui.qt.view_state import ViewState
from fcn_gui.widgets.appearance import Appearance
from fcn_gui.widgets.canvas_marks import paint_empty, paint_focus, paint_polygon
from fcn_gui.widgets.cursor_facts import facts_at
from fcn_gui.widgets.cursor_layer import CursorLayer
from fcn_gui.widgets.cursors import shape_for
from fcn_gui.widgets.hand import Hand
from fcn_gui.widgets.hold_keys import HoldKeys
from fcn_gui.widgets.region_hover import RegionHover
from fcn_gui.widgets.scrolling import scroll_of, zoom_of_gesture
from fcn_gui.widgets.stage import Stage
from fcn_gui.widgets.tools import XY, Intent, Press

FACTS_MS = 33
_BUTTONS = {
    Qt.MouseButton.LeftButton: "left",
    Qt.MouseButton.MiddleButton: "middle",
    Qt.MouseButton.RightButton: "right",
}
_MASK_FIELDS = ("opacity", "outline_px", "hidden", "hovered_label", "mode")
_CURSOR_FIELDS = ("tool", "label", "radius_px")
_NOTED_FIELDS = ("label", "radius_px")


class Canvas(QWidget):
    """Shows the model's open image as `view` says; strokes go to the model when the button goes up.

    `zoomed(zoom)` after each change of zoom (logical pixels an image pixel).
    """

    zoomed = Signal(float)

    def __init__(
        self, model: SessionModel, view: ViewState, appearance: Appearance, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._model = model
        self._view = view
        self._appearance = appearance
        self._stage: Stage | None = None
        self._is_fitted = True
        self._at: XY | None = None
        self._is_picking = False
        self.hand = Hand(model, view, self)
        self.hold_keys = HoldKeys(self, view, self.hand, self._renew_cursor)
        self._cursors = CursorLayer(self, appearance.font("small", 500, tabular=True))
        self._hover = RegionHover(model, self.update, self)
        self._facts_timer = QTimer(self, singleShot=True, interval=FACTS_MS)
        self._facts_timer.timeout.connect(self._tell_facts)
        self._prepare()
        self._connect()
        self._open()

    def _prepare(self) -> None:
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMouseTracking(True)
        self.setTabletTracking(True)
        self.grabGesture(Qt.GestureType.PinchGesture)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Canvas"))
        self.setMinimumSize(QSize(200, 150))

    def _connect(self) -> None:
        model = self._model
        model.document_opened.connect(self._open)
        model.document_closed.connect(self._open)
        model.mask_changed.connect(self._show_mask)
        model.prediction_changed.connect(self._show_prediction)
        model.label_map_changed.connect(self._show_label_map)
        self._view.changed.connect(self._show_view)
        self._appearance.changed.connect(self.update)

    # What the window and its actions ask for

    @property
    def stage(self) -> Stage | None:
        """The layers of the open image, None while none is open."""
        return self._stage

    @property
    def zoom(self) -> float:
        """Logical pixels an image pixel; 1 while no image is open."""
        return self._stage.viewport.zoom if self._stage else 1.0

    @property
    def has_note(self) -> bool:
        """Size and class stand beside the cursor."""
        return bool(self._cursors.note)

    def fit(self) -> None:
        """Show the whole image."""
        if self._stage is not None:
            self._is_fitted = True
            self._set_viewport(self._stage.viewport.fit())

    def actual_size(self) -> None:
        """One logical pixel an image pixel."""
        if self._stage is not None:
            self._is_fitted = False
            self._set_viewport(self._stage.viewport.actual_size())

    def zoom_by(self, factor: float, at: XY | None = None) -> None:
        """Zoom about the logical position `at`: by default the pointer, else the middle."""
        if self._stage is not None:
            self._is_fitted = False
            centre = at or self._at or (self.width() / 2, self.height() / 2)
            self._set_viewport(self._stage.viewport.zoomed_at(factor, centre))

    def pan_by(self, dx: float, dy: float) -> None:
        """Move the image by logical pixels."""
        if self._stage is not None and (dx or dy):
            self._is_fitted = False
            self._set_viewport(self._stage.viewport.panned(dx, dy))

    def show_point(self, xy: XY) -> None:
        """Bring image point `xy` to the middle."""
        if self._stage is not None:
            self._is_fitted = False
            self._set_viewport(self._stage.viewport.centred_on(xy))

    def abort(self) -> bool:
        """Throw the open stroke or polygon away; False where there is none."""
        return self.hand.abort()

    def cursor_xy(self) -> XY | None:
        """Image point under the pointer, None where it is over no pixel."""
        if self._stage is None or self._at is None:
            return None
        x, y = self._stage.viewport.to_image(self._at)
        width, height = self._stage.viewport.image_wh
        return (x, y) if 0 <= x < width and 0 <= y < height else None

    def cursor_position(self) -> QPoint:
        """Where a list at the pointer opens: global, the canvas' middle while the pointer is elsewhere."""
        at = self._at or (self.width() / 2, self.height() / 2)
        return self.mapToGlobal(QPoint(round(at[0]), round(at[1])))

    def grab_shown_mask(self) -> Mask | None:
        """H×W uint8 labels as they show, an open stroke included; None while no image is open."""
        return self._stage.shown_labels() if self._stage else None

    # What changed in model and view

    def _open(self) -> None:
        """Another image, or none: its own fitted view, and nothing left of a gesture."""
        self.hand.forget_image()
        self._hover.close()
        document = self._model.document
        self._is_fitted = True
        self._stage = None
        if document is not None:
            height, width = document.picture.image.shape[:2]
            viewport = Viewport((width, height), (self.width(), self.height())).fit()
            self._stage = Stage(document, self._view, self._colors(), viewport, self.devicePixelRatioF())
        self._note_place()

    def _colors(self) -> Colors:
        label_map = self._model.label_map
        return overlay_colors(label_map) if label_map is not None else np.zeros((0, 3), np.uint8)

    def _show_mask(self, rect: Rect) -> None:
        if self._stage is not None:
            self.update(self._stage.mark(rect))
            if self._view.mode == "difference":
                self.update()
        self._hover.forget()
        self._facts_timer.start()

    def _show_prediction(self) -> None:
        if self._stage is not None:
            self._stage.renew_prediction()
            self.update()
        self._facts_timer.start()

    def _show_label_map(self) -> None:
        if self._stage is not None:
            self._stage.set_colors(self._colors())
        self.update()

    def _show_view(self, field: str) -> None:
        if field in _CURSOR_FIELDS:
            self._renew_cursor()
            self._renew_hover()
            if field in _NOTED_FIELDS:
                self._cursors.tell(self._note())
            if field != "label" or self._view.mode != "heatmap":
                return
        if field in _MASK_FIELDS and self._stage is not None:
            self._stage.mark_all()
        self.update()

    def _set_viewport(self, viewport: Viewport) -> None:
        if self._stage is not None:
            self._stage.set_viewport(viewport, self.devicePixelRatioF())
            self._note_place()

    def _note_place(self) -> None:
        self.update()
        self._renew_cursor()
        self.zoomed.emit(self.zoom)
        self._facts_timer.start()

    # The cursor

    def _renew_cursor(self) -> None:
        if self._at is None:
            self._cursors.hide()
            return
        hand, view = self.hand, self._view
        shape = shape_for(
            view.tool,
            has_image=self._stage is not None,
            is_read_only=self._model.is_read_only,
            is_picking=self._is_picking,
            is_hand=self.hold_keys.has_space,
            is_panning=hand.pan is not None,
            erases=hand.brush is not None and hand.brush.erases,
        )
        self._cursors.show(shape, QPointF(*self._at), view.radius_px * self.zoom, self._class_color())

    def _class_color(self) -> QColor:
        label = self._view.label
        if self._is_picking and (xy := self.cursor_xy()) is not None and self._model.document is not None:
            label = int(self._model.document.masked.mask[int(xy[1]), int(xy[0])])
        colors = self._colors()
        return QColor(*(int(v) for v in colors[label])) if label < len(colors) else QColor(*VOID_COLOR)

    def _note(self) -> str:
        label, label_map = self._view.label, self._model.label_map
        names = label_map.names if label_map is not None else ()
        name = self.tr("void") if label == VOID else names[label] if label < len(names) else ""
        return self.tr("{size} px, {name}").format(size=round(2 * self._view.radius_px), name=name)

    def _renew_hover(self) -> None:
        is_free = not self._model.is_read_only and self.hand.pan is None and not self._is_picking
        self._hover.point_at(self._view.tool, self.cursor_xy() if is_free else None)

    def _tell_facts(self) -> None:
        document, xy = self._model.document, self.cursor_xy()
        is_known = document is not None and xy is not None
        heat = self._view.shown_heatmap_label
        self._view.cursor_moved.emit(facts_at(document, xy, heat) if is_known else None)

    def _point(self, at: QPointF, event: QInputEvent) -> XY:
        self._at = (at.x(), at.y())
        self._is_picking = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        return self._at

    # Events

    def repaint_part(self, rect: QRect) -> None:
        """Repaint a logical rectangle with the next frame."""
        if not rect.isEmpty():
            self.update(rect)

    def repaint_all(self) -> None:
        """Repaint everything with the next frame."""
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        exposed = event.rect()
        color = self._appearance.theme.color
        painter.fillRect(exposed, color("canvas"))
        stage = self._stage
        if stage is None:
            paint_empty(painter, self.rect(), color("text2"), self._appearance.font())
        else:
            stage.paint(painter, exposed, color("accent"), self._hover if not self._view.bare else None)
            if self.hand.polygon is not None:
                paint_polygon(painter, self.hand.polygon, stage.viewport, self._class_color())
        self._cursors.paint(painter)
        if self.property("keyFocus"):
            paint_focus(painter, self.rect(), color("accent"))
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        if self._stage is not None:
            viewport = self._stage.viewport.resized((self.width(), self.height()))
            self._set_viewport(viewport.fit() if self._is_fitted else viewport)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._press(_BUTTONS.get(event.button(), ""), event.position(), event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.hand.close_polygon():
            return
        self.mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() == Qt.MouseButton.NoButton:
            self.hand.finish()
        self._move(event.position(), event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._release(_BUTTONS.get(event.button(), ""), event.position(), event)

    def tabletEvent(self, event: QTabletEvent) -> None:
        """A pen is a mouse whose other end erases; how hard it presses changes nothing: borders stay where drawn."""
        is_eraser = event.pointerType() == QPointingDevice.PointerType.Eraser
        button = "eraser" if is_eraser else _BUTTONS.get(event.button(), "left")
        if event.type() == QEvent.Type.TabletPress:
            self._press(button, event.position(), event)
        elif event.type() == QEvent.Type.TabletRelease:
            self._release(button, event.position(), event)
        else:
            self._move(event.position(), event)
        event.accept()

    def _press(self, button: str, at: QPointF, event: QInputEvent) -> None:
        modifiers = event.modifiers()
        press = Press(
            button,
            has_shift=bool(modifiers & Qt.KeyboardModifier.ShiftModifier),
            has_alt=bool(modifiers & Qt.KeyboardModifier.AltModifier),
            has_space=self.hold_keys.has_space,
        )
        intent = self.hand.press(press, self._point(at, event))
        if intent is not Intent.NONE:
            self._renew_cursor()
            self._renew_hover()

    def _move(self, at: QPointF, event: QInputEvent) -> None:
        self.hand.move(self._point(at, event))
        self._renew_cursor()
        if self.hand.brush is None:
            self._renew_hover()
        if not self._facts_timer.isActive():
            self._facts_timer.start()

    def _release(self, button: str, at: QPointF, event: QInputEvent) -> None:
        self._point(at, event)
        self.hand.release(button)
        self._renew_cursor()
        self._renew_hover()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._point(event.position(), event)
        scroll = scroll_of(event)
        if scroll.size:
            self._view.step_radius(scroll.size)
        elif scroll.zoom != 1.0:
            self.zoom_by(scroll.zoom, self._at)
        else:
            self.pan_by(*scroll.pan)
        event.accept()

    def event(self, event: QEvent) -> bool:
        pinch = zoom_of_gesture(event)
        if pinch is not None:
            factor, (x, y) = pinch
            is_global = event.type() == QEvent.Type.Gesture
            at = self.mapFromGlobal(QPointF(x, y)) if is_global else QPointF(x, y)
            self.zoom_by(factor, (at.x(), at.y()))
            event.accept()
            return True
        return super().event(event)

    def leaveEvent(self, event: QEvent) -> None:
        if self.hand.brush is None and self.hand.pan is None:
            self._at = None
            self._cursors.hide()
            self._renew_hover()
            self._facts_timer.start()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        if event.reason() == Qt.FocusReason.ActiveWindowFocusReason:
            self._let_go()
        super().focusOutEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.ActivationChange and not self.isActiveWindow():
            self._let_go()
        super().changeEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        self._let_go()
        self._cursors.stop()
        self._facts_timer.stop()
        self._hover.close()
        super().hideEvent(event)

    def _let_go(self) -> None:
        """Focus or grab is lost: what was begun ends as if button and keys went up."""
        self.hand.finish()
        self.hold_keys.release_all()
        self._renew_cursor()
