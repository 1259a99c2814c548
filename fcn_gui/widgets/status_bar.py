"""The bottom line: where the cursor is and what stands there; what runs, with a cancel; device, zoom, saved."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QSizePolicy, QWidget

from fcn_gui.core.palette import overlay_colors
from fcn_gui.core.raster import ACCEPTED, CORRECTED, VOID
from fcn_gui.qt.job_board import JobStatus
from fcn_gui.qt.session_model import SessionModel
from fcn_gui.qt.view_state import CursorFacts, ViewState
from fcn_gui.widgets.appearance import Appearance
from fcn_gui.widgets.class_delegate import paint_class_swatch
from fcn_gui.widgets.fitted_labels import ElidedLabel
from fcn_gui.widgets.labels import IconButton
from fcn_gui.widgets.status_line import StatusLine
from fcn_gui.widgets.theme import Space

SWATCH = 11
NAME_PX = 160
"""Room for the name of a class."""


class StatusBar(StatusLine):
    """Facts only; the one thing to press in it cancels the job that it names."""

    def __init__(self, model: SessionModel, view: ViewState, appearance: Appearance) -> None:
        super().__init__(appearance)
        self._model, self._appearance = model, appearance
        self._at, self._words, self._odds = _label(92), _label(), _ending_early()
        self._device = _ending_early()
        for part in (self._odds, self._device):
            part.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self._swatch = Swatch(appearance)
        self.job = JobStrip(appearance)
        self._chip = QLabel()
        self._zoom, self._saved = _label(44), _label()
        self._tick, self._image = QLabel(), ElidedLabel()
        self._lay_out()
        view.cursor_moved.connect(self.show_cursor)
        model.job_progressed.connect(self.job.show_job)
        model.job_ended.connect(self._end_job)
        model.device_changed.connect(self._show_device)
        model.saved.connect(self._show_saved)
        model.image_said.connect(self._image.set_full_text)
        model.document_opened.connect(lambda: self._image.set_full_text(""))
        model.document_closed.connect(lambda: self._image.set_full_text(""))
        model.project_opened.connect(self._follow_project)
        model.project_closed.connect(self._follow_project)
        self.job.cancel.clicked.connect(lambda: self._model.cancel_job(self.job.job_id))
        self.job.pause.clicked.connect(self._model.pause_or_resume)
        appearance.changed.connect(self._retint)
        self._show_device(model.device_text)
        self._retint()
        self._follow_project()

    def show_cursor(self, facts: CursorFacts | None) -> None:
        """Position, what stands there and what the network thinks; None when the cursor left the photo."""
        for part in (self._at, self._words):
            part.setText("")
        self._odds.set_full_text("")
        self._swatch.setVisible(facts is not None)
        self._lines[0].setVisible(facts is not None)
        self._lines[1].setVisible(facts is not None and bool(facts.probabilities))
        if facts is None:
            return
        self._at.setText(self.tr("x {x}, y {y}").format(x=facts.x, y=facts.y))
        if self._model.label_map is None:  # nothing stands anywhere
            self._swatch.hide()
            self._lines[0].hide()
            return
        self._words.setText(f"<b>{escape(self._short_name(facts.label))}</b>, {self._vouch_word(facts.vouch)}")
        self._swatch.show_label(facts.label, self._color_of(facts.label))
        if facts.probabilities:
            odds = ", ".join(f"{self._short_name(label)} {p:.2f}" for label, p in facts.probabilities)
            self._odds.set_full_text(self.tr("prediction: {odds}").format(odds=odds))
        self.row.activate()  # the next frame shows it at its new width

    def show_zoom(self, zoom: float) -> None:
        """1.0 is one image pixel a logical pixel."""
        self._zoom.setText(f"{zoom * 100:.0f} %" if zoom > 0 else "")
        self._show_machine()

    def _end_job(self, job: int) -> None:
        """What goes on still, or is paused, is shown again."""
        self.job.end_job(job)
        if self.job.job_id is None and self._model.jobs:
            self.job.show_job(self._model.jobs[-1])

    def _lay_out(self) -> None:
        self._lines = [_line(), _line()]
        facts = (self._at, self._lines[0], self._swatch, self._words, self._lines[1], self._odds)
        first, *_ = self._zoom_lines = [_line(), _line()]
        machine = (self.job, self._chip, self._device, first, self._zoom, self._zoom_lines[1], self._tick, self._saved)
        for part in facts:
            self.row.addWidget(part)
        self._image.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.row.addWidget(self._image, 1)
        for each in machine:
            self.row.addWidget(each)
        self._swatch.hide()
        self.job.hide()

    def _name(self, label: int) -> str:
        label_map = self._model.label_map
        if label == VOID:
            return self.tr("void")
        return label_map.names[label] if label_map is not None and label < len(label_map) else str(label)

    def _short_name(self, label: int) -> str:
        """A class may be called anything; what stands to the right keeps its room."""
        return self.fontMetrics().elidedText(self._name(label), Qt.TextElideMode.ElideMiddle, NAME_PX)

    def _vouch_word(self, vouch: int) -> str:
        return {ACCEPTED: self.tr("accepted"), CORRECTED: self.tr("corrected")}.get(vouch, self.tr("unvouched"))

    def _color_of(self, label: int) -> QColor | None:
        label_map = self._model.label_map
        if label_map is None or label >= len(label_map) or label == 0:
            return None
        return QColor(*(int(v) for v in overlay_colors(label_map)[label]))

    def _show_device(self, text: str) -> None:
        self._device.set_full_text(text)
        self._chip.setVisible(bool(text))
        self._show_machine()

    def _show_saved(self, time_text: str) -> None:
        self._saved.setText(self.tr("Saved {time}").format(time=time_text))
        self._show_machine()

    def _follow_project(self) -> None:
        has_project = self._model.project is not None
        self.hint.setVisible(not has_project)
        for line in self._lines:
            line.hide()
        self._saved.setText(self.tr("Read-only") if self._model.is_read_only else "")
        self._show_machine()

    def _show_machine(self) -> None:
        """Zoom and save belong to an open folder; a line stands only between two things that are said."""
        has_project = self._model.project is not None
        has_zoom, has_saved = has_project and bool(self._zoom.text()), has_project and bool(self._saved.text())
        self._zoom.setVisible(has_zoom)
        self._zoom_lines[0].setVisible(has_zoom and bool(self._device.full_text))
        self._saved.setVisible(has_saved)
        self._tick.setVisible(has_saved and not self._model.is_read_only)
        self._zoom_lines[1].setVisible(has_saved and (has_zoom or bool(self._device.full_text)))

    def _retint(self) -> None:
        ratio = self.devicePixelRatioF()
        self._chip.setPixmap(self._appearance.pixmap("cpu", "text2", 14, ratio))
        self._tick.setPixmap(self._appearance.pixmap("check", "text2", 13, ratio))


class JobStrip(QWidget):
    """Words first, then the bar, the cancel last; several jobs take turns, the newest report is shown."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.ROW)
        self.job_id: int | None = None
        self._text = _label()
        self._bar = QProgressBar(textVisible=False)
        self._bar.setFixedWidth(96)
        self.pause = IconButton(appearance, "pause", self.tr("Pause or resume the fine-tune"), 13, 24)
        self.cancel = IconButton(appearance, "x", self.tr("Cancel what is running"), 13, 24)
        for part in (self._text, self._bar, self.pause, self.cancel):
            row.addWidget(part)

    def show_job(self, status: JobStatus) -> None:
        """A job has come further."""
        self.job_id = status.id
        text = self.tr("{what}, paused").format(what=status.text) if status.is_paused else status.text
        self._text.setText(text)
        self._bar.setMaximum(0 if status.fraction is None else 1000)
        self._bar.setValue(round((status.fraction or 0) * 1000))
        self._bar.setAccessibleName(text)
        self.pause.setVisible(status.can_pause)
        self.pause.set_icon_name("play" if status.is_paused else "pause")
        self.cancel.setVisible(status.can_cancel)
        self.show()

    def end_job(self, job_id: int) -> None:
        """A job is over."""
        if job_id == self.job_id:
            self.job_id = None
            self.hide()


class Swatch(QWidget):
    """The colour of the class under the cursor."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self.setFixedSize(SWATCH, SWATCH)
        self._label, self._color = 0, QColor()

    def show_label(self, label: int, color: QColor | None) -> None:
        """The class under the cursor."""
        self._label, self._color = label, QColor() if color is None else color
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(SWATCH, SWATCH)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect())
        paint_class_swatch(painter, self._appearance, rect, self._label, self._color)
        painter.end()


def _label(least_width: int = 0) -> QLabel:
    label = QLabel()
    label.setMinimumWidth(least_width)
    return label


def _ending_early() -> ElidedLabel:
    return ElidedLabel(elide=Qt.TextElideMode.ElideRight)


def _line() -> QFrame:
    line = QFrame()
    line.setFixedSize(1, 14)
    line.setProperty("surface", "line")
    return line
