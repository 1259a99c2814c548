"""From what a network says to a mask that is cheap to correct: coherent (`refinement`), and without crumbs.

Regions too small for anybody to have painted take the label around them.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fcn_gui.core.raster import Image, Mask
from fcn_gui.core.refinement import Refinement, coherent
from fcn_gui.core.regions import specks
from fcn_gui.core.scores import ScoreGrid

Plane = NDArray[np.float32]

_DOUBT_STEP = 2
"""Every second row and column of the grid is enough to know how sure the network is."""


@dataclass(frozen=True)
class Cleanup:
    """Regions under `least_share` of the image are merged away.

    `is_blank`: class 0 everywhere, whatever the network says. `refinement`: how scores are made to keep to the
    photograph. `most_doubt`: class 0 everywhere where the network itself doubts this much.
    `is_attuned`: made of scores that are attuned to this image, where those are known.
    """

    least_share: float = 0.0
    is_blank: bool = False
    refinement: Refinement = Refinement.OFF
    most_doubt: float = math.inf
    is_attuned: bool = False

    @property
    def name(self) -> str:
        """Short, for figures; how small a region is merged is no part of it, for that is found anew all the time."""
        if self.is_blank:
            return "blank"
        edges = "raw" if self.refinement is Refinement.OFF else f"field {self.refinement}"
        if self.is_attuned:
            edges = f"attuned, {edges}"
        return f"{edges}, merged" if self.least_share else edges


BLANK, RAW = Cleanup(is_blank=True), Cleanup()


def cleaned(grid: ScoreGrid, image: Image, way: Cleanup) -> Mask:
    """H×W uint8 labels of `grid` over its `image` (H×W×3), cleaned up in this `way`."""
    if starts_blank(grid, way):
        return np.zeros(grid.shape, np.uint8)
    if way.refinement is not Refinement.OFF:
        found = coherent(grid, image, way.refinement)
        labels = found.named(found.grid.labels())
    else:
        labels = grid.labels()
    most_px = round(way.least_share * labels.size) - 1
    return without_crumbs(labels, most_px) if most_px > 0 else labels


def starts_blank(grid: ScoreGrid, way: Cleanup) -> bool:
    """Whether a mask made of `grid` in this `way` is class 0 everywhere for what the network knows of the image."""
    return way.is_blank or (way.most_doubt < math.inf and doubt(grid) > way.most_doubt)


def doubt(grid: ScoreGrid) -> float:
    """How many pixels the network expects to get wrong, over those that it expects a mask of class 0 to: 0…1."""
    odds = _odds(grid.values[:, ::_DOUBT_STEP, ::_DOUBT_STEP])
    blank = float((1 - odds[0]).sum())
    return float((1 - odds.max(0)).sum()) / blank if blank > 0 else 0.0


def without_crumbs(labels: Mask, most_px: int) -> Mask:
    """Regions of at most `most_px` pixels take the label with which they have the longest border, smallest first."""
    out = labels.copy()
    for label, covered in specks(labels, most_px):
        out[covered.rect.slices][covered.inside] = label
    return out


def _odds(values: NDArray[np.floating]) -> Plane:
    """K×h×w scores → their softmax, float32."""
    scores = values.astype(np.float32)
    odds: Plane = np.exp(scores - scores.max(0))
    odds /= odds.sum(0)
    return odds
