"""One bar over the canvas that blocks nothing: what happened, then what to do; older ones wait in a list."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from fcn_gui.session.messages import Message
from fcn_gui.widgets.appearance import Appearance
from fcn_gui.widgets.floating import SHADOW_PX, Floating, Sheet
from fcn_gui.widgets.labels import IconButton, key_text
from fcn_gui.widgets.theme import Height, Radius, Space

WIDEST_PX, BELOW_TOP_PX, INFORMATION_MS, KEPT = 680, 14, 8000, 50
KINDS = {
    "info": ("info", "accent"),
    "ok": ("circle-check", "ok"),
    "warn": ("triangle-alert", "warn"),
    "error": ("circle-x", "err"),
}


def _without_key(_action_id: str) -> str:
    return ""


class MessageBar(Floating):
    """The newest message; errors and warnings stay until they are closed, the rest leaves after 8 s."""

    action_wanted = Signal(str)

    def __init__(self, appearance: Appearance, canvas: QWidget) -> None:
        super().__init__(appearance, canvas, Radius.MESSAGE)
        self.history: deque[Message] = deque(maxlen=KEPT)
        self.current: Message | None = None
        self.key_of: Callable[[str], str] = _without_key
        """The key of an action of the table in portable form, "" for none: its button says it."""
        self.below: QWidget | None = None
        """What it must not cover, where that shows."""
        self._icon, self._text = QLabel(), QLabel(wordWrap=True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)  # files may be called anything
        self._icon.setFixedWidth(16)
        self._buttons = QWidget()
        self._timer = QTimer(self, singleShot=True, interval=INFORMATION_MS)
        self._timer.timeout.connect(self.dismiss)
        row = QHBoxLayout()
        row.setContentsMargins(Space.PANEL, Space.SMALL, Space.SMALL, Space.SMALL)
        row.setSpacing(Space.ROW)
        self._close = IconButton(appearance, "x", self.tr("Close this message"), 14, 24)
        self._close.clicked.connect(self.dismiss)
        self._text.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        for part in (self._icon, self._text, self._buttons, self._close):
            row.addWidget(part)
        self.column.addLayout(row)
        self._button_row = QHBoxLayout(self._buttons)
        self._button_row.setContentsMargins(0, 0, 0, 0)
        self._button_row.setSpacing(Space.TIGHT)
        appearance.changed.connect(self._retint)

    def post(self, message: Message) -> None:
        """Show a message; the one before waits in the list."""
        self.current = message
        self.history.appendleft(message)
        self._text.setText(message.text)
        self.setAccessibleName(message.text)
        self._fill_buttons(message)
        self._retint()
        self.show()
        self.place()  # while it is hidden its layout knows nothing of the new words
        self.raise_()
        self.fade.come()
        self._timer.stop()
        if message.kind in ("info", "ok"):
            self._timer.start()

    def dismiss(self) -> None:
        """Close the message; it stays in the list."""
        self._timer.stop()
        self.current = None
        self.fade.leave()

    def place(self) -> None:
        """Top centre of the canvas, as wide as its words, at most 680."""
        host = self.host
        metrics = QFontMetrics(self._text.font())
        room = min(WIDEST_PX, host.width() - 2 * Space.ROW)
        beside = 24 + 16 + self._buttons.sizeHint().width() + 5 * Space.ROW
        words = metrics.horizontalAdvance(self._text.text()) + 4
        width = min(room, words + beside)
        column = max(80, width - beside)
        self._text.setFixedSize(column, max(Height.BUTTON - 4, self._text.heightForWidth(column)))
        self.setFixedWidth(width + 2 * SHADOW_PX)
        self.adjustSize()
        above = self.below.geometry().bottom() - SHADOW_PX if self.below is not None and self.below.isVisible() else 0
        self.fade.place((host.width() - self.width()) // 2, above + BELOW_TOP_PX - SHADOW_PX)

    def _fill_buttons(self, message: Message) -> None:
        while (taken := self._button_row.takeAt(0)) is not None:
            if (widget := taken.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for words, target in message.actions:
            key = self.key_of(target) if isinstance(target, str) else ""
            button = QPushButton(f"{words} ({key_text(key)})" if key else words)
            button.setProperty("kind", "link")
            button.setAutoDefault(False)
            button.clicked.connect(lambda _checked=False, wanted=target: self._act(wanted))
            self._button_row.addWidget(button)
            button.show()  # in a bar that shows already it would have no size before the next turn of the event loop
        self._buttons.setVisible(bool(message.actions))

    def _act(self, target: str | Callable[[], object]) -> None:
        self.dismiss()
        if callable(target):
            target()
        else:
            self.action_wanted.emit(target)

    def _retint(self) -> None:
        if self.current is not None:
            name, token = KINDS[self.current.kind]
            self._icon.setPixmap(self._appearance.pixmap(name, token, 16, self.devicePixelRatioF()))


class MessageList(Sheet):
    """Earlier messages, newest first."""

    def __init__(self, appearance: Appearance, parent: QWidget) -> None:
        super().__init__(appearance, parent, WIDEST_PX)
        self._list = QListWidget()
        self._list.setAccessibleName(self.tr("Earlier messages"))
        self._list.setWordWrap(True)
        self._list.setMinimumHeight(6 * Height.PALETTE_ROW)
        self._none = QLabel(self.tr("No message yet."))
        self._none.setProperty("role", "second")
        self._none.setContentsMargins(Space.ROW, Space.SMALL, Space.ROW, Space.SMALL)
        self._list.setSpacing(Space.TIGHT)
        body = QVBoxLayout()
        body.setContentsMargins(Space.ROW, Space.ROW, Space.ROW, Space.ROW)
        for part in (self._list, self._none):
            body.addWidget(part)
        self.column.addLayout(body)

    def show_history(self, messages: deque[Message]) -> None:
        """Open with these."""
        self._list.clear()
        for message in messages:
            name, token = KINDS[message.kind]
            QListWidgetItem(self._appearance.icon(name, token, 16), message.text, self._list)
        self._list.setVisible(bool(messages))
        self._none.setVisible(not messages)
        self.open()
        self._list.setFocus()
