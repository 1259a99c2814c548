"""How far a step moves each channel of a network: by its own size, or for rows of zeros by that of a trained row."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from fcn_gui.learn.recipe import Recipe
from fcn_gui.learn.relative_adam import RelativeAdam, channel_scale
from fcn_gui.net.fcn import FCN

SCORE_RMS = 2.0
"""How large the scores of a trained layer are."""
_BIAS_SHARE = 0.1


def optimiser_for(network: FCN, x: Tensor, recipe: Recipe) -> RelativeAdam:
    """An optimiser of all parameters; `x` is a batch of images by which the taps are measured."""
    with torch.no_grad():
        taps = network.trunk(x)
    optimiser = RelativeAdam()
    for name, parameter in network.named_parameters():
        length = channel_scale(parameter) * recipe.rate
        layer = name.partition(".")[0]
        if layer in taps:
            size = row_size(taps[layer]) if parameter.dim() > 1 else SCORE_RMS * _BIAS_SHARE
            length = torch.where(new_rows(network, layer).view_as(length), recipe.new_rate * size, length)
        optimiser.add(parameter, length)
    return optimiser


def row_size(tap: Tensor) -> float:
    """The rms of the weights of a score row that makes scores of `SCORE_RMS` from this tap (N×C×h×w)."""
    return SCORE_RMS / (math.sqrt(tap.shape[1]) * float(tap.square().mean().sqrt()) + 1e-6)


def new_rows(network: FCN, layer: str) -> Tensor:
    """K bool: which rows of a score layer are still zero."""
    weight = network.get_submodule(layer).weight
    assert isinstance(weight, Tensor)
    return weight.detach().flatten(1).abs().sum(1) == 0
