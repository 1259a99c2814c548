"""The right dock: classes above, the other panels below; each scrolls for itself, so that both are always at hand."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QSplitter, QVBoxLayout, QWidget

from fcn_gui.widgets.class_panel import ClassPanel
from fcn_gui.widgets.theme import Height

LEAST_PX = 150
"""Least height of either part."""


class RightDock(QSplitter):
    """The classes get what they need and at most what the others leave; once dragged, the share of the person."""

    def __init__(self, classes: ClassPanel, others: Sequence[QWidget]) -> None:
        super().__init__(Qt.Orientation.Vertical)
        self._classes = classes
        self._page = _page(others)
        self._is_dragged = False
        self.setProperty("surface", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setHandleWidth(1)
        area = QScrollArea(widgetResizable=True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(self._page)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setMinimumHeight(LEAST_PX)
        for part in (classes, area):
            self.addWidget(part)
        self.setChildrenCollapsible(False)
        self.setStretchFactor(1, 1)
        self.in_tab_order = (classes, area)
        """From above."""
        self.splitterMoved.connect(self._note_drag)
        classes.height_changed.connect(self.share_out)

    def share_out(self) -> None:
        """Give both parts their height."""
        natural = self._classes.natural_height
        self._classes.setMinimumHeight(min(natural, LEAST_PX))
        self._classes.setMaximumHeight(natural)
        if self._is_dragged or not self.height():
            return
        left = self.height() - self._page.sizeHint().height()
        room = max(left, self.height() // 2, LEAST_PX)
        classes = natural if natural <= room else room - (room - self._classes.extra_height) % Height.CLASS_ROW
        self.setSizes([classes, max(LEAST_PX, self.height() - classes - 1)])

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.share_out()

    def _note_drag(self) -> None:
        self._is_dragged = True


def _page(parts: Sequence[QWidget]) -> QWidget:
    page = QWidget()
    page.setProperty("surface", "panel")
    page.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    for number, part in enumerate(parts):
        if number:
            line = QFrame()
            line.setFixedHeight(1)
            line.setProperty("surface", "line")
            column.addWidget(line)
        column.addWidget(part)
    column.addStretch(1)
    return page
