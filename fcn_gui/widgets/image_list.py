"""The left panel: how far the folder is, filter and order, and the images with their thumbnails and states."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QObject, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QVBoxLayout,
    QWidget,
)

from fcn_gui.qt.session_model import SessionModel
from fcn_gui.widgets.appearance import Appearance
from fcn_gui.widgets.empty_text import EmptyText
from fcn_gui.widgets.image_delegate import THUMB, ImageDelegate
from fcn_gui.widgets.image_rows import ImageRows, Index, Sort
from fcn_gui.widgets.labels import Combo, PanelHead
from fcn_gui.widgets.segment_tabs import SegmentTabs
from fcn_gui.widgets.theme import Space

COUNT_DELAY_MS = 150
NARROW_BELOW_PX = 200
"""There names and filter don't fit: only thumbnails."""


class ImageList(QWidget):
    """Shows the project's images; choosing a row opens it."""

    open_wanted = Signal()
    room_wanted = Signal()
    """The filter is asked for where it has no room."""

    def __init__(self, model: SessionModel, appearance: Appearance) -> None:
        super().__init__()
        self._model, self._appearance = model, appearance
        self.setProperty("surface", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.rows = ImageRows(model)
        self.view = _list_view(self.tr("Images"))
        self.view.setModel(self.rows)
        self._delegate = ImageDelegate(appearance, self.rows, model.thumbnail)
        self.view.setItemDelegate(self._delegate)
        self._had_focus: QWidget | None = None
        self._count_timer = QTimer(self, singleShot=True, interval=COUNT_DELAY_MS)
        self._count_timer.timeout.connect(self._count)
        self._lay_out()
        self._connect()
        self._count()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._delegate.is_compact != (self.width() < NARROW_BELOW_PX):
            self._set_compact(not self._delegate.is_compact)

    def _set_compact(self, is_compact: bool) -> None:
        """Thumbnails only, the state mark in their corner."""
        self._delegate.is_compact = is_compact
        self._count()
        for part in (self._head, self._bar, self._tools, self.tabs):
            part.setVisible(not is_compact)
        self.view.setVerticalScrollBarPolicy(
            Qt.ScrollBarPolicy.ScrollBarAlwaysOff if is_compact else Qt.ScrollBarPolicy.ScrollBarAsNeeded
        )
        self.view.viewport().update()

    def focus_filter(self) -> None:
        """Put the cursor into the filter."""
        if self._delegate.is_compact:
            self.room_wanted.emit()
        if not self.filter.hasFocus():
            self._had_focus = QApplication.focusWidget()
        self.filter.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filter.selectAll()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Esc leaves the filter, and nothing of it stays."""
        if watched is self.filter and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            event.accept()
            if event.type() == QEvent.Type.KeyPress:
                self.filter.clear()
                before, self._had_focus = self._had_focus, None
                back = before if before is not None and before.isVisible() else self.view
                back.setFocus(Qt.FocusReason.OtherFocusReason)
            return True
        return False

    def _focus_found(self) -> None:
        """From the name that was typed to the images that have it."""
        if self.rows.rowCount():
            self.view.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def verified_text(self) -> str:
        """How far the folder is, as it stands in the head."""
        return self._verified.text()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._head = PanelHead(self.tr("Images"))
        self._verified = QLabel()
        self._verified.setProperty("role", "small")
        self._head.row.addWidget(self._verified)
        self._head.row.setContentsMargins(Space.PANEL, 0, Space.PANEL, 0)
        self._bar = ThinBar(self._appearance)
        self._tools = QWidget()
        row = QHBoxLayout(self._tools)
        row.setContentsMargins(Space.PANEL, Space.ROW, Space.PANEL, Space.ROW)
        row.setSpacing(Space.SMALL)
        self.filter = QLineEdit(placeholderText=self.tr("Filter"), clearButtonEnabled=False)
        self.filter.setAccessibleName(self.tr("Filter images by name"))
        self.filter.setProperty("kind", "search")
        self.filter.installEventFilter(self)
        self.filter.returnPressed.connect(self._focus_found)
        self._lens = self.filter.addAction(
            self._appearance.icon("search", "text2", 14), QLineEdit.ActionPosition.LeadingPosition
        )
        self.sort = Combo(self._appearance, self.tr("Order of the images"))
        for order, text in (
            (Sort.NAME, self.tr("Name")),
            (Sort.STATUS, self.tr("Status")),
            (Sort.CHANGED, self.tr("Changed")),
            (Sort.WHERE_NEXT, self.tr("Where next")),
            (Sort.DOUBTED, self.tr("In doubt")),
        ):
            self.sort.addItem(text, order)
        self.sort.setFixedWidth(114)
        row.addWidget(self.filter, 1)
        row.addWidget(self.sort)
        self.tabs = SegmentTabs(self._appearance, ("all", "todo", "verified", "problems"))
        self.empty = EmptyText()
        for part in (self._head, self._bar, self._tools, self.tabs, self.empty):
            column.addWidget(part)
        column.addSpacing(Space.TIGHT)
        column.addWidget(self.view, 1)

    def _connect(self) -> None:
        self.filter.textChanged.connect(lambda text: self._show_only(name=text))
        self.sort.currentIndexChanged.connect(lambda _i: self._show_only(sort=Sort(self.sort.currentData())))
        self.tabs.chosen.connect(lambda segment: self._show_only(segment=segment))
        self.empty.clicked.connect(self._clear_or_open)
        self.view.selectionModel().currentChanged.connect(self._select)
        self._model.document_opened.connect(self.follow_document)
        self._model.thumbnail_ready.connect(self._repaint_row)
        for signal in (self._model.project_opened, self._model.items_added, self._model.item_changed):
            signal.connect(self._count_soon)
        self.rows.modelReset.connect(self.follow_document)
        self.rows.modelReset.connect(self._count_soon)
        self._appearance.changed.connect(self._retint)

    def _show_only(self, *, name: str | None = None, segment: str | None = None, sort: Sort | None = None) -> None:
        self.rows.show_only(name=name, segment=segment, sort=sort)

    def follow_document(self) -> None:
        """Mark the open image in the list and bring it into view."""
        document = self._model.document
        index = self.rows.index_of(document.key) if document is not None else QModelIndex()
        selection = self.view.selectionModel()
        before = selection.currentIndex()
        if index == before and index.isValid() and selection.isSelected(index):
            self.view.scrollTo(index)
            return
        selection.blockSignals(True)
        if index.isValid():
            selection.setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
            self.view.scrollTo(index)
        else:
            selection.clear()
        selection.blockSignals(False)
        for changed in (before, index):  # the view heard nothing of it; not all rows, each costs a third of a ms
            if changed.isValid():
                self.view.update(changed)

    def _select(self, index: QModelIndex) -> None:
        if index.isValid():
            self._model.select(self.rows.item_at(index).key)

    def _repaint_row(self, key: str) -> None:
        index = self.rows.index_of(key)
        if index.isValid():
            self.view.update(index)

    def _count_soon(self) -> None:
        if not self._count_timer.isActive():
            self._count_timer.start()

    def _count(self) -> None:
        counts = self.rows.counts()
        total, verified = counts["all"], counts["verified"]
        self._verified.setText(self.tr("{n} of {total} verified").format(n=verified, total=total) if total else "")
        self._bar.set_share(verified / total if total else 0.0)
        self.tabs.set_texts(
            {
                "all": self.tr("All {n}").format(n=total),
                "todo": self.tr("To do {n}").format(n=counts["todo"]),
                "verified": self.tr("Verified {n}").format(n=verified),
                "problems": f" {counts['problems']}" if counts["problems"] else "",
            }
        )
        self._say_what_is_empty(total)

    def _say_what_is_empty(self, total: int) -> None:
        if self._model.project is None or self.rows.rowCount() or self._delegate.is_compact:
            self.empty.say("", "")
        elif not total:
            self.empty.say(
                self.tr("No photos in this folder. Drop some here, or open another."), self.tr("Open folder…")
            )
        elif self.rows.name:
            self.empty.say(self.tr("No name has '{name}' in it.").format(name=self.rows.name), self.tr("Clear"))
        else:
            self.empty.say(self.tr("None of the images is in this group."), self.tr("Show all"))

    def _clear_or_open(self) -> None:
        if not self.rows.counts()["all"]:
            self.open_wanted.emit()
            return
        self.filter.clear()
        self.tabs.choose("all")

    def _retint(self) -> None:
        self._lens.setIcon(self._appearance.icon("search", "text2", 14))
        self.view.viewport().update()


class ThinBar(QWidget):
    """A 3 px line that says how much is verified."""

    def __init__(self, appearance: Appearance, margin: int = Space.PANEL) -> None:
        super().__init__()
        self._appearance, self._margin, self._share = appearance, margin, 0.0
        self.setFixedHeight(3)

    def set_share(self, share: float) -> None:
        """0…1."""
        self._share = share
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        track = QRectF(self._margin, 0, self.width() - 2 * self._margin, 3)
        painter.setBrush(self._appearance.theme.color("line"))
        painter.drawRoundedRect(track, 1.5, 1.5)
        if self._share > 0:
            track.setWidth(max(3.0, track.width() * self._share))
            painter.setBrush(self._appearance.theme.color("ok"))
            painter.drawRoundedRect(track, 1.5, 1.5)
        painter.end()


class RowView(QListView):
    """Rows of one height: what changes in one never moves another."""

    def dataChanged(self, first: Index, last: Index, roles: Iterable[int] = ()) -> None:  # noqa: N802
        # Not QListView's own, which lays all rows out anew: 50 000 of them for each image that got a prediction.
        QAbstractItemView.dataChanged(self, first, last, list(roles))


def _list_view(name: str) -> QListView:
    view = RowView()
    view.setAccessibleName(name)
    view.setUniformItemSizes(True)
    view.setMouseTracking(True)
    view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    view.setIconSize(QSize(THUMB.width(), THUMB.height()))
    return view
