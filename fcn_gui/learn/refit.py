"""Score rows solved from taps: scores are linear in the taps, so with the trunk held still this is a convex problem.

Multinomial logistic regression on sampled pixels with the weights of the loss, over taps brought to unit variance, each
row held to where it started by a ridge, and to what it said on other images where there are some to remember.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from fcn_gui.learn.samples import Batch
from fcn_gui.learn.score_rows import UNTAUGHT_SCORE, bias_of, score_layers
from fcn_gui.net.fcn import FCN
from fcn_gui.net.lattice import read_at

_AT_ONCE = 4
"""L-BFGS iterations between two yields."""


@dataclass(frozen=True)
class Ridge:
    """How hard a row is held to its start (one taught before, one from zero), and to what it said elsewhere."""

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
def sample_taps(network: FCN, batch: Batch, weights: Tensor, pixels: int, generator: torch.Generator) -> TapSamples:
    """`pixels` pixels of each sample, drawn by `weights` (N×S×S), with what the score layers read there.

    Drawn pixels of a sample weigh alike and as much as the sample; one without any weight gives none.
    """
    taps = network.trunk(batch.x)
    width = sum(network.trunk.taps[name].channels for name in network.stride_of)
    parts = [TapSamples(torch.zeros(0, width), torch.zeros(0, dtype=torch.long), torch.zeros(0))]
    for index, of_sample in enumerate(weights.float().cpu()):
        total = float(of_sample.sum())
        if total <= 0:
            continue
        drawn = torch.multinomial(of_sample.flatten(), pixels, replacement=True, generator=generator)
        rows, cols = (drawn // of_sample.shape[1]).float(), (drawn % of_sample.shape[1]).float()
        read = [_at(network, taps[name][index], stride, rows, cols) for name, stride in network.stride_of.items()]
        labels = batch.labels[index].cpu().flatten()[drawn].long()
        parts.append(TapSamples(torch.cat(read, 1).cpu(), labels, torch.full((pixels,), total / pixels)))
    return TapSamples.joined(parts)


def _at(network: FCN, tap: Tensor, stride: int, rows: Tensor, cols: Tensor) -> Tensor:
    """C×h×w at pixels → M×C, as the network upsamples its scores."""
    down, across = network.reads(rows, stride, tap.shape[1]), network.reads(cols, stride, tap.shape[2])
    return read_at(tap.permute(1, 2, 0), down, across)


def solve_rows(
    network: FCN,
    samples: TapSamples,
    taught: Tensor,
    ridge: Ridge,
    iterations: int,
    remembered: Tensor | None = None,
) -> Iterator[float]:
    """Solve the score rows of the sampled classes in place; yields the loss every few iterations.

    `taught` K bool: rows that mean something already; a class that is neither taught nor sampled takes no part.
    `remembered` M×D features of other images: there the scores are held to what they were, with the weight
    `ridge.memory`, and all taught rows may move.
    """
    problem = _Problem(network, samples, taught, ridge, remembered)
    optimiser = torch.optim.LBFGS([problem.change], max_iter=_AT_ONCE, history_size=20, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimiser.zero_grad()
        value = problem.loss()
        torch.autograd.backward(value)
        return value

    for _ in range(0, iterations, _AT_ONCE):
        yield float(optimiser.step(closure).detach())  # type: ignore[no-untyped-call]
    problem.put_into(network)


class _Problem:
    """Scores = scores before + `change` · (taps in units of their deviation, 1), for the rows that may move."""

    def __init__(
        self, network: FCN, samples: TapSamples, taught: Tensor, ridge: Ridge, remembered: Tensor | None
    ) -> None:
        device = next(network.parameters()).device
        features, weights, taught = samples.features.to(device), samples.weights.to(device), taught.to(device)
        self._labels = samples.labels.to(device)
        self._weights = weights / weights.sum()
        self._ridge = ridge
        elsewhere = features[:0] if remembered is None else remembered.to(device)
        moving = torch.bincount(self._labels, minlength=network.classes) > 0
        if len(elsewhere):
            moving = moving | taught
        self._rows = moving.nonzero()[:, 0]
        self._hold = torch.where(taught[moving], ridge.taught, ridge.new)[:, None]
        self._hold_bias = torch.where(taught[moving], ridge.taught, 0.0)
        seen = torch.cat([features, elsewhere])
        self._mean, deviation = seen.mean(0), seen.std(0)
        self._deviation = deviation + 1e-3 * deviation.mean() + 1e-12
        self._units, self._units_elsewhere = self._in_units(features), self._in_units(elsewhere)
        is_out = ~(taught | moving)
        self._before = _scores(network, features).masked_fill(is_out, UNTAUGHT_SCORE)
        said = _scores(network, elsewhere)
        self._said = said.masked_fill(~taught, UNTAUGHT_SCORE).softmax(1)
        self._before_elsewhere = said.masked_fill(is_out, UNTAUGHT_SCORE)
        self.change = torch.zeros(len(self._rows), features.shape[1] + 1, device=device, requires_grad=True)

    def loss(self) -> Tensor:
        entropy = functional.cross_entropy(self._moved(self._before, self._units), self._labels, reduction="none")
        value = (entropy * self._weights).sum() + (self._hold * self.change[:, :-1].square()).sum()
        value = value + (self._hold_bias * self.change[:, -1].square()).sum()
        if len(self._said):
            moved = self._moved(self._before_elsewhere, self._units_elsewhere)
            value = value + self._ridge.memory * functional.cross_entropy(moved, self._said)
        return value

    def _in_units(self, features: Tensor) -> Tensor:
        return (features - self._mean) / self._deviation

    def _moved(self, before: Tensor, units: Tensor) -> Tensor:
        return before.index_add(1, self._rows, units @ self.change[:, :-1].T + self.change[:, -1])

    @torch.no_grad()
    def put_into(self, network: FCN) -> None:
        layers = score_layers(network)
        weight = self.change[:, :-1] / self._deviation
        first = 0
        for layer in layers:
            width = layer.weight.shape[1]
            layer.weight[self._rows] += weight[:, first : first + width, None, None]
            first += width
        bias_of(layers[0])[self._rows] += self.change[:, -1] - weight @ self._mean


@torch.no_grad()
def _scores(network: FCN, features: Tensor) -> Tensor:
    layers = score_layers(network)
    weight = torch.cat([layer.weight[:, :, 0, 0] for layer in layers], 1)
    return features @ weight.T + torch.stack([bias_of(layer) for layer in layers]).sum(0)
