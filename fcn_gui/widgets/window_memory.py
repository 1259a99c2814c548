"""Where the window and its panels were when it was closed, and bringing them back: never off every screen."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMainWindow

from fcn_gui.core.errors import FcnGuiError
from fcn_gui.widgets.layout import LEAST_HEIGHT, LEAST_WIDTH

WIDTH, HEIGHT = 1440, 900
"""Of a window that was never moved."""
FARTHEST_PX = 100_000
_log = logging.getLogger(__name__)


class WindowStore(Protocol):
    """Where it is kept; the roof hands it in."""

    def load_window(self) -> Mapping[str, Any]: ...
    def save_window(self, values: Mapping[str, Any]) -> None: ...


class Arranged(Protocol):
    """The panels: what they say of themselves, as plain JSON, they take back."""

    def arrangement(self) -> dict[str, Any]: ...
    def arrange(self, kept: Mapping[str, Any]) -> None: ...


class WindowMemory:
    """Reads once, when the window is made; writes once, when it closes."""

    def __init__(self, window: QMainWindow, store: WindowStore) -> None:
        self._window, self._store = window, store
        self._kept = store.load_window()
        self._panels: Arranged | None = None

    def place(self) -> None:
        """Put the window where it was, as far as that is on a screen; call it before the window shows."""
        screens = [screen.availableGeometry() for screen in QGuiApplication.screens()]
        wanted = kept_rect(self._kept)
        if wanted is None or not screens:
            self._window.resize(WIDTH, HEIGHT)
            return
        self._window.setGeometry(on_screen(wanted, screens))
        if self._kept.get("is_maximized") is True:
            self._window.setWindowState(self._window.windowState() | Qt.WindowState.WindowMaximized)

    def arrange(self, panels: Arranged) -> None:
        """Give the panels the sizes that they had."""
        self._panels = panels
        kept = self._kept.get("panels")
        panels.arrange(kept if isinstance(kept, Mapping) else {})

    def keep(self) -> None:
        """Store how the window is now; a place that can't be written is no reason not to close."""
        window = self._window
        rect = window.normalGeometry() if window.isMaximized() or window.isFullScreen() else window.geometry()
        panels = self._panels.arrangement() if self._panels is not None else self._kept.get("panels", {})
        values = {
            "x": rect.x(),
            "y": rect.y(),
            "width": rect.width(),
            "height": rect.height(),
            "is_maximized": self._window.isMaximized(),
            "panels": panels,
        }
        try:
            self._store.save_window(values)
        except FcnGuiError as error:
            _log.warning("%s", error)


def kept_rect(kept: Mapping[str, Any]) -> QRect | None:
    """The rectangle in what was stored, logical pixels; None where it is not one: it comes from a file."""
    numbers = [kept.get(name) for name in ("x", "y", "width", "height")]
    whole = [n for n in numbers if isinstance(n, int) and not isinstance(n, bool) and abs(n) <= FARTHEST_PX]
    if len(whole) < 4 or whole[2] <= 0 or whole[3] <= 0:
        return None
    return QRect(*whole)


def on_screen(wanted: QRect, screens: Sequence[QRect]) -> QRect:
    """`wanted` moved, and made smaller where it must be, to lie on the screen that shows most of it, else the first.

    It is never smaller than the least window. Raises ValueError without a screen.
    """
    if not screens:
        raise ValueError("there is no screen to be on")

    def shown(screen: QRect) -> int:
        part = screen.intersected(wanted)
        return max(0, part.width()) * max(0, part.height())

    screen = max(screens, key=shown)
    width = max(LEAST_WIDTH, min(wanted.width(), screen.width()))
    height = max(LEAST_HEIGHT, min(wanted.height(), screen.height()))
    if not shown(screen):
        x = screen.x() + (screen.width() - width) // 2
        y = screen.y() + (screen.height() - height) // 2
        return QRect(max(screen.x(), x), max(screen.y(), y), width, height)
    x = max(screen.x(), min(wanted.x(), screen.x() + screen.width() - width))
    y = max(screen.y(), min(wanted.y(), screen.y() + screen.height() - height))
    return QRect(x, y, width, height)
