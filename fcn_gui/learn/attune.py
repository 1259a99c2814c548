"""Score layers attuned to one image: what the network is sure of there teaches it the rest of that image.

Self-training on the very image that is looked at: its sure pixels are drawn class by class and the score rows solved on
them, held to where they were. Of what was tried to make first looks cheaper this brought most
(docs/decisions/attuned-scores.md).
"""

from __future__ import annotations

import numpy as np
import torch

from fcn_gui.core.scores import ScoreGrid
from fcn_gui.learn.features import Features, features_at, grid_of
from fcn_gui.learn.refit_samples import ImageSamples, draw
from fcn_gui.learn.refit_solver import PAINTING_PASSES, Hold, solutions
from fcn_gui.learn.samples import WeightSettings
from fcn_gui.learn.score_rows import ScoreRows
from fcn_gui.net.fcn import FCN
from fcn_gui.net.preset import Preset

SURE = 0.7
"""The least probability of a label that teaches."""
HOLD = Hold(taught=0.1)
MOST_PIXELS = 2000
SIDE_PX = 192
"""Of the small copy of the prediction on which is looked for sure pixels: about what the scores themselves have."""


def attuned(grid: ScoreGrid, features: Features, rows: ScoreRows, network: FCN, preset: Preset) -> ScoreGrid | None:
    """The scores of an image after `rows`, which gave `grid` on its `features`, learned from what they are sure of.

    None where that is fewer than two classes. `rows` stay as they are.
    """
    height, width = features.shape
    scale = min(1.0, SIDE_PX / max(height, width))
    small = max(1, round(height * scale)), max(1, round(width * scale))
    odds = grid.at_size(small).probabilities()
    labels, is_sure = odds.argmax(0).astype(np.uint8), odds.max(0) > SURE
    sure = draw(labels, is_sure.astype(np.uint8), network.classes, WeightSettings(), MOST_PIXELS)
    if np.count_nonzero(sure.counts) < 2:
        return None
    down, across = np.divmod(sure.pixels, small[1])
    pixels = (down * 2 + 1) * height // (2 * small[0]) * width + (across * 2 + 1) * width // (2 * small[1])
    read = features_at(features, pixels, network, preset)
    samples = ImageSamples("", "", sure, read, torch.addmm(rows.bias, read, rows.weights.T))
    learned = rows
    for found in solutions([samples], rows, None, HOLD, PAINTING_PASSES):
        learned = found.rows
    return grid_of(features, learned, network, preset)
