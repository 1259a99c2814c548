"""Vouched pixels of corrected images with what the score layers read there: what a refit is solved on.

Of each image at most so many pixels are kept, as many of each class as far as there are; each counts provenance ·
edge · balance, times the pixels of its class and image that it stands for. The order is that of a fixed draw, so a
stroke changes only the pixels that it concerns, the others are not read again, and any first part of it holds the
classes alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fcn_gui.core.errors import LearningError
from fcn_gui.core.loss_weights import balance, class_mass, edge, provenance
from fcn_gui.core.raster import Mask, Vouch
from fcn_gui.learn.features import Features, features_at
from fcn_gui.learn.samples import WeightSettings
from fcn_gui.learn.score_rows import ScoreRows
from fcn_gui.net.fcn import FCN
from fcn_gui.net.preset import Preset

MOST_AN_IMAGE, MOST_IN_ALL = 4000, 6000
"""Pixels of a refit while somebody paints."""
MOST_THOROUGH = 40000
"""Pixels of one for images to come: with 6000 their first looks cost a quarter more (docs/decisions/the-refit.md)."""
UNSURE_PX = 2
"""So far from another label a verified mask may be wrong: it is as good as by hand, not as the truth."""

_GOLDEN, _LAST = np.uint32(2654435769), np.uint64(1 << 32)


@dataclass(frozen=True)
class VouchedPixels:
    """M pixels of one image: flat indices, labels, provenance · edge.

    Over all pixels of the image that count: `counts` K how many there are of each class, `mass` K their N_k.
    """

    pixels: NDArray[np.int64]
    labels: NDArray[np.int64]
    factor: NDArray[np.float32]
    counts: NDArray[np.int64]
    mass: NDArray[np.float64]

    def weights(self, balance: NDArray[np.float32]) -> NDArray[np.float32]:
        """M: provenance · edge · balance, times how many pixels of its class each stands for."""
        kept = np.bincount(self.labels, minlength=len(self.counts))
        stands_for = (self.counts / np.maximum(kept, 1)).astype(np.float32)
        found: NDArray[np.float32] = self.factor * (balance * stands_for)[self.labels]
        return found

    def first(self, count: int) -> VouchedPixels:
        """The first `count` of them, which stand for the others too."""
        return replace(self, pixels=self.pixels[:count], labels=self.labels[:count], factor=self.factor[:count])


@dataclass(frozen=True)
class ImageSamples:
    """Pixels of the image `key` as it was at `version`, and what is read there: `read` M×D, `before` M×K scores."""

    key: str
    version: str
    vouched: VouchedPixels
    read: Tensor
    before: Tensor

    @cached_property
    def sums(self) -> tuple[Tensor, Tensor]:
        """Of `read` and of its square over all pixels, D float64 each."""
        read = self.read.double()
        return read.sum(0), read.square().sum(0)

    def first(self, count: int) -> ImageSamples:
        """Those of the first `count` pixels; nothing is copied."""
        if count >= len(self.read):
            return self
        return replace(self, vouched=self.vouched.first(count), read=self.read[:count], before=self.before[:count])


def draw(mask: Mask, vouch: Vouch, classes: int, settings: WeightSettings, most: int = MOST_AN_IMAGE) -> VouchedPixels:
    """At most `most` pixels that count, class by class in turn. ValueError for a class that is none of `classes`.

    Those beside another label come last: a hand may be a pixel or two off there.
    """
    p = provenance(mask, vouch, settings.emphasis)
    mass = class_mass(mask, p, classes)
    counted = np.flatnonzero(p)
    labels = mask.ravel()[counted]
    counts = np.bincount(labels, minlength=classes)
    place = counted.astype(np.uint32) * _GOLDEN + _beside_another(mask).ravel()[counted] * _LAST
    pixels, ranks = [], []
    for label in np.flatnonzero(mass):
        is_of_class = labels == label
        of_class = _first(counted[is_of_class], place[is_of_class], most)
        pixels.append(of_class)
        ranks.append(np.arange(len(of_class)))
    if not pixels:
        return VouchedPixels(counted, counted, np.zeros(0, np.float32), counts, mass)
    order = np.argsort(np.concatenate(ranks), kind="stable")[:most]
    drawn = np.concatenate(pixels)[order]
    e = edge(mask, vouch, settings.edge_gain, settings.edge_sigma_px)
    return VouchedPixels(drawn, mask.ravel()[drawn].astype(np.int64), (p * e).ravel()[drawn], counts, mass)


def _beside_another(mask: Mask) -> NDArray[np.bool_]:
    """H×W: pixels with another label within `UNSURE_PX` of them, in a square."""
    square = np.ones((2 * UNSURE_PX + 1,) * 2, np.uint8)
    found: NDArray[np.bool_] = cv2.dilate(mask, square) != cv2.erode(mask, square)
    return found


def _first(pixels: NDArray[np.int64], place: NDArray[np.uint64], most: int) -> NDArray[np.int64]:
    """The `most` pixels of the lowest `place`, in that order: the fixed draw spreads them evenly over the image."""
    if len(pixels) > most:
        first = np.argpartition(place, most - 1)[:most]
        pixels, place = pixels[first], place[first]
    return pixels[np.argsort(place, kind="stable")]


class SampleStore:
    """The samples of all corrected images for one checkpoint and label map."""

    def __init__(self, network: FCN, preset: Preset) -> None:
        self._network, self._preset = network, preset
        self._rows = ScoreRows.of(network)
        self._images: dict[str, ImageSamples] = {}
        self._shares: dict[str, ImageSamples] = {}
        """As `of` gave them last: what is known of an image that stays as it is need not be found again."""

    def version(self, key: str) -> str | None:
        """Of which state of an image there are samples; None where there are none."""
        return self._images[key].version if key in self._images else None

    def put(self, key: str, version: str, vouched: VouchedPixels, features: Features) -> None:
        """Samples of an image as it is now; what was read there before is not read again."""
        before = self._images.get(key)
        width = self._rows.weights.shape[1]
        read = torch.empty(len(vouched.pixels), width)
        scores = torch.empty(len(vouched.pixels), len(self._rows.bias))
        is_new = np.ones(len(vouched.pixels), bool)
        if before is not None and len(before.vouched.pixels):
            at, is_new = _places(before.vouched.pixels, vouched.pixels)
            known = torch.from_numpy(~is_new)
            read[known], scores[known] = before.read[at], before.before[at]
        new = torch.from_numpy(is_new)
        read[new] = features_at(features, vouched.pixels[is_new], self._network, self._preset)
        scores[new] = torch.addmm(self._rows.bias, read[new], self._rows.weights.T)
        self._images[key] = ImageSamples(key, version, vouched, read, scores)

    @staticmethod
    def share(images: int, is_thorough: bool = False) -> int:
        """How many pixels each of so many images may have."""
        if is_thorough:
            return max(1, MOST_THOROUGH // max(1, images))
        return min(MOST_AN_IMAGE, max(1, MOST_IN_ALL // max(1, images)))

    def keep_only(self, keys: Sequence[str]) -> None:
        """Forget all other images, and what is far beyond the share of these."""
        share = self.share(len(keys), is_thorough=True)
        kept = {key: self._images[key] for key in keys if key in self._images}
        for key, each in kept.items():
            if len(each.read) > 2 * share:
                less = each.first(share)
                kept[key] = replace(less, read=less.read.clone(), before=less.before.clone())
        self._images = kept

    def samples(self, key: str) -> ImageSamples | None:
        """All that is kept of one image."""
        return self._images.get(key)

    def put_back(self, key: str, samples: ImageSamples | None) -> None:
        """One image as it was kept before; None: drop it."""
        self._images.pop(key, None)
        self._shares.pop(key, None)
        if samples is not None:
            self._images[key] = samples

    def of(self, keys: Sequence[str], is_thorough: bool = False) -> list[ImageSamples]:
        """The samples of these images, each cut to its share; those without any are left out."""
        share = self.share(len(keys), is_thorough)
        found = [self._cut(self._images[key], share) for key in keys if key in self._images]
        self._shares = {each.key: each for each in found}
        return [each for each in found if len(each.read)]

    def _cut(self, image: ImageSamples, share: int) -> ImageSamples:
        before, now = self._shares.get(image.key), image.first(share)
        return before if before is not None and _is_same_memory(before.read, now.read) else now

    @property
    def nbytes(self) -> int:
        """Memory of what was read."""
        return sum(4 * (each.read.numel() + each.before.numel()) for each in self._images.values())


def weights_of(images: Sequence[ImageSamples]) -> list[NDArray[np.float32]]:
    """The weights of the pixels of each image; the balance is that of all pixels of all of them.

    Raises LearningError where nothing counts.
    """
    of_class = balance([each.vouched.mass for each in images]) if images else np.zeros(0, np.float32)
    if not of_class.any():
        raise LearningError("No pixel is vouched for a class yet: correct or verify an image first.")
    return [each.vouched.weights(of_class) for each in images]


def _is_same_memory(one: Tensor, other: Tensor) -> bool:
    return one.data_ptr() == other.data_ptr() and one.shape == other.shape


def _places(known: NDArray[np.int64], wanted: NDArray[np.int64]) -> tuple[Tensor, NDArray[np.bool_]]:
    """Where those of `wanted` that are known stand in `known`, and which of `wanted` are not known."""
    order = np.argsort(known)
    at = np.searchsorted(known, wanted, sorter=order).clip(max=len(known) - 1)
    found = order[at]
    is_new = known[found] != wanted
    return torch.from_numpy(found[~is_new]), is_new
