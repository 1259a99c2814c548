"""The photograph on device pixels: smooth when shrunk, squares when much enlarged, toned as the person likes it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from fcn_gui.core.raster import Image, Rect
from fcn_gui.widgets.placement import Placement

GREY_SHARE, GREY_LIGHT = 0.25, 0.78
"""Saturation and brightness that stay under a heatmap."""


@dataclass(frozen=True)
class Tone:
    """`brightness`, `contrast` −1…1; `gamma` > 0, above 1 lightens; `is_muted`: under a heatmap."""

    brightness: float = 0.0
    contrast: float = 0.0
    gamma: float = 1.0
    is_muted: bool = False

    def table(self) -> NDArray[np.uint8] | None:
        """256 output values, None where nothing changes."""
        if self.brightness == 0 and self.contrast == 0 and self.gamma == 1:
            return None
        gain = (1 + self.contrast) / max(1 - self.contrast, 0.01)
        value = np.linspace(0, 1, 256) ** (1 / self.gamma)
        value = (value - 0.5) * gain + 0.5 + self.brightness
        return np.round(np.clip(value, 0, 1) * 255).astype(np.uint8)


class PhotoLayer:
    """Draws one image (H×W×3 uint8 RGB) for any placement; keeps halved copies and the last picture."""

    def __init__(self, image: Image) -> None:
        self._levels = [image]
        self._drawn: tuple[Placement, Tone] | None = None
        self._picture = QImage()

    def is_drawn(self, placement: Placement, tone: Tone) -> bool:
        """`picture` costs nothing."""
        return self._drawn == (placement, tone)

    def picture(self, placement: Placement, tone: Tone) -> QImage:
        """The device pixels `placement.shown`, RGB32."""
        if not self.is_drawn(placement, tone):
            self._picture = self._rendered(placement, tone)
            self._drawn = (placement, tone)
        return self._picture

    def _rendered(self, placement: Placement, tone: Tone) -> QImage:
        shown = placement.shown
        if shown.is_empty:
            return QImage()
        pixels = self._resampled(placement)
        table = tone.table()
        if table is not None:
            pixels = np.asarray(cv2.LUT(pixels, table), np.uint8)
        if tone.is_muted:
            pixels = np.asarray(cv2.transform(pixels, _muting()), np.uint8)
        wide = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGRA)
        return QImage(wide.data, shown.width, shown.height, 4 * shown.width, QImage.Format.Format_RGB32).copy()

    def _resampled(self, placement: Placement) -> Image:
        """The shown pixels of the image from the level just finer than the screen, bilinear or better between."""
        level, factor = self._level_for(placement.scale)
        shown, visible = placement.shown, placement.image_rect()
        whole = _enlarged_whole(level, placement) if factor == 1 else None
        if whole is not None:
            return whole
        scale_x = placement.scale * self._levels[0].shape[1] / level.shape[1]
        scale_y = placement.scale * self._levels[0].shape[0] / level.shape[0]
        x0, y0 = max(0, visible.x0 // factor - 4), max(0, visible.y0 // factor - 4)
        part = level[y0 : visible.y1 // factor + 5, x0 : visible.x1 // factor + 5]
        shift_x = (x0 + 0.5) * scale_x + placement.left - shown.x0 - 0.5
        shift_y = (y0 + 0.5) * scale_y + placement.top - shown.y0 - 0.5
        matrix = np.array([[scale_x, 0, shift_x], [0, scale_y, shift_y]])
        size, flags = (shown.width, shown.height), _interpolation(placement, scale_x)
        return np.asarray(cv2.warpAffine(part, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE), np.uint8)

    def _level_for(self, scale: float) -> tuple[Image, int]:
        """The smallest copy that is still as fine as the screen, and how often its side was halved as a factor."""
        number = 0
        while scale * 2 ** (number + 1) <= 1 and min(self._levels[0].shape[:2]) >> (number + 1) >= 8:
            number += 1
            if number == len(self._levels):
                last = self._levels[-1]
                size = (-(-last.shape[1] // 2), -(-last.shape[0] // 2))
                self._levels.append(np.asarray(cv2.resize(last, size, interpolation=cv2.INTER_AREA), np.uint8))
        return self._levels[number], 2**number


def _enlarged_whole(image: Image, placement: Placement) -> Image | None:
    """An image all of which shows, enlarged: the same pixels as a warp, in a tenth of its time. None for others."""
    height, width = image.shape[:2]
    if placement.scale <= 1 or placement.is_crisp or placement.image_rect() != Rect(0, 0, width, height):
        return None
    enlarged = cv2.resize(image, None, fx=placement.scale, fy=placement.scale, interpolation=cv2.INTER_CUBIC)
    size = (placement.shown.height, placement.shown.width)
    return np.asarray(enlarged, np.uint8) if enlarged.shape[:2] == size else None


def _interpolation(placement: Placement, scale: float) -> int:
    if placement.is_crisp or scale == 1:
        return cv2.INTER_NEAREST
    return cv2.INTER_CUBIC if scale > 1 else cv2.INTER_LINEAR


def _muting() -> NDArray[np.float64]:
    grey = np.tile([0.299, 0.587, 0.114], (3, 1))
    return (GREY_SHARE * np.eye(3) + (1 - GREY_SHARE) * grey) * GREY_LIGHT
