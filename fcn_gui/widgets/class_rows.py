"""The classes of the label map, and void, as a list that Qt can show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractListModel, QMimeData, QModelIndex, QPersistentModelIndex, Qt, QTimer

from fcn_gui.core.palette import VOID_COLOR, Color, overlay_colors
from fcn_gui.core.raster import VOID
from fcn_gui.qt.session_model import SessionModel
from fcn_gui.qt.view_state import ViewState

Index = QModelIndex | QPersistentModelIndex
ROW_ROLE = int(Qt.ItemDataRole.UserRole)
DRAGGED = "application/x-fcn-gui-class"
COUNTED_PIXELS = 1_000_000
COUNT_DELAY_MS = 120


@dataclass(frozen=True)
class ClassRow:
    """What one row shows; `share` 0…1 of the open mask, None while no image is open."""

    label: int
    name: str
    color: Color
    key: str
    share: float | None
    is_locked: bool
    is_hidden: bool
    has_heatmap: bool


class ClassRows(QAbstractListModel):
    """One row a class, void last; shares are counted shortly after the mask changed."""

    def __init__(self, model: SessionModel, view: ViewState) -> None:
        super().__init__()
        self._model, self._view = model, view
        self._labels: list[int] = []
        self._colors: list[Color] = []
        self._shares: dict[int, float] = {}
        self._timer = QTimer(self, singleShot=True, interval=COUNT_DELAY_MS)
        self._timer.timeout.connect(self._count)
        model.label_map_changed.connect(self.reread)
        model.project_opened.connect(self.reread)
        for signal in (model.document_opened, model.document_closed, model.mask_changed):
            signal.connect(self._count_soon)
        view.changed.connect(self._follow_view)
        self.reread()

    def reread(self) -> None:
        """Read the label map anew."""
        self.beginResetModel()
        label_map = self._model.label_map
        names = [] if label_map is None else list(label_map.names)
        self._labels = [*range(len(names)), *([VOID] if names else [])]
        self._colors = [] if label_map is None else [_color(c) for c in overlay_colors(label_map)]
        self.endResetModel()
        self._count_soon()

    def row_of(self, label: int) -> int:
        """The row of a class; −1 where there is none."""
        return self._labels.index(label) if label in self._labels else -1

    def at(self, row: int) -> ClassRow:
        """What a row shows."""
        label = self._labels[row]
        label_map = self._model.label_map
        is_void = label == VOID
        return ClassRow(
            label=label,
            name=self.tr("void") if is_void or label_map is None else label_map.names[label],
            color=VOID_COLOR if is_void else self._colors[label],
            key="`" if is_void else (str(label) if label < 10 else ""),
            share=self._shares.get(label, 0.0) if self._model.document is not None else None,
            is_locked=label in self._model.locked,
            is_hidden=label in self._view.hidden,
            has_heatmap=self._view.mode == "heatmap" and self._view.shown_heatmap_label == label,
        )

    def repaint_rows(self) -> None:
        """Something that the rows show has changed, but not which rows there are."""
        if self._labels:
            self.dataChanged.emit(self.index(0), self.index(len(self._labels) - 1))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._labels)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Every class can be renamed in place and all but the first dragged; void can't. Drops go between rows."""
        flags = super().flags(index)
        if not index.isValid():
            return flags | Qt.ItemFlag.ItemIsDropEnabled
        label = self._labels[index.row()]
        if label == VOID:
            return flags
        flags |= Qt.ItemFlag.ItemIsEditable
        return flags | Qt.ItemFlag.ItemIsDragEnabled if label else flags

    def supportedDropActions(self) -> Qt.DropAction:  # noqa: N802
        """Rows are moved."""
        return Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:  # noqa: N802
        """A class of this list; nothing from elsewhere."""
        return [DRAGGED]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:  # noqa: N802
        """The label that is dragged."""
        data = QMimeData()
        if indexes:
            data.setData(DRAGGED, str(self._labels[indexes[0].row()]).encode())
        return data

    def dropMimeData(self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: Index) -> bool:  # noqa: N802
        """Ask for the class at its new place; the rows follow when the masks were rewritten."""
        if not data.hasFormat(DRAGGED) or parent.isValid():
            return False
        label = int(bytes(data.data(DRAGGED).data()))
        classes = len(self._labels) - 1
        before = classes if row < 0 else min(row, classes)
        to = max(1, before if before <= label else before - 1)
        if label != to:
            self._model.move_class(label, to)
        return False  # nothing is taken out of the list here

    def data(self, index: Index, role: int = 0) -> Any:
        """The name, what a screen reader says, or the whole row (ROW_ROLE)."""
        row = self.at(index.row())
        if role == ROW_ROLE:
            return row
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return row.name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._spoken(row)
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:  # noqa: N802
        """Rename a class; the session says no to a name that can't be."""
        name = str(value).strip()
        if role != Qt.ItemDataRole.EditRole or not name or name == self.at(index.row()).name:
            return False
        self._model.rename_class(self._labels[index.row()], name)
        return True

    def _spoken(self, row: ClassRow) -> str:
        parts = [row.name]
        if row.share is not None:
            parts.append(f"{row.share * 100:.1f} %")
        parts += [self.tr("locked")] if row.is_locked else []
        parts += [self.tr("hidden")] if row.is_hidden else []
        return ", ".join(parts)

    def _follow_view(self, field: str) -> None:
        if field in ("hidden", "mode", "heatmap_label", "label"):
            self.repaint_rows()

    def _count_soon(self) -> None:
        if not self._timer.isActive():
            self._timer.start()

    def _count(self) -> None:
        document = self._model.document
        self._shares = {} if document is None else shares(document.masked.mask)
        self.repaint_rows()


def shares(mask: NDArray[np.uint8]) -> dict[int, float]:
    """The share of each label in an H×W mask, 0…1; large masks are sampled on a grid of about a million pixels."""
    step = max(1, int(np.sqrt(mask.size / COUNTED_PIXELS)))
    sample = mask[::step, ::step]
    counts = np.bincount(sample.ravel(), minlength=256)
    return {int(label): float(counts[label]) / sample.size for label in np.flatnonzero(counts)}


def _color(values: NDArray[np.uint8]) -> Color:
    red, green, blue = (int(v) for v in values)
    return red, green, blue
