"""Keys of all actions, to be changed one by one; a key that another action has is refused with that action's name."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QGridLayout, QKeySequenceEdit, QLabel, QPushButton, QVBoxLayout, QWidget

from fcn_gui.widgets.action_rows import ACTIONS, Action
from fcn_gui.widgets.actions import ACTION_BY_ID, Overrides, clashes, keys_of
from fcn_gui.widgets.appearance import Appearance
from fcn_gui.widgets.hold_keys import HAND_KEY
from fcn_gui.widgets.labels import key_text
from fcn_gui.widgets.menus import translated
from fcn_gui.widgets.theme import Space

FIELD_PX = 160


class KeyEditor(QWidget):
    """`changed(overrides)` when a key was changed and no other action has it."""

    changed = Signal(object)

    def __init__(self, appearance: Appearance, overrides: Overrides) -> None:
        super().__init__()
        self._appearance = appearance
        self._overrides = dict(overrides)
        self.fields: dict[str, QKeySequenceEdit] = {}
        self.error = QLabel(self)
        self.error.setProperty("role", "error")
        self.error.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.LARGE, Space.ROW, Space.LARGE, Space.LARGE)
        self._grid = grid = QGridLayout()
        grid.setHorizontalSpacing(Space.LARGE)
        grid.setVerticalSpacing(Space.TIGHT)
        grid.setColumnStretch(0, 1)
        for number, row in enumerate(ACTIONS):
            grid.addWidget(QLabel(translated(row.text).rstrip("…")), 2 * number, 0)
            grid.addWidget(self._field(row), 2 * number, 1, Qt.AlignmentFlag.AlignRight)
        column.addLayout(grid)
        again = QPushButton(self.tr("Back to the defaults"))
        again.setAutoDefault(False)
        again.clicked.connect(self._reset)
        column.addWidget(again, 0, Qt.AlignmentFlag.AlignLeft)

    def set_key(self, action_id: str, key: str) -> bool:
        """Give an action another first key (empty for none); False, and the reason shown, when another one has it."""
        row = ACTION_BY_ID[action_id]
        if key == HAND_KEY:
            self._say(self.tr("{key} moves the photo while it is held.").format(key=key_text(key)), row)
            self._show(row)
            return False
        wanted = {**self._overrides, action_id: (key, *row.keys[1:]) if key else ()}
        clash = next((ids for ids in clashes(wanted).values() if action_id in ids), [])
        other = next((each for each in clash if each != action_id), None)
        if other is not None:
            self._say(
                self.tr("{key} is the key of '{name}' already.").format(
                    key=key_text(key), name=translated(ACTION_BY_ID[other].text).rstrip("…")
                ),
                row,
            )
            self._show(row)
            return False
        self._say("")
        self._overrides = wanted
        if wanted[action_id] == row.keys:
            del self._overrides[action_id]
        self._show(row)
        self.changed.emit(dict(self._overrides))
        return True

    def _field(self, row: Action) -> QKeySequenceEdit:
        field = QKeySequenceEdit(maximumSequenceLength=1, clearButtonEnabled=True)
        field.setFixedWidth(FIELD_PX)
        field.setAccessibleName(self.tr("Key of {name}").format(name=translated(row.text)))
        self.fields[row.id] = field
        self._show(row)
        field.editingFinished.connect(lambda: self._edited(row))
        return field

    def _edited(self, row: Action) -> None:
        key = self.fields[row.id].keySequence().toString(QKeySequence.SequenceFormat.PortableText)
        if key != next(iter(keys_of(row, self._overrides)), ""):
            self.set_key(row.id, key)

    def _show(self, row: Action) -> None:
        field = self.fields[row.id]
        field.blockSignals(True)
        field.setKeySequence(QKeySequence(next(iter(keys_of(row, self._overrides)), "")))
        field.blockSignals(False)

    def _say(self, text: str, row: Action | None = None) -> None:
        """Right under the field of `row`: the page is long."""
        if row is not None:
            self._grid.addWidget(self.error, 2 * ACTIONS.index(row) + 1, 0, 1, 2, Qt.AlignmentFlag.AlignRight)
        self.error.setText(text)
        self.error.setVisible(bool(text))

    def _reset(self) -> None:
        self._overrides = {}
        self._say("")
        for row in ACTIONS:
            self._show(row)
        self.changed.emit({})
