"""Labels that show as much of their words as there is room for, with all of them as tooltip."""

from __future__ import annotations

from unicodedata import bidirectional

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

LEAST_PX = 24
LEFT_TO_RIGHT = "\u200e"


def one_line(text: str) -> str:
    """A file's name may hold line breaks, a row has room for one line."""
    return " ".join(text.splitlines())


class _FittedLabel(QLabel):
    """Words as they are, never markup; `_fit` says what of them is shown, anew for each text and size."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._full = ""
        self.setTextFormat(Qt.TextFormat.PlainText)

    @property
    def full_text(self) -> str:
        """What it says when there is room."""
        return self._full

    def set_full_text(self, text: str) -> None:
        """Show as much of `text` as fits."""
        self._full = text
        self.setAccessibleName(text)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        raise NotImplementedError

    def _show_part(self, shown: str, is_all: bool) -> None:
        self.setText(shown)
        self.setToolTip("" if is_all else self._full)


class ElidedLabel(_FittedLabel):
    """One line, elided where it is too long: names in the middle, words at the end."""

    def __init__(
        self,
        text: str = "",
        role: str = "",
        parent: QWidget | None = None,
        elide: Qt.TextElideMode = Qt.TextElideMode.ElideMiddle,
    ) -> None:
        super().__init__(parent)
        self._elide_mode, self._short = elide, ""
        if role:
            self.setProperty("role", role)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.set_full_text(text)

    def set_texts(self, full: str, short: str) -> None:
        """Show `full`, and where there is no room for it `short`."""
        self._short = short
        super().set_full_text(full)

    def set_full_text(self, text: str) -> None:
        self.set_texts(text, "")

    def sizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance(one_line(self._full)) + 2, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(LEAST_PX, super().minimumSizeHint().height())

    def _fit(self) -> None:
        line, width = one_line(self._full), max(self.width(), 8)
        if self._short and self.fontMetrics().horizontalAdvance(line) > width:
            line = one_line(self._short)
        shown = self.fontMetrics().elidedText(line, self._elide_mode, width)
        self._show_part(shown, shown == self._full)


class ClippedLabel(_FittedLabel):
    """Words in as many whole lines as there is room for, the last one elided."""

    def __init__(self) -> None:
        super().__init__()
        self.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)

    def minimumSizeHint(self) -> QSize:
        return QSize(LEAST_PX, self.fontMetrics().height())

    def _fit(self) -> None:
        metrics = self.fontMetrics()
        lines: list[str] = []
        for word in self._full.split():
            longer = f"{lines[-1]} {word}" if lines else word
            if lines and metrics.horizontalAdvance(longer) <= self.width():
                lines[-1] = longer
            else:
                lines.append(word)
        room = max(1, self.height() // metrics.lineSpacing())
        if is_clipped := len(lines) > room:
            lines[room - 1 :] = [" ".join(lines[room - 1 :])]
        shown = [metrics.elidedText(line, Qt.TextElideMode.ElideRight, self.width()) for line in lines]
        # A line of our words stays one where it begins with a name that is written from right to left.
        mark = LEFT_TO_RIGHT if any(bidirectional(letter) in ("R", "AL") for letter in self._full) else ""
        self._show_part("\n".join(mark + line for line in shown), not is_clipped and shown == lines)
