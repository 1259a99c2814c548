"""Processes that train one network together, as `torchrun` starts them; without it there is one.

All draw the same batches from the same seed. Each runs the network on its share of a batch, gets the scores of the
others, and computes the loss of the whole batch, so that a loss may look at all of it at once; summed over the
processes, the gradients are those of one process. So the weights are the same with one process and with several, but
for rounding.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

import torch
from torch import Tensor, distributed, nn

T = TypeVar("T")
_PATIENCE = timedelta(hours=2)
"""How long a process waits for the others, which may be writing or judging."""


@dataclass(frozen=True)
class Ranks:
    """This process is number `index` of `count`."""

    index: int = 0
    count: int = 1

    @property
    def is_first(self) -> bool:
        """The first one speaks and writes for all."""
        return self.index == 0

    def share_of_batch(self, x: Tensor) -> Tensor:
        """Of N samples this process's: every `count`-th. N must be at least `count`."""
        return x if self.count == 1 else x[self.index :: self.count]

    def whole_batch(self, mine: Tensor, size: int) -> Tensor:
        """All `size` rows in order, from the shares of all; only this process's carry gradients."""
        if self.count == 1:
            return mine
        rows: list[Tensor | None] = [None] * size
        for index in range(self.count):
            numbers = range(index, size, self.count)
            theirs = mine.detach().clone() if index == self.index else mine.new_empty(len(numbers), *mine.shape[1:])
            theirs = theirs.contiguous()
            distributed.broadcast(theirs, index)
            for number, row in zip(numbers, mine if index == self.index else theirs, strict=True):
                rows[number] = row
        return torch.stack([row for row in rows if row is not None])

    def sum_gradients(self, parameters: Iterable[nn.Parameter]) -> None:
        """The gradients of all in the place of this process's."""
        if self.count == 1:
            return
        gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
        flat = torch.cat([gradient.reshape(-1) for gradient in gradients])
        distributed.all_reduce(flat)
        for gradient, part in zip(gradients, torch.split(flat, [g.numel() for g in gradients]), strict=True):
            gradient.copy_(part.view_as(gradient))

    def agreed(self, value: float) -> float:
        """What the first process has, for all."""
        return value if self.count == 1 else self._all(value)[0]

    def total(self, value: float) -> float:
        """The sum over all."""
        return value if self.count == 1 else sum(self._all(value))

    def share(self, items: Sequence[T]) -> Sequence[T]:
        """This process's of some work: every `count`-th."""
        return items[self.index :: self.count]

    def joined(self, mine: Sequence[T]) -> list[T]:
        """The results of all, in the order of what was shared out."""
        if self.count == 1:
            return list(mine)
        shares = self._all(list(mine))
        return [shares[n % self.count][n // self.count] for n in range(sum(map(len, shares)))]

    def _all(self, value: T) -> list[T]:
        values: list[T | None] = [None] * self.count
        distributed.all_gather_object(values, value)
        return values  # type: ignore[return-value]


ALONE = Ranks()


@contextmanager
def ranks(device: str) -> Iterator[Ranks]:
    """The processes that were started together for a training on a kind of device, each on its own GPU."""
    told = [os.environ.get(name, "") for name in ("RANK", "WORLD_SIZE", "MASTER_ADDR")]
    if not all(told) or told[1] == "1":
        yield ALONE
        return
    if device == "cuda":
        torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")))
    distributed.init_process_group("cpu:gloo,cuda:nccl" if device == "cuda" else "gloo", timeout=_PATIENCE)
    try:
        yield Ranks(int(told[0]), int(told[1]))
    finally:
        distributed.destroy_process_group()
