"""What the gate saw and decided for one checkpoint: in the learning panel in short, in a sheet in full.

Longer than other files: both forms say the same facts, and are read side by side.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from fcn_gui.session.checkpoints import CheckpointEntry
from fcn_gui.session.gate import MOST_FALL
from fcn_gui.session.receipt import ImageFacts, ReceiptFacts, receipt_facts
from fcn_gui.widgets.appearance import Appearance
from fcn_gui.widgets.fitted_labels import ClippedLabel, ElidedLabel
from fcn_gui.widgets.floating import Sheet, show_page
from fcn_gui.widgets.labels import Combo
from fcn_gui.widgets.theme import Space

MOST_FALL_TEXT = f"{MOST_FALL:.3f}"
LEAST_PX, AROUND_PX = 280, 160
"""Height of the page of a receipt; it grows with its tables, but never over the window."""
Row = tuple[str, ...]
Translate = Callable[[str], str]


class ReceiptColumn(QWidget):
    """The short form: decision, mean IU and seconds before and after, how sure that is, what fell."""

    open_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._title, self._state = _label("small"), _label("ok")
        self._name, self._figures, self._gain = _label(""), _label(""), _label("ok")
        self._seconds_name, self._seconds, self._saved = _label(""), _label(""), _label("ok")
        self._sure = ElidedLabel(role="small", elide=Qt.TextElideMode.ElideRight)
        self._reason, self._tally = ClippedLabel(), _label("small")
        self._reason.setProperty("role", "small")
        self._open = QPushButton(self.tr("Open receipt"))
        self._open.setProperty("kind", "link")
        self._open.setAutoDefault(False)
        self._open.clicked.connect(self.open_wanted)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.LARGE, 0, Space.PANEL, Space.ROW)
        column.setSpacing(2)
        for parts in (
            (self._title, None, self._state),
            (self._name, None, self._figures, self._gain),
            (self._seconds_name, None, self._seconds, self._saved),
        ):
            column.addLayout(_row(parts))
        column.addWidget(self._sure)
        column.addWidget(self._reason, 1)
        column.addLayout(_row((self._tally, None, self._open)))
        self.show_entry(None)

    def show_entry(self, entry: CheckpointEntry | None) -> None:
        """Show the receipt of a checkpoint; None or an empty one says that there is none yet."""
        has_receipt = entry is not None and bool(entry.receipt)
        for part in (self._state, self._tally, self._open):
            part.setVisible(has_receipt)
        self._show_figures(None)
        self._reason.set_full_text("")
        if entry is None or not entry.receipt:
            self._title.setText(
                self.tr("No fine-tune yet.")
                if entry is None or not entry.number
                else self.tr("Checkpoint {n} has no receipt.").format(n=entry.number)
            )
            return
        self._fill(entry, receipt_facts(entry.receipt))

    def _fill(self, entry: CheckpointEntry, facts: ReceiptFacts) -> None:
        self._title.setText(self.tr("Receipt of checkpoint {n}").format(n=entry.number))
        words, role = state_words(entry, self.tr)
        self._state.setText(words)
        set_role(self._state, role)
        self._show_figures(facts)
        self._reason.set_full_text(self._why(entry, facts))
        better = self.tr("1 image better") if facts.better == 1 else self.tr("{n} images better").format(n=facts.better)
        self._tally.setText(better + ", " + self.tr("{n} worse").format(n=facts.worse) if facts.images else "")
        self._tally.setToolTip(facts.on)

    def _show_figures(self, facts: ReceiptFacts | None) -> None:
        live, candidate = (facts.live, facts.candidate) if facts else (None, None)
        for part in (self._name, self._figures, self._gain):
            part.setVisible(live is not None and candidate is not None)
        if live is not None and candidate is not None:
            self._name.setText(self.tr("Mean IU"))
            self._figures.setText(f"{live:.3f} → {candidate:.3f}")
            self._gain.setText(signed(candidate - live))
            set_role(self._gain, gain_role(candidate - live))
        old, new = (facts.seconds_live, facts.seconds_candidate) if facts else (None, None)
        for part in (self._seconds_name, self._seconds, self._saved):
            part.setVisible(old is not None and new is not None)
        if old is not None and new is not None:
            self._seconds_name.setText(self.tr("Seconds per image"))
            self._seconds.setText(f"{old:.1f} → {new:.1f}")
            self._saved.setText(signed(new - old, 1))
            set_role(self._saved, gain_role(old - new, 1))
        self._sure.set_full_text(sure_words(facts, self.tr))
        self._sure.setVisible(bool(self._sure.full_text))

    def _why(self, entry: CheckpointEntry, facts: ReceiptFacts) -> str:
        """The reason; where it is live the figures say that already, and the class that fell most is left to say."""
        if entry.is_refused or entry.is_waiting or facts.interval is None:
            return capital(facts.reason)
        worst = facts.worst_class
        if worst is None:
            return self.tr("No class fell; judged on {on}.").format(on=facts.on)
        fall = signed(worst.candidate - worst.live)
        return self.tr("Worst class: {name} {fall}, {most} allowed").format(
            name=worst.name, fall=fall, most=MOST_FALL_TEXT
        )


class ReceiptSheet(Sheet):
    """The long form: every image that judged, and the way to make this checkpoint live."""

    live_wanted = Signal(str)
    comparison_wanted = Signal(str, str)
    """Two checkpoints, the one to compare with first, on the open photo."""

    def __init__(self, appearance: Appearance, parent: QWidget) -> None:
        super().__init__(appearance, parent, 640)
        self._area = QScrollArea(widgetResizable=True)
        self._area.setAccessibleName(self.tr("Receipt"))
        self.column.addWidget(self._area)

    def show_entry(self, entry: CheckpointEntry, others: Sequence[CheckpointEntry] = ()) -> None:
        """Open with the receipt of this checkpoint; `others` can be compared with it on the open photo."""
        page = self._page(entry, [each for each in others if each.id != entry.id and each.has_weights])
        show_page(self._area, page)
        self._area.setMinimumHeight(min(max(LEAST_PX, page.sizeHint().height()), self.host.height() - AROUND_PX))
        self.open()
        self._area.setFocus()

    def _page(self, entry: CheckpointEntry, others: Sequence[CheckpointEntry]) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(Space.LARGE, Space.PANEL, Space.LARGE, Space.PANEL)
        column.setSpacing(Space.ROW)
        title = _label("heading")
        title.setText(self.tr("Checkpoint {n}").format(n=entry.number))
        live = QPushButton(self.tr("Make live"))
        live.setAutoDefault(False)
        live.setEnabled(not entry.is_live and entry.has_weights)
        live.setToolTip("" if entry.has_weights else self.tr("Its weights are gone; only the receipt is kept."))
        live.clicked.connect(lambda: self._make_live(entry.id))
        column.addLayout(_row((title, None, live)))
        if others and entry.has_weights:
            column.addLayout(self._comparison(entry, others))
        facts = receipt_facts(entry.receipt)
        reason = _label("second")
        reason.setWordWrap(True)
        reason.setText(
            capital(facts.reason) or self.tr("The checkpoint that the project started with; nothing was judged.")
        )
        column.addWidget(reason)
        if sure := sure_words(facts, self.tr):
            line = _label("small")
            line.setText(sure)
            column.addWidget(line)
        if facts.images:
            column.addLayout(self._table(self._image_head(), _image_rows(facts, self.tr)))
        if facts.classes:
            column.addLayout(self._table(self._class_head(), _class_rows(facts, self.tr)))
        column.addStretch(1)
        return page

    def _comparison(self, entry: CheckpointEntry, others: Sequence[CheckpointEntry]) -> QHBoxLayout:
        """Any other checkpoint against this one: at first the one that is live, else the one it came from."""
        words, self.other = QLabel(self.tr("On the open photo, against")), Combo(self._appearance, self.tr("Against"))
        for each in others:
            text = self.tr("Checkpoint {n}").format(n=each.number)
            self.other.addItem(text + (f", {self.tr('live')}" if each.is_live else ""), each.id)
        chosen = next((each for each in others if each.is_live), None)
        chosen = chosen or next((each for each in others if each.id == entry.parent), others[0])
        self.other.setCurrentIndex(self.other.findData(chosen.id))
        self.compare = QPushButton(self.tr("Show difference"))
        self.compare.setAutoDefault(False)
        self.compare.clicked.connect(lambda: self._compare(entry.id))
        return _row((words, self.other, None, self.compare))

    def _compare(self, checkpoint: str) -> None:
        other = str(self.other.currentData())
        self.close_sheet()
        self.comparison_wanted.emit(other, checkpoint)

    def _make_live(self, checkpoint: str) -> None:
        self.close_sheet()
        self.live_wanted.emit(checkpoint)

    def _image_head(self) -> Row:
        words = self.tr("Image"), self.tr("Mean IU"), self.tr("After"), self.tr("Change")
        return (*words, self.tr("Seconds"), self.tr("After"), self.tr("Judged by"))

    def _class_head(self) -> Row:
        words = self.tr("Class"), self.tr("IU"), self.tr("After"), self.tr("Change")
        return (*words, self.tr("Pixels"), "", "")

    def _table(self, head: Row, rows: Sequence[Row]) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(Space.LARGE)
        grid.setVerticalSpacing(Space.TIGHT)
        grid.setColumnStretch(0, 1)
        for number, row in enumerate((head, *rows)):
            for column, text in enumerate(row):
                cell = _label("small" if number == 0 else "error" if column == 3 and text.startswith("−") else "")
                cell.setText(text)
                if column == 0:
                    cell = ElidedLabel(text, str(cell.property("role") or ""))
                grid.addWidget(cell, number, column, _side(column))
        return grid


def _image_rows(facts: ReceiptFacts, tr: Translate) -> list[Row]:
    """Those that got worse first."""

    def gain(image: ImageFacts) -> float:
        return 0.0 if image.live is None or image.candidate is None else image.candidate - image.live

    return [
        (
            image.path,
            _figure(image.live),
            _figure(image.candidate),
            "" if image.live is None or image.candidate is None else signed(gain(image)),
            _figure(image.seconds_live, 1),
            _figure(image.seconds_candidate, 1),
            tr("fold {n}").format(n=image.fold) if image.fold else tr("candidate"),
        )
        for image in sorted(facts.images, key=gain)
    ]


def _class_rows(facts: ReceiptFacts, tr: Translate) -> list[Row]:
    """Those that fell most first."""
    return [
        (
            each.name,
            _figure(each.live),
            _figure(each.candidate),
            signed(each.candidate - each.live),
            f"{100 * each.share:.1f} %",
            "",
            tr("fell too far") if each.fell else "",
        )
        for each in sorted(facts.classes, key=lambda each: each.candidate - each.live)
    ]


def sure_words(facts: ReceiptFacts | None, tr: Translate) -> str:
    """Between what the changes of mean IU and of seconds lie; empty where that is not known."""
    if facts is None or facts.interval is None:
        return ""
    low, high = facts.interval
    text = tr("80 % interval: {low} … {high}").format(low=signed(low), high=signed(high))
    if facts.seconds_interval is None:
        return text
    low, high = facts.seconds_interval
    return f"{text}, {signed(-high, 1)} … {signed(-low, 1)} s"


def state_words(entry: CheckpointEntry, tr: Translate) -> tuple[str, str]:
    """What became of a checkpoint, and the role of the words."""
    if entry.is_live:
        return "✓ " + tr("live"), "ok"
    if entry.is_waiting:
        return tr("waiting"), "small"
    return ("× " + tr("refused"), "warn") if entry.is_refused else (tr("earlier"), "small")


def capital(sentence: str) -> str:
    """With a capital at its start."""
    return sentence[:1].upper() + sentence[1:]


def signed(value: float, digits: int = 3) -> str:
    """`+0.016`, `−0.041`, with a true minus; `±0` for what rounds to nothing."""
    return f"{value:+.{digits}f}".replace("-", "−") if round(value, digits) else "±0"


def gain_role(gain: float, digits: int = 3) -> str:
    """The role of a change, as it is shown with `digits`."""
    return "small" if not round(gain, digits) else "ok" if gain > 0 else "error"


def set_role(label: QLabel, role: str) -> None:
    """Give a label another role of the stylesheet."""
    label.setProperty("role", role)
    label.style().polish(label)


def _figure(value: float | None, digits: int = 3) -> str:
    return "–" if value is None else f"{value:.{digits}f}"


def _side(column: int) -> Qt.AlignmentFlag:
    return Qt.AlignmentFlag.AlignLeft if column == 0 else Qt.AlignmentFlag.AlignRight


def _label(role: str) -> QLabel:
    label = QLabel()
    if role:
        label.setProperty("role", role)
    return label


def _row(parts: Sequence[QWidget | None]) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(Space.PANEL)
    for part in parts:
        if part is None:
            row.addStretch(1)
        else:
            row.addWidget(part)
    return row
