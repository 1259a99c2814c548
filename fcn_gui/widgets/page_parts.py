"""What the pages of the bottom dock are laid out with: head, columns with upright lines between, quiet words."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from fcn_gui.widgets.appearance import Appearance
from fcn_gui.widgets.fitted_labels import ElidedLabel
from fcn_gui.widgets.labels import IconButton
from fcn_gui.widgets.theme import Height, Space


class PageHead(QWidget):
    """36 px: the tabs of the dock, what a page adds, words at the right, the button that folds."""

    def __init__(self, appearance: Appearance, fold_words: str, parts: Sequence[QWidget]) -> None:
        super().__init__()
        self.setFixedHeight(Height.HEAD)
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(Space.TIGHT, 0, Space.ROW, 0)
        self.row.setSpacing(Space.ROW)
        self.state = ElidedLabel(role="small")
        self.state.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.fold = IconButton(appearance, "chevron-down", fold_words, 16, 24)
        self.row.addWidget(upright(20))
        for part in parts:
            self.row.addWidget(part)
        self.row.addWidget(self.state, 1)
        self.row.addWidget(self.fold)


def upright(height_px: int | None = None) -> QFrame:
    """A line between two columns."""
    line = QFrame()
    line.setFixedWidth(1)
    if height_px is not None:
        line.setFixedHeight(height_px)
    line.setProperty("surface", "line")
    return line


def small(text: str = "", wraps: bool = False) -> QLabel:
    """Quiet words."""
    label = QLabel(wordWrap=wraps)
    label.setText(text)
    label.setProperty("role", "small")
    return label


def column_of(*parts: QWidget, stretched: QWidget | None = None) -> QWidget:
    """Parts one below the other; `stretched` takes the room that is left."""
    widget = QWidget()
    column = QVBoxLayout(widget)
    column.setContentsMargins(Space.PANEL, 0, Space.PANEL, Space.SMALL)
    column.setSpacing(Space.TIGHT)
    for part in parts:
        column.addWidget(part, 1 if part is stretched else 0)
    return widget


def with_foot(column: QWidget, foot: QWidget) -> QWidget:
    """A column, and below it a row that has margins of its own."""
    widget = QWidget()
    both = QVBoxLayout(widget)
    both.setContentsMargins(0, 0, 0, 0)
    both.setSpacing(0)
    both.addWidget(column, 1)
    both.addWidget(foot)
    return widget
