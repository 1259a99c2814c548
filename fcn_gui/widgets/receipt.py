"""What the gate saw and decided for one checkpoint: in the learning panel in short, in a sheet in full."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from fcn_gui.session.checkpoints import CheckpointEntry
from fcn_gui.widgets.appearance import Appearance
from fcn_gui.widgets.floating import Sheet, show_page
from fcn_gui.widgets.theme import Space


@dataclass(frozen=True)
class ReceiptFacts:
    """The figures of a receipt that are there; None for those that are not."""

    live: float | None
    candidate: float | None
    reason: str
    images: tuple[tuple[str, float | None, float | None], ...]

    @property
    def better(self) -> int:
        """Images whose mean IU rose."""
        return sum(old is not None and new is not None and new > old for _, old, new in self.images)

    @property
    def worse(self) -> int:
        """Images whose mean IU fell."""
        return sum(old is not None and new is not None and new < old for _, old, new in self.images)


def receipt_facts(receipt: Mapping[str, object]) -> ReceiptFacts:
    """What a receipt says, read with care: it may come from a file."""
    rows = receipt.get("images")
    images = []
    for row in rows if isinstance(rows, Sequence) and not isinstance(rows, str) else ():
        if isinstance(row, Mapping):
            images.append((str(row.get("path", "")), _number(row.get("live")), _number(row.get("candidate"))))
    return ReceiptFacts(
        _number(receipt.get("live")), _number(receipt.get("candidate")), str(receipt.get("reason", "")), tuple(images)
    )


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


class ReceiptColumn(QWidget):
    """The short form: decision, mean IU before and after, images better and worse."""

    open_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._title, self._state = _label("small"), _label("ok")
        self._name, self._figures, self._gain = _label(""), _label(""), _label("ok")
        self._reason, self._tally = _label("small"), _label("small")
        self._reason.setWordWrap(True)
        self._open = QPushButton(self.tr("Open receipt"))
        self._open.setProperty("kind", "link")
        self._open.setAutoDefault(False)
        self._open.clicked.connect(self.open_wanted)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.LARGE, 0, Space.PANEL, Space.ROW)
        column.setSpacing(3)
        for parts in ((self._title, None, self._state), (self._name, None, self._figures, self._gain)):
            column.addLayout(_row(parts))
        column.addWidget(self._reason)
        column.addStretch(1)
        column.addLayout(_row((self._tally, None, self._open)))
        self.show_entry(None)

    def show_entry(self, entry: CheckpointEntry | None) -> None:
        """Show the receipt of a checkpoint; None or an empty one says that there is none yet."""
        has_receipt = entry is not None and bool(entry.receipt)
        for part in (self._state, self._name, self._figures, self._gain, self._tally, self._open):
            part.setVisible(has_receipt)
        self._reason.setText("")
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
        words = self.tr("live") if entry.is_live else (self.tr("refused") if entry.is_refused else self.tr("earlier"))
        self._state.setText(("✓ " if entry.is_live else "× " if entry.is_refused else "") + words)
        set_role(self._state, "ok" if entry.is_live else "warn" if entry.is_refused else "small")
        has_figures = facts.live is not None and facts.candidate is not None
        self._name.setText(self.tr("Mean IU"))
        for part in (self._name, self._figures, self._gain):
            part.setVisible(has_figures)
        if facts.live is not None and facts.candidate is not None:
            gain = facts.candidate - facts.live
            self._figures.setText(f"{facts.live:.3f} → {facts.candidate:.3f}")
            self._gain.setText(signed(gain))
            set_role(self._gain, "ok" if gain >= 0 else "error")
        self._reason.setText(capital(facts.reason))
        better = self.tr("1 image better") if facts.better == 1 else self.tr("{n} images better").format(n=facts.better)
        self._tally.setText(better + ", " + self.tr("{n} worse").format(n=facts.worse))


class ReceiptSheet(Sheet):
    """The long form: every image that judged, and the way to make this checkpoint live."""

    live_wanted = Signal(str)

    def __init__(self, appearance: Appearance, parent: QWidget) -> None:
        super().__init__(appearance, parent, 560)
        self._area = QScrollArea(widgetResizable=True)
        self._area.setMinimumHeight(280)
        self._area.setAccessibleName(self.tr("Receipt"))
        self.column.addWidget(self._area)

    def show_entry(self, entry: CheckpointEntry) -> None:
        """Open with the receipt of this checkpoint."""
        show_page(self._area, self._page(entry))
        self.open()
        self._area.setFocus()

    def _page(self, entry: CheckpointEntry) -> QWidget:
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
        facts = receipt_facts(entry.receipt)
        reason = _label("second")
        reason.setWordWrap(True)
        reason.setText(
            capital(facts.reason) or self.tr("The checkpoint that the project started with; nothing was judged.")
        )
        column.addWidget(reason)
        if facts.images:
            column.addLayout(self._table(facts))
        column.addStretch(1)
        return page

    def _make_live(self, checkpoint: str) -> None:
        self.close_sheet()
        self.live_wanted.emit(checkpoint)

    def _table(self, facts: ReceiptFacts) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(Space.LARGE)
        grid.setVerticalSpacing(Space.TIGHT)
        grid.setColumnStretch(0, 1)
        for column, text in enumerate((self.tr("Image"), self.tr("Before"), self.tr("After"), self.tr("Change"))):
            head = _label("small")
            head.setText(text)
            grid.addWidget(head, 0, column, _side(column))
        for number, (path, old, new) in enumerate(facts.images, 1):
            change = "" if old is None or new is None else signed(new - old)
            for column, text in enumerate((path, _figure(old), _figure(new), change)):
                cell = _label("")
                cell.setText(text)
                grid.addWidget(cell, number, column, _side(column))
        return grid


def capital(sentence: str) -> str:
    """With a capital at its start."""
    return sentence[:1].upper() + sentence[1:]


def signed(value: float) -> str:
    """`+0.016`, `−0.041`, with a true minus."""
    return f"{value:+.3f}".replace("-", "−")


def set_role(label: QLabel, role: str) -> None:
    """Give a label another role of the stylesheet."""
    label.setProperty("role", role)
    label.style().polish(label)


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


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
