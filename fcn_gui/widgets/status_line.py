"""The bottom line as it is before a folder is open: which key shows all keys."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QStatusBar, QWidget

from fcn_gui.widgets.appearance import Appearance
from fcn_gui.widgets.labels import KeyCap
from fcn_gui.widgets.theme import Height, Space


class StatusLine(QStatusBar):
    """`row` takes what else stands there."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self.setFixedHeight(Height.STATUS)
        self.setSizeGripEnabled(False)
        content = QWidget()
        content.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.row = QHBoxLayout(content)
        self.row.setContentsMargins(Space.PANEL - 2, 0, Space.PANEL - 2, 0)
        self.row.setSpacing(Space.ROW)
        self.hint = KeysHint(appearance)
        self.row.addWidget(self.hint, 0, Qt.AlignmentFlag.AlignLeft)
        self.addWidget(content, 1)


class KeysHint(QWidget):
    """Press ? for all keys."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.SMALL)
        for part in (QLabel(self.tr("Press")), KeyCap(appearance, "?"), QLabel(self.tr("for all keys"))):
            row.addWidget(part)
