"""One recent folder on the welcome page: two of its pictures, name, place, how far it is."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from PySide6.QtCore import QDate, QLocale, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QPushButton, QWidget

from fcn_gui.widgets.appearance import Appearance
from fcn_gui.widgets.fitted_labels import one_line
from fcn_gui.widgets.labels import paint_hatching
from fcn_gui.widgets.recent_pictures import pictures_of
from fcn_gui.widgets.spoken import spoken_seconds
from fcn_gui.widgets.theme import Radius

WIDTH_PX, ROW_PX = 584, 80


class Recent(Protocol):
    """A folder that was open: where, what was known of it, and when (Unix seconds)."""

    @property
    def path(self) -> Path: ...
    @property
    def facts(self) -> Mapping[str, Any]: ...
    @property
    def opened(self) -> float: ...


@dataclass(frozen=True)
class RecentFacts:
    """What the row says: figures are 0 where they are not known."""

    images: int
    verified: int
    seconds: int


class RecentRow(QWidget):
    """Name, path, how far it is; Return, Space or a click opens it."""

    chosen = Signal(str)
    forgotten = Signal(str)

    def __init__(self, appearance: Appearance, recent: Recent) -> None:
        super().__init__()
        self._appearance, self._path, self._opened = appearance, Path(recent.path), float(recent.opened)
        self._is_there = self._path.is_dir()
        self._facts = _facts(recent.facts)
        self._images = pictures_of(recent.facts) if self._is_there else []
        self.setFixedHeight(ROW_PX)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor if self._is_there else Qt.CursorShape.ArrowCursor)
        self.setToolTip(str(self._path))
        self.setAccessibleName(f"{self._path.name}, {self._progress_text()}")
        appearance.changed.connect(self.update)
        self._remove = self._remove_button()

    def resizeEvent(self, event: QResizeEvent) -> None:
        if self._remove is not None:
            size = self._remove.sizeHint()
            self._remove.setGeometry(self.width() - 12 - size.width(), 38, size.width(), 24)

    def _remove_button(self) -> QPushButton | None:
        """For a folder that is gone."""
        if self._is_there:
            return None
        button = QPushButton(self.tr("Remove from this list"), self)
        button.setProperty("kind", "link")
        button.clicked.connect(lambda: self.forgotten.emit(str(self._path)))
        return button

    def sizeHint(self) -> QSize:
        return QSize(WIDTH_PX, ROW_PX)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self._choose()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._choose()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._appearance.theme
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        if self.underMouse() and self._is_there:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("hover"))
            painter.drawRoundedRect(QRectF(self.rect()), Radius.BUTTON, Radius.BUTTON)
        self._paint_pictures(painter, QRectF(12, 12, 134, 56))
        right = 148
        words = self.width() - 12 - right - 162 - 12
        name_token = "text" if self._is_there else "text2"
        self._line(painter, QRectF(162, 20, words, 20), "heading", 600, name_token, self._path.name)
        self._line(painter, QRectF(162, 40, words, 18), "body", 400, "text2", _home_short(self._path))
        side = QRectF(self.width() - 12 - right, 16, right, 18)
        if not self._is_there:
            self._line(painter, side, "body", 400, "warn", self._gone(), True)
            metrics = QFontMetrics(self._appearance.font("body", tabular=True))
            x = max(side.left(), side.right() - metrics.horizontalAdvance(self._gone()) - 20)
            icon = self._appearance.pixmap("triangle-alert", "warn", 14, self.devicePixelRatioF())
            painter.drawPixmap(QPointF(x, side.center().y() - 7), icon)
        else:
            self._line(painter, side, "body", 400, "text", self._progress_text(), True)
            self._line(painter, side.translated(0, 19), "small", 400, "text2", self.second_line(), True)
            self._paint_progress(painter, QRectF(self.width() - 12 - right + 16, 58, right - 16, 3))
        painter.end()

    def _paint_pictures(self, painter: QPainter, rect: QRectF) -> None:
        theme = self._appearance.theme
        frame = QPainterPath()
        frame.addRoundedRect(rect, Radius.KEY, Radius.KEY)
        painter.save()
        painter.setClipPath(frame)
        painter.fillRect(rect, theme.color("raised" if self._is_there else "panel"))
        shown = [image for image in self._images if not image.isNull()]
        width = rect.width() / max(1, len(shown))
        for number, image in enumerate(shown):
            place = QRectF(rect.left() + number * width + number, rect.top(), width - number, rect.height())
            painter.drawImage(place, image, _cover(image.size(), place.size().toSize()))
        if not shown:
            paint_hatching(painter, rect.toRect(), theme.color("line"))
            icon = "folder-open" if self._is_there else "unplug"
            pixmap = self._appearance.pixmap(icon, "ctl", 18, self.devicePixelRatioF())
            painter.drawPixmap(rect.center() - QPointF(9, 9), pixmap)
        painter.restore()

    def _paint_progress(self, painter: QPainter, rect: QRectF) -> None:
        if not self._facts.images:
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._appearance.theme.color("edge"))
        painter.drawRoundedRect(rect, 1.5, 1.5)
        share = self._facts.verified / self._facts.images
        if share > 0:
            painter.setBrush(self._appearance.theme.color("ok"))
            painter.drawRoundedRect(QRectF(rect.topLeft(), QSize(max(3, round(rect.width() * share)), 3)), 1.5, 1.5)

    def _line(
        self, painter: QPainter, rect: QRectF, role: str, weight: int, token: str, text: str, is_right: bool = False
    ) -> None:
        painter.setFont(self._appearance.font(role, weight, tabular=is_right))
        painter.setPen(self._appearance.theme.color(token))
        side = Qt.AlignmentFlag.AlignRight if is_right else Qt.AlignmentFlag.AlignLeft
        metrics = QFontMetrics(painter.font())
        elided = metrics.elidedText(one_line(text), Qt.TextElideMode.ElideMiddle, int(rect.width()))
        painter.drawText(rect, side | Qt.AlignmentFlag.AlignVCenter, elided)

    def _progress_text(self) -> str:
        if not self._facts.images:
            return ""
        return self.tr("{n} of {total} verified").format(n=self._facts.verified, total=self._facts.images)

    def second_line(self) -> str:
        """The time that was counted there, and the day when it was open."""
        worked = self.tr("{time} so far").format(time=spoken_seconds(self._facts.seconds))
        words = (worked if self._facts.seconds >= 1 else "", self._day())
        return " · ".join(word for word in words if word)

    def _day(self) -> str:
        """As people say it where the program runs; empty where it is not known."""
        if self._opened <= 0:
            return ""
        then = time.localtime(self._opened)
        day = QDate(then.tm_year, then.tm_mon, then.tm_mday)
        ago = day.daysTo(QDate.currentDate())
        if ago in (0, 1):
            return self.tr("today") if ago == 0 else self.tr("yesterday")
        if 1 < ago < 7:
            return QLocale().dayName(day.dayOfWeek())
        return QLocale().toString(day, QLocale.FormatType.ShortFormat)

    def _gone(self) -> str:
        return self.tr("Not found")

    def _choose(self) -> None:
        if self._is_there:
            self.chosen.emit(str(self._path))


def _facts(facts: Mapping[str, Any]) -> RecentFacts:
    """Read with care: it comes from a file."""
    images, verified, seconds = (
        value if isinstance(value := facts.get(name), int) else 0 for name in ("images", "verified", "seconds")
    )
    return RecentFacts(images, verified, seconds)


def _home_short(path: Path) -> str:
    home = Path.home()
    return f"~/{path.relative_to(home).as_posix()}" if path.is_relative_to(home) else str(path)


def _cover(size: QSize, frame: QSize) -> QRectF:
    scale = min(size.width() / max(1, frame.width()), size.height() / max(1, frame.height()))
    width, height = frame.width() * scale, frame.height() * scale
    return QRectF((size.width() - width) / 2, (size.height() - height) / 2, width, height)
