"""What a click of fill region or smart region would take, found while the mouse hovers.

Looking for a region of a large photograph can take longer than a frame, so it waits until the hand rests a moment;
inside a region that is known already nothing is looked for again.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QPainter

from fcn_gui.core.stroke import Coverage, Tool
from fcn_gui.qt.session_model import SessionModel
from fcn_gui.widgets.borders import TakenOutline
from fcn_gui.widgets.placement import Placement
from fcn_gui.widgets.tools import TAKES_REGION, XY, region_stroke

REST_MS = 25


class RegionHover(QObject):
    """Holds the region under the pointer; `found` is called when another one is to be shown."""

    def __init__(self, model: SessionModel, found: Callable[[], None], parent: QObject) -> None:
        super().__init__(parent)
        self._model = model
        self._found = found
        self._wanted: tuple[Tool, XY] | None = None
        self._taken: TakenOutline | None = None
        self._tool: Tool | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(REST_MS)
        self._timer.timeout.connect(self._look)
        model.superpixels_ready.connect(self._look)

    def point_at(self, tool: Tool, xy: XY | None) -> None:
        """The pointer is over image `xy` with `tool` (None: over nothing)."""
        if tool not in TAKES_REGION or xy is None:
            self._wanted = None
            self._show(None)
            return
        self._wanted = (tool, xy)
        if self._tool is not tool or not self._holds(xy):
            self._timer.start()

    def forget(self) -> None:
        """Mask or image changed: look again where the pointer is."""
        self._show(None)
        if self._wanted is not None:
            self._timer.start()

    def close(self) -> None:
        """Nothing is hovered any more."""
        self._timer.stop()
        self._wanted = None
        self._show(None)

    def paint(self, painter: QPainter, placement: Placement) -> None:
        """Outline of the region; the painter is in device pixels."""
        if self._taken is not None:
            self._taken.paint(painter, placement)

    def _holds(self, xy: XY) -> bool:
        if self._taken is None:
            return False
        covered = self._taken.covered
        col, row = int(xy[0] // 1) - covered.rect.x0, int(xy[1] // 1) - covered.rect.y0
        return 0 <= row < covered.rect.height and 0 <= col < covered.rect.width and bool(covered.inside[row, col])

    def _look(self) -> None:
        document = self._model.document
        if document is None or self._wanted is None:
            return
        tool, xy = self._wanted
        if tool is Tool.SMART and self._model.superpixels() is None:
            self._show(None)
            return
        self._tool = tool
        self._show(next(iter(document.covers(region_stroke(tool, 0, xy))), None))

    def _show(self, covered: Coverage | None) -> None:
        if covered is not None or self._taken is not None:
            self._taken = TakenOutline(covered) if covered is not None else None
            self._found()
