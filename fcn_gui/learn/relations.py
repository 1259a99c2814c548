"""What a stroke and its surroundings have to do with each other: the maps that `net/completer.py` is shown.

Everything is said relative to the stroke: where it lies, what was said before, how alike colours and taps are to those
under it. Nothing depends on which classes there are or which trunk made the taps. The maps lie on the cells of a window
around the stroke (`core/surroundings.py`).
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fcn_gui.core.raster import UNVOUCHED, Image, Inside, is_any_of
from fcn_gui.core.surroundings import CELL_PX, Surroundings
from fcn_gui.learn.contrast import Contrast
from fcn_gui.learn.features import Features, features_at, grid_of
from fcn_gui.learn.score_rows import UNTAUGHT_SCORE, ScoreRows
from fcn_gui.net.fcn import FCN
from fcn_gui.net.preset import Preset

APART_PX = 16
"""So far from the stroke what nobody vouched for counts as something else, as it mostly is."""
FEWEST, MOST = 4, 400
"""Cells of the stroke's class, and of others, that are compared."""

Planes = NDArray[np.float32]


class Relations:
    """How the cells around a stroke of one image relate to it, and around what it grows into."""

    def __init__(self, features: Features, network: FCN, preset: Preset) -> None:
        self._features, self._network, self._preset = features, network, preset
        self._small: Image | None = None

    def maps(self, around: Surroundings) -> Planes | None:
        """17×h×w over `around.window`; None where there is too little to compare."""
        shown, vouch, stroke = (around.at_cells(each) for each in (around.shown, around.vouch, around.stroke))
        if not stroke.any():
            return None
        is_vouched, is_same = vouch != UNVOUCHED, shown == around.label
        away = cv2.distanceTransform((~stroke).view(np.uint8), cv2.DIST_L2, 3) * np.float32(CELL_PX)
        alike = _spread(is_vouched & is_same)
        other = _spread(~is_same & (is_vouched | (away > APART_PX)))
        if min(len(alike), len(other)) < FEWEST:
            return None
        half = max(2.0, CELL_PX * float(cv2.distanceTransform(np.pad(stroke, 1).view(np.uint8), cv2.DIST_L2, 3).max()))
        said = [
            stroke,
            is_vouched & is_same & ~stroke,
            is_vouched & ~is_same,
            ~is_vouched & is_same,
            ~is_same & is_any_of(shown, around.replaced),
            np.exp(-away / 16),
            np.minimum(away / half, 4) / 4,
        ]
        lab = self._lab(around)
        rows = self._rows(around.pixels_of(alike), around.pixels_of(other))
        grid = grid_of(self._features, rows, self._network, self._preset).at_size(around.size)
        alikeness = np.clip(grid.scores(around.window), -3, 3)
        seen = [*_colors(lab, stroke, alike, other), *alikeness, _held(around)]
        return np.stack([*said, *seen]).astype(np.float32)

    def _lab(self, around: Surroundings) -> Planes:
        """h×w×3 CIELAB of the window's cells."""
        if self._small is None:
            self._small = np.asarray(
                cv2.resize(around.image, around.size[::-1], interpolation=cv2.INTER_AREA), np.uint8
            )
        part = np.ascontiguousarray(self._small[around.window.slices], np.float32) / np.float32(255)
        return np.asarray(cv2.cvtColor(part, cv2.COLOR_RGB2LAB), np.float32)

    def _rows(self, alike: NDArray[np.int64], other: NDArray[np.int64]) -> ScoreRows:
        """Four rows over the taps: a class of what is `alike` against `other` (pixels), solved; and for strides up to
        4, of 8 and from 16 on how much nearer a point is to the mean of the one than to that of the other.
        """
        read = features_at(self._features, np.concatenate([alike, other]), self._network, self._preset)
        contrast = Contrast(read, len(alike))
        solved, offset = contrast.solved()
        weights, bias = [solved / 5], [offset / 5]
        deviation, scale = contrast.deviation, _scale(self._network)
        ours, theirs = (mean / deviation for mean in contrast.means())
        for band in (scale <= 4, scale == 8, scale >= 16):
            norm = 4 * max(1.0, float(band.sum())) ** 0.5
            weights.append(torch.where(band, 2 * (ours - theirs) / deviation, 0) / norm)
            bias.append(torch.where(band, theirs.square() - ours.square(), 0).sum() / norm)
        return ScoreRows(torch.stack(weights), torch.stack(bias))


def _spread(cells: NDArray[np.bool_]) -> NDArray[np.intp]:
    """At most `MOST` of these cells, evenly over them."""
    found = np.flatnonzero(cells)
    return found if len(found) <= MOST else found[np.arange(MOST) * len(found) // MOST]


def _colors(lab: Planes, stroke: Inside, alike: NDArray[np.intp], other: NDArray[np.intp]) -> list[Planes]:
    """How far each colour is from the stroke's (3), whether it is nearer to what is alike than to others, edges."""
    apart = np.clip((lab - lab[stroke].mean(0)) / 20, -3, 3)
    colors = lab.reshape(-1, 3)
    nearer = _least_square(colors, _typical(colors[other], 8)) - _least_square(colors, _typical(colors[alike], 5))
    steps = [cv2.Sobel(lab[..., 0], cv2.CV_32F, *way) / 64 for way in ((1, 0), (0, 1))]
    return [*apart.transpose(2, 0, 1), np.clip(nearer.reshape(stroke.shape) / 256, -2, 2), np.hypot(*steps).clip(0, 3)]


def _held(around: Surroundings) -> Planes:
    """How much rather the network held a cell to be of the stroke's class than of one that it replaced; 0 where it was
    never taught.
    """
    grid, labels = around.held, [around.label, *around.replaced]
    if grid is not None and max(labels) < grid.classes:
        some = replace(grid, values=grid.values[labels]).at_size(around.size).scores(around.window)
        ours, theirs = some[0], some[1:].max(0)
        if min(ours.max(), theirs.max()) > UNTAUGHT_SCORE / 2:
            return np.asarray(np.clip((ours - theirs) / 4, -3, 3))
    return np.zeros((around.window.height, around.window.width), np.float32)


def _typical(colors: Planes, most: int) -> Planes:
    """At most so many colours that stand for M×3 of them."""
    if len(colors) <= most:
        return colors
    cv2.setRNGSeed(1)
    stop = (cv2.TERM_CRITERIA_COUNT + cv2.TERM_CRITERIA_EPS, 8, 0.5)
    labels = np.zeros((len(colors), 1), np.int32)
    return np.asarray(cv2.kmeans(np.ascontiguousarray(colors), most, labels, stop, 1, cv2.KMEANS_PP_CENTERS)[2])


def _least_square(colors: Planes, typical: Planes) -> Planes:
    """Of N colours, the squared distance to the nearest of the typical ones."""
    ours, theirs = torch.from_numpy(colors), torch.from_numpy(typical)
    apart = torch.addmm(theirs.square().sum(1)[:, None], theirs, ours.T, alpha=-2)
    return np.asarray(apart.amin(0).add_(ours.square().sum(1)))


def _scale(network: FCN) -> Tensor:
    """D: the stride of each number of the taps side by side."""
    strides = [torch.full((network.trunk.taps[name].channels,), stride) for name, stride in network.stride_of.items()]
    return torch.cat(strides)
