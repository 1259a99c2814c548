"""Batches of training crops from the images of a data set, with their weights and what the teacher says of them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from fcn_gui.core.image_io import read_image
from fcn_gui.core.label_map import LabelMap
from fcn_gui.core.raster import Image, Mask
from fcn_gui.disk.dataset import DatasetItem, read_truth
from fcn_gui.learn.crops import cut, draw_window, sample_grid
from fcn_gui.learn.overlap import overlap_loss
from fcn_gui.learn.recipe import Recipe
from fcn_gui.learn.teacher import STRIDE, Teacher
from fcn_gui.net.preset import Preset, working_size
from fcn_gui.net.upsample import upsample

EVERY = 2
"""The loss looks at every second pixel of a crop: crops lie anywhere, so every pixel has its turn."""
_CACHE_BYTES = 1 << 30
_LEAST_BALANCE, _MOST_BALANCE = 0.25, 4.0


class Pictures:
    """Images and truths of a data set, the last ones read kept in memory up to `most_bytes`."""

    def __init__(self, label_map: LabelMap, most_bytes: int = _CACHE_BYTES) -> None:
        self._label_map = label_map
        self._most_bytes = most_bytes
        self._bytes = 0
        self._kept: OrderedDict[str, tuple[Image, Mask]] = OrderedDict()

    def read(self, item: DatasetItem) -> tuple[Image, Mask]:
        """H×W×3 RGB and H×W truth. Raises ImageError, MaskError."""
        if item.id not in self._kept:
            image = read_image(item.image_path).image
            self._kept[item.id] = image, read_truth(item, self._label_map, image.shape)
            self._bytes += image.nbytes * 4 // 3
        self._kept.move_to_end(item.id)
        while self._bytes > self._most_bytes and len(self._kept) > 1:
            _, (image, _) = self._kept.popitem(last=False)
            self._bytes -= image.nbytes * 4 // 3
        return self._kept[item.id]


@dataclass(frozen=True)
class Batch:
    """N crops of S×S pixels; on every second pixel (n×n): truth, its weight, the teacher's answer and its weight."""

    x: Tensor
    truth: Tensor
    weights: Tensor
    answers: Tensor | None
    inside: Tensor


class Lessons:
    """Draws batches without end, each image once before any comes twice; the same for the same `rng`."""

    def __init__(
        self,
        items: Sequence[DatasetItem],
        pictures: Pictures,
        preset: Preset,
        recipe: Recipe,
        balance: NDArray[np.float32],
        rng: np.random.Generator,
    ) -> None:
        self._items, self._pictures, self._preset, self._recipe = items, pictures, preset, recipe
        self._balance = np.concatenate([balance, np.zeros(256 - len(balance), np.float32)])
        self._rng = rng
        self._waiting: list[DatasetItem] = []

    def draw(self, teacher: Teacher | None) -> Batch:
        """The next batch of the recipe's images."""
        while len(self._waiting) < self._recipe.images:
            self._waiting += [self._items[index] for index in self._rng.permutation(len(self._items))]
        items = [self._waiting.pop(0) for _ in range(self._recipe.images)]
        lessons = [self._lesson(item, teacher) for item in items]
        columns = [[lesson[part] for lesson in lessons] for part in range(5)]
        x, truth, weights, inside = (torch.stack(column) for column in columns[:4])  # type: ignore[arg-type]
        answers = torch.stack(columns[4]) if teacher is not None else None  # type: ignore[arg-type]
        return Batch(x.contiguous(memory_format=torch.channels_last), truth, weights, answers, inside)

    def _lesson(self, item: DatasetItem, teacher: Teacher | None) -> tuple[Tensor | None, ...]:
        image, truth = self._pictures.read(item)
        window = draw_window(image.shape, self._preset, self._recipe, self._rng)
        crop = cut(image, truth, window, self._preset, self._rng)
        weights = self._balance[crop.truth] * (
            1 + self._recipe.edge_gain * nearness(crop.truth, self._recipe.edge_sigma_px)
        )
        trusted = crop.inside * (1 - nearness(crop.truth, self._recipe.teacher_away_px))
        answer = None
        if teacher is not None:
            working = working_size(self._preset, image.shape)
            answer = sample_grid(teacher.answer(item.id, image), window, working, STRIDE, EVERY)
        seen = (slice(None, None, EVERY),) * 2
        truth_seen = torch.from_numpy(crop.truth[seen].astype(np.int64))
        inside = torch.from_numpy(trusted[seen].astype(np.float32))
        return crop.x, truth_seen, torch.from_numpy(weights[seen].copy()), inside, answer


def nearness(truth: NDArray[np.uint8], sigma_px: float) -> NDArray[np.float32]:
    """exp(−d² / 2σ²), d in pixels from the nearest border between labels; 0 where there is none, or σ is 0."""
    apart = np.ones(truth.shape, np.uint8)
    apart[:, 1:] &= truth[:, 1:] == truth[:, :-1]
    apart[1:] &= truth[1:] == truth[:-1]
    if sigma_px == 0 or apart.all():
        return np.zeros(truth.shape, np.float32)
    distance = cv2.distanceTransform(apart, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return np.asarray(np.exp(-np.square(distance) / np.float32(2 * sigma_px**2)), np.float32)


def balance_of(counts: NDArray[np.int64], power: float) -> NDArray[np.float32]:
    """K weights (mean count / count) to `power`, ¼…4, from the pixels of each class; 1 for classes without any."""
    weights = np.ones(len(counts), np.float32)
    present = counts > 0
    if power > 0 and present.any():
        shares = counts[present].mean() / counts[present]
        weights[present] = np.clip(shares**power, _LEAST_BALANCE, _MOST_BALANCE)
    return weights


def loss_of(scores: Tensor, batch: Batch, recipe: Recipe) -> Tensor:
    """Weighted cross-entropy with the truth, mixed with that with the teacher by the recipe's `distillation`.

    `scores` N×K×h×w at the network's finest stride of the batch's crops.
    """
    factor = (batch.truth.shape[-1] - 1) // max(1, scores.shape[-1] - 1)
    said = upsample(scores, factor).log_softmax(1)
    safe = torch.where(batch.weights > 0, batch.truth, 0)
    surprise = functional.nll_loss(said, safe, reduction="none")
    loss = (surprise * batch.weights).sum() / batch.weights.sum().clamp(min=1)
    if recipe.overlap > 0:
        loss = (1 - recipe.overlap) * loss + recipe.overlap * overlap_loss(said, batch.truth, batch.weights > 0)
    if batch.answers is None:
        return loss
    other = (-(batch.answers * said).sum(1) * batch.inside).sum() / batch.inside.sum().clamp(min=1)
    return (1 - recipe.distillation) * loss + recipe.distillation * other
