"""Score rows solved from taps: scores are linear in the taps, so with the trunk held still this is a convex problem.

Multinomial logistic regression on sampled pixels with the weights of the loss, over taps brought to unit variance, each
row held to where it started by a ridge. Classes without a sampled pixel do not move.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from fcn_gui.learn.samples import Batch
from fcn_gui.net.fcn import FCN

_AT_ONCE = 4
"""L-BFGS iterations between two yields."""


@dataclass(frozen=True)
class Ridge:
    """How hard a row is held to its start: one that was taught before, and one from zero."""

    taught: float
    new: float
    memory: float = 0.0


@dataclass(frozen=True)
class TapSamples:
    """M pixels: `features` M×D (all taps side by side), `labels` M, `weights` M."""

    features: Tensor
    labels: Tensor
    weights: Tensor

    @classmethod
    def joined(cls, parts: list[TapSamples]) -> TapSamples:
        """All pixels of all parts."""
        return cls(
            torch.cat([part.features for part in parts]),
            torch.cat([part.labels for part in parts]),
            torch.cat([part.weights for part in parts]),
        )


@torch.no_grad()
def sample_taps(network: FCN, batch: Batch, pixels: int, generator: torch.Generator) -> TapSamples:
    """`pixels` pixels of each sample with any weight, drawn by weight, with what the score layers read there."""
    taps = network.trunk(batch.x)
    parts = []
    for index in range(len(batch.labels)):
        weights = batch.weights[index].cpu()
        total = float(weights.sum())
        if total <= 0:
            continue
        drawn = torch.multinomial(weights.flatten(), pixels, replacement=True, generator=generator)
        rows, cols = drawn // weights.shape[1], drawn % weights.shape[1]
        read = [_at(taps[name][index], stride, rows, cols) for name, stride in network.stride_of.items()]
        labels = batch.labels[index].flatten()[drawn.to(batch.labels.device)].long()
        parts.append(TapSamples(torch.cat(read, 1), labels, torch.full((pixels,), total / pixels)))
    if not parts:
        width = sum(network.trunk.taps[name].channels for name in network.stride_of)
        return TapSamples(torch.zeros(0, width), torch.zeros(0, dtype=torch.long), torch.zeros(0))
    return TapSamples.joined(parts)


def _at(tap: Tensor, stride: int, rows: Tensor, cols: Tensor) -> Tensor:
    """C×h×w at pixels → M×C, bilinear as the network upsamples its scores."""
    height, width = tap.shape[1:]
    grid = torch.stack([cols / stride / max(1, width - 1), rows / stride / max(1, height - 1)], -1) * 2 - 1
    read = functional.grid_sample(
        tap[None].float(), grid[None, None].to(tap.device), padding_mode="border", align_corners=True
    )
    return read[0, :, 0].T


def solve_rows(
    network: FCN, samples: TapSamples, taught: Tensor, ridge: Ridge, iterations: int, memory: Tensor | None = None
) -> Iterator[tuple[int, float]]:
    """Solve the score rows of the sampled classes in place; yields (iterations so far, loss) every few of them.

    `taught` K bool: rows that mean something already. A row of a class that is neither taught nor sampled has no score.
    """
    device = next(network.parameters()).device
    features, labels, weights = (part.to(device) for part in (samples.features, samples.labels, samples.weights))
    weights = weights / weights.sum()
    moving = torch.bincount(labels, minlength=network.classes) > 0
    if memory is not None:
        moving = moving | taught.to(device)
    seen = features if memory is None else torch.cat([features, memory.to(device)])
    mean, deviation = seen.mean(0), seen.std(0)
    deviation = deviation + 1e-3 * deviation.mean() + 1e-12
    units = (features - mean) / deviation
    layers = score_layers(network)
    start = torch.cat([layer.weight.detach()[:, :, 0, 0] for layer in layers], 1)
    offset = torch.stack([_bias(layer).detach() for layer in layers]).sum(0)
    before = features @ start.T + offset
    before[:, ~(taught.to(device) | moving)] = -torch.inf
    hold = torch.where(taught.to(device)[moving], ridge.taught, ridge.new)[:, None]
    change = torch.zeros(int(moving.sum()), units.shape[1] + 1, device=device, requires_grad=True)
    rows = moving.nonzero()[:, 0]
    if memory is not None:
        remembered = (memory.to(device) - mean) / deviation
        scores_before = memory.to(device) @ start.T + offset
        said = scores_before.clone()
        said[:, ~taught.to(device)] = -torch.inf
        said = said.softmax(1)
        scores_before[:, ~(taught.to(device) | moving)] = -torch.inf
        was = torch.where(said > 0, said * said.log(), 0).sum(1).mean()
    optimiser = torch.optim.LBFGS([change], max_iter=_AT_ONCE, history_size=20, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimiser.zero_grad()
        scores = before.index_add(1, rows, units @ change[:, :-1].T + change[:, -1])
        entropy = functional.cross_entropy(scores, labels, reduction="none")
        value = (entropy * weights).sum() + (hold * change[:, :-1].square()).sum()
        if memory is not None:
            scores = scores_before.index_add(1, rows, remembered @ change[:, :-1].T + change[:, -1])
            value = value + ridge.memory * (was + functional.cross_entropy(scores.clamp(min=-1e4), said))
        torch.autograd.backward(value)
        return value

    for done in range(0, iterations, _AT_ONCE):
        value = float(optimiser.step(loss).detach())  # type: ignore[no-untyped-call]
        yield done + _AT_ONCE, value
    _add_rows(layers, rows, change.detach(), mean, deviation)


@torch.no_grad()
def _add_rows(layers: list[nn.Conv2d], rows: Tensor, change: Tensor, mean: Tensor, deviation: Tensor) -> None:
    weight = change[:, :-1] / deviation
    first = 0
    for layer in layers:
        width = layer.weight.shape[1]
        layer.weight[rows] += weight[:, first : first + width, None, None]
        first += width
    _bias(layers[0])[rows] += change[:, -1] - weight @ mean


def score_layers(network: FCN) -> list[nn.Conv2d]:
    """The score layers, coarsest first."""
    return [layer for name in network.stride_of if isinstance(layer := network.get_submodule(name), nn.Conv2d)]


def _bias(layer: nn.Conv2d) -> Tensor:
    assert layer.bias is not None
    return layer.bias
