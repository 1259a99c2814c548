"""The rows of the class list under mouse and keys: choosing, pointing, dragging to another place."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QListView

from fcn_gui.widgets.class_delegate import ClassDelegate
from fcn_gui.widgets.class_rows import ClassRows
from fcn_gui.widgets.theme import Height


class ClassList(QListView):
    """The rows; it says what was chosen, clicked and pointed at, and changes nothing itself."""

    label_chosen = Signal(int)
    part_clicked = Signal(int, str)
    row_pointed = Signal(object)

    def __init__(self, rows: ClassRows, delegate: ClassDelegate) -> None:
        super().__init__()
        self._rows, self.delegate = rows, delegate
        self.setModel(rows)
        self.setItemDelegate(delegate)
        self.setAccessibleName(self.tr("Classes"))
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.DoubleClicked | QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setDropIndicatorShown(True)
        self.setMinimumHeight(0)
        self.selectionModel().currentChanged.connect(self._choose)

    def mark(self, row: int) -> None:
        """Show a row as the one in hand, without saying that it was chosen."""
        selection = self.selectionModel()
        selection.blockSignals(True)
        index = self._rows.index(row)
        selection.setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        selection.blockSignals(False)
        self.scrollTo(index)
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The class in hand stays in sight."""
        super().resizeEvent(event)
        self.scrollTo(self.currentIndex())

    def sizeHint(self) -> QSize:
        """Small: the panel says how high it would like to be."""
        return QSize(200, 3 * Height.CLASS_ROW)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        part = self._part(index, event)
        if index.isValid() and part != "row" and event.button() == Qt.MouseButton.LeftButton:
            self.part_clicked.emit(index.row(), part)
            return
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._part(self.indexAt(event.position().toPoint()), event) == "row":
            super().mouseDoubleClickEvent(event)
        else:
            self.mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        index = self.indexAt(event.position().toPoint())
        self.delegate.pointed = (index.row(), self._part(index, event)) if index.isValid() else None
        self.row_pointed.emit(self._rows.at(index.row()).label if index.isValid() else None)
        self.viewport().update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.delegate.pointed = None
        self.row_pointed.emit(None)
        self.viewport().update()

    def keyboardSearch(self, search: str) -> None:  # noqa: N802
        """Letters are keys of the window; the list to type into is another (key C)."""

    def _part(self, index: QModelIndex, event: QMouseEvent) -> str:
        return self.delegate.part_at(self.visualRect(index), round(event.position().x())) if index.isValid() else ""

    def _choose(self, index: QModelIndex) -> None:
        if index.isValid():
            self.label_chosen.emit(self._rows.at(index.row()).label)
