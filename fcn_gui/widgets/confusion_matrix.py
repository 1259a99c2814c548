"""The confusion matrix as a painted grid: what is right in rows, what it was called in columns."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from fcn_gui.core.label_map import LabelMap
from fcn_gui.core.palette import overlay_colors
from fcn_gui.widgets.appearance import Appearance
from fcn_gui.widgets.class_delegate import paint_class_swatch

LEAST_CELL_PX, MOST_CELL_PX, FIGURE_FROM_PX = 15, 44, 22
NAME_PX, HEAD_PX, SWATCH_PX = 92, 20, 10
Cell = tuple[int, int]
"""Class of the truth, class it was called."""


class ConfusionMatrix(QWidget):
    """Only classes that are there. `chosen(truth, said)` by mouse or arrow keys."""

    chosen = Signal(int, int)

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self._names: Sequence[str] = ()
        self._colors: list[QColor] = []
        self._labels: list[int] = []
        self._rows: dict[int, int] = {}
        self._confusion: NDArray[np.int64] = np.zeros((0, 0), np.int64)
        self._shares: NDArray[np.float64] = np.zeros((0, 0))
        """Of each row; nan where no pixel is of that class."""
        self._cell: Cell | None = None
        self._hovered: Cell | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Confusion matrix"))
        appearance.changed.connect(self.update)

    def show_confusion(self, confusion: NDArray[np.int64], label_map: LabelMap) -> None:
        """K×K pixels of these classes, truth in rows; those that are nowhere are left out."""
        self._confusion, self._names = confusion, label_map.names
        self._colors = [QColor(*(int(v) for v in color)) for color in overlay_colors(label_map)]
        self._labels = np.flatnonzero(confusion.sum(0) + confusion.sum(1)).tolist()
        self._rows = {label: row for row, label in enumerate(self._labels)}
        of = confusion.sum(1, keepdims=True)
        self._shares = np.divide(confusion, of, out=np.full(confusion.shape, np.nan), where=of > 0)
        if self._cell is not None and not set(self._cell) <= set(self._labels):
            self._cell = None
        self._say()
        self.updateGeometry()
        self.update()

    def mark(self, cell: Cell | None) -> None:
        """Show a cell as the chosen one, without saying so."""
        self._cell = cell
        self._say()
        self.update()

    @property
    def cell(self) -> Cell | None:
        """The chosen one."""
        return self._cell

    @property
    def labels(self) -> list[int]:
        """The classes that have a row."""
        return self._labels

    def rect_of(self, cell: Cell) -> QRectF:
        """Where a cell stands, to be clicked."""
        side, row, column = self._side, self._rows[cell[0]], self._rows[cell[1]]
        return QRectF(NAME_PX + column * side, HEAD_PX + row * side, side, side)

    def words(self, cell: Cell) -> str:
        """A cell in words: which class is called what, how much of it."""
        truth, said = self._names[cell[0]], self._names[cell[1]]
        pixels, of = int(self._confusion[cell]), int(self._confusion[cell[0]].sum())
        share = f"{100 * pixels / of:.1f} %" if of else "–"
        if cell[0] == cell[1]:
            return self.tr("{truth} found: {px} px, {share} of it").format(truth=truth, px=f"{pixels:,}", share=share)
        words = self.tr("{truth} called {said}: {px} px, {share} of {truth}")
        return words.format(truth=truth, said=said, px=f"{pixels:,}", share=share)

    def sizeHint(self) -> QSize:
        count = max(1, len(self._labels))
        return QSize(NAME_PX + count * MOST_CELL_PX, HEAD_PX + count * MOST_CELL_PX)

    def minimumSizeHint(self) -> QSize:
        count = max(1, len(self._labels))
        return QSize(NAME_PX + count * LEAST_CELL_PX + 2, HEAD_PX + count * LEAST_CELL_PX + 2)

    @property
    def _side(self) -> float:
        count = max(1, len(self._labels))
        room = min((self.width() - NAME_PX - 2) / count, (self.height() - HEAD_PX - 2) / count)
        return float(math.floor(min(max(room, LEAST_CELL_PX), MOST_CELL_PX)))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        for truth, said in self._cells_in(QRectF(event.rect())):
            self._paint_cell(painter, (truth, said))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_heads(painter)
        if self._cell is not None:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(self._appearance.theme.color("accent"), 2))
            painter.drawRoundedRect(self.rect_of(self._cell).adjusted(0, 0, -1, -1), 3, 3)
        painter.end()

    def _cells_in(self, exposed: QRectF) -> Iterator[Cell]:
        """Those that a paint event is about: a label map may have 254 classes."""
        side = self._side
        first_row, first_column = (max(0, int(v // side)) for v in (exposed.top() - HEAD_PX, exposed.left() - NAME_PX))
        last_row, last_column = (int(v // side) for v in (exposed.bottom() - HEAD_PX, exposed.right() - NAME_PX))
        for truth in self._labels[first_row : last_row + 1]:
            for said in self._labels[first_column : last_column + 1]:
                yield truth, said

    def _paint_heads(self, painter: QPainter) -> None:
        theme, side = self._appearance.theme, self._side
        pointed = self._hovered or self._cell
        for number, label in enumerate(self._labels):
            middle = number * side + side / 2
            across = QRectF(NAME_PX + middle - SWATCH_PX / 2, HEAD_PX - SWATCH_PX - 5, SWATCH_PX, SWATCH_PX)
            down = QRectF(NAME_PX - SWATCH_PX - 6, HEAD_PX + middle - SWATCH_PX / 2, SWATCH_PX, SWATCH_PX)
            for spot in (across, down):
                paint_class_swatch(painter, self._appearance, spot, label, self._colors[label])
            is_pointed = pointed is not None and pointed[0] == label
            painter.setFont(self._appearance.font("small", 600 if is_pointed else 400))
            painter.setPen(theme.color("text" if is_pointed else "text2"))
            room = QRectF(0, HEAD_PX + middle - 9, NAME_PX - SWATCH_PX - 12, 18)
            name = QFontMetricsF(painter.font()).elidedText(
                self._names[label], Qt.TextElideMode.ElideMiddle, room.width()
            )
            painter.drawText(room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, name)

    def _paint_cell(self, painter: QPainter, cell: Cell) -> None:
        theme, share, is_right = self._appearance.theme, float(self._shares[cell]), cell[0] == cell[1]
        rect = self.rect_of(cell).adjusted(0, 0, -1, -1)
        painter.fillRect(rect, theme.color("field" if math.isnan(share) else "line"))
        if not math.isnan(share):
            painter.fillRect(rect.adjusted(1, 1, -1, -1), theme.color("field"))
        if share > 0:
            # What is right is nearly always much: the errors show by the root of their share.
            ink = theme.color("ctl" if is_right else "accent")
            ink.setAlphaF(0.1 + 0.35 * share if is_right else 0.04 + 0.96 * math.sqrt(share))
            painter.fillRect(rect, ink)
        if cell == self._hovered:
            painter.fillRect(rect, theme.color("pressed"))
        if rect.width() >= FIGURE_FROM_PX and share >= 0.005:
            painter.setFont(self._appearance.font("small", 500 if is_right else 600, tabular=True))
            is_on_full = not is_right and share > 0.35 and not theme.is_dark
            painter.setPen(theme.color("on_fill" if is_on_full else "text"))
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, f"{100 * share:.0f}")

    def _at(self, at: QPointF) -> Cell | None:
        side = self._side
        row, column = math.floor((at.y() - HEAD_PX) / side), math.floor((at.x() - NAME_PX) / side)
        count = len(self._labels)
        return (self._labels[row], self._labels[column]) if 0 <= row < count and 0 <= column < count else None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        hovered = self._at(event.position())
        if hovered != self._hovered:
            self._hovered = hovered
            self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = None
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        cell = self._at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and cell is not None:
            self._choose(cell)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {
            Qt.Key.Key_Left: (0, -1),
            Qt.Key.Key_Right: (0, 1),
            Qt.Key.Key_Up: (-1, 0),
            Qt.Key.Key_Down: (1, 0),
        }
        step = steps.get(Qt.Key(event.key()))
        if step is None or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier or not self._labels:
            super().keyPressEvent(event)
            return
        if self._cell is None:
            self._choose((self._labels[0], self._labels[0]))
            return
        last = len(self._labels) - 1
        row, column = (
            min(max(self._labels.index(label) + by, 0), last) for label, by in zip(self._cell, step, strict=True)
        )
        self._choose((self._labels[row], self._labels[column]))

    def _choose(self, cell: Cell) -> None:
        if cell != self._cell:
            self.mark(cell)
            self.chosen.emit(*cell)

    def _say(self) -> None:
        self.setAccessibleDescription(self.words(self._cell) if self._cell is not None else "")

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            cell = self._at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), self.words(cell) if cell is not None else "", self)
            return True
        return super().event(event)
