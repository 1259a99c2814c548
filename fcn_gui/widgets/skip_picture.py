"""One stride of the network as a picture: labels, heatmap, or what its skip added."""

from __future__ import annotations

from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from fcn_gui.core.overlay import change_rgba, heatmap_rgba, laid_over, mask_rgba, muted_photo
from fcn_gui.core.palette import Colors
from fcn_gui.core.raster import Image
from fcn_gui.qt.images import to_qimage
from fcn_gui.session.skips import Skips
from fcn_gui.widgets.appearance import Appearance
from fcn_gui.widgets.theme import Space

CAPTION_PX, OPACITY = 20, 0.65
UNCHANGED = 254
"""A label that no class has: it is drawn clear."""
BACKGROUND_COLOR = (226, 226, 230)
"""Background is not filled in the window; where a skip made a pixel background, that has to show."""


class Mode(StrEnum):
    """What the pictures show."""

    LABELS = "labels"
    CHANGED = "changed"
    HEAT = "heat"
    ADDED = "added"


class SkipPicture(QWidget):
    """A caption and, fitted below it, the picture."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self._image = QImage()
        self._title = self._words = ""
        self._part = QRectF(0, 0, 1, 1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        appearance.changed.connect(self.update)

    def show_picture(self, title: str, words: str, picture: Image) -> None:
        """`picture` h×w×3 under `title` and what was measured."""
        self._title, self._words, self._image = title, words, to_qimage(picture)
        self.setAccessibleName(f"{title}: {words}")
        self.setToolTip(f"{title}: {words}")
        self.update()

    def show_part(self, part: QRectF) -> None:
        """Show only this part of the image, as fractions of its width and height."""
        if part != self._part:
            self._part = part
            self.update()

    @property
    def words(self) -> str:
        """What stands beside the title."""
        return self._words

    @property
    def image(self) -> QImage:
        """What is shown."""
        return self._image

    def sizeHint(self) -> QSize:
        return QSize(220, 180)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, CAPTION_PX + 40)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._appearance.theme
        painter = QPainter(self)
        painter.setFont(self._appearance.font("body", 600))
        painter.setPen(theme.color("text"))
        title = QRectF(0, 0, self.width(), CAPTION_PX)
        painter.drawText(title, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self._title)
        left = painter.fontMetrics().horizontalAdvance(self._title) + Space.ROW
        painter.setFont(self._appearance.font("small", tabular=True))
        painter.setPen(theme.color("text2"))
        room = self.width() - left
        words = painter.fontMetrics().elidedText(self._words, Qt.TextElideMode.ElideRight, room)
        painter.drawText(title.adjusted(left, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, words)
        if not self._image.isNull():
            self._paint_picture(painter)
        painter.end()

    def _paint_picture(self, painter: QPainter) -> None:
        whole, part = QSizeF(self._image.size()), self._part
        seen = QRectF(
            part.x() * whole.width(),
            part.y() * whole.height(),
            part.width() * whole.width(),
            part.height() * whole.height(),
        )
        scale = min(self.width() / seen.width(), (self.height() - CAPTION_PX - Space.TIGHT) / seen.height())
        # Beyond its own pixels the picture shows them as they are: an interpolated border would be none of the network.
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, scale < 1.5)
        painter.drawImage(QRectF(QPointF(0, CAPTION_PX + 2), seen.size() * scale), self._image, seen)


def picture_of(skips: Skips, number: int, mode: Mode, label: int, colors: Colors) -> Image:
    """h×w×3 of the stride of that number; `label` is the class of the heatmaps, `colors` K×3 those of the classes."""
    photo, look = skips.photo, skips.looks[number]
    if mode is Mode.LABELS or (mode is Mode.CHANGED and number == 0):
        return laid_over(photo, mask_rgba(look.labels, colors, OPACITY))
    muted = muted_photo(photo)
    if mode is Mode.CHANGED:
        shown = colors.copy()
        shown[:1] = BACKGROUND_COLOR
        changed = np.where(skips.changed(number), look.labels, UNCHANGED).astype(np.uint8)
        return laid_over(muted, mask_rgba(changed, shown, 1.0, background_index=None))
    if mode is Mode.ADDED and number:
        added = _at_size(skips.added_heat(number, label), photo)
        return laid_over(muted, change_rgba(added, skips.most_added(label)))
    return laid_over(muted, heatmap_rgba(_at_size(skips.heat(number, label), photo)))


def _at_size(values: NDArray[np.float32], photo: Image) -> NDArray[np.float32]:
    height, width = photo.shape[:2]
    if values.shape == (height, width):
        return values
    return np.asarray(cv2.resize(values, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
