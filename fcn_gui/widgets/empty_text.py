"""What stands where a list has nothing to show: a sentence, and the way out."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from fcn_gui.widgets.theme import Space


class EmptyText(QWidget):
    """A sentence where a list would be, and a button with the way out."""

    clicked = Signal()

    def __init__(self) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.PANEL, Space.WIDE, Space.PANEL, Space.PANEL)
        self._text = QLabel(wordWrap=True)
        self._text.setProperty("role", "second")
        self._button = QPushButton()
        self._button.clicked.connect(self.clicked)
        column.addWidget(self._text)
        column.addWidget(self._button, 0, Qt.AlignmentFlag.AlignLeft)
        self.hide()

    @property
    def text(self) -> str:
        """The sentence that shows."""
        return self._text.text()

    def say(self, text: str, button: str) -> None:
        """Show a sentence and a button; an empty sentence hides both."""
        self._text.setText(text)
        self._button.setText(button)
        self.setVisible(bool(text))
