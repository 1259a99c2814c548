"""The images of the project as a list that Qt can show: filtered, sorted, one row a key."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QStringListModel, Qt

from fcn_gui.qt.session_model import SessionModel
from fcn_gui.session.project import Item, Status
from fcn_gui.widgets.fitted_labels import one_line

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
    WHERE_NEXT = 3
    DOUBTED = 4


_RANK = {Status.CORRECTED: 0, Status.PREDICTED: 1, Status.NEW: 2, Status.VERIFIED: 3, Status.PROBLEM: 4}
_ORDERS: dict[Sort, Callable[[Item], object] | None] = {
    Sort.NAME: None,
    Sort.STATUS: lambda item: _RANK[item.status],
    Sort.CHANGED: lambda item: (-item.changed_px, -item.strokes),
    Sort.DOUBTED: lambda item: -item.doubted_px,
    Sort.WHERE_NEXT: lambda item: (item.status is Status.VERIFIED, item.gain is None, -(item.gain or 0.0)),
}


class ImageRows(QStringListModel):
    """Rows hold the project's own items, never copies; a filter or sort reads the project anew.

    A list of strings, all empty, so that Qt knows by itself how many rows there are: a view that lays 50 000 of them
    out asks once a row, which would take a tenth of a second in Python, at each arrival of some more.
    """

    def __init__(self, model: SessionModel) -> None:
        super().__init__()
        self._model = model
        self._rows: list[Item] = []
        self._row_of: dict[str, int] = {}
        self._name, self._segment, self._sort = "", "all", Sort.NAME
        self._next = ""
        model.project_opened.connect(self.reread)
        model.items_added.connect(self._add)
        model.item_changed.connect(self._change)
        model.items_ranked.connect(self._rank)
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
        if sort is Sort.WHERE_NEXT:
            self._model.rank_items()
        self.reread()

    def reread(self) -> None:
        """Read the project anew."""
        project = self._model.project
        self._rows = []
        if project is not None:
            self._rows = project.shown(name=self._name, statuses=SEGMENTS[self._segment], by=_ORDERS[self._sort])
        self._row_of = {item.key: row for row, item in enumerate(self._rows)}
        self.setStringList([""] * len(self._rows))

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

    def flags(self, index: Index) -> Qt.ItemFlag:
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren

    def data(self, index: Index, role: int = 0) -> Any:
        """The name, what a screen reader says, the tooltip, or the item itself (ITEM_ROLE)."""
        item = self._rows[index.row()]
        if role == ITEM_ROLE:
            return item
        if role == Qt.ItemDataRole.DisplayRole:
            return short_name(item.key)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join((item.key, self.state_text(item), *self._marks(item)))
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tooltip(item)
        return None

    def state_text(self, item: Item) -> str:
        """The second line of a row."""
        doubted = self.tr("{n} px in doubt").format(n=item.doubted_px) if item.doubted_px else ""
        if item.problem:
            reason = item.problem.removeprefix(item.key.rpartition("/")[2]).lstrip()  # the name stands above it already
            return reason[:1].upper() + reason[1:]
        if item.status is Status.VERIFIED:
            after = doubted or (_duration(item.seconds) if item.seconds >= 1 else "")
            return self.tr("Verified") + (f" · {after}" if after else "")
        if item.status is Status.CORRECTED:
            strokes = self.tr("1 stroke") if item.strokes == 1 else self.tr("{n} strokes").format(n=item.strokes)
            after = doubted or (strokes if item.strokes else "")
            return self.tr("Corrected") + (f" · {after}" if after else "")
        if shows_import(item):
            return self.tr("Imported")
        if item.status is not Status.PREDICTED:
            return self.tr("New")
        changed = self.tr("{n} px changed").format(n=item.changed_px) if item.changed_px else ""
        return self.tr("Predicted") + (f" · {changed}" if changed else "")

    def _marks(self, item: Item) -> list[str]:
        """What the small marks of a row say, but for what its state says already."""
        said = {
            self.tr("imported mask"): shows_import(item) and item.status is Status.CORRECTED,
            self.tr("held out"): bool(item.held_out),
            self.tr("note"): bool(item.note),
        }
        return [word for word, is_so in said.items() if is_so]

    def _tooltip(self, item: Item) -> str:
        lines = [item.key, self.state_text(item), *item.notes]
        if shows_import(item):
            lines.append(self.tr("Imported mask: what you did not vouch for stays until you repaint this image"))
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
        for row, item in enumerate(project.items[first : first + count], first):
            self._rows.append(item)
            self._row_of[item.key] = row
        self.insertRows(first, count)

    def is_next(self, item: Item) -> bool:
        """It helps most, as far as is known."""
        return item.key == self._next

    def _rank(self) -> None:
        project = self._model.project
        ranked = [item for item in (project.items if project is not None else ()) if item.gain is not None]
        self._next = max(ranked, key=lambda item: item.gain or 0.0).key if ranked else ""
        if self._rows:
            self.dataChanged.emit(self.index(0), self.index(len(self._rows) - 1))
        if self._sort is Sort.WHERE_NEXT:
            self.reread()

    def _change(self, key: str) -> None:
        index = self.index_of(key)
        if index.isValid():
            self.dataChanged.emit(index, index)


def shows_import(item: Item) -> bool:
    """Pixels that nobody vouched for show a mask from elsewhere."""
    return item.is_imported and not item.problem and item.status is not Status.VERIFIED


def short_name(key: str) -> str:
    """The file's name without its folders, in one line."""
    return one_line(key.rpartition("/")[2])


def _duration(seconds: float) -> str:
    """`44 s`, `4 min 20 s`."""
    whole = round(seconds)
    return f"{whole} s" if whole < 100 else f"{whole // 60} min {whole % 60} s"
