"""Labels that show as much of their words as there is room for, with all of them as tooltip."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

LEAST_PX = 24


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
        self._elide_mode = elide
        if role:
            self.setProperty("role", role)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.set_full_text(text)

    def sizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance(self._full) + 2, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(LEAST_PX, super().minimumSizeHint().height())

    def _fit(self) -> None:
        shown = self.fontMetrics().elidedText(self._full, self._elide_mode, max(self.width(), 8))
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
        self._show_part("\n".join(shown), not is_clipped and shown == lines)
