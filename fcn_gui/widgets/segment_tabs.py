"""Quiet tabs in one row, of which one is chosen: All 148 · To do 124 · Verified 23 · ⚠ 1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QSizePolicy, QToolButton, QWidget

from fcn_gui.widgets.appearance import Appearance
from fcn_gui.widgets.theme import Space


class SegmentTabs(QWidget):
    """A tab without a text is hidden; the one called `problems` carries the warning mark."""

    chosen = Signal(str)

    def __init__(self, appearance: Appearance, names: Sequence[str], ground: str = "panel") -> None:
        super().__init__()
        self.setProperty("ground", ground)
        self._appearance = appearance
        row = QHBoxLayout(self)
        row.setContentsMargins(Space.ROW, 0, 0, 0)
        row.setSpacing(0)
        self._group = QButtonGroup(self)
        self._buttons = {name: self._made(name) for name in names}
        for button in self._buttons.values():
            row.addWidget(button)
        row.addStretch(1)
        next(iter(self._buttons.values())).setChecked(True)
        appearance.changed.connect(self._retint)
        self._retint()

    @property
    def current(self) -> str:
        """The name of the chosen tab."""
        return next(name for name, button in self._buttons.items() if button.isChecked())

    def choose(self, name: str) -> None:
        """Choose a tab as a click would."""
        self._buttons[name].click()

    def focus_current(self) -> None:
        """Let the keys go to the chosen tab."""
        self._buttons[self.current].setFocus(Qt.FocusReason.OtherFocusReason)

    def set_texts(self, texts: Mapping[str, str]) -> None:
        """New words on the tabs."""
        for name, text in texts.items():
            self._buttons[name].setText(text)
            self._buttons[name].setVisible(bool(text))
            if not text and self._buttons[name].isChecked():
                self.choose(next(iter(self._buttons)))

    def _made(self, name: str) -> QToolButton:
        button = QToolButton()
        button.setCheckable(True)
        button.setProperty("kind", "tab")
        button.setFixedHeight(24)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        if name == "problems":
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.setIconSize(QSize(13, 13))
            button.setToolTip(self.tr("Images with a problem"))
        button.clicked.connect(lambda _checked=False: self.chosen.emit(name))
        self._group.addButton(button)
        return button

    def _retint(self) -> None:
        if "problems" in self._buttons:
            self._buttons["problems"].setIcon(self._appearance.icon("triangle-alert", "err", 13, on="err"))
