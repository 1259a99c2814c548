"""Line icons in the colour of a token, sharp at the screen's ratio.

The files are Lucide's, drawn with `currentColor` on a grid of 24; colour and stroke width are put in as text before
they are rendered.
"""

from __future__ import annotations

import re
from pathlib import Path

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

STROKE, SMALL_STROKE = 1.75, 2.2
SMALL_BELOW_PX = 14


class IconStore:
    """Reads `<name>.svg` from one folder and keeps what it rendered by (name, colour, size, ratio)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._sources: dict[str, str] = {}
        self._pixmaps: dict[tuple[str, str, int, float], QPixmap] = {}

    def pixmap(self, name: str, color: str, size: int, ratio: float = 1.0) -> QPixmap:
        """`size` logical pixels square in `color` (`#RRGGBB`). Raises FileNotFoundError for an unknown name."""
        key = (name, color, size, ratio)
        if key not in self._pixmaps:
            self._pixmaps[key] = self._render(name, color, size, ratio)
        return self._pixmaps[key]

    def icon(self, name: str, color: str, size: int, on: str | None = None, disabled: str | None = None) -> QIcon:
        """An icon for buttons and menus: `on` colours the checked, `disabled` the disabled state."""
        icon = QIcon()
        for ratio in _screen_ratios():
            for mode, state, tint in (
                (QIcon.Mode.Normal, QIcon.State.Off, color),
                (QIcon.Mode.Normal, QIcon.State.On, on or color),
                (QIcon.Mode.Disabled, QIcon.State.Off, disabled or color),
                (QIcon.Mode.Disabled, QIcon.State.On, disabled or color),
            ):
                icon.addPixmap(self.pixmap(name, tint, size, ratio), mode, state)
        return icon

    def _source(self, name: str, stroke: float) -> str:
        if name not in self._sources:
            self._sources[name] = (self._folder / f"{name}.svg").read_text("utf-8")
        return re.sub(r'stroke-width="[^"]*"', f'stroke-width="{stroke}"', self._sources[name])

    def _render(self, name: str, color: str, size: int, ratio: float) -> QPixmap:
        stroke = SMALL_STROKE if size < SMALL_BELOW_PX else STROKE
        text = self._source(name, stroke).replace("currentColor", color)
        pixmap = QPixmap(round(size * ratio), round(size * ratio))
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        QSvgRenderer(QByteArray(text.encode())).render(painter, QRectF(pixmap.rect()))
        painter.end()
        pixmap.setDevicePixelRatio(ratio)
        return pixmap


def _screen_ratios() -> list[float]:
    return sorted({screen.devicePixelRatio() for screen in QGuiApplication.screens()}) or [1.0]
