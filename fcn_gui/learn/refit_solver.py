"""The refit: score rows solved on vouched pixels, from where the last refit ended.

Multinomial logistic regression with the weights of the loss, by L-BFGS over taps in units of their deviation; each row
that has vouched pixels is held to the live checkpoint's by a ridge, the others do not move. The problem is convex, so
where it starts does not matter for where it ends.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from fcn_gui.learn.lbfgs import Lbfgs
from fcn_gui.learn.refit_samples import ImageSamples, weights_of
from fcn_gui.learn.score_rows import UNTAUGHT_SCORE, ScoreRows

ITERATIONS, THOROUGH_ITERATIONS, AT_ONCE = 6, 16, 2
"""L-BFGS iterations of a refit while somebody paints, of one when they are done, and between two yields."""

LEAST_FALL = 1e-4
"""A turn in which the loss falls by a smaller part of it is the last."""


@dataclass(frozen=True)
class Hold:
    """How hard a row is held to where it started: one that the checkpoint was taught, and one from zero.

    A taught row that moves freely costs more than it brings: with 0.01 on taught rows the first looks of the 21 classes
    of PASCAL VOC fell from a mean IU of 0.87 to 0.78 over 13 photographs, with 1 to 0.86.
    """

    taught: float = 1.0
    new: float = 0.01
    new_offset: float = 1e-4
    """Of the offset of a row from zero, which is nearly free; that of a taught row is held like the row."""


class RefitProblem:
    """Scores = scores before + `change` · (taps in units of their deviation, 1), for the rows that may move."""

    def __init__(
        self, images: Sequence[ImageSamples], start: ScoreRows, last: ScoreRows | None = None, hold: Hold = Hold()
    ) -> None:
        """`last`: the rows that an earlier refit found, to go on from. Raises LearningError where nothing counts."""
        weights = weights_of(images)
        total = sum(float(each.sum()) for each in weights)
        vouched = torch.from_numpy(np.sum([each.vouched.mass for each in images], 0) > 0)
        self._start = start
        self._rows = vouched.nonzero()[:, 0]
        is_taught = start.taught[self._rows][:, None]
        self._mean, self._deviation = _moments([each.read for each in images])
        held = torch.where(is_taught, hold.taught, hold.new).expand(-1, self._mean.numel())
        self._hold = torch.cat([held, torch.where(is_taught, hold.taught, hold.new_offset)], 1)
        active = start.taught | vouched
        self._blocks = [_Block.of(each, w / total, active) for each, w in zip(images, weights, strict=True)]
        self._solver = Lbfgs(self.value_and_slope, self._change_to(last or start))

    @property
    def loss(self) -> float:
        """Weighted mean surprise and what the ridge adds."""
        return self._solver.value

    def solve(self, iterations: int = ITERATIONS, least_fall: float = LEAST_FALL) -> Iterator[float]:
        """The loss after every few iterations, until it hardly falls any more; `rows` holds after each."""
        for _ in range(0, iterations, AT_ONCE):
            before = self.loss
            goes_on = all(self._solver.step() for _ in range(AT_ONCE))
            yield self.loss
            if not goes_on or before - self.loss < least_fall * before:
                return

    def rows(self) -> ScoreRows:
        """The rows as solved so far."""
        weights, bias = self._start.weights.clone(), self._start.bias.clone()
        in_units, offset = self._solver.at[:, :-1], self._solver.at[:, -1]
        moved = in_units / self._deviation
        weights[self._rows] += moved
        bias[self._rows] += offset - moved @ self._mean
        return ScoreRows(weights, bias, self._start.coarser)

    def _change_to(self, rows: ScoreRows) -> Tensor:
        moved = (rows.weights - self._start.weights)[self._rows]
        offset = (rows.bias - self._start.bias)[self._rows] + moved @ self._mean
        return torch.cat([moved * self._deviation, offset[:, None]], 1)

    def value_and_slope(self, change: Tensor) -> tuple[float, Tensor]:
        """The loss and its slope at a `change` (rows that move × D + 1); by hand, which reads all features once."""
        moved = change[:, :-1] / self._deviation
        offset = change[:, -1] - moved @ self._mean
        loss, slope = 0.0, torch.zeros_like(change)
        for block in self._blocks:
            loss += block.add_to(slope, moved, offset, self._rows)
        slope[:, :-1] = (slope[:, :-1] - slope[:, -1:] * self._mean) / self._deviation
        return loss + float((self._hold * change.square()).sum()), slope.add_(2 * self._hold * change)


@dataclass(frozen=True)
class _Block:
    """The pixels of one image; `weights` sum to 1 over all images."""

    read: Tensor
    before: Tensor
    labels: Tensor
    weights: Tensor

    @classmethod
    def of(cls, image: ImageSamples, weights: np.ndarray, active: Tensor) -> _Block:
        before = image.before if bool(active.all()) else image.before.masked_fill(~active, UNTAUGHT_SCORE)
        return cls(image.read, before, torch.from_numpy(image.vouched.labels)[:, None], torch.from_numpy(weights))

    def add_to(self, slope: Tensor, moved: Tensor, offset: Tensor, rows: Tensor) -> float:
        """The loss of these pixels; its slope along each row (D, then the offset) is added to `slope`."""
        scores = self.before.index_add(1, rows, torch.addmm(offset, self.read, moved.T))
        said = scores.log_softmax(1)
        loss = -float((said.gather(1, self.labels)[:, 0] * self.weights).sum())
        pull = said.exp_()
        pull.scatter_add_(1, self.labels, torch.full_like(pull[:, :1], -1))
        pull = (pull * self.weights[:, None])[:, rows]
        slope[:, :-1].addmm_(pull.T, self.read)
        slope[:, -1] += pull.sum(0)
        return loss


def _moments(read: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """Mean and deviation of all that was read, D each; the deviation is never 0."""
    count = sum(len(each) for each in read)
    mean = torch.stack([each.sum(0) for each in read]).sum(0) / count
    square = torch.stack([(each - mean).square().sum(0) for each in read]).sum(0) / count
    deviation = square.sqrt()
    return mean, deviation + 1e-3 * deviation.mean() + 1e-12
