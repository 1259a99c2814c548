"""The classes: key, colour, name, lock, share of the open mask, heatmap and visibility; adding and changing them."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QMenu, QVBoxLayout, QWidget

from fcn_gui.core.label_map_change import LabelMapChange
from fcn_gui.core.raster import VOID
from fcn_gui.qt.session_model import SessionModel
from fcn_gui.qt.view_state import ViewState
from fcn_gui.widgets.appearance import Appearance
from fcn_gui.widgets.class_delegate import ClassDelegate
from fcn_gui.widgets.class_list import ClassList
from fcn_gui.widgets.class_rows import ClassRows
from fcn_gui.widgets.color_menu import ColorMenu
from fcn_gui.widgets.labels import IconButton, PanelHead
from fcn_gui.widgets.theme import Height, Space

_MENU = (
    *("class.add", "class.rename", "class.recolour", "class.lock", "class.hide", ""),
    *("class.up", "class.down", "", "class.merge", "class.remove"),
)
"""Ids of the table, "" for a line."""


class ClassPanel(QWidget):
    """Choosing a row chooses the class in hand; `action_wanted` asks the window for an action of the table."""

    action_wanted = Signal(str)
    height_changed = Signal()
    """Its rows or fields need another height."""

    def __init__(self, model: SessionModel, view: ViewState, appearance: Appearance) -> None:
        super().__init__()
        self._model, self._view, self._appearance = model, view, appearance
        self.rows = ClassRows(model, view)
        self.list = ClassList(self.rows, ClassDelegate(appearance))
        self.new_name = QLineEdit(placeholderText=self.tr("Name of the new class"))
        self.new_name.setAccessibleName(self.tr("Name of the new class"))
        self._adding = QWidget()
        self._had_focus: QWidget | None = None
        self._error = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self._error.setProperty("role", "error")
        self._empty = QLabel(self.tr("Add the first class, or read a label map."), wordWrap=True)
        self._empty.setProperty("role", "second")
        self._lay_out()
        self._connect()
        self._fit_height()
        self._follow_view("label")

    def set_compact(self, is_compact: bool) -> None:
        """Rows without their percentage."""
        self.list.delegate.is_compact = is_compact
        self.list.viewport().update()

    @property
    def error_text(self) -> str:
        """Why a name was refused; empty when it was not."""
        return self._error.text()

    @property
    def natural_height(self) -> int:
        """In which every row shows."""
        return self.extra_height + self.rows.rowCount() * Height.CLASS_ROW

    @property
    def extra_height(self) -> int:
        """Of all but the rows."""
        shown = [part for part in (self._empty, self._adding) if not part.isHidden()]
        return Height.HEAD + sum(part.heightForWidth(self.width()) for part in shown) + Space.ROW

    def start_adding(self) -> None:
        """Open the field for a new class's name."""
        if not self.new_name.hasFocus():
            self._had_focus = QApplication.focusWidget()
        self._adding.show()
        self.height_changed.emit()
        self.new_name.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def start_renaming(self) -> None:
        """Edit the name of the class in hand in its row."""
        index = self.rows.index(self.rows.row_of(self._view.label))
        if index.isValid():
            self.list.scrollTo(index)
            self.list.edit(index)

    def start_recolouring(self) -> None:
        """Offer colours for the class in hand."""
        index = self.rows.index(self.rows.row_of(self._view.label))
        if index.isValid() and self._view.label != VOID:
            self._offer_colors(index)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, Space.ROW)
        column.setSpacing(0)
        head = PanelHead(self.tr("Classes"))
        for icon, text, action_id in (
            ("search", self.tr("Find a class (C)"), "class.find"),
            ("plus", self.tr("Add a class (Ctrl Shift N)"), "class.add"),
            ("ellipsis", self.tr("More about this class"), ""),
        ):
            button = IconButton(self._appearance, icon, text, 16, 24)
            head.row.addWidget(button)
            if action_id:
                button.clicked.connect(lambda _c=False, wanted=action_id: self.action_wanted.emit(wanted))
            else:
                button.clicked.connect(lambda _c=False, b=button: self._open_menu(b.mapToGlobal(QPoint(0, b.height()))))
        column.addWidget(head)
        column.addWidget(self.list, 1)
        self._empty.setContentsMargins(Space.PANEL, Space.TIGHT, Space.PANEL, 0)
        inner = QVBoxLayout(self._adding)
        inner.setContentsMargins(Space.PANEL, Space.TIGHT, Space.PANEL, 0)
        for part in (self.new_name, self._error):
            inner.addWidget(part)
        column.addWidget(self._empty)
        column.addWidget(self._adding)
        self._error.hide()
        self._adding.hide()
        self.new_name.installEventFilter(self)

    def _connect(self) -> None:
        self.new_name.returnPressed.connect(self._add)
        self.new_name.textEdited.connect(lambda _text: self._say(""))
        self.list.label_chosen.connect(self._choose)
        self.list.part_clicked.connect(self._click_part)
        self.list.row_pointed.connect(self._point)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._open_row_menu)
        self.rows.modelReset.connect(self._fit_height)
        self.rows.modelReset.connect(lambda: self._follow_view("label"))
        self._view.changed.connect(self._follow_view)
        self._model.project_opened.connect(self._fit_height)
        self._model.relabelled.connect(self._follow_relabelling)
        self._appearance.changed.connect(self.list.viewport().update)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Esc ends adding."""
        if watched is self.new_name and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            if event.type() == QEvent.Type.KeyPress:
                self._end_adding()
            event.accept()
            return True
        return False

    def _add(self) -> None:
        name = self.new_name.text().strip()
        label_map = self._model.label_map
        if not name:
            self._end_adding()
        elif label_map is not None and name.casefold() in (n.casefold() for n in label_map.names):
            self._say(self.tr("There is a class '{name}' already.").format(name=name))
        else:
            self._model.add_class(name)
            self._end_adding()
            if self._model.label_map is not None:
                self._choose(len(self._model.label_map) - 1)

    def _end_adding(self) -> None:
        self.new_name.clear()
        self._say("")
        before, self._had_focus = self._had_focus, None
        if self.new_name.hasFocus():  # a field that goes would pass the focus on to whatever button comes next
            back = before if before is not None and before.isVisible() else self.list
            back.setFocus(Qt.FocusReason.OtherFocusReason)
        self._adding.hide()
        self.height_changed.emit()

    def _say(self, text: str) -> None:
        self._error.setText(text)
        self._error.setVisible(bool(text))
        self.height_changed.emit()
        self.new_name.setProperty("bad", bool(text))
        self.new_name.style().polish(self.new_name)

    def _choose(self, label: int) -> None:
        self._view.choose_label(label)

    def _point(self, label: int | None) -> None:
        self._view.hovered_label = label

    def _click_part(self, row: int, part: str) -> None:
        label = self.rows.at(row).label
        if part == "eye":
            self._view.toggle_hidden(label)
        elif part == "flame" and label != VOID:
            is_on = self.rows.at(row).has_heatmap
            self._view.heatmap_label = label
            self._view.mode = "mask" if is_on else "heatmap"
        elif part == "swatch" and label != VOID:
            self._choose(label)
            self._offer_colors(self.rows.index(row))

    def _offer_colors(self, index: QModelIndex) -> None:
        row = self.rows.at(index.row())
        menu = ColorMenu(self, row.color)
        menu.chosen.connect(lambda color: self._model.recolour_class(row.label, color))
        menu.popup(self.list.viewport().mapToGlobal(self.list.visualRect(index).bottomLeft() + QPoint(40, 2)))

    def _open_row_menu(self, at: QPoint) -> None:
        index = self.list.indexAt(at)
        if index.isValid():
            self._choose(self.rows.at(index.row()).label)
            self._open_menu(self.list.viewport().mapToGlobal(at))

    def _open_menu(self, at: QPoint) -> None:
        self.made_menu().popup(at)

    def made_menu(self) -> QMenu:
        """What can be done with the class in hand."""
        window = self.window()
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for action_id in _MENU:
            action = window.findChild(QAction, action_id) if action_id else None
            if action is not None:
                menu.addAction(action)
            else:
                menu.addSeparator()
        return menu

    def _follow_view(self, field: str) -> None:
        if field == "label":
            self.list.mark(self.rows.row_of(self._view.label))

    def _follow_relabelling(self, change: LabelMapChange) -> None:
        """The class in hand and the hidden ones stay what they are, whatever number they have now."""
        view = self._view
        view.hidden = frozenset(change.label(label) for label in view.hidden if change.keeps(label))
        shown = view.heatmap_label
        view.heatmap_label = change.label(shown) if shown is not None and change.keeps(shown) else None
        view.label, view.last_label = change.label(view.label), change.label(view.last_label)

    def _fit_height(self) -> None:
        is_empty = not self.rows.rowCount() and self._model.project is not None
        self._empty.setVisible(is_empty)
        self.list.setVisible(not is_empty)
        self.height_changed.emit()
