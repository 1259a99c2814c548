"""All keys on one sheet, made from the table of actions."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from fcn_gui.widgets.action_rows import ACTIONS, MENUS
from fcn_gui.widgets.actions import MOUSE, Overrides, keys_of
from fcn_gui.widgets.appearance import Appearance
from fcn_gui.widgets.fitted_labels import ElidedLabel
from fcn_gui.widgets.floating import Sheet, show_page
from fcn_gui.widgets.labels import KeyCap
from fcn_gui.widgets.menus import ActionSet, translated
from fcn_gui.widgets.theme import Space

WIDTH_PX, COLUMNS, WORDS_PX = 960, 3, 210


class KeyHelp(Sheet):
    """Groups of the menu in columns, each action with its keys; then what the mouse does."""

    def __init__(self, appearance: Appearance, parent: QWidget, actions: ActionSet) -> None:
        super().__init__(appearance, parent, WIDTH_PX)
        self._actions = actions
        self._area = QScrollArea(widgetResizable=True)
        self._area.setAccessibleName(self.tr("All keys"))
        self.column.addWidget(self._area)

    def show_keys(self, overrides: Overrides) -> None:
        """Open with the keys as they are now."""
        page = self._page(overrides)
        show_page(self._area, page)
        self._area.setFixedHeight(min(page.sizeHint().height(), self.host.height() - 120))
        self.open()
        self._area.setFocus()

    def _page(self, overrides: Overrides) -> QWidget:
        page = QWidget()
        row = QHBoxLayout(page)
        row.setContentsMargins(Space.WIDE, Space.LARGE, Space.WIDE, Space.LARGE)
        row.setSpacing(Space.HUGE)
        groups = [(name, self._rows(name, overrides)) for name in MENUS]
        blocks = [(translated(name), rows) for name, rows in groups if rows]
        blocks.append((self.tr("Mouse"), [(translated(what), (translated(how),)) for what, how in MOUSE]))
        for columns in _spread(blocks, COLUMNS):
            column = QVBoxLayout()
            column.setSpacing(Space.TIGHT)
            for title, rows in columns:
                head = QLabel(title)
                head.setProperty("role", "heading")
                column.addWidget(head)
                column.addLayout(self._block(rows, is_mouse=title == self.tr("Mouse")))
                column.addSpacing(Space.PANEL)
            column.addStretch(1)
            row.addLayout(column, 1)
        return page

    def _rows(self, menu: str, overrides: Overrides) -> list[tuple[str, tuple[str, ...]]]:
        return [
            (self._actions.text(row.id).rstrip("…"), keys)
            for row in ACTIONS
            if row.menu == menu and (keys := keys_of(row, overrides))
        ]

    def _block(self, rows: list[tuple[str, tuple[str, ...]]], is_mouse: bool) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(Space.ROW)
        grid.setVerticalSpacing(3)
        grid.setColumnStretch(0, 1)
        for number, (text, keys) in enumerate(rows):
            label = ElidedLabel(text, role="small-strong")
            if label.sizeHint().width() <= WORDS_PX:  # what is longer has the name of a class in it
                label.setMinimumWidth(label.sizeHint().width())
            grid.addWidget(label, number, 0)
            caps = QHBoxLayout()
            caps.setSpacing(3)
            for key in keys:
                if is_mouse:
                    how = QLabel(key, wordWrap=True)
                    how.setAlignment(Qt.AlignmentFlag.AlignRight)
                    how.setMinimumWidth(130)
                    how.setProperty("role", "small")
                    caps.addWidget(how)
                else:
                    caps.addWidget(KeyCap(self._appearance, key))
            grid.addLayout(caps, number, 1, Qt.AlignmentFlag.AlignRight)
        return grid


def _spread(
    blocks: list[tuple[str, list[tuple[str, tuple[str, ...]]]]], columns: int
) -> list[list[tuple[str, list[tuple[str, tuple[str, ...]]]]]]:
    """Blocks in order over columns of about equal length."""
    total = sum(len(rows) + 2 for _, rows in blocks)
    out: list[list[tuple[str, list[tuple[str, tuple[str, ...]]]]]] = [[]]
    filled = 0
    for block in blocks:
        size = len(block[1]) + 2
        if out[-1] and len(out) < columns and filled + size / 2 > total / columns * len(out):
            out.append([])
        out[-1].append(block)
        filled += size
    return out
