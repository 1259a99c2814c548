"""From what a network says to a mask that is cheap to correct: edges where the image has them, no crumbs.

Probabilities are smoothed by a guided filter (He, Sun & Tang 2013): within a window the answer is a linear function of
the image's grey value, so its borders move to those of the image. Then regions too small for anybody to have painted
take the label around them.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fcn_gui.core.raster import Image, Mask
from fcn_gui.core.scores import ScoreGrid

Plane = NDArray[np.float32]

LEAST_PROBABILITY = 0.05
"""A class that is nowhere likelier than this is not looked at."""
EDGE_EPSILON = 1e-3
"""Of the guided filter, for grey values 0…1: smaller keeps fainter edges."""


@dataclass(frozen=True)
class Cleanup:
    """`radius_px` of the guided filter's window (0: none); regions under `least_share` of the image are merged away.

    `is_blank`: class 0 everywhere, whatever the network says.
    """

    radius_px: int = 0
    least_share: float = 0.0
    is_blank: bool = False

    @property
    def name(self) -> str:
        """Short, for settings, receipts and figures."""
        if self.is_blank:
            return "blank"
        edges = f"edges {self.radius_px}" if self.radius_px else "raw"
        return f"{edges}, {100 * self.least_share:g} %" if self.least_share else edges


BLANK, RAW = Cleanup(is_blank=True), Cleanup()


def cleaned(grid: ScoreGrid, image: Image, way: Cleanup) -> Mask:
    """H×W uint8 labels of `grid` over its `image` (H×W×3), cleaned up in this `way`."""
    if way.is_blank:
        return np.zeros(grid.shape, np.uint8)
    labels = sharpened(grid, image, way.radius_px) if way.radius_px else grid.labels()
    least_px = round(way.least_share * labels.size)
    return without_crumbs(labels, least_px) if least_px > 1 else labels


def sharpened(grid: ScoreGrid, image: Image, radius_px: int) -> Mask:
    """H×W uint8: the class whose probability is highest after a guided filter with windows of 2·radius + 1 pixels."""
    guide = Guide(image, radius_px)
    best = np.full(grid.shape, -1.0, np.float32)
    labels = np.zeros(grid.shape, np.uint8)
    for label, plane in _likely_planes(grid):
        smooth = guide.filtered(plane)
        is_better = smooth > best
        best[is_better] = smooth[is_better]
        labels[is_better] = label
    return labels


class Guide:
    """A guided filter by the grey values of one image."""

    def __init__(self, image: Image, radius_px: int) -> None:
        self._size = (2 * radius_px + 1,) * 2
        self._grey: Plane = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.float32) / np.float32(255)
        self._mean = self._box(self._grey)
        self._variance = self._box(self._grey * self._grey) - self._mean * self._mean

    def filtered(self, plane: Plane) -> Plane:
        """H×W float32 → H×W float32."""
        mean = self._box(plane)
        slope = (self._box(self._grey * plane) - self._mean * mean) / (self._variance + np.float32(EDGE_EPSILON))
        level = mean - slope * self._mean
        out: Plane = self._box(slope) * self._grey + self._box(level)
        return out

    def _box(self, plane: NDArray[np.floating]) -> Plane:
        return np.asarray(cv2.blur(plane, self._size, borderType=cv2.BORDER_REFLECT), np.float32)


def without_crumbs(labels: Mask, least_px: int) -> Mask:
    """Regions (8-connected) under `least_px` pixels take the commonest label around them, smallest first."""
    out = labels.copy()
    for _, inside, rect in sorted(_small_regions(labels, least_px), key=lambda found: found[0]):
        around = cv2.dilate(inside, np.ones((3, 3), np.uint8)).astype(bool) & ~inside.astype(bool)
        beside = out[rect][around]
        if beside.size:
            out[rect][inside.astype(bool)] = np.bincount(beside).argmax()
    return out


def _small_regions(labels: Mask, least_px: int) -> Iterator[tuple[int, NDArray[np.uint8], tuple[slice, slice]]]:
    """(pixels, inside, rectangle) of each small region; the rectangle has a margin of one pixel where there is one."""
    height, width = labels.shape
    for label in np.unique(labels):
        count, numbers, facts, _ = cv2.connectedComponentsWithStats((labels == label).astype(np.uint8), connectivity=8)
        for number in range(1, count):
            x, y, w, h, size = (int(value) for value in facts[number])
            if size < least_px:
                rect = slice(max(0, y - 1), min(height, y + h + 1)), slice(max(0, x - 1), min(width, x + w + 1))
                yield size, (numbers[rect] == number).astype(np.uint8), rect


def _likely_planes(grid: ScoreGrid) -> Iterator[tuple[int, Plane]]:
    """Of each class that is likely somewhere, its H×W float32 probabilities."""
    values = grid.values.astype(np.float32)
    odds = np.exp(values - values.max(0))
    odds /= odds.sum(0)
    small = ScoreGrid(odds, grid.shape, grid.rows, grid.cols)
    for label in range(grid.classes):
        if odds[label].max() >= LEAST_PROBABILITY:
            part = ScoreGrid(odds[label : label + 1], small.shape, small.rows, small.cols)
            yield label, part.scores()[0]
