"""The page before a folder is open: open one, open the sample, drop one, or go on with a recent one."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from PySide6.QtCore import QDate, QLocale, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from fcn_gui.widgets.appearance import Appearance
from fcn_gui.widgets.labels import CapButton, paint_hatching
from fcn_gui.widgets.menus import ActionSet
from fcn_gui.widgets.recent_facts import pictures_of
from fcn_gui.widgets.theme import Height, Radius, Space

LEFT_PX, RIGHT_PX, GAP_PX, ROW_PX = 400, 584, 68, 80


class Recent(Protocol):
    """A folder that was open: where, what was known of it, and when (Unix seconds)."""

    @property
    def path(self) -> Path: ...
    @property
    def facts(self) -> Mapping[str, Any]: ...
    @property
    def opened(self) -> float: ...


class RecentFolders(Protocol):
    """Where recent folders are kept; the roof hands it in."""

    def recent_folders(self) -> Sequence[Recent]: ...
    def remember_folder(self, path: Path, facts: Mapping[str, Any] | None = None) -> None: ...
    def forget_folder(self, path: Path) -> None: ...
    def save_settings(self, values: Mapping[str, Any]) -> None: ...


class Welcome(QWidget):
    """`folder_wanted` with a path."""

    folder_wanted = Signal(str)

    def __init__(self, appearance: Appearance, actions: ActionSet, recent: RecentFolders) -> None:
        super().__init__()
        self._appearance, self._actions, self._recent = appearance, actions, recent
        self.setProperty("surface", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(0)
        self._none = QLabel(self.tr("Folders that you open are listed here."))
        self._none.setProperty("role", "second")
        self.shown: list[Recent] = []
        """The folders that are listed."""
        outer = QHBoxLayout(self)
        outer.setContentsMargins(Space.WIDE, 0, Space.WIDE, 0)
        outer.setSpacing(0)
        outer.addStretch(1)
        outer.addWidget(self._left(), 0, Qt.AlignmentFlag.AlignTop)
        outer.addSpacing(GAP_PX - 12)
        outer.addWidget(self._right_side(), 0, Qt.AlignmentFlag.AlignTop)
        outer.addStretch(1)
        self.reread()

    def reread(self) -> None:
        """Read the recent folders anew."""
        while (taken := self._rows.takeAt(0)) is not None:
            if (widget := taken.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.shown = list(self._recent.recent_folders()[:6])
        for each in self.shown:
            row = RecentRow(self._appearance, each)
            row.chosen.connect(self.folder_wanted)
            self._rows.addWidget(row)
        self._none.setVisible(not self.shown)

    def _left(self) -> QWidget:
        side = QWidget()
        side.setFixedWidth(LEFT_PX)
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 128, 0, Space.LARGE)
        column.setSpacing(0)
        title = _label(self.tr("Open a folder of photos"), "title")
        words = _label(
            self.tr("The program looks at every photo first. You correct it with a brush, and it learns from that."),
            "second",
        )
        words.setFont(self._appearance.font("heading"))
        open_folder = self._button("file.open_folder", "filled")
        sample = self._button("file.open_sample", "")
        buttons = QHBoxLayout()
        buttons.setSpacing(Space.ROW)
        buttons.addWidget(open_folder)
        buttons.addWidget(sample)
        buttons.addStretch(1)
        target = DropTarget(self._appearance)
        column.addWidget(title)
        column.addSpacing(Space.ROW)
        column.addWidget(words)
        column.addSpacing(Space.WIDE)
        column.addLayout(buttons)
        column.addSpacing(Space.WIDE)
        column.addWidget(target)
        column.addSpacing(Space.LARGE + 4)
        column.addWidget(IconText(self._appearance, "hard-drive", self._promise()))
        column.addStretch(1)
        return side

    def _promise(self) -> str:
        return self.tr("Photos are never changed. Masks go to .fcn-gui in the folder. Nothing leaves this computer.")

    def _right_side(self) -> QWidget:
        side = QWidget()
        side.setMaximumWidth(RIGHT_PX)
        side.setMinimumWidth(360)
        side.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 136, 0, Space.LARGE)
        column.setSpacing(Space.ROW)
        head = _label(self.tr("Recent folders"), "heading")
        head.setContentsMargins(12, 0, 0, 0)
        self._none.setContentsMargins(12, 0, 0, 0)
        column.addWidget(head)
        column.addWidget(self._none)
        column.addLayout(self._rows)
        column.addStretch(1)
        area = QScrollArea(widgetResizable=True)
        area.setWidget(side)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setMinimumSize(372, 640)
        area.setMaximumWidth(RIGHT_PX + 12)
        area.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        return area

    def _button(self, action_id: str, kind: str) -> CapButton:
        action = self._actions.action(action_id)
        icon = "folder-open" if action_id == "file.open_folder" else "images"
        button = CapButton(self._appearance, self._actions.text(action_id), self._actions.key(action_id), icon, kind)
        button.setFixedHeight(Height.WELCOME_BUTTON)
        button.setAutoDefault(True)
        button.clicked.connect(action.trigger)

        def follow() -> None:
            button.setEnabled(action.isEnabled())
            button.setToolTip(action.toolTip())
            button.set_key(self._actions.key(action_id))

        action.changed.connect(follow)
        follow()
        return button


class DropTarget(QWidget):
    """Says that a folder can be dropped; the window takes it anywhere."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self.setFixedHeight(196)
        self.setAccessibleName(self.tr("Or drop a folder here"))
        appearance.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._appearance.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(theme.color("ctl"), 1, Qt.PenStyle.CustomDashLine)
        pen.setDashPattern([4, 3])
        painter.setPen(pen)
        painter.setBrush(theme.color("field"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), Radius.DROP, Radius.DROP)
        middle = self.width() / 2
        icon = self._appearance.pixmap("folder-input", "text2", 28, self.devicePixelRatioF())
        painter.drawPixmap(QPointF(middle - 14, 58), icon)
        for y, role, weight, token, text in (
            (98, "body", 500, "text", self.tr("Or drop a folder here")),
            (118, "body", 400, "text2", self.tr("photos, a VOC data set, or a project")),
        ):
            painter.setFont(self._appearance.font(role, weight))
            painter.setPen(theme.color(token))
            painter.drawText(QRectF(0, y, self.width(), 20), Qt.AlignmentFlag.AlignCenter, text)
        painter.end()


class IconText(QWidget):
    """A quiet icon and a sentence."""

    def __init__(self, appearance: Appearance, icon: str, text: str) -> None:
        super().__init__()
        self._appearance, self._icon_name = appearance, icon
        self._icon = QLabel()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.ROW)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(_label(text, "second"), 1)
        appearance.changed.connect(self._retint)
        self._retint()

    def _retint(self) -> None:
        self._icon.setPixmap(self._appearance.pixmap(self._icon_name, "text2", 16, self.devicePixelRatioF()))


@dataclass(frozen=True)
class RecentFacts:
    """What the row says: figures are 0 where they are not known."""

    images: int
    verified: int


class RecentRow(QWidget):
    """Name, path, how far it is; Return, Space or a click opens it."""

    chosen = Signal(str)

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

    def sizeHint(self) -> QSize:
        return QSize(RIGHT_PX, ROW_PX)

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
        self._line(painter, QRectF(162, 20, words, 20), "heading", 600, "text", self._path.name)
        self._line(painter, QRectF(162, 40, words, 18), "body", 400, "text2", _home_short(self._path))
        side = QRectF(self.width() - 12 - right, 16, right, 18)
        if not self._is_there:
            self._line(painter, side, "body", 400, "warn", self.tr("Folder not found"), True)
        else:
            self._line(painter, side, "body", 400, "text", self._progress_text(), True)
            self._line(painter, side.translated(0, 19), "small", 400, "text2", _day(self._opened), True)
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
        elided = QFontMetrics(painter.font()).elidedText(text, Qt.TextElideMode.ElideMiddle, int(rect.width()))
        painter.drawText(rect, side | Qt.AlignmentFlag.AlignVCenter, elided)

    def _progress_text(self) -> str:
        if not self._facts.images:
            return ""
        return self.tr("{n} of {total} verified").format(n=self._facts.verified, total=self._facts.images)

    def _choose(self) -> None:
        if self._is_there:
            self.chosen.emit(str(self._path))


def _facts(facts: Mapping[str, Any]) -> RecentFacts:
    """Read with care: it comes from a file."""
    images, verified = facts.get("images"), facts.get("verified")
    return RecentFacts(images if isinstance(images, int) else 0, verified if isinstance(verified, int) else 0)


def _home_short(path: Path) -> str:
    home = Path.home()
    return f"~/{path.relative_to(home).as_posix()}" if path.is_relative_to(home) else str(path)


def _day(opened: float) -> str:
    """The day as people say it where the program runs; empty where it is not known."""
    if opened <= 0:
        return ""
    then = time.localtime(opened)
    return QLocale().toString(QDate(then.tm_year, then.tm_mon, then.tm_mday), QLocale.FormatType.ShortFormat)


def _cover(size: QSize, frame: QSize) -> QRectF:
    scale = min(size.width() / max(1, frame.width()), size.height() / max(1, frame.height()))
    width, height = frame.width() * scale, frame.height() * scale
    return QRectF((size.width() - width) / 2, (size.height() - height) / 2, width, height)


def _label(text: str, role: str) -> QLabel:
    label = QLabel(text, wordWrap=True)
    label.setProperty("role", role)
    return label
