"""Which terms of a training's loss are kept for a step (Long et al. 2015, §4.3), and how often for each class.

The mask lies between the scores and the loss, so a dropped term costs what a kept one does; what it buys is a step over
terms of more images. Patches are the other way: they are cut out, and the network sees nothing around them.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fcn_gui.core.raster import VOID
from fcn_gui.learn.lessons import EVERY, Batch
from fcn_gui.learn.loss import Sampling, cells_of, draw_kept
from fcn_gui.learn.recipe import Recipe


class LossSampler:
    """Draws afresh for each batch; the same for the same seed."""

    def __init__(self, recipe: Recipe, stride_px: int, often: NDArray[np.float32], seed: int) -> None:
        """`stride_px` is the network's coarsest; `often` K: how often a class is kept for once that the average is."""
        self._recipe, self._stride = recipe, stride_px // EVERY
        self._often = torch.ones(VOID + 1)
        self._often[: len(often)] = torch.from_numpy(often)
        self._generator = torch.Generator().manual_seed(seed)

    def sampled(self, batch: Batch) -> Batch:
        """The batch with weight 0 where a term is dropped, for the truth and for the teacher alike."""
        recipe = self._recipe
        if recipe.kept == 1 or recipe.sampling is Sampling.PATCH:
            return batch
        shape = tuple(batch.truth.shape)
        kept = draw_kept(shape, self._probability(batch.truth), self._generator, recipe.sampling, self._stride)
        return replace(batch, weights=batch.weights * kept, inside=batch.inside * kept)

    def _probability(self, truth: Tensor) -> Tensor:
        """N×n×n: of each pixel by its class; of a cell the mean over its pixels."""
        each = (self._recipe.kept * self._often[truth]).clamp(max=1)
        return each if self._recipe.sampling is Sampling.PIXEL else cell_means(each, self._stride)


def cell_means(values: Tensor, stride: int) -> Tensor:
    """N×H×W: at each pixel the mean over its cell (as `draw_kept` has them)."""
    for dim in (1, 2):
        cells = cells_of(values.shape[dim], stride)
        sizes = torch.bincount(cells)
        shape = [1, 1, 1]
        shape[dim] = -1
        sums = torch.zeros_like(values.narrow(dim, 0, len(sizes))).index_add_(dim, cells, values)
        values = (sums / sizes.view(shape)).index_select(dim, cells)
    return values


def often_of(counts: NDArray[np.int64], balance: NDArray[np.float32]) -> NDArray[np.float32]:
    """K: `balance` scaled so that its mean over all pixels (`counts` of each class) is 1: the kept share stays."""
    total = float((counts * balance).sum())
    return balance * np.float32(counts.sum() / total) if total > 0 else np.ones_like(balance)
