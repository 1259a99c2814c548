"""Adam whose step is measured against the weights that it moves.

Folding batch norms into convolutions leaves channels whose weights differ in size by orders of magnitude. A step of one
absolute size is then far too long for some and nothing for others. Here each output channel has a scale of its own, the
rms of its weights at the start, and a step moves the channel by about `rate` times that scale. The second moment is one
number per channel (the mean over its weights), so weights that the loss hardly asks about stay where they are.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

_MOMENTUM, _MEMORY = 0.9, 0.99
_TINY = 1e-12
_LEAST_SHARE = 0.05
"""A channel counts as at least this share of its layer's median: folding leaves some that are all but zero."""
_LEAST_BIAS_SHARE = 0.2


@dataclass
class _Moved:
    parameter: nn.Parameter
    length: Tensor
    mean: Tensor = field(init=False)
    square: Tensor = field(init=False)

    def __post_init__(self) -> None:
        self.mean = torch.zeros_like(self.parameter)
        self.square = torch.zeros_like(self.length)


class RelativeAdam:
    """Moves each channel of its parameters by its own length, along a running mean of the gradients."""

    def __init__(self) -> None:
        self._moved: list[_Moved] = []
        self._steps = 0

    def add(self, parameter: nn.Parameter, length: Tensor) -> None:
        """`length` is what a step moves a channel by (rms): C×1×1×1 for a weight, C for a bias."""
        self._moved.append(_Moved(parameter, length))

    @torch.no_grad()
    def step(self, share: float = 1.0) -> None:
        """One step of `share` times the lengths, by the gradients that were gathered; they are cleared."""
        self._steps += 1
        for moved in self._moved:
            gradient = moved.parameter.grad
            if gradient is not None:
                self._move(moved, gradient, share)
                moved.parameter.grad = None

    def _move(self, moved: _Moved, gradient: Tensor, share: float) -> None:
        moved.mean.lerp_(gradient, 1 - _MOMENTUM)
        square = gradient.square()
        if gradient.dim() > 1:
            square = square.flatten(1).mean(1).view_as(moved.length)
        moved.square.lerp_(square, 1 - _MEMORY)
        size = (moved.square / (1 - _MEMORY**self._steps)).sqrt_().add_(_TINY)
        step = share / (1 - _MOMENTUM**self._steps)
        moved.parameter.sub_(moved.mean * (moved.length / size * step))


def channel_scale(parameter: Tensor) -> Tensor:
    """The rms of each output channel of a weight (C×1×1×1); the size of a bias (C), at least a fifth of the layer's."""
    values = parameter.detach()
    if values.dim() == 1:
        return values.abs().clamp(min=float(values.square().mean().sqrt()) * _LEAST_BIAS_SHARE + _TINY)
    size = values.flatten(1).square().mean(1).sqrt()
    size = size.clamp(min=float(size.median()) * _LEAST_SHARE + _TINY)
    return size.view(-1, *[1] * (values.dim() - 1))
