"""The checkpoint that new folders start with: which it is, a way to another one, and why one was refused."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFileDialog, QFrame, QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from fcn_gui.widgets.appearance import Appearance
from fcn_gui.widgets.fitted_labels import ElidedLabel
from fcn_gui.widgets.theme import Radius, Space

if TYPE_CHECKING:
    from fcn_gui.qt.session_model import SessionModel

ICON_PX = 36


class StartRow(QWidget):
    """`changed` when the person chose another one, after it was tried."""

    changed = Signal()

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._model: SessionModel | None = None
        self.name, self.facts = ElidedLabel(), ElidedLabel(role="small")
        self.error = QLabel(wordWrap=True)
        self.error.setProperty("role", "error")
        self.error.hide()
        self.change = QPushButton(self.tr("Change…"))
        self.change.setToolTip(self.tr("Choose a checkpoint file that new folders start with"))
        self.change.clicked.connect(self._ask)
        self.bundled = QPushButton(self.tr("Back to the program's own"))
        self.bundled.setProperty("kind", "link")
        self.bundled.clicked.connect(lambda: self._choose(None))
        for button in (self.change, self.bundled):
            button.setAutoDefault(False)
        self._lay_out(appearance)
        self.change.setEnabled(False)
        self.bundled.hide()

    def attach(self, model: SessionModel) -> None:
        """Show what new folders start with now, and go by `model` from now on."""
        self._model = model
        model.start_checkpoint_changed.connect(self._chosen)
        model.start_checkpoint_refused.connect(self._refused)
        self.change.setEnabled(True)
        self._show_facts(model)

    def _show_facts(self, model: SessionModel) -> None:
        start = model.start_checkpoint
        self.name.set_full_text(start.path.stem)
        where = self.tr("comes with the program") if start.is_bundled else str(start.path.parent)
        self.facts.set_full_text(self.tr("{n} classes, {where}").format(n=start.classes, where=where))
        self.bundled.setVisible(not start.is_bundled)
        self._say(start.problem)

    def _lay_out(self, appearance: Appearance) -> None:
        line = QFrame()
        line.setFixedHeight(1)
        line.setProperty("surface", "line")
        head = QLabel(self.tr("Checkpoint for new folders"))
        head.setProperty("role", "heading")
        grid = QGridLayout()
        grid.setHorizontalSpacing(Space.PANEL)
        grid.setVerticalSpacing(0)
        grid.setColumnStretch(1, 1)
        grid.addWidget(BoxMark(appearance), 0, 0, 2, 1)
        grid.addWidget(self.name, 0, 1)
        grid.addWidget(self.facts, 1, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(Space.ROW)
        for button in (self.bundled, self.change):
            buttons.addWidget(button)
        grid.addLayout(buttons, 0, 2, 2, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.PANEL, Space.HUGE, Space.PANEL, 0)
        column.setSpacing(0)
        column.addWidget(line)
        column.addSpacing(Space.WIDE)
        column.addWidget(head)
        column.addSpacing(Space.PANEL)
        column.addLayout(grid)
        column.addSpacing(Space.ROW)
        column.addWidget(self.error)

    def _ask(self) -> None:
        if self._model is None:
            return
        start = self._model.start_checkpoint
        folder = str(Path.home() if start.is_bundled else start.path.parent)
        kinds = self.tr("Checkpoints (*.safetensors);;All files (*)")
        name, _ = QFileDialog.getOpenFileName(self, self.tr("Checkpoint for new folders"), folder, kinds)
        if name:
            self._choose(Path(name))

    def _choose(self, path: Path | None) -> None:
        self._say("")
        self.change.setEnabled(path is None)
        if self._model is not None:
            self._model.choose_start_checkpoint(path)

    def _chosen(self) -> None:
        self.change.setEnabled(True)
        if self._model is not None:
            self._show_facts(self._model)
        self.changed.emit()

    def _refused(self, reason: str) -> None:
        self.change.setEnabled(True)
        self._say(reason)

    def _say(self, reason: str) -> None:
        self.error.setText(reason)
        self.error.setVisible(bool(reason))


class BoxMark(QWidget):
    """A box in a rounded frame: a file that holds a network."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self.setFixedSize(ICON_PX, ICON_PX)
        appearance.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._appearance.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("edge"), 1))
        painter.setBrush(theme.color("raised"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), Radius.BUTTON, Radius.BUTTON)
        icon = self._appearance.pixmap("box", "text2", 18, self.devicePixelRatioF())
        painter.drawPixmap(QPointF((ICON_PX - 18) / 2, (ICON_PX - 18) / 2), icon)
        painter.end()
