"""The canvas: it shows the stage, forwards what mouse, pen and wheel do to the hand, and decides nothing else.

Longer than other files: one widget has to take every event of mouse, pen, wheel and touch itself.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QPointF, QRect, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QHideEvent, QKeyEvent, QPainter, QPaintEvent, QShowEvent
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
from fcn_gui.widgets.cursors import Situation, shape_for
from fcn_gui.widgets.hand import Hand
from fcn_gui.widgets.hold_keys import HoldKeys
from fcn_gui.widgets.region_hover import RegionHover
from fcn_gui.widgets.scrolling import Scroll
from fcn_gui.widgets.stage import Stage
from fcn_gui.widgets.stage_widget import StageWidget
from fcn_gui.widgets.tools import XY, Intent, Press

FACTS_MS = 33
AT_ONCE_PX = 60_000
"""A change of so many logical pixels is shown with the next frame, a larger one is made in several turns before."""
_MASK_FIELDS = ("opacity", "outline_px", "hidden", "hovered_label", "mode")
_CURSOR_FIELDS = ("tool", "label", "radius_px")
_NOTED_FIELDS = ("label", "radius_px")


class Canvas(StageWidget):
    """Shows the model's open image as `view` says; strokes go to the model when the button goes up."""

    def __init__(
        self, model: SessionModel, view: ViewState, appearance: Appearance, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._model = model
        self._view = view
        self._appearance = appearance
        self._is_picking = False
        self._is_scanned = False
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
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Canvas"))
        self.setMinimumSize(QSize(200, 150))

    def _connect(self) -> None:
        model = self._model
        model.document_opened.connect(self._open)
        model.document_closed.connect(self._open)
        model.project_opened.connect(lambda: self._note_scan(False))
        model.scan_finished.connect(lambda _count: self._note_scan(True))
        model.mask_changed.connect(self._show_mask)
        model.prediction_changed.connect(self._show_prediction)
        model.compared.connect(self._show_comparison)
        model.label_map_changed.connect(self._show_label_map)
        self._view.changed.connect(self._show_view)
        self._appearance.changed.connect(self.update)

    # What the window and its actions ask for

    @property
    def has_note(self) -> bool:
        """Size and class stand beside the cursor."""
        return bool(self._cursors.note)

    def abort(self) -> bool:
        """Throw the open stroke or polygon away; False where there is none."""
        return self.hand.abort()

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
        if self._view.mode == "comparison":
            self._view.mode = "mask"  # that was of the image before
        if document is not None:
            height, width = document.picture.image.shape[:2]
            viewport = Viewport((width, height), (self.width(), self.height())).fit()
            self._stage = Stage(document, self._view, self._colors(), viewport, self.devicePixelRatioF())
        self.show_soon()
        self.place_changed()

    def _colors(self) -> Colors:
        label_map = self._model.label_map
        return overlay_colors(label_map) if label_map is not None else np.zeros((0, 3), np.uint8)

    def _show_mask(self, rect: Rect) -> None:
        if self._stage is not None:
            dirty = self._stage.mark(rect)
            if dirty.width() * dirty.height() > AT_ONCE_PX or self._view.mode in ("difference", "doubts"):
                self.show_soon()
            elif not self.is_getting_ready:
                self.update(dirty)
        self._hover.forget()
        self._facts_timer.start()

    def _show_comparison(self) -> None:
        if self._stage is not None:
            self._stage.comparison = self._model.comparison
            self._view.mode = "comparison"
            self.show_soon()

    def _show_prediction(self) -> None:
        if self._stage is not None:
            self._stage.renew_prediction()
            self.show_soon()
        self._facts_timer.start()

    def _show_label_map(self) -> None:
        if self._stage is not None:
            self._stage.set_colors(self._colors())
        if self._at is not None:  # what lies under the cursor may be called something else now
            self._facts_timer.start()
        self.update()

    def _show_view(self, field: str) -> None:
        if field in _CURSOR_FIELDS:
            self._renew_cursor()
            self._renew_hover()
            if field in _NOTED_FIELDS:
                self._cursors.tell(self._note())
            if field != "label" or self._view.mode != "heatmap":
                return
        self._facts_timer.start()
        if field in _MASK_FIELDS and self._stage is not None:
            self._stage.mark_all()
        self.update()

    def place_changed(self) -> None:
        super().place_changed()
        self._renew_cursor()
        self._facts_timer.start()

    # The cursor

    def _renew_cursor(self) -> None:
        if self._at is None:
            self._cursors.hide()
            return
        hand, view = self.hand, self._view
        situation = Situation(
            view.tool,
            has_image=self._stage is not None,
            is_read_only=self._model.is_read_only,
            is_picking=self._is_picking,
            is_hand=self.hold_keys.has_space,
            is_panning=hand.pan is not None,
            erases=hand.brush is not None and hand.brush.erases,
        )
        self._cursors.show(shape_for(situation), QPointF(*self._at), view.radius_px * self.zoom, self._class_color())

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
        self.begin_paint(exposed)
        color = self._appearance.theme.color
        painter.fillRect(exposed, color("canvas"))
        stage = self._stage
        if stage is None:
            self._paint_words(painter, color("text2"))
        else:
            stage.paint(painter, exposed, color("accent"), self._hover if not self._view.bare else None)
            if self.hand.polygon is not None:
                paint_polygon(painter, self.hand.polygon, stage.viewport, self._class_color())
        self._cursors.paint(painter)
        if self.property("keyFocus"):
            paint_focus(painter, self.rect(), color("accent"))
        painter.end()

    def _paint_words(self, painter: QPainter, ink: QColor) -> None:
        """What to do; nothing while the folder is still being looked through and has shown no image."""
        project = self._model.project
        has_images = project is None or bool(project.items)
        if has_images or self._is_scanned:
            paint_empty(painter, self.rect(), ink, self._appearance.font(), has_images)

    def _note_scan(self, is_scanned: bool) -> None:
        self._is_scanned = is_scanned
        self.update()

    def pointer_pressed(self, press: Press, at: XY) -> None:
        self._model.note_activity()
        self._at, self._is_picking = at, press.has_alt
        intent = self.hand.press(replace(press, has_space=self.hold_keys.has_space), at)
        if intent is not Intent.NONE:
            self._renew_cursor()
            self._renew_hover()

    def pointer_double_clicked(self, press: Press, at: XY) -> None:
        if press.button != "left" or not self.hand.close_polygon():
            self.pointer_pressed(press, at)

    def pointer_moved(self, at: XY, has_alt: bool, has_button: bool) -> None:
        if not has_button:
            self.hand.finish()
        self._at, self._is_picking = at, has_alt
        self.hand.move(at)
        self._renew_cursor()
        if self.hand.brush is None:
            self._renew_hover()
        if not self._facts_timer.isActive():
            self._facts_timer.start()

    def pointer_released(self, button: str, at: XY, has_alt: bool) -> None:
        self._model.note_activity()
        self._at, self._is_picking = at, has_alt
        self.hand.release(button)
        self._renew_cursor()
        self._renew_hover()

    def scrolled(self, scroll: Scroll, at: XY) -> None:
        self._model.note_activity()
        self._at = at
        if scroll.size:
            self._view.step_radius(scroll.size)
        elif scroll.zoom != 1.0:
            self.zoom_by(scroll.zoom, at)
        else:
            self.pan_by(*scroll.pan)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self._model.note_activity()
        self._pick_while(event, is_down=True)
        super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        self._pick_while(event, is_down=False)
        super().keyReleaseEvent(event)

    def _pick_while(self, event: QKeyEvent, is_down: bool) -> None:
        if event.key() == Qt.Key.Key_Alt:
            self._is_picking = is_down
            self._renew_cursor()
            self._renew_hover()

    def pointer_left(self) -> None:
        if self.hand.brush is None and self.hand.pan is None:
            self._at = None
            self._cursors.hide()
            self._renew_hover()
            self._facts_timer.start()

    def grab_lost(self) -> None:
        self.hand.finish()
        self.hold_keys.release_all()
        self._renew_cursor()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.hold_keys.watch()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._cursors.stop()
        self._facts_timer.stop()
        self._hover.close()
