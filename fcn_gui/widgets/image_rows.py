"""The images of the project as a list that Qt can show: filtered, sorted, one row a key."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

from fcn_gui.qt.session_model import SessionModel
from fcn_gui.session.project import Item, Status

Index = QModelIndex | QPersistentModelIndex
ITEM_ROLE = int(Qt.ItemDataRole.UserRole)
SEGMENTS: dict[str, frozenset[Status]] = {
    "all": frozenset(),
    "todo": frozenset({Status.NEW, Status.PREDICTED, Status.CORRECTED}),
    "verified": frozenset({Status.VERIFIED}),
    "problems": frozenset({Status.PROBLEM}),
}


class Sort(IntEnum):
    """How the list is ordered."""

    NAME = 0
    STATUS = 1
    CHANGED = 2


_RANK = {Status.CORRECTED: 0, Status.PREDICTED: 1, Status.NEW: 2, Status.VERIFIED: 3, Status.PROBLEM: 4}
_ORDERS: dict[Sort, Callable[[Item], object] | None] = {
    Sort.NAME: None,
    Sort.STATUS: lambda item: _RANK[item.status],
    Sort.CHANGED: lambda item: -item.strokes,
}


class ImageRows(QAbstractListModel):
    """Rows hold the project's own items, never copies; a filter or sort reads the project anew."""

    def __init__(self, model: SessionModel) -> None:
        super().__init__()
        self._model = model
        self._rows: list[Item] = []
        self._row_of: dict[str, int] = {}
        self._name, self._segment, self._sort = "", "all", Sort.NAME
        model.project_opened.connect(self.reread)
        model.items_added.connect(self._add)
        model.item_changed.connect(self._change)
        self.reread()

    @property
    def name(self) -> str:
        """What the names are filtered by."""
        return self._name

    def show_only(self, *, name: str | None = None, segment: str | None = None, sort: Sort | None = None) -> None:
        """Change filter or order; what is not given stays."""
        self._name = self._name if name is None else name
        self._segment = self._segment if segment is None else segment
        self._sort = self._sort if sort is None else sort
        self.reread()

    def reread(self) -> None:
        """Read the project anew."""
        self.beginResetModel()
        project = self._model.project
        self._rows = []
        if project is not None:
            self._rows = project.shown(name=self._name, statuses=SEGMENTS[self._segment], by=_ORDERS[self._sort])
        self._row_of = {item.key: row for row, item in enumerate(self._rows)}
        self.endResetModel()

    def counts(self) -> dict[str, int]:
        """How many images each segment holds."""
        project = self._model.project
        by_status = Counter(item.status for item in (project.items if project is not None else ()))
        return {name: sum(by_status[status] for status in statuses or by_status) for name, statuses in SEGMENTS.items()}

    def index_of(self, key: str) -> QModelIndex:
        """The row of a key; an invalid index where the filter hides it."""
        row = self._row_of.get(key)
        return QModelIndex() if row is None else self.index(row)

    def item_at(self, index: Index) -> Item:
        """The item of a row."""
        return self._rows[index.row()]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = 0) -> Any:
        """The name, what a screen reader says, the tooltip, or the item itself (ITEM_ROLE)."""
        item = self._rows[index.row()]
        if role == ITEM_ROLE:
            return item
        if role == Qt.ItemDataRole.DisplayRole:
            return short_name(item.key)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{item.key}, {self.state_text(item)}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tooltip(item)
        return None

    def state_text(self, item: Item) -> str:
        """The second line of a row."""
        if item.problem:
            reason = item.problem.removeprefix(short_name(item.key)).lstrip()  # the name stands above it already
            return reason[:1].upper() + reason[1:]
        if item.status is Status.VERIFIED:
            return self.tr("Verified") + (f" · {_duration(item.seconds)}" if item.seconds >= 1 else "")
        if item.status is Status.CORRECTED:
            strokes = self.tr("1 stroke") if item.strokes == 1 else self.tr("{n} strokes").format(n=item.strokes)
            return self.tr("Corrected") + (f" · {strokes}" if item.strokes else "")
        return self.tr("Predicted") if item.status is Status.PREDICTED else self.tr("New")

    def _tooltip(self, item: Item) -> str:
        lines = [item.key, self.state_text(item), *item.notes]
        if item.held_out:
            lines.append(self.tr("Held out: never learned from, only measured on"))
        if item.note:
            lines.append(self.tr("Note: {note}").format(note=item.note))
        return "\n".join(lines)

    def _add(self, first: int, count: int) -> None:
        project = self._model.project
        if project is None:
            return
        if self._name or self._segment != "all" or self._sort is not Sort.NAME or first != len(self._rows):
            self.reread()
            return
        self.beginInsertRows(QModelIndex(), first, first + count - 1)
        for row, item in enumerate(project.items[first : first + count], first):
            self._rows.append(item)
            self._row_of[item.key] = row
        self.endInsertRows()

    def _change(self, key: str) -> None:
        index = self.index_of(key)
        if index.isValid():
            self.dataChanged.emit(index, index)


def short_name(key: str) -> str:
    """The file's name without its folders."""
    return key.rpartition("/")[2]


def _duration(seconds: float) -> str:
    """`44 s`, `4 min 20 s`."""
    whole = round(seconds)
    return f"{whole} s" if whole < 100 else f"{whole // 60} min {whole % 60} s"
