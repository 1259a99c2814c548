"""The page of an open folder: images, canvas, classes, learning; docks fold and come back as they were left."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from fcn_gui.widgets.bottom_dock import BottomDock
from fcn_gui.widgets.canvas import Canvas
from fcn_gui.widgets.image_list import ImageList
from fcn_gui.widgets.layout import Layout
from fcn_gui.widgets.motion import DockMover
from fcn_gui.widgets.theme import Height

DOCKS = ("images", "learning", "classes")
WIDE_IMAGES_PX = 240
_EDGES = {"images": Qt.Edge.LeftEdge, "learning": Qt.Edge.BottomEdge, "classes": Qt.Edge.RightEdge}


class Workbench(QSplitter):
    """`docks_changed` after a dock folded or came back; `area_resized` when the canvas has another size."""

    docks_changed = Signal()
    area_resized = Signal()

    def __init__(self, images: ImageList, canvas: Canvas, right: QWidget, learning: BottomDock) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.area = QWidget()
        self.area.setMinimumSize(320, 240)
        column = QVBoxLayout(self.area)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(canvas)
        self.area.installEventFilter(self)
        self._middle = QSplitter(Qt.Orientation.Vertical)
        self._images, self._right, self._learning = images, right, learning
        self._is_learning_folded = False
        self._layout = Layout(WIDE_IMAGES_PX, 280, 172)
        self.mover: DockMover | None = None
        self._sizes: dict[str, Mapping[str, Any]] = {}
        """By kind of layout: the sizes that the person dragged the docks to, and whether learning is folded."""
        for splitter, parts in ((self._middle, (self.area, learning)), (self, (images, self._middle, right))):
            splitter.setHandleWidth(1)
            for part in parts:
                splitter.addWidget(part)
        self._middle.setCollapsible(0, False)
        self.setCollapsible(1, False)
        self._middle.setStretchFactor(0, 1)
        self.setStretchFactor(1, 1)
        for place, part in ((0, images), (2, right)):
            part.setMinimumWidth(64)
            self.setStretchFactor(place, 0)
        self._middle.setStretchFactor(1, 0)
        learning.setMinimumHeight(Height.HEAD)
        self.splitterMoved.connect(self._note_drag)
        self._middle.splitterMoved.connect(self._note_drag)
        learning.fold_wanted.connect(self.toggle_learning_body)
        images.room_wanted.connect(self._widen_images)
        learning.page_changed.connect(self._open_page)

    @property
    def layout_now(self) -> Layout:
        """The layout with the sizes that the person dragged the docks to."""
        return self._layout

    def in_tab_order(self) -> tuple[QWidget, ...]:
        """Left, canvas, right, learning."""
        return self._images, self.area, self._right, self._learning

    def is_shown(self, name: str) -> bool:
        """Whether the dock `images`, `learning` or `classes` is there."""
        return self._dock(name).isVisibleTo(self)

    def toggle(self, name: str) -> None:
        """Fold a dock away, or bring it back."""
        dock = self._dock(name)
        is_back = not dock.isVisibleTo(self)
        with self._moving(name):
            dock.setVisible(is_back)
            # Folding too: where the room goes must not depend on when the splitter lays out.
            self.refresh_sizes()
        self.docks_changed.emit()

    def bring(self, name: str) -> None:
        """Bring a dock back where it is folded away."""
        if not self.is_shown(name):
            self.toggle(name)

    def _widen_images(self) -> None:
        self._layout = replace(self._layout, left_px=WIDE_IMAGES_PX)
        self._note_sizes()
        self.refresh_sizes()

    def toggle_learning_body(self) -> None:
        """Fold the bottom dock to its head, or open it."""
        self._is_learning_folded = not self._is_learning_folded
        self._note_sizes()
        with self._moving("learning"):
            self._apply_learning()
            self.refresh_sizes()

    def show_page(self, name: str) -> None:
        """Turn the bottom dock to a page, and bring it back where it was folded."""
        self.bring("learning")
        if self._learning.page == name:
            self._open_page()
        self._learning.show_page(name)

    def apply_layout(self, layout: Layout) -> None:
        """Take the sizes of another layout, or those that the person gave it."""
        kept = self._sizes.get(layout.kind, {})
        self._layout = layout.with_sizes(kept)
        self._is_learning_folded = kept.get("is_learning_folded", layout.is_compact) is True
        self._learning.set_compact(layout.is_compact)
        self._learning.set_wide(layout.is_wide)
        self._apply_learning()
        self.refresh_sizes()

    def _moving(self, name: str) -> AbstractContextManager[None]:
        mover = self.mover
        return mover.moving(self._dock(name), _EDGES[name]) if mover is not None else nullcontext()

    def arrangement(self) -> dict[str, Any]:
        """Sizes of the docks and which are folded away, as plain JSON."""
        return {"sizes": dict(self._sizes), "hidden": [name for name in DOCKS if not self.is_shown(name)]}

    def arrange(self, kept: Mapping[str, Any]) -> None:
        """Take back what `arrangement` gave; what is not sane is left out."""
        sizes, hidden = kept.get("sizes"), kept.get("hidden")
        rows = sizes.items() if isinstance(sizes, Mapping) else ()
        self._sizes = {str(kind): dict(row) for kind, row in rows if isinstance(row, Mapping)}
        for name in DOCKS:
            self._dock(name).setVisible(not (isinstance(hidden, list) and name in hidden))
        self.apply_layout(self._layout)

    def _note_sizes(self) -> None:
        layout = self._layout
        self._sizes[layout.kind] = {
            "left_px": layout.left_px,
            "right_px": layout.right_px,
            "learning_px": layout.learning_px,
            "is_learning_folded": self._is_learning_folded,
        }

    def _open_page(self) -> None:
        if self._is_learning_folded:
            self._is_learning_folded = False
            self._note_sizes()
        self._apply_learning()
        self.refresh_sizes()

    def _apply_learning(self) -> None:
        self._learning.set_folded(self._is_learning_folded)
        self._learning.setMaximumHeight(Height.HEAD if self._is_learning_folded else self._learning.most_px)

    def refresh_sizes(self) -> None:
        """Give every dock the size of the layout."""
        layout = self._layout
        left = layout.left_px if self.is_shown("images") else 0
        right = layout.right_px if self.is_shown("classes") else 0
        self.setSizes([left, max(320, self.width() - left - right - 2), right])
        below = self._learning.height_px(layout.learning_px)
        below = Height.HEAD if self._is_learning_folded else below
        self._middle.setSizes([max(240, self.height() - below - 1), below])

    def _note_drag(self) -> None:
        """A dock dragged to the edge is folded; any other size is what it comes back with."""
        left, _, right = self.sizes()
        below = self._middle.sizes()[1]
        for dock, size in ((self._images, left), (self._right, right), (self._learning, below)):
            if dock.isVisible() and size == 0:
                dock.hide()
        self._layout = replace(
            self._layout,
            left_px=left or self._layout.left_px,
            right_px=right or self._layout.right_px,
            learning_px=self._learning_px(below),
        )
        self._note_sizes()
        self.docks_changed.emit()

    def _learning_px(self, dragged_px: int) -> int:
        """What the learning panel comes back with; another page keeps its height for itself."""
        before = self._layout.learning_px
        if dragged_px <= Height.HEAD or self._learning.keep_height(dragged_px):
            return before
        return dragged_px

    def _dock(self, name: str) -> QWidget:
        return {"images": self._images, "learning": self._learning, "classes": self._right}[name]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """What floats over the canvas follows its size."""
        if watched is self.area and event.type() == QEvent.Type.Resize:
            self.area_resized.emit()
        return False
