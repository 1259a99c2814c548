"""Kinds of arrays, and their checks at the border.

image   H×W×3 uint8 RGB
mask    H×W uint8, class indices, 255 void
vouch   H×W uint8, 0 unvouched, 1 accepted, 2 corrected
"""

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Mask = NDArray[np.uint8]
Vouch = NDArray[np.uint8]
Inside = NDArray[np.bool_]

VOID = 255
UNVOUCHED, ACCEPTED, CORRECTED = 0, 1, 2


@dataclass(frozen=True)
class Rect:
    """Pixels x0 ≤ x < x1, y0 ≤ y < y1."""

    x0: int
    y0: int
    x1: int
    y1: int

    @classmethod
    def of(cls, shape: tuple[int, ...]) -> "Rect":
        """The whole of an array of shape (H, W, …)."""
        return cls(0, 0, shape[1], shape[0])

    @classmethod
    def around(cls, inside: Inside) -> "Rect | None":
        """The smallest rectangle that holds every true pixel; None where there is none."""
        rows, cols = np.flatnonzero(inside.any(1)), np.flatnonzero(inside.any(0))
        if not rows.size:
            return None
        return cls(int(cols[0]), int(rows[0]), int(cols[-1]) + 1, int(rows[-1]) + 1)

    @classmethod
    def union_of(cls, rects: "Iterable[Rect]") -> "Rect | None":
        """The smallest rectangle that holds all of `rects`."""
        known = list(rects)
        if not known:
            return None
        return cls(
            min(r.x0 for r in known), min(r.y0 for r in known), max(r.x1 for r in known), max(r.y1 for r in known)
        )

    @property
    def width(self) -> int:
        return max(0, self.x1 - self.x0)

    @property
    def height(self) -> int:
        return max(0, self.y1 - self.y0)

    @property
    def is_empty(self) -> bool:
        return self.width == 0 or self.height == 0

    @property
    def slices(self) -> tuple[slice, slice]:
        """Rows and columns, to index an array."""
        return slice(self.y0, self.y1), slice(self.x0, self.x1)

    def clipped(self, shape: tuple[int, ...]) -> "Rect":
        """The part inside an array of shape (H, W, …)."""
        height, width = shape[:2]
        x0, y0 = min(max(self.x0, 0), width), min(max(self.y0, 0), height)
        return Rect(x0, y0, max(x0, min(self.x1, width)), max(y0, min(self.y1, height)))

    def grown(self, by_px: int) -> "Rect":
        return Rect(self.x0 - by_px, self.y0 - by_px, self.x1 + by_px, self.y1 + by_px)


def is_any_of(labels: NDArray[np.uint8], wanted: Iterable[int]) -> Inside:
    """True where one of the `wanted` (0…255) stands; other threads go on meanwhile, as they don't with an index."""
    table = np.zeros(256, np.uint8)
    table[list(wanted)] = True
    if not labels.size:
        return np.zeros(labels.shape, bool)
    return np.asarray(cv2.LUT(np.ascontiguousarray(labels), table)).reshape(labels.shape).view(bool)


def check_image(image: Image) -> None:
    """Raise ValueError unless `image` is H×W×3 uint8."""
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        raise ValueError(f"an image is H×W×3 uint8, not {image.shape} {image.dtype}")


def check_mask(mask: Mask, shape: tuple[int, ...] | None = None) -> None:
    """Raise ValueError unless `mask` is H×W uint8 (of `shape`, where given)."""
    if mask.dtype != np.uint8 or mask.ndim != 2:
        raise ValueError(f"a mask is H×W uint8, not {mask.shape} {mask.dtype}")
    if shape is not None and mask.shape != shape[:2]:
        raise ValueError(f"a mask of {mask.shape} does not fit an image of {shape[:2]}")
