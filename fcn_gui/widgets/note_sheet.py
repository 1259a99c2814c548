"""A note on the open image."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from fcn_gui.widgets.appearance import Appearance
from fcn_gui.widgets.fitted_labels import ElidedLabel
from fcn_gui.widgets.floating import Sheet
from fcn_gui.widgets.theme import Space


class NoteSheet(Sheet):
    """`written(key, text)` on Return; Esc leaves the note as it is."""

    written = Signal(str, str)

    def __init__(self, appearance: Appearance, parent: QWidget) -> None:
        super().__init__(appearance, parent, 420)
        self._key = ""
        self.title = ElidedLabel(role="heading")
        self.field = QLineEdit(placeholderText=self.tr("What should not be forgotten about this image"))
        self.field.setAccessibleName(self.tr("Note"))
        body = QVBoxLayout()
        body.setContentsMargins(Space.LARGE, Space.PANEL, Space.LARGE, Space.LARGE)
        body.setSpacing(Space.ROW)
        body.addWidget(self.title)
        body.addWidget(self.field)
        self.column.addLayout(body)
        self.field.returnPressed.connect(self._write)

    def ask(self, key: str, note: str) -> None:
        """Open for an image."""
        self._key = key
        self.title.set_full_text(self.tr("Note on {name}").format(name=key))
        self.field.setText(note)
        self.open()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _write(self) -> None:
        self.close_sheet()
        self.written.emit(self._key, self.field.text().strip())
