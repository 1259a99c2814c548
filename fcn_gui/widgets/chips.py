"""The checkpoints as a row of chips: live filled, refused or waiting dashed; a click opens the receipt."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QLayout, QSizePolicy, QWidget

from fcn_gui.session.checkpoints import CheckpointEntry
from fcn_gui.widgets.appearance import Appearance

CHIP_HEIGHT, MOST_CHIPS, GAP_PX = 24, 12, 4
ARROWS = {Qt.Key.Key_Right: 1, Qt.Key.Key_Left: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}


class ChipRow(QWidget):
    """The newest checkpoints that there is room for; `chosen` with the id by a click, `moved_to` by arrow keys."""

    chosen = Signal(str)
    moved_to = Signal(str)

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(GAP_PX)
        self._row.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.chips: list[Chip] = []
        self._is_fitting = False

    def show_entries(self, entries: Sequence[CheckpointEntry]) -> None:
        """Show the last of these, and the live one always."""
        for chip in self.chips:
            chip.hide()
            chip.deleteLater()
        shown = list(entries[-MOST_CHIPS:])
        shown = [e for e in entries if e.is_live and e not in shown] + shown
        self.chips = [Chip(self._appearance, entry) for entry in shown]
        for chip in self.chips:
            chip.clicked.connect(lambda _checked=False, wanted=chip.entry.id: self.chosen.emit(wanted))
            self._row.addWidget(chip)
        self.updateGeometry()
        self._fit()

    def sizeHint(self) -> QSize:
        return QSize(self._width_of(self.chips), CHIP_HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(self._width_of([chip for chip in self.chips if self._is_kept(chip)]), CHIP_HEIGHT)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _is_kept(self, chip: Chip) -> bool:
        return chip.entry.is_live or chip is self.chips[-1]

    def _fit(self) -> None:
        """The live one and the newest always; of the rest the newer go before the older."""
        if self._is_fitting:  # showing a chip may resize the row
            return
        self._is_fitting, width = True, -1
        while width != self.width():
            width = self.width()
            kept = [chip for chip in self.chips if self._is_kept(chip)]
            for chip in reversed(self.chips):
                if chip not in kept and self._width_of([*kept, chip]) <= width:
                    kept.append(chip)
            for chip in self.chips:
                chip.setVisible(chip in kept)
        self._is_fitting = False

    def _width_of(self, chips: Sequence[Chip]) -> int:
        return sum(chip.sizeHint().width() + GAP_PX for chip in chips) - (GAP_PX if chips else 0)

    def mark(self, checkpoint: str | None) -> None:
        """Show whose receipt is open."""
        for chip in self.chips:
            chip.setChecked(chip.entry.id == checkpoint)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = ARROWS.get(Qt.Key(event.key()))
        shown = [chip for chip in self.chips if not chip.isHidden()]
        focused = next((i for i, chip in enumerate(shown) if chip.hasFocus()), None)
        if step is None or focused is None:
            super().keyPressEvent(event)
            return
        wanted = shown[min(max(focused + step, 0), len(shown) - 1)]
        wanted.setFocus(Qt.FocusReason.TabFocusReason)
        self.moved_to.emit(wanted.entry.id)


class Chip(QAbstractButton):
    """One checkpoint."""

    def __init__(self, appearance: Appearance, entry: CheckpointEntry) -> None:
        super().__init__()
        self.entry = entry
        self._appearance = appearance
        self.setCheckable(True)
        self.setText(str(entry.number) + (" " + self.tr("live") if entry.is_live else ""))
        self.setAccessibleName(self.tr("Checkpoint {n}").format(n=entry.number) + f", {self.state_word()}")
        self.setToolTip(self.accessibleName())
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        appearance.changed.connect(self.update)

    def state_word(self) -> str:
        """Live, waiting, refused or earlier."""
        if self.entry.is_live:
            return self.tr("live")
        if self.entry.is_waiting:
            return self.tr("waiting")
        return self.tr("refused") if self.entry.is_refused else self.tr("earlier")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if Qt.Key(event.key()) in ARROWS:
            event.ignore()  # the row's: a button by itself goes on to whatever comes next in the window
        else:
            super().keyPressEvent(event)

    def sizeHint(self) -> QSize:
        metrics = QFontMetricsF(self._appearance.font("small", 500, tabular=True))
        width = metrics.horizontalAdvance(self.text()) + 16 + (14 if self.entry.is_refused else 0)
        return QSize(max(CHIP_HEIGHT, round(width)), CHIP_HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._appearance.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect()).adjusted(1, 1.5, -1, -1.5)
        pen = QPen(theme.color("accent" if self.entry.is_live else "ctl"), 1.5 if self.entry.is_live else 1)
        if self.entry.is_refused or self.entry.is_waiting:
            pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        is_filled = self.entry.is_live or self.isChecked()
        if is_filled:
            painter.setBrush(theme.color("soft"))
        elif self.underMouse():
            painter.setBrush(theme.color("hover"))
        painter.drawRoundedRect(rect, rect.height() / 2, rect.height() / 2)
        painter.setPen(theme.color("accent" if self.entry.is_live else "text2"))
        painter.setFont(self._appearance.font("small", 600 if self.entry.is_live else 500, tabular=True))
        text_rect = QRectF(self.rect())
        if self.entry.is_refused:
            cross = self._appearance.pixmap("x", "text2", 12, self.devicePixelRatioF())
            painter.drawPixmap(7, (self.height() - 12) // 2, cross)
            text_rect.adjust(12, 0, 0, 0)
        painter.drawText(text_rect, Qt.AlignmentFlag.AlignCenter, self.text())
        painter.end()
