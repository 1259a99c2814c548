"""Scores of one image, kept at the network's finest stride and brought up where somebody looks.

A photograph of 500×375 with 21 classes has 16 MB of scores at its own size and 4 MB at stride 2, so only the grid is
kept; a rectangle is interpolated on demand, with the same bilinear rule as the network's own last upsampling.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fcn_gui.core.raster import Mask, Rect

Scores = NDArray[np.float32]


@dataclass(frozen=True)
class Axis:
    """Where the pixels of one image axis lie on the grid: pixel i at `start + i·step`, clamped to the grid."""

    start: float
    step: float

    def resized(self, before: int, after: int) -> "Axis":
        """The axis of the image brought from `before` pixels to `after`: pixel centres keep their place."""
        factor = before / after
        return Axis(self.start + (factor - 1) / 2 * self.step, factor * self.step)


@dataclass(frozen=True)
class ScoreGrid:
    """`values` K×h×w (float32 or float16) on a grid; `shape` (H, W) of the image; `rows`, `cols` map pixels to it."""

    values: NDArray[np.floating]
    shape: tuple[int, int]
    rows: Axis
    cols: Axis

    @property
    def classes(self) -> int:
        return int(self.values.shape[0])

    def at_size(self, shape: tuple[int, int]) -> "ScoreGrid":
        """The same scores for the image at another size (H, W)."""
        rows, cols = (
            axis.resized(old, new) for axis, old, new in zip((self.rows, self.cols), self.shape, shape, strict=True)
        )
        return ScoreGrid(self.values, shape, rows, cols)

    def mirrored(self) -> "ScoreGrid":
        """The scores of the image's mirror image (left and right), turned back over the image."""
        last, first = self.values.shape[2] - 1, self.cols.start + (self.shape[1] - 1) * self.cols.step
        return ScoreGrid(self.values[:, :, ::-1], self.shape, self.rows, Axis(last - first, self.cols.step))

    def scores(self, rect: Rect | None = None) -> Scores:
        """K×h×w float32 scores at the pixels of `rect` (all of the image by default)."""
        rect = Rect.of(self.shape) if rect is None else rect.clipped(self.shape)
        if rect.is_empty:
            return np.zeros((self.classes, rect.height, rect.width), np.float32)
        low_r, high_r, part_r = _neighbours(self.rows, rect.y0, rect.y1, self.values.shape[1])
        low_c, high_c, part_c = _neighbours(self.cols, rect.x0, rect.x1, self.values.shape[2])
        # Columns first, of the few rows of the grid: to gather single values is slow, to gather whole rows is not.
        first, last = int(low_r.min()), int(high_r.max()) + 1
        window = self.values[:, first:last].astype(np.float32, copy=False)
        left, right = window.take(low_c, 2), window.take(high_c, 2)
        right -= left
        right *= part_c
        left += right
        top, bottom = left.take(low_r - first, 1), left.take(high_r - first, 1)
        bottom -= top
        bottom *= part_r[:, None]
        top += bottom
        out: Scores = top
        return out

    def labels(self, rect: Rect | None = None, rows_at_once: int = 256) -> Mask:
        """H×W uint8 argmax of the scores, in bands so that memory stays small."""
        rect = Rect.of(self.shape) if rect is None else rect.clipped(self.shape)
        out = np.zeros((rect.height, rect.width), np.uint8)
        for y in range(rect.y0, rect.y1, rows_at_once):
            band = Rect(rect.x0, y, rect.x1, min(y + rows_at_once, rect.y1))
            out[y - rect.y0 : band.y1 - rect.y0] = self.scores(band).argmax(0)
        return out

    def probabilities(self, rect: Rect | None = None) -> Scores:
        """K×h×w float32 softmax at the pixels of `rect`, each column summing to 1."""
        scores = self.scores(rect)
        np.exp(scores - scores.max(0, keepdims=True), out=scores)
        scores /= scores.sum(0, keepdims=True)
        return scores

    def heatmap(self, label: int, rect: Rect | None = None) -> Scores:
        """h×w float32 probability of one class, 0…1."""
        found: Scores = self.probabilities(rect)[label]
        return found

    def probabilities_of(self, rows: NDArray[np.intp], cols: NDArray[np.intp]) -> Scores:
        """N×K float32 probabilities of N pixels."""
        height, width = self.values.shape[1:]
        at_r = np.clip(self.rows.start + rows * self.rows.step, 0, height - 1)
        at_c = np.clip(self.cols.start + cols * self.cols.step, 0, width - 1)
        top, left = at_r.astype(np.intp), at_c.astype(np.intp)
        down, right = (at_r - top).astype(np.float32), (at_c - left).astype(np.float32)
        below, beside = np.where(top + 1 < height, width, 0), np.where(left + 1 < width, 1, 0)
        # To gather by one flat index is twice as fast as by two.
        flat, at = self.values.reshape(self.classes, -1), top * width + left
        scores: Scores = flat.take(at, 1).astype(np.float32, copy=False)
        scores *= (1 - down) * (1 - right)
        others = (beside, (1 - down) * right), (below, down * (1 - right)), (below + beside, down * right)
        for further, share in others:
            scores += flat.take(at + further, 1) * share
        scores -= scores.max(0)
        np.exp(scores, out=scores)
        scores /= scores.sum(0)
        return scores.T

    def probabilities_at(self, row: int, col: int) -> NDArray[np.float32]:
        """K float32 probabilities of one pixel."""
        found: NDArray[np.float32] = self.probabilities(Rect(col, row, col + 1, row + 1))[:, 0, 0]
        return found


def _neighbours(
    axis: Axis, first: int, last: int, size: int
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float32]]:
    """Indices of the two grid lines around pixels first … last−1, and how far each pixel is towards the second."""
    at = np.clip(axis.start + np.arange(first, last) * axis.step, 0, size - 1)
    low = np.floor(at).astype(np.intp)
    return low, np.minimum(low + 1, size - 1), (at - low).astype(np.float32)
