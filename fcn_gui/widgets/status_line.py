"""The bottom line as it is before a folder is open: which key shows all keys."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStatusBar, QWidget

from fcn_gui.widgets.appearance import Appearance
from fcn_gui.widgets.labels import KeyCap
from fcn_gui.widgets.theme import Height, Space


class StatusLine(QStatusBar):
    """`row` takes what else stands there."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self.setFixedHeight(Height.STATUS)
        self.setSizeGripEnabled(False)
        self._content = QWidget(self)  # not of the bar's own layout, which leaves less than a button's height
        self.row = QHBoxLayout(self._content)
        self.row.setContentsMargins(Space.PANEL, 0, Space.PANEL - 2, 0)
        self.row.setSpacing(Space.ROW)
        self.hint = KeysHint(appearance)
        self.row.addWidget(self.hint, 0, Qt.AlignmentFlag.AlignLeft)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._content.setGeometry(self.rect())


class KeysHint(QWidget):
    """Press ? for all keys."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.SMALL)
        for part in (QLabel(self.tr("Press")), KeyCap(appearance, "?"), QLabel(self.tr("for all keys"))):
            row.addWidget(part)
