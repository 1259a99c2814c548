"""Asked once for a plain folder: the 21 VOC classes, classes of one's own, or a label map from a file."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from fcn_gui.core.errors import LabelMapError
from fcn_gui.core.label_map import LabelMap, own_label_map, voc_label_map
from fcn_gui.core.label_map_text import read_label_map
from fcn_gui.widgets.appearance import Appearance
from fcn_gui.widgets.floating import SHADOW_PX, Floating
from fcn_gui.widgets.labels import CapButton
from fcn_gui.widgets.theme import Radius, Space

WIDTH_PX, TOP_PX = 560, 14


class LabelMapBar(Floating):
    """A bar over the canvas; `chosen` with the label map."""

    chosen = Signal(object)

    def __init__(self, appearance: Appearance, canvas: QWidget) -> None:
        super().__init__(appearance, canvas, Radius.MESSAGE)
        self._own = QWidget()
        self.names = QPlainTextEdit()
        self._error = QLabel(wordWrap=True)
        self._error.setProperty("role", "error")
        column = QVBoxLayout()
        column.setContentsMargins(Space.LARGE, Space.PANEL, Space.LARGE, Space.PANEL)
        column.setSpacing(Space.ROW)
        title, words = QLabel(self.tr("Which classes does this folder have?")), QLabel(wordWrap=True)
        title.setProperty("role", "heading")
        words.setProperty("role", "second")
        words.setText(
            self.tr("The network knows the 21 VOC classes already; classes of your own it learns from your strokes.")
        )
        self.voc = CapButton(appearance, self.tr("The 21 VOC classes"), kind="")
        self.own = CapButton(appearance, self.tr("My own…"))
        self.file = CapButton(appearance, self.tr("Read from a file…"))
        row = QHBoxLayout()
        for button in (self.voc, self.own, self.file):
            row.addWidget(button)
        row.addStretch(1)
        column.addWidget(title)
        column.addWidget(words)
        column.addLayout(row)
        column.addWidget(self._own)
        column.addWidget(self._error)
        self.column.addLayout(column)
        self._fill_own(appearance)
        self.voc.clicked.connect(lambda: self._choose(voc_label_map()))
        self.own.clicked.connect(self._ask_names)
        self.file.clicked.connect(self._ask_file)

    def ask(self) -> None:
        """Show the question."""
        self._own.hide()
        self._say("")
        self.place()
        self.show()
        self.raise_()

    def place(self) -> None:
        """Top centre of the canvas."""
        host = self.host
        self.setFixedWidth(min(WIDTH_PX + 2 * SHADOW_PX, host.width()))
        self.adjustSize()
        self.move((host.width() - self.width()) // 2, TOP_PX - SHADOW_PX)

    def read(self, path: Path) -> None:
        """Take the label map of a file (labelmap.txt, class_names.txt, labels.txt, another project)."""
        try:
            label_map = read_label_map(path)
        except LabelMapError as error:
            self._say(str(error))
            return
        self._choose(label_map)

    def _fill_own(self, appearance: Appearance) -> None:
        column = QVBoxLayout(self._own)
        column.setContentsMargins(0, 0, 0, 0)
        self.names.setPlaceholderText(self.tr("One class a line, such as\ncoin\nscratch\nBackground is added."))
        self.names.setAccessibleName(self.tr("Names of the classes, one a line"))
        self.names.setTabChangesFocus(True)
        self.names.setFixedHeight(96)
        self.use = QPushButton(self.tr("Use these classes"))
        self.use.setProperty("kind", "filled")
        self.use.setAutoDefault(False)
        self.use.clicked.connect(self._use_names)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.use)
        column.addWidget(self.names)
        column.addLayout(row)

    def _ask_names(self) -> None:
        self._own.show()
        self.place()
        self.names.setFocus()

    def _use_names(self) -> None:
        names = [line.strip() for line in self.names.toPlainText().splitlines() if line.strip()]
        if not names:
            self._say(self.tr("Type at least one name."))
            self.names.setFocus()
            return
        try:
            self._choose(own_label_map(names))
        except LabelMapError as error:
            self._say(str(error))

    def _ask_file(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self.window(), self.tr("Read a label map"), "", self.tr("Label maps (*.txt *.json);;All files (*)")
        )
        if name:
            self.read(Path(name))

    def _choose(self, label_map: LabelMap) -> None:
        self.hide()
        self.chosen.emit(label_map)

    def _say(self, text: str) -> None:
        self._error.setText(text)
        self._error.setVisible(bool(text))
        self.names.setProperty("bad", bool(text))
        self.names.style().polish(self.names)
        self.place()
