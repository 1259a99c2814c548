"""All score layers of a network as one matrix: a row a class, the taps side by side, and a bias for each tap."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from fcn_gui.net.fcn import FCN

UNTAUGHT_SCORE = -1e4
"""What a class scores that was never taught and is not learned now: probability 0, gradient 0."""


@dataclass(frozen=True)
class ScoreRows:
    """`weights` K×D float32, `bias` K float32 (of all layers together), on the CPU.

    `coarser` K×(layers − 1) is what of the bias lies in the layers before the last; the last and finest has the rest.
    It counts where a trunk fades what its coarse maps say towards the border of the image.
    """

    weights: Tensor
    bias: Tensor
    coarser: Tensor | None = None

    @classmethod
    @torch.no_grad()
    def of(cls, network: FCN) -> ScoreRows:
        """The rows of a network, as a copy."""
        layers = score_layers(network)
        weights = torch.cat([layer.weight[:, :, 0, 0] for layer in layers], 1)
        return cls._of_parts(weights.float().cpu().clone(), torch.stack([bias_of(layer) for layer in layers]))

    @classmethod
    def of_tensors(cls, tensors: Mapping[str, NDArray], network: FCN) -> ScoreRows:
        """The rows of a checkpoint whose score layers are those of `network`, as a copy."""
        parts = [tensors[f"{name}.weight"][:, :, 0, 0] for name in network.stride_of]
        biases = np.stack([tensors[f"{name}.bias"] for name in network.stride_of]).astype(np.float32)
        return cls._of_parts(torch.from_numpy(np.concatenate(parts, 1).astype(np.float32)), torch.from_numpy(biases))

    @classmethod
    def _of_parts(cls, weights: Tensor, biases: Tensor) -> ScoreRows:
        """`biases` layers×K."""
        biases = biases.float().cpu()
        return cls(weights, biases.sum(0), biases[:-1].T.clone())

    @property
    def taught(self) -> Tensor:
        """K bool: rows with anything but zero."""
        return self.weights.any(1) | (self.bias != 0)

    def silenced(self) -> ScoreRows:
        """The same, with classes that were never taught far below all others."""
        return ScoreRows(self.weights, self.bias.masked_fill(~self.taught, UNTAUGHT_SCORE), self.coarser)

    def by_tap(self, network: FCN) -> dict[str, Tensor]:
        """K×C of each tap."""
        widths = [network.trunk.taps[name].channels for name in network.stride_of]
        return dict(zip(network.stride_of, torch.split(self.weights, widths, 1), strict=True))

    def biases(self, network: FCN) -> dict[str, Tensor]:
        """K of each tap."""
        layers = len(network.stride_of)
        coarser = self.weights.new_zeros(len(self.bias), layers - 1) if self.coarser is None else self.coarser
        every = torch.cat([coarser, (self.bias - coarser.sum(1))[:, None]], 1)
        return dict(zip(network.stride_of, every.unbind(1), strict=True))

    @torch.no_grad()
    def put_into(self, network: FCN) -> None:
        """Make these the score layers of `network`."""
        biases = self.biases(network)
        for (name, part), layer in zip(self.by_tap(network).items(), score_layers(network), strict=True):
            layer.weight.copy_(part[:, :, None, None])
            bias_of(layer).copy_(biases[name])

    def tensors(self, network: FCN) -> dict[str, NDArray]:
        """As the score layers of a checkpoint."""
        tensors: dict[str, NDArray] = {}
        biases = self.biases(network)
        for name, part in self.by_tap(network).items():
            tensors[f"{name}.weight"] = part.numpy()[:, :, None, None].copy()
            tensors[f"{name}.bias"] = biases[name].numpy().copy()
        return tensors


def score_layers(network: FCN) -> list[nn.Conv2d]:
    """The score layers, in the order in which their taps stand side by side."""
    return [layer for name in network.stride_of if isinstance(layer := network.get_submodule(name), nn.Conv2d)]


def bias_of(layer: nn.Conv2d) -> Tensor:
    """The bias of a layer that has one."""
    assert layer.bias is not None
    return layer.bias
