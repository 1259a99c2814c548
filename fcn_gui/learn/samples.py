"""Corrected images as samples to learn from: crops around corrections, mirrored, scaled, in another light.

The weight of a pixel is computed at the size of its image (`core/loss_weights`) and goes through the same crop, flip
and scale as the image, nearest like the labels. All images are read once, to balance their classes, and kept within a
bound; what is beyond it is read again when it is drawn.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fcn_gui.core.errors import LearningError
from fcn_gui.core.loss_weights import EDGE_GAIN, EDGE_SIGMA_PX, EMPHASIS, balance, class_mass, edge, provenance
from fcn_gui.core.progress import Job, Progress
from fcn_gui.core.raster import UNVOUCHED, VOID, Image, Mask, Vouch, check_image
from fcn_gui.learn.crops import Window, cut
from fcn_gui.net.preset import Preset, working_size

SCALES = (0.7, 1.4)
MOST_BYTES = 384 << 20
_CENTRES = 1024


class Corrected(Protocol):
    """One image with vouched pixels; `read` gives image, mask and vouch map of one size."""

    @property
    def key(self) -> str: ...

    @property
    def read(self) -> Callable[[], tuple[Image, Mask, Vouch]]: ...


@dataclass(frozen=True)
class WeightSettings:
    """What a person may set of the loss (see `core/loss_weights`)."""

    emphasis: float = EMPHASIS
    edge_gain: float = EDGE_GAIN
    edge_sigma_px: float = EDGE_SIGMA_PX
    sampling_q: float = 1.0

    @classmethod
    def of(cls, settings: Mapping[str, float]) -> WeightSettings:
        """From rows `learn.…`; what is not set has its default."""
        return cls(
            settings.get("learn.correction_emphasis", EMPHASIS),
            settings.get("learn.edge_gain", EDGE_GAIN),
            settings.get("learn.edge_sigma_px", EDGE_SIGMA_PX),
            settings.get("learn.sampling_q", 1.0),
        )


@dataclass(frozen=True)
class Correction:
    """An image and what was said of it. `labels` is 255 where nothing counts, `factor` is provenance · edge there."""

    image: Image
    labels: Mask
    factor: NDArray[np.float32]
    free: NDArray[np.uint8]
    """1 where nobody vouched, so that the network is only held to what it said before."""
    mass: NDArray[np.float64]
    centres: NDArray[np.int64]
    """Rows and columns of up to 1024 pixels, drawn by class and factor: where crops are cut."""

    @property
    def size_bytes(self) -> int:
        return self.image.nbytes + self.labels.nbytes + self.factor.nbytes + self.free.nbytes


@dataclass(frozen=True)
class Batch:
    """`x` N×3×S×S as the trunk reads it, `labels` N×S×S uint8, `weights` N×S×S = p · e · b, `free` N×S×S 0 or 1."""

    x: Tensor
    labels: Tensor
    weights: Tensor
    free: Tensor

    def part(self, first: int, count: int) -> Batch:
        """A micro-batch."""
        where = slice(first, first + count)
        return Batch(self.x[where], self.labels[where], self.weights[where], self.free[where])


def read_correction(corrected: Corrected, classes: int, settings: WeightSettings, most_px: int) -> Correction:
    """Read one image; its weights are made at its own size, then all is scaled down to a long side of `most_px`.

    Raises LearningError for maps that do not fit the image or hold a class that is none of `classes`.
    """
    image, mask, vouch = corrected.read()
    check_image(image)
    if mask.shape != image.shape[:2] or vouch.shape != mask.shape:
        raise LearningError(f"{corrected.key}: image, mask and vouch map differ in size; open it and save it again.")
    p = provenance(mask, vouch, settings.emphasis)
    try:
        mass = class_mass(mask, p, classes)
    except ValueError as error:
        raise LearningError(f"{corrected.key}: {error}; add the class or paint over it.") from error
    factor = p * edge(mask, vouch, settings.edge_gain, settings.edge_sigma_px)
    labels = np.where(p > 0, mask, np.uint8(VOID))
    free = (vouch == UNVOUCHED).astype(np.uint8)
    image, labels, factor, free = _within(most_px, image, labels, factor, free)
    rng = np.random.default_rng(image.size)
    return Correction(image, labels, factor, free, mass, _centres(labels, factor, rng))


def _within(most_px: int, image: Image, *maps: NDArray) -> tuple[NDArray, ...]:
    height, width = image.shape[:2]
    if max(height, width) <= most_px:
        return (np.ascontiguousarray(image), *maps)
    ratio = most_px / max(height, width)
    size = max(1, round(width * ratio)), max(1, round(height * ratio))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    return (small, *(cv2.resize(each, size, interpolation=cv2.INTER_NEAREST_EXACT) for each in maps))


def _centres(labels: Mask, factor: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.int64]:
    """As many pixels of each class that is there, those with a high factor more often."""
    counted = np.flatnonzero(factor)
    if not counted.size:
        return np.zeros((0, 2), np.int64)
    of_class = np.bincount(labels.ravel()[counted], factor.ravel()[counted], VOID)
    chance = factor.ravel()[counted] / of_class[labels.ravel()[counted]]
    drawn = counted[np.searchsorted(np.cumsum(chance), rng.random(_CENTRES) * chance.sum()).clip(max=counted.size - 1)]
    return np.stack(np.divmod(drawn, labels.shape[1]), 1)


class Corrections:
    """All corrected images of a fine-tune, each as often as the others; at most `most_bytes` of them in memory."""

    def __init__(
        self, images: Sequence[Corrected], classes: int, settings: WeightSettings, preset: Preset, most_bytes: int
    ) -> None:
        self._images = list(images)
        self._classes = classes
        self._settings = settings
        self.preset = preset
        self._most_px = math.ceil(1.5 * preset.longest_px)
        self._most_bytes = most_bytes
        self._kept: OrderedDict[int, Correction] = OrderedDict()
        self.balance: NDArray[np.float32] = np.zeros(classes, np.float32)
        self.mass: NDArray[np.float64] = np.zeros(classes)
        self._useful: list[int] = []
        self._remembered: list[Correction] = []

    def __len__(self) -> int:
        """How many images have something to learn from."""
        return len(self._useful)

    def read_all(self) -> Job[None]:
        """Read every image once and balance the classes over all of them. LearningError where nothing is vouched."""
        masses = []
        for index, corrected in enumerate(self._images):
            correction = self.get(index)
            masses.append(correction.mass)
            if len(correction.centres):
                self._useful.append(index)
            yield Progress(text=f"Reading {corrected.key}")
        self.mass = np.sum(masses, axis=0) if masses else self.mass
        self.balance = balance([self.mass])
        if not self._useful:
            raise LearningError("No pixel is vouched for a class yet: correct or verify an image first.")

    def get(self, index: int) -> Correction:
        """The image of that place in the list."""
        if index >= len(self._images):
            return self._remembered[index - len(self._images)]
        if index in self._kept:
            self._kept.move_to_end(index)
            return self._kept[index]
        correction = read_correction(self._images[index], self._classes, self._settings, self._most_px)
        self._kept[index] = correction
        while len(self._kept) > 1 and sum(each.size_bytes for each in self._kept.values()) > self._most_bytes:
            self._kept.popitem(last=False)
        return correction

    def remember(self, image: Image) -> None:
        """One more image, of which nobody said anything: `remembered` gives its place in the list."""
        shape = image.shape[:2]
        nothing, free = np.full(shape, VOID, np.uint8), np.ones(shape, np.uint8)
        image, nothing, free = _within(self._most_px, image, nothing, free)
        anywhere = np.random.default_rng(image.size).integers(0, free.shape, (_CENTRES, 2))
        factor = np.zeros(free.shape, np.float32)
        self._remembered.append(Correction(image, nothing, factor, free, np.zeros(self._classes), anywhere))

    @property
    def remembered(self) -> list[int]:
        """Places of the images that `remember` was given."""
        return [len(self._images) + number for number in range(len(self._remembered))]

    def order(self, rng: np.random.Generator) -> list[int]:
        """The images that can be learned from, shuffled: a round through all of them."""
        return [self._useful[i] for i in rng.permutation(len(self._useful))]

    def cut(self, windows: Sequence[tuple[int, Window]], rng: np.random.Generator | None) -> Batch:
        """One sample a window, of the image of that index; with `rng` each in another light."""
        cuts = [self._cut(self.get(index), window, rng) for index, window in windows]
        x, labels, weights, free = (torch.stack(parts) for parts in zip(*cuts, strict=True))
        return Batch(x, labels, weights, free)

    def _cut(
        self, correction: Correction, window: Window, rng: np.random.Generator | None
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        crop = cut(correction.image, correction.labels, window, self.preset, rng)
        to_image, side = window.to_image(correction.labels.shape), (window.side_px, window.side_px)
        factor = cv2.warpAffine(correction.factor, to_image, side, flags=_NEAREST, borderValue=0)
        free = cv2.warpAffine(correction.free, to_image, side, flags=_NEAREST, borderValue=0)
        of_label = np.zeros(VOID + 1, np.float32)
        of_label[: len(self.balance)] = self.balance
        weights = torch.from_numpy(np.asarray(factor, np.float32) * of_label[crop.truth])
        return crop.x, torch.from_numpy(crop.truth), weights, torch.from_numpy(np.asarray(free))


_NEAREST = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP


def draw_window(correction: Correction, preset: Preset, side_px: int, rng: np.random.Generator) -> Window:
    """A window around one of the corrections of an image, at a scale of 0.7…1.4, mirrored or not."""
    shape = correction.labels.shape
    scale = math.exp(rng.uniform(*np.log(SCALES)))
    height, width = (max(1, round(length * scale)) for length in working_size(preset, shape))
    row, col = correction.centres[rng.integers(len(correction.centres))]
    y0 = _start((row + 0.5) / shape[0] * height, height, side_px, rng)
    x0 = _start((col + 0.5) / shape[1] * width, width, side_px, rng)
    return Window((height, width), y0, x0, side_px, bool(rng.random() < 0.5))


def _start(centre: float, length: int, side_px: int, rng: np.random.Generator) -> int:
    """Where a window begins so that `centre` is inside it, and as much of the image as there is."""
    start = round(centre - rng.uniform(0.15, 0.85) * side_px)
    return min(max(start, min(0, length - side_px)), max(0, length - side_px))
