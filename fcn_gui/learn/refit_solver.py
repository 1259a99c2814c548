"""The refit: score rows solved on vouched pixels, from where the last refit ended.

Multinomial logistic regression with the weights of the loss, by L-BFGS over the taps; each row that has vouched pixels
is held to the live checkpoint's by a ridge on what it does to taps in units of their deviation, the others do not move.
What was read on photographs that are replayed is to be said as the checkpoint says it. The problem is convex, so where
it starts does not matter for where it ends.

A stroke changes the problem little. So a refit begins with the rows and with the curvature that the one before found,
and ends as soon as a step brings little: where the classes are known to the checkpoint two or three steps are enough.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from fcn_gui.learn.lbfgs import Bend, Lbfgs
from fcn_gui.learn.refit_samples import ImageSamples, weights_of
from fcn_gui.learn.score_rows import UNTAUGHT_SCORE, ScoreRows


@dataclass(frozen=True)
class Pass:
    """L-BFGS steps over one of `of` parts of the pixels, at most so many; one in which the loss falls by less than
    `least_fall` of itself is the last.
    """

    iterations: int
    least_fall: float
    of: int = 1


PAINTING_PASSES = (Pass(8, 3e-4),)
THOROUGH_PASSES = (Pass(48, 1e-5, of=4), Pass(12, 1e-4))
"""When an image is finished: most of the way is as short over a quarter of the pixels, and four times as quick."""

_ROWS_AT_ONCE = 16
"""Matrices of a multiple of so many rows multiply fastest: 14 rows take twice as long as 16."""


@dataclass(frozen=True)
class Hold:
    """How hard a row is held to where it started: one that the checkpoint was taught, and one from zero.

    A taught row that moves freely costs more than it brings: with 0.01 on taught rows the first looks of the 21 classes
    of PASCAL VOC fell from a mean IU of 0.87 to 0.78 over 13 photographs, with 1 to 0.86.
    """

    taught: float = 1.0
    new: float = 0.002
    new_offset: float = 1e-4
    """Of the offset of a row from zero, which is nearly free; that of a taught row is held like the row."""
    replay: float = 10.0
    """How much it costs to say something else of photographs that are replayed, by what it costs to be wrong."""

    def free(self) -> Hold:
        """All rows like new ones: what was taught on the images of a project alone is learned from them anew."""
        return replace(self, taught=self.new)


PAINTING, THOROUGH = Hold(new=0.01), Hold()
"""While somebody paints little is known, and a row from zero is to be less sure of it."""


@dataclass(frozen=True)
class Solved:
    """Where a refit ended: its rows, and what it learned of the curvature, each K×(D+1) over all rows."""

    rows: ScoreRows
    bends: Sequence[Bend] = field(default=())


class RefitProblem:
    """Scores = scores before + `change` · (taps, 1), for the rows that may move: `change` is rows that move × D + 1."""

    def __init__(
        self,
        images: Sequence[ImageSamples],
        start: ScoreRows,
        last: Solved | None = None,
        hold: Hold = Hold(),
        replayed: Tensor | None = None,
    ) -> None:
        """`last`: what an earlier refit found, to go on from; `replayed` M×D: read where the start's word stays.

        Raises LearningError where nothing counts.
        """
        weights = np.concatenate(weights_of(images))
        vouched = torch.from_numpy(np.sum([each.vouched.mass for each in images], 0) > 0)
        self._start = start
        self._rows = vouched.nonzero()[:, 0]
        is_taught = start.taught[self._rows][:, None]
        self._mean, self._deviation = _moments(images, replayed)
        self._hold = torch.where(is_taught, hold.taught, hold.new) * self._deviation.square()
        self._hold_offset = torch.where(is_taught, hold.taught, hold.new_offset)[:, 0]
        self._read = torch.cat([each.read for each in images])
        is_out = ~(start.taught | vouched)
        self._before = torch.cat([each.before for each in images]).masked_fill_(is_out, UNTAUGHT_SCORE)
        self._labels = torch.from_numpy(np.concatenate([each.vouched.labels for each in images]))[:, None]
        self._weights = torch.from_numpy(weights / weights.sum(dtype=np.float64).astype(np.float32))
        self._replayed = None if replayed is None else _Replayed(replayed, start, is_out, hold.replay)
        known = [] if last is None else [(moved[self._rows], bent[self._rows]) for moved, bent in last.bends]
        at = self._change_to(start if last is None else last.rows)
        self._solver = Lbfgs(self.value_and_slope, at, self._in_units, known)

    @property
    def loss(self) -> float:
        """Weighted mean surprise and what the ridge adds."""
        return self._solver.value

    def solve(self, how: Pass = PAINTING_PASSES[0]) -> Iterator[float]:
        """The loss after every step, until it hardly falls any more; `solved` holds after each."""
        for _ in range(how.iterations):
            before = self.loss
            goes_on = self._solver.step()
            yield self.loss
            if not goes_on or before - self.loss < how.least_fall * before:
                return

    def solved(self) -> Solved:
        """The rows and the curvature as far as solved."""
        return Solved(self.rows(), [(self._all(moved), self._all(bent)) for moved, bent in self._solver.bends])

    def rows(self) -> ScoreRows:
        """The rows as solved so far."""
        weights, bias = self._start.weights.clone(), self._start.bias.clone()
        weights[self._rows] += self._solver.at[:, :-1]
        bias[self._rows] += self._solver.at[:, -1]
        return ScoreRows(weights, bias, self._start.coarser)

    def value_and_slope(self, change: Tensor) -> tuple[float, Tensor]:
        """The loss and its slope at a `change`; by hand, which reads all features once."""
        scores = self._before.index_add(1, self._rows, self._added(change))
        said = scores.log_softmax(1)
        loss = -float((said.gather(1, self._labels)[:, 0] * self._weights).sum())
        pull = said.exp_()
        pull.scatter_add_(1, self._labels, torch.full_like(pull[:, :1], -1))
        pull = pull.index_select(1, self._rows).mul_(self._weights[:, None])
        slope = torch.empty_like(change)
        slope[:, :-1] = pull.T @ self._read
        slope[:, -1] = pull.sum(0)
        if self._replayed is not None:
            loss += self._replayed.cost(change, self._rows, slope)
        return loss + self._held(change, slope), slope

    def _added(self, change: Tensor) -> Tensor:
        """What a change adds to the scores of the rows that move."""
        rows = len(change)
        full = functional.pad(change, (0, 0, 0, -rows % _ROWS_AT_ONCE))
        return functional.linear(self._read, full[:, :-1].contiguous(), full[:, -1])[:, :rows]

    def _held(self, change: Tensor, slope: Tensor) -> float:
        """What the ridge adds to the loss; what it adds to the slope is added."""
        moved = change[:, :-1]
        offset = change[:, -1] + moved @ self._mean
        pull, pull_offset = self._hold * moved, self._hold_offset * offset
        slope[:, :-1] += 2 * (pull + pull_offset[:, None] * self._mean)
        slope[:, -1] += 2 * pull_offset
        return float((pull * moved).sum() + (pull_offset * offset).sum())

    def _in_units(self, slope: Tensor) -> Tensor:
        """The step down a slope that treats all taps alike: in units of their deviation, about their mean."""
        offset = slope[:, -1:]
        moved = (slope[:, :-1] - offset * self._mean) / self._deviation.square()
        return torch.cat([moved, offset - (moved @ self._mean)[:, None]], 1)

    def _change_to(self, rows: ScoreRows) -> Tensor:
        weights, bias = rows.weights - self._start.weights, rows.bias - self._start.bias
        return torch.cat([weights, bias[:, None]], 1)[self._rows]

    def _all(self, moving: Tensor) -> Tensor:
        full = torch.zeros(len(self._start.bias), moving.shape[1])
        full[self._rows] = moving
        return full


def solutions(
    images: Sequence[ImageSamples],
    start: ScoreRows,
    last: Solved | None,
    hold: Hold,
    passes: Sequence[Pass],
    replayed: Tensor | None = None,
) -> Iterator[Solved]:
    """As far as solved, before and after every step of the `passes`, each of which goes on from the one before.

    Raises LearningError where nothing counts.
    """
    for each in passes:
        some = [image.first(math.ceil(len(image.read) / each.of)) for image in images]
        problem = RefitProblem(some, start, last, hold, replayed)
        yield (last := problem.solved())
        for _ in problem.solve(each):
            yield (last := problem.solved())


class _Replayed:
    """Pixels of other images. A class that the start was never taught has no word there, so it is to stay silent."""

    def __init__(self, read: Tensor, start: ScoreRows, is_out: Tensor, weight: float) -> None:
        self._read, self._weight = read, weight / max(1, len(read))
        scores = torch.addmm(start.bias, read, start.weights.T)
        self._said = scores.masked_fill(~start.taught, UNTAUGHT_SCORE).softmax(1)
        self._before = scores.masked_fill(is_out, UNTAUGHT_SCORE)
        self._least = float(torch.special.entr(self._said).sum())

    def cost(self, change: Tensor, rows: Tensor, slope: Tensor) -> float:
        """How far a `change` of these rows leads from the start's word (divergence); its slope is added to `slope`."""
        added = functional.linear(self._read, change[:, :-1], change[:, -1])
        said = self._before.index_add(1, rows, added).log_softmax(1)
        apart = -float((self._said * said).sum()) - self._least
        pull = said.exp_().sub_(self._said).index_select(1, rows).mul_(self._weight)
        slope[:, :-1] += pull.T @ self._read
        slope[:, -1] += pull.sum(0)
        return apart * self._weight


def _moments(images: Sequence[ImageSamples], replayed: Tensor | None) -> tuple[Tensor, Tensor]:
    """Mean and deviation of all that was read, D each; the deviation is never 0."""
    count, sums = sum(len(each.read) for each in images), [each.sums for each in images]
    if replayed is not None:
        other = replayed.double()
        count, sums = count + len(other), [*sums, (other.sum(0), other.square().sum(0))]
    mean = torch.stack([each[0] for each in sums]).sum(0) / count
    square = torch.stack([each[1] for each in sums]).sum(0) / count
    deviation = (square - mean.square()).clamp(min=0).sqrt().float()
    return mean.float(), deviation + 1e-3 * deviation.mean() + 1e-12
