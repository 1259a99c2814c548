"""Superpixels: small patches of alike colour that keep to the edges of the image (after SLIC, Achanta et al., 2012).

Each pixel goes to the nearest of the nine centres around its cell, by colour in CIELAB and by place. Centres are found
on a small version of the image; the last assignment is made at full size, in bands, so that edges are exact.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fcn_gui.core.raster import Image, check_image

Floats = NDArray[np.float32]
Labels = NDArray[np.int32]

ABOUT = 1200  # superpixels an image
LEAST_SIDE_PX = 6
ROUNDS = 5
COMPACTNESS = 10.0  # how many units of CIELAB one cell's width of distance is worth
_SMALL_SIDE_PX = 320
_BAND_PX = 1 << 17  # bands that stay in the processor's cache


@dataclass(frozen=True)
class _Cells:
    """A grid of `rows` × `cols` cells over an image; `height`, `width` of a cell in pixels."""

    rows: int
    cols: int
    height: float
    width: float

    @classmethod
    def over(cls, shape: tuple[int, ...], counts: tuple[int, int]) -> "_Cells":
        return cls(*counts, shape[0] / counts[0], shape[1] / counts[1])


def superpixels(image: Image) -> Labels:
    """H×W int32, about 1200 patches numbered from 0, each 4-connected but for few stray pixels.

    About 0.1 s for 500×375; it grows with the number of pixels.
    """
    check_image(image)
    height, width = image.shape[:2]
    side = max(LEAST_SIDE_PX, (height * width / ABOUT) ** 0.5)
    counts = (max(1, round(height / side)), max(1, round(width / side)))
    scale = min(1.0, _SMALL_SIDE_PX / max(height, width))
    small_size = (max(counts[1], round(width * scale)), max(counts[0], round(height * scale)))
    small = _lab(np.asarray(cv2.resize(image, small_size, interpolation=cv2.INTER_AREA), np.uint8))
    cells = _Cells.over(small.shape, counts)
    centres = _start(small, cells)
    for _ in range(ROUNDS):
        centres = _moved(small, _nearest(small, centres, cells, 0), centres)
    # Centres hold colour and place; places are brought to the full size.
    centres[:, 3] *= height / small.shape[0]
    centres[:, 4] *= width / small.shape[1]
    cells = _Cells.over(image.shape, counts)
    labels = np.empty((height, width), np.int32)
    band_rows = max(8, _BAND_PX // width)
    for top in range(0, height, band_rows):
        band = _lab(image[top : top + band_rows])
        labels[top : top + band_rows] = _nearest(band, centres, cells, top)
    return _connected(labels, cells)


def _lab(image: Image) -> Floats:
    return np.asarray(cv2.cvtColor(np.ascontiguousarray(image, np.float32) / 255, cv2.COLOR_RGB2LAB), np.float32)


def _start(lab: Floats, cells: _Cells) -> Floats:
    """N×5 centres (L, a, b, row, column): mean colour and middle of each cell."""
    means = cv2.resize(lab, (cells.cols, cells.rows), interpolation=cv2.INTER_AREA).reshape(-1, 3)
    rows, cols = np.mgrid[0 : cells.rows, 0 : cells.cols] + 0.5
    places = np.stack([rows.ravel() * cells.height, cols.ravel() * cells.width], 1)
    return np.concatenate([means, places], 1).astype(np.float32)


def _nearest(lab: Floats, centres: Floats, cells: _Cells, top: int) -> Labels:
    """h×w number of the nearest centre for rows top … of an image; `lab` is h×w×3 of these rows."""
    height, width = lab.shape[:2]
    y = np.arange(top, top + height, dtype=np.float32) + 0.5
    x = np.arange(width, dtype=np.float32) + 0.5
    cell_r = np.minimum((y / cells.height).astype(np.intp), cells.rows - 1)
    cell_c = np.minimum((x / cells.width).astype(np.intp), cells.cols - 1)
    weight = np.float32((COMPACTNESS**2 / (cells.height * cells.width)) ** 0.5)
    planes = [*(np.ascontiguousarray(lab[:, :, i]) for i in range(3)), weight * y[:, None], weight * x[None]]
    tables = [*centres.T[:3], weight * centres.T[3], weight * centres.T[4]]
    tables = [table.reshape(cells.rows, cells.cols) for table in tables]
    best, found = np.full((height, width), np.inf, np.float32), np.zeros((height, width), np.int32)
    for dr, dc in np.ndindex(3, 3):
        near_r = np.clip(cell_r + dr - 1, 0, cells.rows - 1)
        near_c = np.clip(cell_c + dc - 1, 0, cells.cols - 1)
        gap = np.zeros((height, width), np.float32)
        for plane, table in zip(planes, tables, strict=True):
            # Rows, then columns: two cheap copies where indexing both at once would gather pixel by pixel.
            step = table[near_r][:, near_c]
            step -= plane
            step *= step
            gap += step
        number = (near_r[:, None] * cells.cols + near_c[None]).astype(np.int32)
        np.copyto(found, number, where=gap < best)
        np.minimum(best, gap, out=best)
    return found


def _moved(lab: Floats, labels: Labels, centres: Floats) -> Floats:
    """Each centre in the mean of its pixels; one without any stays."""
    flat = labels.ravel()
    count = np.bincount(flat, minlength=len(centres)).astype(np.float32)
    rows, cols = np.indices(labels.shape, np.float32) + 0.5
    values = (*(lab[:, :, i] for i in range(3)), rows, cols)
    sums = [np.bincount(flat, weights=value.ravel(), minlength=len(centres)) for value in values]
    means = np.stack(sums, 1) / np.maximum(count, 1)[:, None]
    return np.where(count[:, None] > 0, means, centres).astype(np.float32)


def _connected(labels: Labels, cells: _Cells) -> Labels:
    """Numbered anew from 0: each connected part of a label is its own, parts under a quarter cell join what is next.

    Two patches of cells four apart can't touch, so sixteen binary images hold all patches.
    """
    least = max(1, int(cells.height * cells.width / 4))
    cell_r, cell_c = np.divmod(labels, cells.cols)
    group = (cell_r % 4) * 4 + cell_c % 4
    out = np.zeros(labels.shape, np.int32)  # 0: not yet anybody's
    taken = 0
    for number in range(16):
        count, parts, stats, _ = cv2.connectedComponentsWithStats((group == number).astype(np.uint8), connectivity=4)
        kept = stats[:, cv2.CC_STAT_AREA] >= least
        kept[0] = False
        new = np.zeros(count, np.int32)
        new[kept] = np.arange(taken + 1, taken + 1 + int(kept.sum()))
        taken += int(kept.sum())
        out += new[parts]
    if not taken:
        return np.zeros(labels.shape, np.int32)
    return _joined(out) - 1


def _joined(labels: Labels) -> Labels:
    """Pixels of label 0 get that of the nearest other pixel."""
    orphans = (labels == 0).astype(np.uint8)
    if not orphans.any():
        return labels
    _, nearest = cv2.distanceTransformWithLabels(orphans, cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL)
    of_pixel = np.zeros(int(nearest.max()) + 1, np.int32)
    known = orphans == 0
    of_pixel[nearest[known]] = labels[known]
    return np.asarray(of_pixel[nearest], np.int32)
