"""Find an action: type some letters, see key and group, run it; what can't be used says why."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFontMetricsF, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from fcn_gui.widgets.appearance import Appearance
from fcn_gui.widgets.class_delegate import paint_class_swatch
from fcn_gui.widgets.floating import Sheet
from fcn_gui.widgets.fuzzy import match
from fcn_gui.widgets.labels import CAP_HEIGHT, cap_width, key_text, paint_cap
from fcn_gui.widgets.theme import Height, Radius, Space

Index = QModelIndex | QPersistentModelIndex
ENTRY_ROLE = int(Qt.ItemDataRole.UserRole)
WIDTH_PX, ROWS_SHOWN = 560, 10
ASIDE_PX = 62
"""Room for the key at the right of group and reason."""


@dataclass(frozen=True)
class Entry:
    """A row: `id` is given back; `reason` says why it can't be chosen; a `label` with its `color` makes a swatch."""

    id: str
    text: str
    group: str = ""
    key: str = ""
    icon: str = ""
    reason: str = ""
    label: int | None = None
    color: QColor | None = None
    spans: tuple[tuple[int, int], ...] = ()


def ranked(entries: Iterable[Entry], typed: str) -> list[Entry]:
    """The entries that match, best first, usable before unusable, with the letters that matched."""
    found = [(m, entry) for entry in entries if (m := match(typed, entry.text)) is not None]
    found.sort(key=lambda pair: (bool(pair[1].reason), -pair[0].score))
    return [Entry(**{**entry.__dict__, "spans": m.spans}) for m, entry in found]


class FindPopup(Sheet):
    """A field and a list; Up and Down move, Return chooses, Esc closes."""

    chosen = Signal(str)

    def __init__(self, appearance: Appearance, parent: QWidget, entries: Callable[[], list[Entry]], hint: str) -> None:
        super().__init__(appearance, parent, WIDTH_PX)
        self._entries = entries
        self._all: list[Entry] = []
        self.field = QLineEdit(placeholderText=hint)
        self.field.setProperty("kind", "bare")
        self.field.setProperty("drawsFocus", True)
        self.field.setAccessibleName(hint)
        self._count = QLabel()
        self._count.setProperty("role", "small")
        self.none = QLabel()
        """Says in words that nothing matches; in the place of the list."""
        self.none.setProperty("role", "second")
        self.none.setTextFormat(Qt.TextFormat.PlainText)
        self.rows = EntryRows()
        self.list = QListView()
        self._lens = QLabel()
        self._lay_out()
        self.field.textChanged.connect(self._filter)
        self.list.clicked.connect(self._choose)
        appearance.changed.connect(self._retint)
        self._retint()

    def open(self) -> None:
        """Show all entries and wait for letters."""
        self._all = self._entries()
        self.field.clear()
        self._filter("")
        super().open()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8, Qt.Key.Key_PageUp: -8}.get(
            Qt.Key(event.key())
        )
        if step is not None:
            self._mark(min(max(self.list.currentIndex().row() + step, 0), self.rows.rowCount() - 1))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose(self.list.currentIndex())
        else:
            super().keyPressEvent(event)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(Space.LARGE, Space.ROW, Space.LARGE, Space.ROW)
        row.setSpacing(Space.PANEL)
        for part in (self._lens, self.field, self._count):
            row.addWidget(part)
        line = QFrame()
        line.setFixedHeight(1)
        line.setProperty("surface", "line")
        self.list.setModel(self.rows)
        self.list.setItemDelegate(EntryDelegate(self._appearance, self.list))
        self.list.setUniformItemSizes(True)
        self.list.setMouseTracking(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setAccessibleName(self.tr("What was found"))
        self.column.addLayout(row)
        self.column.addWidget(line)
        self.column.addSpacing(Space.SMALL)
        self.none.setContentsMargins(Space.LARGE, 0, Space.LARGE, 0)
        self.none.setFixedHeight(Height.PALETTE_ROW)
        self.column.addWidget(self.none)
        self.column.addWidget(self.list)
        self.column.addSpacing(Space.SMALL)

    def _filter(self, typed: str) -> None:
        found = ranked(self._all, typed)
        self.rows.show_entries(found)
        self._count.setText(self.tr("{n} of {total}").format(n=len(found), total=len(self._all)) if found else "")
        self._say_none("" if found else typed)
        self.list.setFixedHeight(max(1, min(len(found), ROWS_SHOWN)) * Height.PALETTE_ROW)
        self._mark(0)
        self.place()

    def _say_none(self, typed: str) -> None:
        """Nothing has these letters; "" where something has. A screen reader hears it of the field."""
        room = self._width_px - 2 * Space.LARGE - self.none.fontMetrics().horizontalAdvance(self._none_text(""))
        shown = self.none.fontMetrics().elidedText(typed, Qt.TextElideMode.ElideMiddle, room)
        text = self._none_text(shown) if typed else ""
        self.none.setText(text)
        self.none.setVisible(bool(text))
        self.list.setVisible(not text)
        self.field.setAccessibleDescription(text)

    def _none_text(self, typed: str) -> str:
        return self.tr("Nothing matches '{typed}'.").format(typed=typed)

    def _mark(self, row: int) -> None:
        index = self.rows.index(row)
        self.list.setCurrentIndex(index)
        self.list.scrollTo(index)

    def _choose(self, index: QModelIndex) -> None:
        if not index.isValid():
            return
        entry: Entry = index.data(ENTRY_ROLE)
        if not entry.reason:
            self.close_sheet()
            self.chosen.emit(entry.id)

    def _retint(self) -> None:
        self._lens.setPixmap(self._appearance.pixmap("search", "text2", 16, self.devicePixelRatioF()))


class EntryRows(QAbstractListModel):
    """The entries found."""

    def __init__(self) -> None:
        super().__init__()
        self._entries: list[Entry] = []

    def show_entries(self, entries: list[Entry]) -> None:
        """Show these instead."""
        self.beginResetModel()
        self._entries = entries
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._entries)

    def data(self, index: Index, role: int = 0) -> object:
        """The text, what a screen reader says, or the entry (ENTRY_ROLE)."""
        entry = self._entries[index.row()]
        if role == ENTRY_ROLE:
            return entry
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(part for part in (entry.text, entry.group, key_text(entry.key), entry.reason) if part)
        if role == Qt.ItemDataRole.ToolTipRole:
            return entry.text if entry.label is not None else None
        return entry.text if role == Qt.ItemDataRole.DisplayRole else None


class EntryDelegate(QStyledItemDelegate):
    """Icon, text with the matched letters in accent, group or reason, key cap."""

    def __init__(self, appearance: Appearance, parent: QWidget) -> None:
        super().__init__(parent)
        self._appearance = appearance

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(200, Height.PALETTE_ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        entry: Entry = index.data(ENTRY_ROLE)
        rect: QRect = option.rect.adjusted(Space.SMALL, 0, -Space.SMALL, 0)
        state: QStyle.StateFlag = option.state
        theme = self._appearance.theme
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("soft"))
            painter.drawRoundedRect(QRectF(rect), Radius.BUTTON, Radius.BUTTON)
        ink = "text3" if entry.reason else "text"
        mark = QRectF(rect.left() + 10, rect.center().y() - 7.5, 16, 16)
        if entry.label is not None and entry.color is not None:
            paint_class_swatch(painter, self._appearance, mark.adjusted(1, 1, -1, -1), entry.label, entry.color)
        elif entry.icon:
            ratio = painter.device().devicePixelRatioF()
            token = "text3" if entry.reason else "text2"
            painter.drawPixmap(mark.topLeft(), self._appearance.pixmap(entry.icon, token, 16, ratio))
        shown = self._fitting(entry, rect.width() - 36)
        self._paint_text(painter, QPointF(rect.left() + 36, rect.center().y()), shown, ink)
        self._paint_right(painter, rect, entry)
        painter.restore()

    def _fitting(self, entry: Entry, room: float) -> Entry:
        """The entry with its text elided in the middle where what stands on the right leaves too little room."""
        aside = entry.reason or entry.group
        small = QFontMetricsF(self._appearance.font("small")).horizontalAdvance(aside)
        room -= 10 + Space.ROW + (self._aside_px(entry) + small if aside else self._cap_px(entry))
        body = QFontMetricsF(self._appearance.font("body", 600 if entry.spans else 400))
        if body.horizontalAdvance(entry.text) <= room:
            return entry
        return replace(entry, text=body.elidedText(entry.text, Qt.TextElideMode.ElideMiddle, room), spans=())

    def _cap_px(self, entry: Entry) -> int:
        return cap_width(self._appearance, key_text(entry.key)) if entry.key and not entry.reason else 0

    def _aside_px(self, entry: Entry) -> int:
        """From the right end to the group: in one column, but left of a wide key; a reason has no key beside it."""
        return 0 if entry.reason else max(ASIDE_PX, self._cap_px(entry) + Space.ROW)

    def _paint_text(self, painter: QPainter, at: QPointF, entry: Entry, ink: str) -> None:
        theme, x, last = self._appearance.theme, at.x(), 0
        pieces: list[tuple[str, bool]] = []
        for start, end in entry.spans:
            pieces += [(entry.text[last:start], False), (entry.text[start:end], True)]
            last = end
        for text, is_found in [*pieces, (entry.text[last:], False)]:
            painter.setFont(self._appearance.font("body", 600 if is_found else 400))
            painter.setPen(theme.color("accent" if is_found and not entry.reason else ink))
            metrics = QFontMetricsF(painter.font())
            painter.drawText(QPointF(x, at.y() + metrics.ascent() / 2 - 1), text)
            x += metrics.horizontalAdvance(text)

    def _paint_right(self, painter: QPainter, rect: QRect, entry: Entry) -> None:
        right = rect.right() - 10
        if wide := self._cap_px(entry):
            paint_cap(
                painter,
                self._appearance,
                QRectF(right - wide, rect.center().y() - CAP_HEIGHT / 2 + 0.5, wide, CAP_HEIGHT),
                key_text(entry.key),
            )
        painter.setFont(self._appearance.font("small"))
        painter.setPen(self._appearance.theme.color("text3" if entry.reason else "text2"))
        painter.drawText(
            QRectF(rect.left() + 200, rect.top(), right - self._aside_px(entry) - rect.left() - 200, rect.height()),
            Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
            entry.reason or entry.group,
        )
