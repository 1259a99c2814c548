"""Facts about the open image: size, time, strokes, how much is vouched."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from fcn_gui.core.raster import UNVOUCHED, Vouch
from fcn_gui.qt.session_model import SessionModel
from fcn_gui.widgets.fitted_labels import ElidedLabel
from fcn_gui.widgets.labels import PanelHead
from fcn_gui.widgets.spoken import spoken_seconds
from fcn_gui.widgets.theme import Space

DELAY_MS, COUNTED_PIXELS = 150, 1_000_000


class ThisImage(QWidget):
    """Only what was counted; empty while no image is open."""

    def __init__(self, model: SessionModel) -> None:
        super().__init__()
        self._model = model
        self._head = PanelHead(self.tr("This image"))
        self._size = QLabel()
        self._size.setProperty("role", "small")
        self._head.row.addWidget(self._size)
        self._head.row.setContentsMargins(Space.PANEL, 0, Space.PANEL, 0)
        self._values: dict[str, QLabel] = {}
        self._note = ElidedLabel(role="small")
        self._notes = QLabel(wordWrap=True)
        self._notes.setProperty("role", "small")
        grid = QGridLayout()
        grid.setContentsMargins(Space.PANEL, 0, Space.PANEL, Space.PANEL)
        grid.setVerticalSpacing(Space.TIGHT)
        grid.setColumnStretch(0, 1)
        for row, (name, text) in enumerate(
            (("time", self.tr("Time so far")), ("strokes", self.tr("Strokes")), ("vouched", self.tr("Vouched")))
        ):
            label, value = QLabel(text), QLabel()
            label.setProperty("role", "second")
            grid.addWidget(label, row, 0)
            grid.addWidget(value, row, 1, Qt.AlignmentFlag.AlignRight)
            self._values[name] = value
        grid.addWidget(self._note, 3, 0, 1, 2)
        grid.addWidget(self._notes, 4, 0, 1, 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._head)
        column.addLayout(grid)
        self._timer = QTimer(self, singleShot=True, interval=DELAY_MS)
        self._timer.timeout.connect(self._show)
        for signal in (model.document_opened, model.document_closed, model.mask_changed, model.item_changed):
            signal.connect(self._show_soon)
        self._show()

    def _show_soon(self) -> None:
        if not self._timer.isActive():
            self._timer.start()

    def _show(self) -> None:
        document, project = self._model.document, self._model.project
        self.setVisible(document is not None)
        if document is None or project is None or document.key not in project:
            return
        item = project.item(document.key)
        height, width = document.masked.mask.shape
        self._size.setText(f"{width} × {height}")
        self._values["time"].setText(spoken_seconds(item.seconds))
        self._values["strokes"].setText(str(item.strokes))
        self._values["vouched"].setText(f"{vouched_share(document.masked.vouch) * 100:.0f} %")
        self._note.set_full_text(self.tr("Note: {note}").format(note=item.note) if item.note else "")
        self._note.setVisible(bool(item.note))
        self._notes.setText("\n".join(document.picture.notes))
        self._notes.setVisible(bool(document.picture.notes))


def vouched_share(vouch: Vouch) -> float:
    """Share of an H×W vouch map that somebody vouched for, 0…1; large maps are sampled."""
    step = max(1, int(np.sqrt(vouch.size / COUNTED_PIXELS)))
    return float((vouch[::step, ::step] != UNVOUCHED).mean())
