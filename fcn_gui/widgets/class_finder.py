"""The list of classes to type into, at the cursor."""

from __future__ import annotations

from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor, QCursor
from PySide6.QtWidgets import QWidget

from fcn_gui.core.palette import VOID_COLOR, overlay_colors
from fcn_gui.core.raster import VOID
from fcn_gui.qt.session_model import SessionModel
from fcn_gui.widgets.appearance import Appearance
from fcn_gui.widgets.floating import SHADOW_PX
from fcn_gui.widgets.palette_popup import Entry, FindPopup

WIDTH_PX = 280


class ClassFinder(FindPopup):
    """`chosen` with the label as text."""

    def __init__(self, appearance: Appearance, parent: QWidget, model: SessionModel) -> None:
        self._model = model
        self._at = QPoint()
        super().__init__(appearance, parent, self._classes, self.tr("Class"))
        self._width_px = WIDTH_PX

    def open_at(self, global_pos: QPoint | None = None) -> None:
        """Open beside the cursor (or another point of the screen)."""
        self._at = self.host.mapFromGlobal(global_pos or QCursor.pos())
        self.open()

    def place(self) -> None:
        """At the cursor, inside the window."""
        super().place()
        host = self.host
        x = min(max(self._at.x() - SHADOW_PX + 12, 0), host.width() - self.width())
        y = min(max(self._at.y() - SHADOW_PX + 12, 0), host.height() - self.height())
        self.fade.place(x, y)

    def _classes(self) -> list[Entry]:
        label_map = self._model.label_map
        if label_map is None:
            return []
        colors = overlay_colors(label_map)
        entries = [
            Entry(str(n), name, key=str(n) if n < 10 else "", label=n, color=QColor(*(int(v) for v in colors[n])))
            for n, name in enumerate(label_map.names)
        ]
        return [*entries, Entry(str(VOID), self.tr("void"), key="`", label=VOID, color=QColor(*VOID_COLOR))]
