"""What buttons and movement do to the open image: which gesture begins, how it goes on, how it ends.

Positions come in as logical pixels of the canvas; strokes leave through the model when the button goes up.
"""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QRect

from fcn_gui.core.raster import VOID, Rect
from fcn_gui.core.stroke import Stroke, Tool
from fcn_gui.qt.session_model import SessionModel
from fcn_gui.qt.view_state import ViewState
from fcn_gui.widgets.shown_mask import LivePaint
from fcn_gui.widgets.stage import Stage
from fcn_gui.widgets.tools import (
    TAKES_REGION,
    XY,
    BrushGesture,
    Intent,
    PanGesture,
    PolygonGesture,
    Press,
    intent_of,
    region_stroke,
)

CLOSE_PX = 9.0
"""A click within so many logical pixels of a polygon's first corner closes it."""


class Board(Protocol):
    """What a hand needs of the canvas."""

    @property
    def stage(self) -> Stage | None: ...
    def repaint_part(self, rect: QRect) -> None: ...
    def repaint_all(self) -> None: ...
    def pan_by(self, dx: float, dy: float) -> None: ...


class Hand:
    """At most one gesture is open; panning goes beside it."""

    def __init__(self, model: SessionModel, view: ViewState, board: Board) -> None:
        self._model = model
        self._view = view
        self._board = board
        self._button = ""
        self._last_point: XY | None = None
        self.brush: BrushGesture | None = None
        self.polygon: PolygonGesture | None = None
        self.pan: PanGesture | None = None
        self.strokes_begun = 0
        """Grows with every stroke; a held key is no tap when it grew meanwhile."""

    @property
    def is_busy(self) -> bool:
        """A stroke is open, a polygon between two clicks included."""
        return self.brush is not None or self.polygon is not None

    def forget_image(self) -> None:
        """Another image: nothing of a gesture is carried over."""
        self._button = ""
        self._last_point = self.brush = self.polygon = self.pan = None

    def press(self, press: Press, at: XY) -> Intent:
        """A button went down at logical `at`; what it was for."""
        stage = self._board.stage
        if stage is None or self._button:
            return Intent.NONE
        read_only = self._model.is_read_only
        tool = self._view.tool
        has_last = self._last_point is not None
        intent = intent_of(press, is_read_only=read_only, has_last_point=has_last, tool=tool)
        if self.polygon is not None and intent in (Intent.ERASE, Intent.PICK, Intent.LINE):
            return Intent.NONE
        xy = stage.viewport.to_image(at)
        if intent is Intent.PAN:
            self.pan = PanGesture(at)
        elif intent is Intent.PICK:
            self._pick(xy)
            return intent
        elif intent in (Intent.PAINT, Intent.LINE, Intent.ERASE):
            self._begin(intent, xy, stage)
        if self.pan is not None or self.brush is not None:
            self._button = press.button
        return intent

    def move(self, at: XY) -> None:
        """The pointer is at logical `at`, whichever button is down."""
        stage = self._board.stage
        if stage is None:
            return
        if self.pan is not None:
            self._board.pan_by(*self.pan.move(at))
            return
        xy = stage.viewport.to_image(at)
        if self.brush is not None:
            self._extend(self.brush.move(xy), stage)
        elif self.polygon is not None:
            self.polygon.move(xy)
            self._board.repaint_all()

    def release(self, button: str) -> None:
        """A button went up; only that which began a gesture ends it."""
        if button == self._button:
            self.finish()

    def finish(self) -> None:
        """End brush stroke and pan as if the button went up: released, or focus or grab lost. A polygon stays open."""
        self._button, self.pan = "", None
        if self.brush is not None:
            gesture, self.brush = self.brush, None
            self._last_point = gesture.points[-1]
            self._apply(gesture.end())

    def abort(self) -> bool:
        """Throw the open stroke away; False where there is none."""
        if not self.is_busy:
            return False
        self._button = ""
        self.brush = self.polygon = None
        if self._board.stage is not None:
            self._renew(self._board.stage, self._board.stage.end_stroke())
        self._board.repaint_all()
        return True

    def close_polygon(self) -> bool:
        """End the open polygon as a stroke (with fewer than three corners: abort); False where none is open."""
        if self.polygon is None:
            return False
        polygon, self.polygon = self.polygon, None
        stroke = polygon.end()
        if stroke is not None:
            self._apply(stroke)
        self._board.repaint_all()
        return True

    def remove_corner(self) -> bool:
        """Take the polygon's last corner back; False where none is open."""
        if self.polygon is None:
            return False
        if not self.polygon.remove_last():
            self.polygon = None
        self._board.repaint_all()
        return True

    def _begin(self, intent: Intent, xy: XY, stage: Stage) -> None:
        tool, label = self._view.tool, self._view.label
        self.strokes_begun += 1
        if intent is Intent.ERASE or tool in (Tool.BRUSH, Tool.ERASER):
            erases = intent is Intent.ERASE or tool is Tool.ERASER
            start = self._last_point if intent is Intent.LINE and self._last_point is not None else xy
            self._begin_brush(None if erases else label, start, stage)
            if self.brush is not None:
                self._extend(self.brush.move(xy), stage)
        elif tool in TAKES_REGION:
            self._apply(region_stroke(tool, label, xy))
        else:
            self._add_corner(xy, stage)

    def _begin_brush(self, label: int | None, start: XY, stage: Stage) -> None:
        radius_px = self._view.radius_px
        self.brush = BrushGesture(label, radius_px, [start])
        stage.begin_stroke(LivePaint(label, self._model.locked), radius_px)
        self._extend(self.brush.segments(), stage)

    def _extend(self, segments: list[tuple[XY, XY]], stage: Stage) -> None:
        if segments:
            self._board.repaint_part(stage.extend_stroke(segments))

    def _add_corner(self, xy: XY, stage: Stage) -> None:
        if self.polygon is None:
            self.polygon = PolygonGesture(self._view.label)
        if self.polygon.add(xy, CLOSE_PX / stage.viewport.zoom):
            self.close_polygon()
        self._board.repaint_all()

    def _pick(self, xy: XY) -> None:
        document = self._model.document
        if document is None:
            return
        col, row = int(xy[0] // 1), int(xy[1] // 1)
        height, width = document.masked.mask.shape
        if 0 <= row < height and 0 <= col < width:
            label = int(document.masked.mask[row, col])
            label_map = self._model.label_map
            if label == VOID or (label_map is not None and label < len(label_map)):
                self._view.choose_label(label)

    def _apply(self, stroke: Stroke) -> None:
        """The document takes over what the stage showed; what it refused (locked, read-only) goes with the preview."""
        stage = self._board.stage
        reach = stage.end_stroke() if stage is not None else None
        self._model.apply_stroke(stroke)
        if stage is not None and stage is self._board.stage:
            self._renew(stage, reach)

    def _renew(self, stage: Stage, reach: Rect | None) -> None:
        if reach is not None:
            self._board.repaint_part(stage.mark(reach))
