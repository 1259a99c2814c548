"""The page before a folder is open: open one, open the sample, drop one, or go on with a recent one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from PySide6.QtCore import QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from fcn_gui.widgets.appearance import Appearance
from fcn_gui.widgets.labels import CapButton
from fcn_gui.widgets.menus import ActionSet
from fcn_gui.widgets.recent_row import WIDTH_PX, Recent, RecentRow
from fcn_gui.widgets.start_row import StartRow
from fcn_gui.widgets.theme import Height, Radius, Space

LEFT_PX, GAP_PX = 400, 68


class RecentFolders(Protocol):
    """Where recent folders are kept; the roof hands it in."""

    def recent_folders(self) -> Sequence[Recent]: ...
    def remember_folder(self, path: Path, facts: Mapping[str, Any] | None = None) -> None: ...
    def forget_folder(self, path: Path) -> None: ...
    def save_settings(self, values: Mapping[str, Any]) -> None: ...
    def load_window(self) -> Mapping[str, Any]: ...
    def save_window(self, values: Mapping[str, Any]) -> None: ...


class Welcome(QWidget):
    """`folder_wanted` with a path."""

    folder_wanted = Signal(str)

    def __init__(self, appearance: Appearance, actions: ActionSet, recent: RecentFolders) -> None:
        super().__init__()
        self.start = StartRow(appearance)
        """Filled by `attach` after the first paint: it reads a file."""
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
        outer.addWidget(self._right_side(), 100)
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
            row.forgotten.connect(self._forget)
            self._rows.addWidget(row)
        self._none.setVisible(not self.shown)

    def _forget(self, path: str) -> None:
        self._recent.forget_folder(Path(path))
        # The row that was clicked goes; not while its own click is still being handled.
        QTimer.singleShot(0, self.reread)

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
        self.buttons = (self._button("file.open_folder", "filled"), self._button("file.open_sample", ""))
        buttons = QHBoxLayout()
        buttons.setSpacing(Space.ROW)
        for button in self.buttons:
            buttons.addWidget(button)
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
        side.setMaximumWidth(WIDTH_PX)
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
        column.addWidget(self.start)
        column.addStretch(1)
        area = QScrollArea(widgetResizable=True)
        area.setWidget(side)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setMinimumWidth(372)
        area.setMaximumWidth(WIDTH_PX + 12)
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


def _label(text: str, role: str) -> QLabel:
    label = QLabel(text, wordWrap=True)
    label.setProperty("role", role)
    return label
