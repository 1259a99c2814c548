"""How far a step moves each channel of a network: by its own size, or for rows of zeros by that of a trained row."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor

from fcn_gui.learn.relative_adam import RelativeAdam, channel_scale
from fcn_gui.net.fcn import FCN

_WARM_UP_STEPS = 50
_LAST_SHARE = 0.05
SCORE_RMS = 2.0
"""How large the scores of a trained layer are."""
_BIAS_SHARE = 0.1


def optimiser_for(network: FCN, taps: Mapping[str, Tensor], rate: float, new_rate: float) -> RelativeAdam:
    """An optimiser of all parameters; rows of zeros go by `new_rate` and the size of `taps`, those of some images."""
    optimiser = RelativeAdam()
    for name, parameter in network.named_parameters():
        length = channel_scale(parameter) * rate
        layer = name.partition(".")[0]
        if layer in taps:
            size = row_size(taps[layer]) if parameter.dim() > 1 else SCORE_RMS * _BIAS_SHARE
            length = torch.where(new_rows(network, layer).view_as(length), new_rate * size, length)
        optimiser.add(parameter, length)
    return optimiser


def pace(steps: int, share_done: float) -> float:
    """The share of its length that a step is worth after `steps`: short at first, falling to 0.05 at the end."""
    warm = min(1.0, (steps + 1) / _WARM_UP_STEPS)
    return warm * (_LAST_SHARE + (1 - _LAST_SHARE) * (1 + math.cos(math.pi * share_done)) / 2)


def row_size(tap: Tensor) -> float:
    """The rms of the weights of a score row that makes scores of `SCORE_RMS` from this tap (N×C×h×w)."""
    return SCORE_RMS / (math.sqrt(tap.shape[1]) * float(tap.square().mean().sqrt()) + 1e-6)


def new_rows(network: FCN, layer: str) -> Tensor:
    """K bool: which rows of a score layer are still zero."""
    weight = network.get_submodule(layer).weight
    assert isinstance(weight, Tensor)
    return weight.detach().flatten(1).abs().sum(1) == 0
