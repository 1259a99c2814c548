"""The bottom dock: Learning, Measures and Skips, of which one shows; each has its head of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QApplication, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from fcn_gui.widgets.appearance import Appearance
from fcn_gui.widgets.segment_tabs import SegmentTabs
from fcn_gui.widgets.theme import Height

LEARNING, MEASURES, SKIPS = "learning", "measures", "skips"
OPEN_PX, MEASURES_PX, SKIPS_PX = 172, 336, 224
"""Least height of the learning panel when it is open; height of the others until somebody drags them."""
MOST_PX, MOST_TALL_PX = 400, 720


class BottomPage(Protocol):
    """What the dock asks of a page, which is a widget."""

    fold_wanted: Any
    """A signal: its button for that was pressed."""

    @property
    def head_row(self) -> QHBoxLayout:
        """The tabs come first in it."""

    def set_folded(self, is_folded: bool) -> None:
        """Only the head."""

    def set_compact(self, is_compact: bool) -> None:
        """There is little room."""

    def set_wide(self, is_wide: bool) -> None:
        """There is a lot."""


class BottomDock(QWidget):
    """`page_changed` after another one shows; a page is folded to its head with the dock."""

    page_changed = Signal()
    fold_wanted = Signal()

    def __init__(self, appearance: Appearance, learning: QWidget, measures: QWidget, skips: QWidget) -> None:
        super().__init__()
        self.setProperty("surface", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._pages: Mapping[str, QWidget] = {LEARNING: learning, MEASURES: measures, SKIPS: skips}
        self._heights = {MEASURES: MEASURES_PX, SKIPS: SKIPS_PX}
        self._page = ""
        self.tabs = SegmentTabs(appearance, tuple(self._pages))
        self.tabs.set_texts({LEARNING: self.tr("Learning"), MEASURES: self.tr("Measures"), SKIPS: self.tr("Skips")})
        self.tabs.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.tabs.chosen.connect(self._turn_to)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for page in self._pages.values():
            page.hide()
            column.addWidget(page)
            _as_page(page).fold_wanted.connect(self.fold_wanted)
        self._turn_to(LEARNING)
        self.setMinimumHeight(Height.HEAD)

    @property
    def page(self) -> str:
        """Which page shows: `learning`, `measures` or `skips`."""
        return self._page

    def show_page(self, name: str) -> None:
        """Turn to a page."""
        self.tabs.choose(name)

    @property
    def most_px(self) -> int:
        """How high it may be."""
        return MOST_PX if self._page == LEARNING else MOST_TALL_PX

    def height_px(self, learning_px: int) -> int:
        """How high the open page wants to be; `learning_px` is what the learning panel has."""
        return max(learning_px, OPEN_PX) if self._page == LEARNING else self._heights[self._page]

    def keep_height(self, height_px: int) -> bool:
        """A person dragged it; False where that is the learning panel's affair."""
        if self._page == LEARNING:
            return False
        self._heights[self._page] = max(height_px, OPEN_PX)
        return True

    def set_folded(self, is_folded: bool) -> None:
        """Only the head."""
        for page in self._pages.values():
            _as_page(page).set_folded(is_folded)

    def set_compact(self, is_compact: bool) -> None:
        """There is little room."""
        for page in self._pages.values():
            _as_page(page).set_compact(is_compact)

    def set_wide(self, is_wide: bool) -> None:
        """There is a lot."""
        for page in self._pages.values():
            _as_page(page).set_wide(is_wide)

    def _turn_to(self, name: str) -> None:
        if name == self._page:
            return
        focused = QApplication.focusWidget()
        before, page = self._pages.get(self._page), self._pages[name]
        self._page = name
        _as_page(page).head_row.insertWidget(0, self.tabs)
        page.show()
        if before is not None:
            before.hide()
        self.tabs.show()
        if focused is not None and self.tabs.isAncestorOf(focused):
            focused.setFocus(Qt.FocusReason.TabFocusReason if focused.property("keyFocus") else _OTHER)
        self.page_changed.emit()


_OTHER = Qt.FocusReason.OtherFocusReason


def _as_page(widget: QWidget) -> BottomPage:
    page: BottomPage = widget  # type: ignore[assignment]
    return page
