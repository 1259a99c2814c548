"""A guided filter (He, Sun & Tang 2013) by all three colours: borders between colours of equal grey count too."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]


class ColorGuide:
    """Filters planes so that within a window they are a linear function of the `colors` (H×W×3 float32, 0…1)."""

    def __init__(self, colors: Plane, radius: int, epsilon: float) -> None:
        """Windows of 2·`radius` + 1 pixels; a smaller `epsilon` keeps fainter edges."""
        self._colors = colors
        self._window = (2 * radius + 1,) * 2
        self._mean = self._box(colors)
        spread = np.empty((*colors.shape, 3), np.float32)
        for a, b in np.ndindex(3, 3):
            mixed = self._box(colors[..., a] * colors[..., b])
            spread[..., a, b] = mixed - self._mean[..., a] * self._mean[..., b] + epsilon * (a == b)
        self._inverse = np.linalg.inv(spread)

    def filtered(self, plane: Plane) -> Plane:
        """H×W float32 → H×W float32."""
        mean = self._box(plane)
        together = self._box(self._colors * plane[..., None]) - self._mean * mean[..., None]
        slope = np.einsum("hwab,hwb->hwa", self._inverse, together)
        level = mean - (slope * self._mean).sum(-1)
        out: Plane = (self._box(slope) * self._colors).sum(-1) + self._box(level)
        return out

    def _box(self, plane: Plane) -> Plane:
        return np.asarray(cv2.blur(np.ascontiguousarray(plane), self._window, borderType=cv2.BORDER_REFLECT))
