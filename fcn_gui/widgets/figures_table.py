"""The measures of first look and of now beside each other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from fcn_gui.core.border_bands import WIDTHS_PX, Bands, within
from fcn_gui.core.metrics import Measures, Over, mean_iu
from fcn_gui.widgets.appearance import Appearance
from fcn_gui.widgets.theme import Space

TRIMAP_PX = 5
"""The half width of the trimap that reports name."""


@dataclass(frozen=True)
class Figures:
    """What is said of one set of images by one source."""

    measures: Measures
    trimap_iu: float
    curve: tuple[tuple[float, float], ...]
    """(px from borders, mean IU within)."""

    @classmethod
    def of(cls, bands: Bands, over: Over) -> Figures:
        """From pixels by distance from borders."""
        near = [mean_iu(confusion, over) for confusion in within(bands)]
        points = tuple((float(px), iu) for px, iu in zip(WIDTHS_PX, near, strict=True) if not math.isnan(iu))
        return cls(Measures.from_confusion(bands.sum(0), over), near[WIDTHS_PX.index(TRIMAP_PX)], points)

    def column(self) -> tuple[float, ...]:
        """In the order of the table."""
        found = self.measures
        four = found.mean_iu, found.pixel_accuracy, found.mean_accuracy, found.frequency_weighted_iu
        return (*four, self.trimap_iu)


class FiguresTable(QWidget):
    """Five rows; the change is green where it is for the better."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(Space.PANEL)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnStretch(0, 1)
        self._cells: list[list[QLabel]] = []
        rows = (
            ("", self.tr("First look"), self.tr("Now"), ""),
            (self.tr("Mean IU"),),
            (self.tr("Pixel accuracy"),),
            (self.tr("Mean accuracy"),),
            (self.tr("Freq. weighted IU"),),
            (self.tr("Trimap IU, {px} px").format(px=TRIMAP_PX),),
        )
        whole = self.tr("Over the images of which a first look was kept, where there are any.")
        near = self.tr("Mean IU over the pixels within {px} px of borders.").format(px=TRIMAP_PX)
        self.setToolTip(f"{whole}\n{near}")
        for number, words in enumerate(rows):
            self._cells.append([self._label(appearance, number, column) for column in range(4)])
            for label, text in zip(self._cells[number], words, strict=False):
                label.setText(text)

    def show_figures(self, first: Figures | None, now: Figures | None) -> None:
        """A dash where something is not known."""
        before, after = (each.column() if each is not None else (math.nan,) * 5 for each in (first, now))
        for cells, old, new in zip(self._cells[1:], before, after, strict=True):
            change = new - old
            texts: Sequence[str] = ("–" if math.isnan(old) else f"{old:.3f}", "–" if math.isnan(new) else f"{new:.3f}")
            gain = "" if math.isnan(change) else "±0" if abs(change) < 0.0005 else f"{change:+.3f}".replace("-", "−")
            for label, text in zip(cells[1:], (*texts, gain), strict=True):
                label.setText(text)
            role = "small" if math.isnan(change) or abs(change) < 0.0005 else "ok" if change > 0 else "error"
            cells[3].setProperty("role", role)
            cells[3].style().polish(cells[3])
            words = self.tr("{name}: first look {first}, now {now}")
            cells[2].setAccessibleName(words.format(name=cells[0].text(), first=texts[0], now=texts[1]))

    def set_compact(self, is_compact: bool) -> None:
        """Without the change, where there is no room for it."""
        for cells in self._cells:
            cells[3].setVisible(not is_compact)
        self._grid.setHorizontalSpacing(Space.ROW if is_compact else Space.PANEL)

    def texts(self, row: int) -> list[str]:
        """A row as it stands there."""
        return [cell.text() for cell in self._cells[row]]

    def _label(self, appearance: Appearance, row: int, column: int) -> QLabel:
        label = QLabel()
        label.setProperty("role", "small" if row == 0 or column in (0, 1) else "small-strong")
        label.setFont(appearance.font("small", 400, tabular=True))
        side = Qt.AlignmentFlag.AlignLeft if column == 0 else Qt.AlignmentFlag.AlignRight
        self._grid.addWidget(label, row, column, side | Qt.AlignmentFlag.AlignVCenter)
        return label
