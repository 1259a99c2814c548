"""How a training from a data set goes, in numbers, which were chosen on parts of training sets kept aside."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from fcn_gui.core.checkpoint import Checkpoint
from fcn_gui.core.label_map import LabelMap
from fcn_gui.learn.loss import Sampling
from fcn_gui.net.preset import NATIVE

_PATCHES_LIE_ON_PX = 16


@dataclass(frozen=True)
class Recipe:
    """Rates are relative: the rms of a channel's weights times the rate is what a step moves them by, at most."""

    rate: float
    """Of weights that came with the start."""
    new_rate: float
    """Of score layers that start from zero, where 1 is the rms of a trained score layer."""
    crop_px: int = 257
    batch: int = 4
    smallest: float = 0.6
    largest: float = 1.5
    """Scales of a crop, where 1 is the preset's working long side; drawn evenly in their logarithm."""
    distillation: float = 0.0
    """Share of the loss that asks for what the start says (over scales and mirror images), 0…1."""
    teacher_away_px: float = 0.0
    """What the start says counts less towards borders of the truth, where it is blurred: 1 − exp(−d² / 2σ²)."""
    edge_gain: float = 0.0
    """A pixel at a border counts 1 + this much (falling off with `edge_sigma_px`)."""
    edge_sigma_px: float = 4.0
    overlap: float = 0.0
    """Share of the loss on the truth that stands for the mean IU (Lovász) instead of each pixel, 0…1."""
    balance: float = 0.0
    """Classes count (mean frequency / frequency) to this power, clipped to ¼…4; 0 = all pixels alike."""
    is_balanced_by_draws: bool = False
    """That much more often kept by the sampling, in the place of that much heavier."""
    sampling: Sampling = Sampling.CELL
    """What is kept or dropped as one; patches are squares of `kept` of a crop, cut out, of which all is kept."""
    kept: float = 1.0
    """Share of the terms of the loss that a step looks at, from 1 / `kept` as many images; above 0, 1 = all of them."""
    averaging: float = 0.995
    """The result is a running mean of the weights with this memory per step."""
    epochs: float = 6.0
    """How long, where nobody says; an epoch sees as many crops as there are images."""
    kept_share: float = 0.1
    """Share of the training images that no loss sees, to choose the best epoch by."""
    sides: tuple[int, ...] = ()
    """Working long sides to choose from at the end, by the kept images; none: as the start's preset has it."""
    start_share: float = 0.0
    """The result is moved this far back towards the start (Wortsman et al. 2022), 0…1."""

    @property
    def images(self) -> int:
        """Crops of a step: so many that as many terms are kept as `batch` whole crops have."""
        return max(1, round(self.batch / self.kept))

    @property
    def side_px(self) -> int:
        """Of a crop as the network sees it: `crop_px`, or that of a patch, 16n + 1."""
        if self.sampling is not Sampling.PATCH or self.kept == 1:
            return self.crop_px
        steps = round(math.sqrt(self.kept) * (self.crop_px - 1) / _PATCHES_LIE_ON_PX)
        return max(1, steps) * _PATCHES_LIE_ON_PX + 1


SAME_CLASSES = Recipe(
    rate=3e-5,
    new_rate=7e-4,
    crop_px=449,
    smallest=0.6,
    largest=1.56,
    distillation=0.5,
    teacher_away_px=8.0,
    overlap=0.5,
    averaging=0.99,
    epochs=3,
    kept_share=0.0,
)
"""The start is good and the set is small: short steps, and half of the loss minds what it knows."""

OWN_CLASSES = Recipe(
    rate=2.5e-3,
    new_rate=2e-2,
    crop_px=385,
    batch=3,
    smallest=0.8,
    largest=1.44,
    overlap=0.5,
    averaging=0.99,
    epochs=12,
    sides=(513, 641, 769),
)
"""Score rows from zero: the trunk has to bend to them."""


@dataclass(frozen=True)
class HeavyRecipe:
    """The published learning of an FCN in stages (`heavy`): rates are absolute, of a loss summed over pixels."""

    rates: tuple[float, ...] = (1e-10, 1e-12, 1e-14)
    """Of the coarsest network, of the next finer one, and so on; the last one is that of all that follow."""
    images: int = 100_000
    """How many images each of them looks at, where nobody says how long."""
    momentum: float = 0.99
    decay: float = 5e-4
    batch: int = 1
    """Images to a step, whose losses are averaged; several processes have at least one each."""
    long_side: int = NATIVE
    """Working long side in pixels that images are learned and then predicted at."""
    is_look_fixed: bool = False
    """What the trunk's `look` makes (of VGG16: conv1 to conv4) stays, and is worked out once for each image."""
    is_mirrored: bool = False
    """Half of the images come as their mirror images."""
    new_rate: float = 0.0
    """Of score layers that start from zero. Above 0 all rates are relative, as those of a `Recipe`, and fall in each
    stage, each labelled pixel of a batch counts alike, and the loss is their mean."""


HEAVY_SMALL = HeavyRecipe(
    rates=(5e-3, 3.5e-3, 2.5e-3),
    images=3000,
    batch=4,
    long_side=257,
    is_look_fixed=True,
    is_mirrored=True,
    new_rate=2e-2,
)
"""The same stages on a processor, in minutes: for fully connected layers that start at random."""

RECIPES: Mapping[str, Recipe | HeavyRecipe] = {
    "same-classes": SAME_CLASSES,
    "own-classes": OWN_CLASSES,
    "heavy": HeavyRecipe(),
    "heavy-small": HEAVY_SMALL,
}
"""By the names that the command line has for them."""


def recipe_for(start: Checkpoint, label_map: LabelMap) -> Recipe:
    """The recipe for a label map, by whether the start knows most of its classes."""
    known = sum(start.label_map.index(name) is not None for name in label_map.names)
    return SAME_CLASSES if known > len(label_map) / 2 else OWN_CLASSES
