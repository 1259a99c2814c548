"""The bottom panel: checkpoints as chips, curve of mean IU, the running fine-tune or time so far, receipt, Retrain."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from fcn_gui.qt.job_board import JobStatus
from fcn_gui.qt.session_model import SessionModel
from fcn_gui.session.checkpoints import CheckpointEntry
from fcn_gui.widgets.appearance import Appearance
from fcn_gui.widgets.checkpoint_series import checkpoint_series
from fcn_gui.widgets.chips import ChipRow
from fcn_gui.widgets.curve import Plot, Series
from fcn_gui.widgets.fitted_labels import ElidedLabel
from fcn_gui.widgets.labels import CapButton, IconButton
from fcn_gui.widgets.menus import ActionSet
from fcn_gui.widgets.receipt import ReceiptColumn
from fcn_gui.widgets.spoken import spoken_seconds
from fcn_gui.widgets.theme import Height, Space
from fcn_gui.widgets.time_column import TimeColumn

CURVE_PX, RUN_PX, RECEIPT_PX = 356, 212, 288
LEAST_CURVE_PX, COMPACT_PX = 240, (200, 180, 264)
"""Least width of the curve; of curve, run and receipt where there is little room: what they say is elided there."""
DRAW_EVERY_MS = 100


class LearningPanel(QWidget):
    """Shows what was measured and nothing else; folds to its head."""

    fold_wanted = Signal()
    receipt_wanted = Signal(str)

    def __init__(self, model: SessionModel, appearance: Appearance, actions: ActionSet) -> None:
        super().__init__()
        self._model, self._appearance = model, appearance
        self.setProperty("surface", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._opened: str | None = None
        self.chips = ChipRow(appearance)
        self._state = ElidedLabel(role="small")
        self.curve = Plot(appearance, self.tr("checkpoints"))
        self.run_plot = Plot(appearance, self.tr("steps"))
        self._receipt = ReceiptColumn()
        self.time = TimeColumn(model)
        self._is_learning = self._is_wide = self._is_folded = False
        self._run_timer = QTimer(self, singleShot=True, interval=DRAW_EVERY_MS)
        self._body = QWidget()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._head(actions))
        column.addWidget(self._body, 1)
        self._fill_body()
        self._connect()
        self._show_checkpoints()
        self._show_run()
        self._show_middle()

    def set_folded(self, is_folded: bool) -> None:
        """Only the head: chips and Retrain."""
        self._is_folded = is_folded
        self._body.setVisible(not is_folded)
        self._say_time()
        self._fold.set_icon_name("chevron-up" if is_folded else "chevron-down")

    def set_wide(self, is_wide: bool) -> None:
        """The curve takes the spare width of a wide window; else the receipt's column does."""
        self._curve_column.setMaximumWidth(16777215 if is_wide else CURVE_PX)
        self._is_wide = is_wide
        self._show_middle()

    def open_receipt(self, checkpoint: str) -> None:
        """Show this checkpoint's receipt in the column."""
        self._opened = checkpoint
        self.chips.mark(checkpoint)
        self._receipt.show_entry(self._entry(checkpoint))

    def _head(self, actions: ActionSet) -> QWidget:
        head = QWidget()
        head.setFixedHeight(Height.HEAD)
        row = QHBoxLayout(head)
        row.setContentsMargins(Space.TIGHT, 0, Space.ROW, 0)
        row.setSpacing(Space.ROW)
        self.head_row = row
        word = QLabel(self.tr("Checkpoints"))
        word.setProperty("role", "small")
        self._word = word
        self.retrain = CapButton(self._appearance, self.tr("Retrain"), actions.key("learn.retrain"), "graduation-cap")
        action = actions.action("learn.retrain")
        self.retrain.clicked.connect(action.trigger)
        action.changed.connect(lambda: self._follow_action(actions))
        self._follow_action(actions)
        self._fold = IconButton(self._appearance, "chevron-down", self.tr("Fold or open this panel"), 16, 24)
        self._fold.clicked.connect(self.fold_wanted)
        self._state.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        line = QFrame()
        line.setFixedSize(1, 20)
        line.setProperty("surface", "line")
        parts: tuple[QWidget, ...] = (line, word, self.chips, self._state, self.retrain, self._fold)
        for part in parts:
            row.addWidget(part, 1 if part is self._state else 0)
        return head

    def set_compact(self, is_compact: bool) -> None:
        """No room for key cap and words before the chips, and little for the columns."""
        self.retrain.set_cap_shown(not is_compact)
        self._word.setVisible(not is_compact)
        curve, run, receipt = COMPACT_PX if is_compact else (LEAST_CURVE_PX, RUN_PX, RECEIPT_PX)
        self._curve_column.setMinimumWidth(curve)
        for part in (self._run_column, self.time):
            part.setMinimumWidth(run)
        self._receipt.setMinimumWidth(receipt)

    def _fill_body(self) -> None:
        row = QHBoxLayout(self._body)
        row.setContentsMargins(0, 0, 0, Space.SMALL)
        row.setSpacing(0)
        self._curve_title, self._curve_empty = _line(), _small(wraps=True)
        self._curve_column = _column(self._curve_title, self.curve, self._curve_empty)
        self._run_title, self._run_empty = _line(), _small(wraps=True)
        self._run_column = _column(self._run_title, self.run_plot, self._run_empty)
        self._receipt.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        row.addWidget(self._curve_column, 3)
        self._lines = {part: _upright() for part in (self._run_column, self.time, self._receipt)}
        for part, line in self._lines.items():
            row.addWidget(line)
            row.addWidget(part, 2)
        self.set_compact(False)
        self.set_wide(False)

    def _connect(self) -> None:
        model = self._model
        model.checkpoints_changed.connect(self._show_checkpoints)
        model.project_opened.connect(self._forget_opened)
        model.learning_changed.connect(self._draw_run_soon)
        self._run_timer.timeout.connect(self._show_run)
        model.job_progressed.connect(self._say_progress)
        model.job_ended.connect(lambda _id, kind, _how, text: self._end_progress(kind, text))
        self.time.counted.connect(self._say_time)
        self.chips.moved_to.connect(self.open_receipt)
        self.chips.chosen.connect(self._choose)
        self._receipt.open_wanted.connect(lambda: self.receipt_wanted.emit(self._opened or ""))

    def _choose(self, checkpoint: str) -> None:
        """Its receipt in the column, and where that is folded away the long form."""
        self.open_receipt(checkpoint)
        if self._is_folded:
            self.receipt_wanted.emit(checkpoint)

    def _forget_opened(self) -> None:
        self._opened = None
        self._show_checkpoints()
        self._show_run()

    def _show_checkpoints(self) -> None:
        entries = self._model.checkpoints
        self.chips.show_entries(entries)
        live = next((e for e in entries if e.is_live), None)
        newest = entries[-1] if entries else None
        if self._opened is None or self._entry(self._opened) is None or (newest and newest.receipt):
            shown = newest if newest is not None and newest.receipt else live
            self._opened = shown.id if shown is not None else None
        self.chips.mark(self._opened)
        self._receipt.show_entry(self._entry(self._opened))
        series = checkpoint_series(entries)
        self.curve.show_series(series)
        has_curve = any(each.points for each in series)
        self.curve.setVisible(has_curve)
        self._curve_title.set_full_text(self.tr("Mean IU, with 80 % interval, and seconds per image (grey)"))
        self._curve_title.setVisible(has_curve)
        self._curve_empty.setText(
            ""
            if has_curve
            else self.tr("Correct or verify images, then retrain. The curve starts with the first fine-tune.")
        )
        self._curve_empty.setVisible(not has_curve)

    def _draw_run_soon(self) -> None:
        """Steps may come faster than anybody looks; painting goes before them."""
        if not self._run_timer.isActive():
            self._run_timer.start()

    def _show_run(self) -> None:
        learning = self._model.learning
        steps, losses = learning.steps, learning.losses
        loss = tuple((float(s), float(v)) for s, v in zip(steps, losses, strict=True))
        watched = tuple((float(s), float(v)) for s, v in learning.mean_iu)
        self.run_plot.show_series(
            [
                Series(self.tr("loss"), loss, "text2", own_scale=True),
                Series(self.tr("mean IU"), watched, "accent", mark="dot", says_last=True),
            ]
        )
        has_run = bool(loss)
        self.run_plot.setVisible(has_run)
        figures = f" {losses[-1]:.3f}" if has_run else ""
        self._run_title.set_full_text(self.tr("Loss{figure} (grey) and held-out mean IU").format(figure=figures))
        self._run_title.setVisible(has_run)
        self._run_empty.setText("" if has_run else self.tr("Loss and held-out mean IU show here while it learns."))
        self._run_empty.setVisible(not has_run)

    def _show_middle(self) -> None:
        """A fine-tune while it runs, else what the work has cost; both where there is room."""
        for part, is_shown in (
            (self._run_column, self._is_learning or self._is_wide),
            (self.time, not self._is_learning or self._is_wide),
        ):
            part.setVisible(is_shown)
            self._lines[part].setVisible(is_shown)

    def _say_progress(self, status: JobStatus) -> None:
        if status.kind == "retrain":
            self._is_learning = True
            self._show_middle()
            words = self.tr("{what}, paused").format(what=status.text) if status.is_paused else status.text
            self._state.set_full_text(words)

    def _end_progress(self, kind: str, why: str) -> None:
        if kind == "retrain":
            self._is_learning = False
            self._show_middle()
            self._say_time()
            if why:
                self._state.set_full_text(why)

    def _say_time(self) -> None:
        """In the head, where only that shows and nothing learns."""
        if not self._is_learning:
            facts = self.time.facts()
            words = self.tr("{time} so far").format(time=spoken_seconds(facts.seconds))
            self._state.set_full_text(words if self._is_folded and facts.seconds >= 1 else "")

    def _follow_action(self, actions: ActionSet) -> None:
        action = actions.action("learn.retrain")
        self.retrain.setEnabled(action.isEnabled())
        self.retrain.setToolTip(action.toolTip())
        self.retrain.set_key(actions.key("learn.retrain"))

    def _entry(self, checkpoint: str | None) -> CheckpointEntry | None:
        return next((e for e in self._model.checkpoints if e.id == checkpoint), None)


def _line() -> ElidedLabel:
    return ElidedLabel(role="small", elide=Qt.TextElideMode.ElideRight)


def _small(wraps: bool = False) -> QLabel:
    label = QLabel(wordWrap=wraps)
    label.setProperty("role", "small")
    return label


def _column(*parts: QWidget) -> QWidget:
    widget = QWidget()
    column = QVBoxLayout(widget)
    column.setContentsMargins(Space.PANEL, 0, Space.PANEL, 0)
    column.setSpacing(2)
    for part in parts:
        column.addWidget(part, 0 if isinstance(part, QLabel) else 1)
    column.addStretch(0)
    return widget


def _upright() -> QFrame:
    line = QFrame()
    line.setFixedWidth(1)
    line.setProperty("surface", "line")
    return line
