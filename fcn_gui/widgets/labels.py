"""Small painted pieces that many panels use: key caps, panel heads, buttons with a cap, combo boxes."""

from __future__ import annotations

import re

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QKeySequence, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOptionButton,
    QToolButton,
    QWidget,
)

from fcn_gui.widgets.appearance import Appearance
from fcn_gui.widgets.theme import Height, Radius, Space

CAP_HEIGHT = 18


def key_text(key: str) -> str:
    """A portable key as people read it: `Ctrl+Shift+Z` → `Ctrl Shift Z` (on a Mac its symbols)."""
    native = QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)
    return re.sub(r"(?<=.)\+(?=.)", " ", native)


def cap_width(appearance: Appearance, text: str) -> int:
    """Width in pixels of a key cap with `text`."""
    metrics = QFontMetricsF(appearance.font("small", 500))
    return max(CAP_HEIGHT, round(metrics.horizontalAdvance(text)) + 10)


def paint_cap(painter: QPainter, appearance: Appearance, rect: QRectF, text: str, on_fill: bool = False) -> None:
    """A key cap in `rect`; `on_fill` for one that lies on the filled button."""
    ink = appearance.theme.color("on_fill" if on_fill else "text2")
    edge = QColor(ink) if on_fill else appearance.theme.color("edge")
    if on_fill:
        edge.setAlphaF(0.55)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(edge, 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), Radius.KEY, Radius.KEY)
    painter.setPen(ink)
    painter.setFont(appearance.font("small", 500))
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)
    painter.restore()


class KeyCap(QWidget):
    """A key as it stands on the keyboard."""

    def __init__(self, appearance: Appearance, key: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._text = key_text(key)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self._text)
        appearance.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(cap_width(self._appearance, self._text), CAP_HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_cap(painter, self._appearance, QRectF(self.rect()), self._text)
        painter.end()


class IconButton(QToolButton):
    """A square tool button with an icon of the theme; at least 24 × 24."""

    def __init__(self, appearance: Appearance, icon: str, text: str, size: int = 16, side: int = 28) -> None:
        super().__init__()
        self._appearance, self._icon_name, self._icon_size = appearance, icon, size
        self.setFixedSize(side, side)
        self.setIconSize(QSize(size, size))
        self.setToolTip(text)
        self.setAccessibleName(text)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._retint()
        appearance.changed.connect(self._retint)

    def set_icon_name(self, icon: str) -> None:
        """Show another icon."""
        self._icon_name = icon
        self._retint()

    def _retint(self) -> None:
        self.setIcon(self._appearance.icon(self._icon_name, "text2", self._icon_size))


class CapButton(QPushButton):
    """A push button with icon, words and key cap; the key can be left out where there is no room."""

    def __init__(self, appearance: Appearance, text: str, key: str = "", icon: str = "", kind: str = "") -> None:
        super().__init__(text)
        self._appearance, self._key, self._icon_name = appearance, key, icon
        self._is_cap_shown, self._is_spread = True, False
        self.setProperty("kind", kind)
        self.setAccessibleName(text)
        self.setAutoDefault(False)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(Height.BUTTON)
        appearance.changed.connect(self.update)

    def set_key(self, key: str) -> None:
        """Another key on the cap; empty for none."""
        self._key = key
        self.updateGeometry()
        self.update()

    def set_cap_shown(self, is_shown: bool) -> None:
        """Leave the key cap out where there is no room."""
        self._is_cap_shown = is_shown
        self.updateGeometry()
        self.update()

    def set_spread(self, is_spread: bool) -> None:
        """Words at the left and key cap at the right end, as in a field."""
        self._is_spread = is_spread
        self.setSizePolicy(
            QSizePolicy.Policy.Expanding if is_spread else QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed
        )

    def sizeHint(self) -> QSize:
        return QSize(round(self._content_width()) + 2 * self._padding(), self.height())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def _padding(self) -> int:
        if self._is_spread:
            return Space.ROW
        return Space.LARGE if self.height() > Height.BUTTON else Space.PANEL - 2

    def _words(self) -> QFontMetricsF:
        return QFontMetricsF(self._appearance.font("body", 400 if self._is_spread else 500))

    def _cap(self) -> str:
        return key_text(self._key) if self._key and self._is_cap_shown else ""

    def _content_width(self) -> float:
        width = self._words().horizontalAdvance(self.text()) + 1
        width += 16 + Space.ROW if self._icon_name else 0
        return width + (cap_width(self._appearance, self._cap()) + Space.ROW if self._cap() else 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        option = QStyleOptionButton()
        self.initStyleOption(option)
        option.text = ""
        painter = QPainter(self)
        self.style().drawControl(QStyle.ControlElement.CE_PushButton, option, painter, self)
        self._paint_content(painter)
        painter.end()

    def _paint_content(self, painter: QPainter) -> None:
        is_filled = self.property("kind") == "filled" and self.isEnabled()
        token = "on_fill" if is_filled else ("text" if self.isEnabled() else "text3")
        spread_token = "text2" if self._is_spread and self.isEnabled() else token
        x = self._padding() if self._is_spread else (self.width() - self._content_width()) / 2
        middle = self.height() / 2
        if self._icon_name:
            pixmap = self._appearance.pixmap(self._icon_name, spread_token, 16, self.devicePixelRatioF())
            painter.drawPixmap(QPointF(x, middle - 8), pixmap)
            x += 16 + Space.ROW
        painter.setPen(self._appearance.theme.color(spread_token))
        painter.setFont(self._appearance.font("body", 400 if self._is_spread else 500))
        width = self._words().horizontalAdvance(self.text()) + 1
        painter.drawText(QRectF(x, 0, width, self.height()), Qt.AlignmentFlag.AlignVCenter, self.text())
        if cap := self._cap():
            wide = cap_width(self._appearance, cap)
            left = self.width() - self._padding() - wide + 2 if self._is_spread else x + width + Space.ROW
            paint_cap(
                painter, self._appearance, QRectF(left, middle - CAP_HEIGHT / 2, wide, CAP_HEIGHT), cap, is_filled
            )


class Combo(QComboBox):
    """A combo box with the theme's chevron."""

    def __init__(self, appearance: Appearance, name: str) -> None:
        super().__init__()
        self._appearance = appearance
        self.setAccessibleName(name)
        appearance.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        token = "text2" if self.isEnabled() else "text3"
        chevron = self._appearance.pixmap("chevron-down", token, 14, self.devicePixelRatioF())
        painter.drawPixmap(QPointF(self.width() - 14 - Space.ROW, (self.height() - 14) / 2), chevron)
        painter.end()


class PanelHead(QWidget):
    """The 36 px head of a panel: title at the left, what `row` is given at the right."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.setFixedHeight(Height.HEAD)
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(Space.PANEL, 0, Space.PANEL - 4, 0)
        self.row.setSpacing(2)
        label = QLabel(title)
        label.setProperty("role", "heading")
        self.row.addWidget(label)
        self.row.addStretch(1)


def paint_hatching(painter: QPainter, rect: QRect, color: QColor, step_px: int = 7) -> None:
    """45° lines over `rect`: a photo that can't be shown."""
    painter.save()
    painter.setClipRect(rect, Qt.ClipOperation.IntersectClip)
    painter.setPen(QPen(color, 1))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for x in range(rect.left() - rect.height(), rect.right() + 1, step_px):
        painter.drawLine(QPointF(x, rect.bottom() + 1), QPointF(x + rect.height(), rect.top()))
    painter.restore()
