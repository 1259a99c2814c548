"""The published "heavy" learning of an FCN (Shelhamer, Long & Darrell 2017): 32s, then 16s from it, then 8s from that.

Whole images at their own size, one after the other, drawn with replacement; the loss is summed over all labelled
pixels, so that each weighs the same whatever the size of its image; SGD with a momentum that stands for a batch of
many, at a fixed rate, lower for each finer network. Biases go twice as fast and do not decay. Upsampling is fixed. New
score layers start from zero, so that each network starts as the one before it.
"""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from fcn_gui.core.checkpoint import Checkpoint
from fcn_gui.core.errors import LearningError
from fcn_gui.core.progress import Job, Progress
from fcn_gui.core.raster import VOID
from fcn_gui.disk.dataset import Dataset, DatasetItem
from fcn_gui.learn.lessons import Pictures
from fcn_gui.learn.ranks import Ranks
from fcn_gui.learn.recipe import HeavyRecipe
from fcn_gui.learn.step_log import StepLog
from fcn_gui.net.checkpoint import adapted, network_from, restrided, to_checkpoint
from fcn_gui.net.device import Device
from fcn_gui.net.fcn import FCN
from fcn_gui.net.preset import NATIVE, Preset, to_tensor

_BIAS_RATE = 2
"""Of the rate of weights."""


@dataclass(frozen=True)
class HeavyPlan:
    """How to go from a start to the `strides` asked for: `epochs` or `minutes` over all stages, else the recipe's."""

    recipe: HeavyRecipe
    strides: tuple[int, ...]
    epochs: float | None
    minutes: float | None
    seed: int
    log: StepLog = field(default_factory=StepLog)


class HeavyTraining:
    """One training by the recipe; `run` is its loop."""

    def __init__(self, start: Checkpoint, dataset: Dataset, plan: HeavyPlan, device: Device, ranks: Ranks) -> None:
        self.start = adapted(start, dataset.label_map)
        self.preset = Preset.from_json(start.preset).at(NATIVE)
        self.device = device
        self._plan, self._ranks = plan, ranks
        self._items, self._pictures = dataset.items, Pictures(dataset.label_map)
        self._batch = max(plan.recipe.batch, ranks.count)
        self._stages = [plan.strides[:count] for count in range(1, len(plan.strides) + 1)]
        self._drawn = self._draw(np.random.default_rng(plan.seed))
        self._steps: list[int] = []
        self._began = time.perf_counter()

    @property
    def epochs(self) -> float:
        """How many images were looked at, over how many there are."""
        return sum(self._steps) * self._batch / len(self._items)

    def run(self) -> Job[FCN]:
        """The network of the last stage. Raises ImageError, MaskError, LearningError."""
        checkpoint = self.start
        network = network_from(restrided(checkpoint, self._stages[0]))
        for number, strides in enumerate(self._stages):
            network = network_from(restrided(checkpoint, strides))
            network.to(self.device.name).train()
            yield from self._learn(network, number)
            checkpoint = to_checkpoint(network, dataclasses.replace(checkpoint, strides=strides))
        return network.eval()

    def facts(self) -> dict[str, object]:
        """What a receipt says of it."""
        return {"images": len(self._items), "steps": self._steps, "recipe": dataclasses.asdict(self._plan.recipe)}

    def _learn(self, network: FCN, stage: int) -> Job[None]:
        rates = self._plan.recipe.rates
        optimiser = self._optimiser(network, rates[min(stage, len(rates) - 1)])
        self._steps.append(0)
        while (share := self._share_done(stage)) < 1:
            self._plan.log.begin()
            loss = self._step(network, optimiser)
            self._plan.log.write(self._batch, loss)
            self._steps[stage] += 1
            done = round(1000 * (stage + share) / len(self._stages))
            yield Progress(done, 1000, f"{network.name}, step {self._steps[stage]}", {"loss": loss})

    def _optimiser(self, network: FCN, rate: float) -> torch.optim.SGD:
        recipe = self._plan.recipe
        weights = [parameter for parameter in network.parameters() if parameter.dim() > 1]
        biases = [parameter for parameter in network.parameters() if parameter.dim() == 1]
        groups = [
            {"params": weights, "lr": rate, "weight_decay": recipe.decay},
            {"params": biases, "lr": _BIAS_RATE * rate, "weight_decay": 0.0},
        ]
        return torch.optim.SGD(groups, lr=rate, momentum=recipe.momentum)

    def _step(self, network: FCN, optimiser: torch.optim.SGD) -> float:
        optimiser.zero_grad()
        items = [next(self._drawn) for _ in range(self._batch)]
        mine = 0.0
        for item in self._ranks.share(items):
            loss = self._loss(network, item) / self._batch
            loss.backward()  # type: ignore[no-untyped-call]
            mine += loss.item()
        value = self._ranks.total(mine)
        if not math.isfinite(value):
            raise LearningError(f"The loss is not finite after {sum(self._steps)} steps; train with a lower rate.")
        self._ranks.sum_gradients(network.parameters())
        optimiser.step()
        return value

    def _loss(self, network: FCN, item: DatasetItem) -> Tensor:
        image, truth = self._pictures.read(item)
        x = to_tensor(self.preset, image, network.align).to(self.device.name)
        scores = network.at_pixels(network(x), (x.shape[2], x.shape[3]))[:, :, : truth.shape[0], : truth.shape[1]]
        wanted = torch.from_numpy(truth.astype(np.int64))[None].to(self.device.name)
        return functional.cross_entropy(scores, wanted, ignore_index=VOID, reduction="sum")

    def _share_done(self, stage: int) -> float:
        """0…1 of this stage."""
        plan, count, steps = self._plan, len(self._stages), self._steps[stage]
        if plan.minutes is not None:
            gone = (time.perf_counter() - self._began) / (60 * plan.minutes)
            return self._ranks.agreed(gone * count - stage)
        if plan.epochs is not None:
            return steps / max(1, round(plan.epochs * len(self._items) / self._batch / count))
        return steps * self._batch / plan.recipe.images

    def _draw(self, rng: np.random.Generator) -> Iterator[DatasetItem]:
        while True:
            yield self._items[int(rng.integers(len(self._items)))]
