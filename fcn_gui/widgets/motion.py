"""What moves, and for how long: it only shows what has happened already, so nothing waits for it.

Canvas, brush, mask, list and zoom never move. Where the system asks for less motion, or the person does, nothing does.
"""

from __future__ import annotations

import ctypes
import plistlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QEasingCurve, QObject, QPoint, QRect, QSettings, QStandardPaths, Qt, QVariantAnimation
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QGraphicsOpacityEffect, QWidget

from fcn_gui.widgets.appearance import Appearance

FLOAT_MS, RISE_PX, DOCK_MS = 120, 4, 160
_WINDOWS_CLIENT_AREA_ANIMATION = 0x1042
_DESKTOP_FILES = (
    ("gtk-4.0/settings.ini", "Settings/gtk-enable-animations", ("false", "0")),
    ("gtk-3.0/settings.ini", "Settings/gtk-enable-animations", ("false", "0")),
    ("kdeglobals", "KDE/AnimationDurationFactor", ("0", "0.0")),
)


def system_reduces_motion() -> bool:
    """Whether the system was told to move less; False where that can't be found out."""
    if sys.platform == "win32":
        is_on = ctypes.c_int(1)
        ctypes.windll.user32.SystemParametersInfoW(_WINDOWS_CLIENT_AREA_ANIMATION, 0, ctypes.byref(is_on), 0)
        return not is_on.value
    if sys.platform == "darwin":
        try:
            path = Path.home() / "Library/Preferences/com.apple.universalaccess.plist"
            return bool(plistlib.loads(path.read_bytes()).get("reduceMotion"))
        except (OSError, ValueError):
            return False
    config = Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericConfigLocation))
    return any(
        str(QSettings(str(config / name), QSettings.Format.IniFormat).value(key, "")).strip().lower() in off
        for name, key, off in _DESKTOP_FILES
        if (config / name).is_file()
    )


class Fade(QObject):
    """Lets a floating widget come with a fade and a rise of 4 px, and leave with a fade; it is there from the start."""

    def __init__(self, widget: QWidget, appearance: Appearance) -> None:
        super().__init__(widget)
        self._widget, self._appearance = widget, appearance
        self._home: QPoint | None = None
        self._share, self._is_leaving = 1.0, False
        self._run = QVariantAnimation(self)
        self._run.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._run.valueChanged.connect(self._step)
        self._run.finished.connect(self._end)

    def place(self, x: int, y: int) -> None:
        """Where the widget stands when it has come; it may change on the way."""
        self._home = QPoint(x, y)
        self._put()

    def come(self) -> None:
        """The widget was just shown."""
        self._start(0.0, 1.0, is_leaving=False)

    def leave(self) -> None:
        """Hide the widget, at once where nothing moves."""
        if self._widget.isVisible():
            self._start(self._share, 0.0, is_leaving=True)

    def _start(self, start: float, end: float, is_leaving: bool) -> None:
        self._run.stop()
        self._is_leaving = is_leaving
        if not self._appearance.has_motion:
            self._end()
            return
        self._widget.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, is_leaving)
        self._widget.setGraphicsEffect(QGraphicsOpacityEffect(self._widget))
        self._run.setStartValue(start)
        self._run.setEndValue(end)
        self._run.setDuration(FLOAT_MS)
        self._run.start()

    def _step(self, share: float) -> None:
        self._share = share
        effect = self._widget.graphicsEffect()
        if isinstance(effect, QGraphicsOpacityEffect):
            effect.setOpacity(share)
        self._put()

    def _put(self) -> None:
        if self._home is not None:
            rise = 0 if self._is_leaving else round(RISE_PX * (1 - self._share))
            self._widget.move(self._home + QPoint(0, rise))

    def _end(self) -> None:
        self._share = 1.0
        if self._is_leaving:
            self._is_leaving = False
            self._widget.hide()
        self._widget.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, False)
        self._widget.setGraphicsEffect(None)  # type: ignore[arg-type]
        self._put()


class DockMover:
    """Shows a dock sliding to or from its edge after the layout has changed: the canvas gets its new size at once."""

    def __init__(self, host: QWidget, appearance: Appearance) -> None:
        self._host, self._appearance = host, appearance

    @contextmanager
    def moving(self, dock: QWidget, edge: Qt.Edge) -> Iterator[None]:
        """`dock` folds or comes back at `edge` inside the block."""
        is_on = self._appearance.has_motion and self._host.isVisible()
        before = _place_of(dock, self._host) if is_on else QRect()
        picture = dock.grab() if not before.isEmpty() else QPixmap()
        yield
        if not is_on:
            return
        after = _place_of(dock, self._host)
        along = QRect.height if edge == Qt.Edge.BottomEdge else QRect.width
        is_coming = along(after) > along(before)
        if is_coming:
            picture = dock.grab()
        way = abs(along(after) - along(before))
        if way and not picture.isNull():
            # Not a child of the splitter: that would make a dock of it.
            slide = DockSlide(self._host.window(), picture, edge, self._appearance.theme.color("canvas"))
            slide.run(after if is_coming else before, way, is_coming)


class DockSlide(QWidget):
    """The picture of a dock on its way, over what is there already; takes no mouse, and goes when it is done."""

    def __init__(self, host: QWidget, picture: QPixmap, edge: Qt.Edge, ground: QColor) -> None:
        super().__init__(host)
        self._picture, self._edge, self._ground = picture, edge, ground
        self._way, self._is_coming, self._share = 0, True, 0.0
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._run = QVariantAnimation(self)
        self._run.setDuration(DOCK_MS)
        self._run.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._run.setStartValue(0.0)
        self._run.setEndValue(1.0)
        self._run.valueChanged.connect(self._step)
        self._run.finished.connect(self._end)

    def run(self, place: QRect, way: int, is_coming: bool) -> None:
        """Slide `way` logical pixels at `place`, inwards or outwards."""
        self._way, self._is_coming = way, is_coming
        self.setGeometry(place)
        self.show()
        self.raise_()
        self._run.start()

    def paintEvent(self, event: QPaintEvent) -> None:
        away = round(self._way * (1 - self._share if self._is_coming else self._share))
        shift = {
            Qt.Edge.LeftEdge: QPoint(-away, 0),
            Qt.Edge.RightEdge: QPoint(away, 0),
            Qt.Edge.BottomEdge: QPoint(0, away),
        }[self._edge]
        painter = QPainter(self)
        if self._is_coming:
            painter.fillRect(self.rect(), self._ground)
        painter.drawPixmap(shift, self._picture)
        painter.end()

    def _step(self, share: float) -> None:
        self._share = share
        self.update()

    def _end(self) -> None:
        self.hide()
        self.deleteLater()


def _place_of(dock: QWidget, host: QWidget) -> QRect:
    """Where a dock of `host` is in the window; empty while it is folded away."""
    if not dock.isVisibleTo(host):
        return QRect()
    return QRect(dock.mapTo(host.window(), QPoint(0, 0)), dock.size())
