"""The section of the tool in hand in the right dock: its name and key, its size or what a click does."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QStackedWidget, QVBoxLayout, QWidget

from fcn_gui.core.stroke import Tool
from fcn_gui.qt.view_state import LEAST_RADIUS_PX, ViewState
from fcn_gui.widgets.appearance import Appearance
from fcn_gui.widgets.controls import ValueSlider
from fcn_gui.widgets.labels import KeyCap, PanelHead
from fcn_gui.widgets.theme import Height, Space

MOST_SLIDER_RADIUS_PX = 150.0
"""The slider ends here; keys and wheel go on."""


class ToolSection(QWidget):
    """Name and key of the tool in hand, its size or what a click does."""

    def __init__(self, view: ViewState, appearance: Appearance) -> None:
        super().__init__()
        self._view = view
        texts = {
            Tool.BRUSH: (self.tr("Brush"), "B", ""),
            Tool.POLYGON: (
                self.tr("Polygon"),
                "P",
                self.tr("Click corners; Return, a double click or the first corner closes. Backspace takes one back."),
            ),
            Tool.FILL: (self.tr("Fill region"), "F", self.tr("A click gives the region under it the active class.")),
            Tool.SMART: (
                self.tr("Smart region"),
                "S",
                self.tr("A click takes the superpixel of the photo that is outlined."),
            ),
            Tool.ERASER: (self.tr("Eraser"), "E", self.tr("Erased pixels follow the prediction again.")),
        }
        self.heads = QStackedWidget()
        self._order = list(texts)
        for name, key, _ in texts.values():
            head = PanelHead(name)
            head.row.setContentsMargins(Space.PANEL, 0, Space.PANEL, 0)
            head.row.addWidget(KeyCap(appearance, key))
            self.heads.addWidget(head)
        self.heads.setFixedHeight(Height.HEAD)
        self._hints = {tool: hint for tool, (_, _, hint) in texts.items()}
        span = (2 * LEAST_RADIUS_PX, 2 * MOST_SLIDER_RADIUS_PX)
        self.brush_size = ValueSlider(appearance, self.tr("Size"), span, lambda v: f"{v:.0f} px", curve=2.0)
        self.brush_size.moved.connect(lambda value: setattr(view, "radius_px", round(value) / 2))
        self.hint = QLabel(wordWrap=True)
        self.hint.setProperty("role", "small")
        self.hint.setContentsMargins(Space.PANEL, 0, Space.PANEL, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, Space.PANEL)
        column.setSpacing(0)
        for part in (self.heads, self.brush_size, self.hint):
            column.addWidget(part)
        view.changed.connect(self._show)
        self._show("tool")

    def _show(self, field: str) -> None:
        tool = self._view.tool
        self.brush_size.show_value(2 * self._view.radius_px)
        if field == "tool":
            self.heads.setCurrentIndex(self._order.index(tool))
            self.brush_size.setVisible(tool in (Tool.BRUSH, Tool.ERASER))
            self.hint.setText(self._hints[tool])
            self.hint.setVisible(bool(self._hints[tool]))
