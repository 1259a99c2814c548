"""Asked before a class goes: what its pixels become."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLabel, QWidget

from fcn_gui.core.palette import VOID_COLOR, overlay_colors
from fcn_gui.core.raster import VOID
from fcn_gui.qt.session_model import SessionModel
from fcn_gui.widgets.appearance import Appearance
from fcn_gui.widgets.palette_popup import Entry, FindPopup
from fcn_gui.widgets.theme import Space

TOP_PX = 96


class ClassRemoval(FindPopup):
    """A list to type into: every other class, and void. `removal_wanted` with the class and what it becomes."""

    removal_wanted = Signal(int, int)

    def __init__(self, appearance: Appearance, parent: QWidget, model: SessionModel) -> None:
        self._model = model
        self._label, self._is_merge = 0, False
        super().__init__(appearance, parent, self._targets, self.tr("Type a class"))
        self._top_px = TOP_PX
        self.question = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self.question.setContentsMargins(Space.PANEL, Space.ROW, Space.PANEL, 0)
        self.column.insertWidget(0, self.question)
        self.chosen.connect(lambda into: self.removal_wanted.emit(self._label, int(into)))

    def ask(self, label: int, is_merge: bool = False) -> None:
        """Ask what the pixels of class `label` become; when two are merged, void is no answer."""
        label_map = self._model.label_map
        if label_map is None or not 0 < label < len(label_map):
            return
        self._label, self._is_merge = label, is_merge
        text = (
            self.tr("Merge {name} into which class? Its pixels follow, in all masks.")
            if is_merge
            else self.tr("Remove {name}: what do its pixels become, in all masks?")
        )
        self.question.setText(text.format(name=label_map.names[label]))
        self.setAccessibleName(self.question.text())
        self.open()

    def _targets(self) -> list[Entry]:
        label_map = self._model.label_map
        if label_map is None:
            return []
        colors = overlay_colors(label_map)
        entries = [
            Entry(str(n), name, label=n, color=QColor(*(int(v) for v in colors[n])))
            for n, name in enumerate(label_map.names)
            if n != self._label
        ]
        if self._is_merge:
            return entries
        void = Entry(str(VOID), self.tr("void, in no class"), label=VOID, color=QColor(*VOID_COLOR))
        return [entries[0], void, *entries[1:]]
