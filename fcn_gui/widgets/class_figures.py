"""IU and accuracy of each class; choosing one shows what it is mistaken for."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeWidget, QTreeWidgetItem

from fcn_gui.core.label_map import LabelMap
from fcn_gui.core.metrics import Measures
from fcn_gui.core.palette import overlay_colors
from fcn_gui.widgets.appearance import Appearance
from fcn_gui.widgets.class_delegate import paint_class_swatch

SWATCH_PX, NAME_PX, AROUND_PX = 12, 96, 12
_LABEL, _FIGURE = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1


class ClassFigures(QTreeWidget):
    """One row a class that is there, in the order of a column that is clicked: lowest IU first at the start."""

    chosen = Signal(int)

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self.setColumnCount(4)
        self.setHeaderLabels([self.tr("Class"), self.tr("IU"), self.tr("Accuracy"), self.tr("Share")])
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        self.setIconSize(QSize(SWATCH_PX, SWATCH_PX))
        self.setSortingEnabled(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setAccessibleName(self.tr("Measures of each class"))
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSortIndicatorShown(False)
        self.sortByColumn(1, Qt.SortOrder.AscendingOrder)
        for column in (1, 2, 3):
            side = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            self.headerItem().setTextAlignment(column, side)
        self.itemClicked.connect(lambda item, _column: self.chosen.emit(item.data(0, _LABEL)))
        self.currentItemChanged.connect(self._follow_keys)

    def show_measures(self, measures: Measures, confusion: NDArray[np.int64], label_map: LabelMap) -> None:
        """Of these classes; a dash where there is nothing to divide by."""
        colors, total = overlay_colors(label_map), max(1, int(confusion.sum()))
        current = self.currentItem()
        chosen = current.data(0, _LABEL) if current is not None else None
        self.blockSignals(True)
        self.clear()
        for label in np.flatnonzero(confusion.sum(0) + confusion.sum(1)).tolist():
            figures = measures.iu[label], measures.accuracy[label], confusion[label].sum() / total
            item = FigureItem([label_map.names[label], *(_text(v, n == 2) for n, v in enumerate(figures))])
            words = self.tr("{name}: IU {iu}, accuracy {accuracy}, {share} of the pixels")
            iu, accuracy, share = (item.text(column) for column in (1, 2, 3))
            tip = words.format(name=item.text(0), iu=iu, accuracy=accuracy, share=share)
            for column in range(4):
                item.setToolTip(column, tip)
            item.setData(0, _LABEL, label)
            item.setIcon(0, self._swatch(label, QColor(*(int(v) for v in colors[label]))))
            for column, value in enumerate(figures, 1):
                item.setData(column, _FIGURE, float(value))
                item.setTextAlignment(column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                item.setFont(column, self._appearance.font("small", tabular=True))
            self.addTopLevelItem(item)
            if label == chosen:
                self.setCurrentItem(item)
        self.blockSignals(False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Name and IU always, the rest where a name keeps its room; the tooltip has it all."""
        super().resizeEvent(event)
        left = self.viewport().width() - NAME_PX
        for column in (1, 2, 3):
            words = (self.headerItem().text(column), "100.0 %")
            left -= max(map(self.fontMetrics().horizontalAdvance, words)) + AROUND_PX
            self.setColumnHidden(column, column > 1 and left < 0)

    @property
    def names(self) -> list[str]:
        """The classes as they stand, from above."""
        rows = (self.topLevelItem(row) for row in range(self.topLevelItemCount()))
        return [row.text(0) for row in rows if row is not None]

    def _follow_keys(self, item: QTreeWidgetItem | None) -> None:
        if item is not None and self.hasFocus():
            self.chosen.emit(item.data(0, _LABEL))

    def _swatch(self, label: int, color: QColor) -> QIcon:
        ratio = self.devicePixelRatioF()
        pixmap = QPixmap(round(SWATCH_PX * ratio), round(SWATCH_PX * ratio))
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_class_swatch(painter, self._appearance, QRectF(0, 0, SWATCH_PX, SWATCH_PX), label, color)
        painter.end()
        return QIcon(pixmap)


class FigureItem(QTreeWidgetItem):
    """Sorted by value, what is not known last."""

    def __lt__(self, other: QTreeWidgetItem) -> bool:
        column = self.treeWidget().sortColumn() if self.treeWidget() is not None else 0
        if column == 0:
            return self.text(0).casefold() < other.text(0).casefold()
        mine, others = self.data(column, _FIGURE), other.data(column, _FIGURE)
        return _known(mine) < _known(others)


def _known(value: float) -> float:
    return math.inf if math.isnan(value) else value


def _text(value: float, is_share: bool) -> str:
    if math.isnan(value):
        return "–"
    return f"{100 * value:.1f} %" if is_share else f"{value:.3f}"
