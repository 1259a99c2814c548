"""Corrected images for tests that learn from them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from fcn_gui.core.label_map import LabelMap
from fcn_gui.core.raster import Image, Mask, Vouch
from fcn_gui.core.refit import Refit
from tests.unit.learn.workshop import COLORS


@dataclass(frozen=True)
class Given:
    """An image with what a person said of it."""

    key: str
    image: Image
    mask: Mask
    vouch: Vouch
    name: str = ""
    version: str = ""
    digest: str = ""

    def read(self) -> tuple[Image, Mask, Vouch]:
        return self.image, self.mask, self.vouch


@dataclass(frozen=True)
class Asked:
    """A request to learn."""

    label_map: LabelMap
    images: Sequence[Given]
    watched: Sequence[Given] = ()
    steps: int = 0
    seed: int = 0
    settings: Mapping[str, float] = field(default_factory=dict)
    refit: Refit | None = None


def scene(seed: int, labels: Sequence[int] = (1, 2), shape: tuple[int, int] = (64, 96), vouched: bool = True) -> Given:
    """Rectangles in the colour of their class on grey, verified or untouched."""
    rng = np.random.default_rng(seed)
    mask = np.zeros(shape, np.uint8)
    for label in labels:
        y, x = rng.integers(0, shape[0] * 5 // 8), rng.integers(0, shape[1] * 5 // 8)
        mask[y : y + shape[0] * 3 // 8, x : x + shape[1] // 3] = label
    image = np.clip(np.array(COLORS)[mask] + rng.integers(-15, 16, (*shape, 3)), 0, 255).astype(np.uint8)
    return Given(f"scene {seed}", image, mask, np.full(shape, 1 if vouched else 0, np.uint8))
