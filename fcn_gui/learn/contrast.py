"""What tells some points from others: a logistic regression between the two, as quick as a few hundred points allow.

The same problem as a refit of two classes from nothing (`refit_solver.py`), whose rows differ in their sign alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from fcn_gui.core.loss_weights import balance
from fcn_gui.learn.lbfgs import Lbfgs

STEPS, LEAST_FALL = 8, 3e-4
"""As many steps while somebody paints; one in which the loss falls by less than that of itself is the last."""
RIDGE, RIDGE_OF_OFFSET = 0.01, 5e-5
"""Half of what holds each of the two rows of that refit."""


@dataclass(frozen=True)
class Contrast:
    """N×D of what was `read` at points, the first `ours` of which are told from the others."""

    read: Tensor
    ours: int

    def means(self) -> tuple[Tensor, Tensor]:
        """D each: of the first and of the others."""
        return self.read[: self.ours].mean(0), self.read[self.ours :].mean(0)

    @cached_property
    def deviation(self) -> Tensor:
        """D: that of each number over all points, never 0."""
        deviation = (self.read - self.read.mean(0)).square_().mean(0).sqrt_()
        return deviation + 1e-3 * deviation.mean() + 1e-12

    def solved(self) -> tuple[Tensor, Tensor]:
        """D weights and an offset: with them what is read scores above 0 where it is more like the first."""
        mean, deviation = self.read.mean(0), self.deviation
        standard = (self.read - mean) / deviation
        sign = torch.where(torch.arange(len(standard)) < self.ours, 1.0, -1.0)
        weights = self._weights()

        def value_and_slope(at: Tensor) -> tuple[float, Tensor]:
            held = at.square()
            margin = sign * torch.addmv(at[-1], standard, at[:-1])
            loss = weights.dot(functional.softplus(-margin)) + RIDGE * held[:-1].sum() + RIDGE_OF_OFFSET * held[-1]
            pull = -sign * weights * torch.sigmoid(-margin)
            slope = 2 * RIDGE * at
            slope[:-1] += pull @ standard
            slope[-1] = pull.sum() + 2 * RIDGE_OF_OFFSET * at[-1]
            return float(loss), slope

        # Of two rows, each of which goes half of the way, a step down the slope is twice as long.
        solver = Lbfgs(value_and_slope, torch.zeros(standard.shape[1] + 1), lambda slope: 2 * slope)
        for _ in range(STEPS):
            before = solver.value
            if not solver.step() or before - solver.value < LEAST_FALL * before:
                break
        found = solver.at[:-1] / deviation
        return found, solver.at[-1] - found @ mean

    def _weights(self) -> Tensor:
        """N: the classes balanced as in the loss, 1 in all."""
        counts = np.array([len(self.read) - self.ours, self.ours])
        others, ours = balance([counts.astype(np.float64)])
        weights = torch.full((len(self.read),), float(others))
        weights[: self.ours] = float(ours)
        return weights / weights.sum()
