"""Refined borders; fill holes and remove specks: up to which size, and two buttons."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from fcn_gui.core.refinement import Refinement
from fcn_gui.qt.session_model import SessionModel
from fcn_gui.qt.view_state import ViewState
from fcn_gui.widgets.appearance import Appearance
from fcn_gui.widgets.controls import NAME_WIDTH, ValueSlider
from fcn_gui.widgets.labels import Combo, PanelHead
from fcn_gui.widgets.menus import ActionSet
from fcn_gui.widgets.theme import Space

LEAST_PERCENT, MOST_PERCENT = 0.001, 2.0
LEAST_COMBO_PX = 96
"""Its longest words are wider than a narrow dock has room for."""


class CleanUp(QWidget):
    """The buttons are actions of the table: enabled with them, with their tooltip."""

    def __init__(self, model: SessionModel, view: ViewState, appearance: Appearance, actions: ActionSet) -> None:
        super().__init__()
        self._model, self._view, self._actions = model, view, actions
        head = PanelHead(self.tr("Clean up"))
        head.row.setContentsMargins(Space.PANEL, 0, Space.PANEL, 0)
        ways = (
            (Refinement.OFF, self.tr("As usual")),
            (Refinement.FAST, self.tr("Refined, fast")),
            (Refinement.CRF, self.tr("Refined, thorough")),
            (Refinement.WIDE, self.tr("Refined, wide")),
            (Refinement.LOOKS, self.tr("Several looks")),
            (Refinement.GUIDED, self.tr("Guided filter")),
            (Refinement.SUPERPIXELS, self.tr("Superpixels")),
        )
        self.borders = Combo(appearance, self.tr("Borders"))
        self.borders.addItems([text for _, text in ways])
        self.borders.setMinimumWidth(LEAST_COMBO_PX)
        self._ways = [way for way, _ in ways]
        self.borders.activated.connect(lambda index: model.refine(self._ways[index].value))
        span = (LEAST_PERCENT, MOST_PERCENT)
        self.up_to = ValueSlider(appearance, self.tr("Up to"), span, self._words, curve=3.0)
        self.up_to.moved.connect(lambda value: setattr(view, "most_percent", value))
        buttons = QHBoxLayout()
        buttons.setContentsMargins(Space.PANEL, Space.TIGHT, Space.PANEL, 0)
        buttons.setSpacing(Space.ROW)
        self.fill_holes = self._button("mask.fill_holes", self.tr("Fill holes"))
        self.remove_specks = self._button("mask.remove_specks", self.tr("Remove specks"))
        for button in (self.fill_holes, self.remove_specks):
            buttons.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, Space.PANEL)
        column.setSpacing(0)
        column.addWidget(head)
        column.addLayout(self._borders_row())
        column.addWidget(self.up_to)
        column.addLayout(buttons)
        view.changed.connect(self._show)
        for moment in (model.refinement_changed, model.project_opened):
            moment.connect(self._show_borders)
        model.document_opened.connect(lambda: self._show("most_percent"))
        self._show("most_percent")

    def _borders_row(self) -> QHBoxLayout:
        name = QLabel(self.tr("Borders"))
        name.setProperty("role", "second")
        name.setFixedWidth(NAME_WIDTH)
        row = QHBoxLayout()
        row.setContentsMargins(Space.PANEL, 0, Space.PANEL, 0)
        row.setSpacing(Space.ROW)
        row.addWidget(name)
        row.addWidget(self.borders, 1)
        action = self._actions.action("mask.refine")

        def follow() -> None:
            self.borders.setEnabled(action.isEnabled())
            self.borders.setToolTip(action.toolTip())

        action.changed.connect(follow)
        follow()
        return row

    def _show_borders(self) -> None:
        self.borders.setCurrentIndex(self._ways.index(self._model.refinement))

    def _button(self, action_id: str, text: str) -> QPushButton:
        button = QPushButton(text)
        button.setAutoDefault(False)
        button.clicked.connect(lambda: self._actions.triggered.emit(action_id))
        action = self._actions.action(action_id)

        def follow() -> None:
            button.setEnabled(action.isEnabled())
            button.setToolTip(action.toolTip())

        action.changed.connect(follow)
        follow()
        return button

    def _words(self, percent: float) -> str:
        """In pixels of the open image, which is what can be pictured; in percent while there is none."""
        document = self._model.document
        if document is None:
            return f"{percent:.2g} %"
        height, width = document.shape
        return self.tr("{n} px").format(n=max(1, round(percent / 100 * height * width)))

    def _show(self, field: str) -> None:
        if field == "most_percent":
            self.up_to.show_value(self._view.most_percent)
