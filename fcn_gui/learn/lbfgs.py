"""L-BFGS with steps that only ever go down. (Importing torch.optim takes seconds, at the first stroke of a person.)"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable

import torch
from torch import Tensor

_MEMORY = 12
_SLOPE_SHARE = 1e-4
_MOST_HALVINGS = 12

Bend = tuple[Tensor, Tensor]
"""A step, and by how much the slope was another one after it: what is known of the curvature along that step."""


class Lbfgs:
    """Minimises a convex function from `start` on, one step at a time (Nocedal & Wright, algorithm 7.5).

    `value_and_slope` gives the function and its gradient at a point; `at`, `value` are the best point so far.
    """

    def __init__(
        self,
        value_and_slope: Callable[[Tensor], tuple[float, Tensor]],
        start: Tensor,
        metric: Callable[[Tensor], Tensor] = torch.clone,
        known: Iterable[Bend] = (),
    ) -> None:
        """`metric` turns a slope into a step where no curvature is known yet, up to its length; as the slope is by
        default. `known`: of a function much like this one, oldest first.
        """
        self._function, self._metric = value_and_slope, metric
        self.at = start
        self.value, self._slope = value_and_slope(start)
        self._steps: deque[tuple[Tensor, Tensor, float]] = deque(maxlen=_MEMORY)
        for moved, bent in known:
            self._remember(moved, bent)

    @property
    def bends(self) -> list[Bend]:
        """What is known of the curvature, oldest first."""
        return [(moved, bent) for moved, bent, _ in self._steps]

    def step(self) -> bool:
        """Go down once; False where no lower point was found, which is the end."""
        direction = self._direction()
        fall = float((self._slope * direction).sum())
        length = 1.0 if self._steps else min(1.0, 1.0 / max(-fall, 1e-24) ** 0.5)
        for _ in range(_MOST_HALVINGS):
            there = self.at + length * direction
            value, slope = self._function(there)
            if value <= self.value + _SLOPE_SHARE * length * fall:
                self._remember(there - self.at, slope - self._slope)
                self.at, self.value, self._slope = there, value, slope
                return True
            length /= 2
        return False

    def _remember(self, moved: Tensor, bent: Tensor) -> None:
        curvature = float((moved * bent).sum())
        if curvature > 1e-12 * self._length_of(bent):
            self._steps.append((moved, bent, curvature))

    def _length_of(self, slope: Tensor) -> float:
        return float((slope * self._metric(slope)).sum())

    def _direction(self) -> Tensor:
        """Minus the slope, times what the last steps say of the inverse curvature."""
        found = -self._slope
        shares = []
        for moved, bent, curvature in reversed(self._steps):
            share = float((moved * found).sum()) / curvature
            found = torch.add(found, bent, alpha=-share)
            shares.append(share)
        found = self._metric(found)
        if self._steps:
            _, bent, curvature = self._steps[-1]
            found = found * (curvature / self._length_of(bent))
        for (moved, bent, curvature), share in zip(self._steps, reversed(shares), strict=True):
            found = torch.add(found, moved, alpha=share - float((bent * found).sum()) / curvature)
        return found
