"""The published "heavy" learning of an FCN (Shelhamer, Long & Darrell 2017): 32s, then 16s from it, then 8s from that.

Whole images at their own size, one after the other, drawn with replacement; the loss is summed over all labelled
pixels, so that each weighs the same whatever the size of its image; SGD with a momentum that stands for a batch of
many, at a fixed rate, lower for each finer network. Biases go twice as fast and do not decay. Upsampling is fixed. New
score layers start from zero, so that each network starts as the one before it.

The same stages can be gone through in small: smaller photographs and their mirror images, early layers that stay as
they are and are worked out once, steps relative to the weights as in `train`.
"""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from fcn_gui.core.checkpoint import Checkpoint
from fcn_gui.core.errors import LearningError
from fcn_gui.core.progress import Job, Progress
from fcn_gui.core.raster import VOID
from fcn_gui.disk.dataset import Dataset
from fcn_gui.learn.lessons import Pictures
from fcn_gui.learn.ranks import Ranks
from fcn_gui.learn.recipe import HeavyRecipe
from fcn_gui.learn.step_lengths import optimiser_for, pace
from fcn_gui.learn.step_log import StepLog
from fcn_gui.learn.views import View, Views
from fcn_gui.net.checkpoint import adapted, network_from, restrided, to_checkpoint
from fcn_gui.net.device import Device, measure
from fcn_gui.net.fcn import FCN
from fcn_gui.net.preset import Preset

Lesson = tuple[View, NDArray[np.int64]]
"""A view and its truth."""
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
    keep: Callable[[Checkpoint], None] | None = None
    """Is given the network of each stage but the last, when it is done, by the first process."""
    log: StepLog = field(default_factory=StepLog)


class HeavyTraining:
    """One training by the recipe; `run` is its loop."""

    def __init__(self, start: Checkpoint, dataset: Dataset, plan: HeavyPlan, device: Device, ranks: Ranks) -> None:
        self.start = adapted(start, dataset.label_map)
        self.preset = Preset.from_json(start.preset).at(plan.recipe.long_side)
        self.device = device
        self._plan, self._ranks = plan, ranks
        self._items = dataset.items
        self._batch = max(plan.recipe.batch, ranks.count)
        self._stages = [plan.strides[:count] for count in range(1, len(plan.strides) + 1)]
        self._drawn = self._draw(np.random.default_rng(plan.seed))
        self._steps: list[int] = []
        self._running = self._measured()
        self._views = Views(Pictures(dataset.label_map), self.preset, self._running, plan.recipe.is_look_fixed)
        self._began = time.perf_counter()

    @property
    def epochs(self) -> float:
        """How many images were looked at, over how many there are."""
        return sum(self._steps) * self._batch / len(self._items)

    def run(self) -> Job[FCN]:
        """The network of the last stage. Raises ImageError, MaskError, LearningError."""
        checkpoint = self.start
        for number, strides in enumerate(self._stages):
            network = network_from(restrided(checkpoint, strides))
            network.to(self.device.name).train()
            yield from self._learn(network, number)
            like = dataclasses.replace(checkpoint, strides=strides, preset=self.preset.to_json())
            checkpoint = to_checkpoint(network, like)
            if self._plan.keep is not None and self._ranks.is_first and number + 1 < len(self._stages):
                self._plan.keep(dataclasses.replace(checkpoint, receipt=self.facts()))
        return network.eval()

    def facts(self) -> dict[str, object]:
        """What a receipt says of it."""
        facts = {
            "images": len(self._items),
            "steps": list(self._steps),
            "recipe": dataclasses.asdict(self._plan.recipe),
        }
        return facts | {"precision": self._running.precision}

    def _learn(self, network: FCN, stage: int) -> Job[None]:
        move = self._moves(network, stage)
        self._steps.append(0)
        while (share := self._share_done(stage)) < 1:
            self._plan.log.begin()
            loss = self._step(network)
            move(share)
            self._plan.log.write(self._batch, loss)
            self._steps[stage] += 1
            done = round(1000 * (stage + share) / len(self._stages))
            yield Progress(done, 1000, f"{network.name}, step {self._steps[stage]}", {"loss": loss})

    def _moves(self, network: FCN, stage: int) -> Callable[[float], None]:
        """What moves the weights by their gradients and clears these, given how much of the stage is done."""
        recipe = self._plan.recipe
        rate = recipe.rates[min(stage, len(recipe.rates) - 1)]
        if recipe.new_rate > 0:
            with torch.no_grad():
                taps = self._views.taps(network, [View(self._items[0])])
            adam = optimiser_for(network, taps, rate, recipe.new_rate)
            return lambda share: adam.step(pace(self._steps[stage], share))
        sgd = self._sgd(network, rate)

        def move(_share: float) -> None:
            sgd.step()
            sgd.zero_grad()

        return move

    def _sgd(self, network: FCN, rate: float) -> torch.optim.SGD:
        recipe = self._plan.recipe
        weights = [parameter for parameter in network.parameters() if parameter.dim() > 1]
        biases = [parameter for parameter in network.parameters() if parameter.dim() == 1]
        groups = [
            {"params": weights, "lr": rate, "weight_decay": recipe.decay},
            {"params": biases, "lr": _BIAS_RATE * rate, "weight_decay": 0.0},
        ]
        return torch.optim.SGD(groups, lr=rate, momentum=recipe.momentum)

    def _step(self, network: FCN) -> float:
        """Gradients of a batch; its loss."""
        mine = [(view, self._views.truth(view)) for view in self._ranks.share(self._draw_batch())]
        divisor = float(self._batch)
        if self._plan.recipe.new_rate > 0:
            divisor = max(1.0, self._ranks.total(sum(int((truth != VOID).sum()) for _, truth in mine)))
        value = 0.0
        for group in self._alike(network, mine):
            loss = self._loss(network, group) / divisor
            loss.backward()  # type: ignore[no-untyped-call]
            value += loss.item()
        value = self._ranks.total(value)
        if not math.isfinite(value):
            raise LearningError(f"The loss is not finite after {sum(self._steps)} steps; train with a lower rate.")
        self._ranks.sum_gradients(network.parameters())
        return value

    def _alike(self, network: FCN, lessons: Sequence[Lesson]) -> list[list[Lesson]]:
        """Those of one size can go through the network together."""
        groups: dict[tuple[int, int], list[Lesson]] = {}
        for lesson in lessons:
            groups.setdefault(self._views.tensor_size(lesson[0], network), []).append(lesson)
        return list(groups.values())

    def _loss(self, network: FCN, group: Sequence[Lesson]) -> Tensor:
        """The sum over all labelled pixels of views of one size."""
        views, truths = zip(*group, strict=True)
        height, width = truths[0].shape
        scores = network.fuse(network.score(self._views.taps(network, views)))
        said = network.at_pixels(scores, self._views.tensor_size(views[0], network))[:, :, :height, :width]
        wanted = torch.from_numpy(np.stack(truths)).to(self.device.name)
        return functional.cross_entropy(said, wanted, ignore_index=VOID, reduction="sum")

    def _measured(self) -> Device:
        """For relative steps the fastest way to run; float16 lacks the range that gradients need."""
        if self._plan.recipe.new_rate == 0:
            return self.device
        network = network_from(restrided(self.start, self._stages[0]))
        found = measure(self.device, network, lambda _: 1.0)  # what learns need not agree label by label
        return dataclasses.replace(found, dtype=torch.float32) if found.dtype == torch.float16 else found

    def _share_done(self, stage: int) -> float:
        """0…1 of this stage."""
        plan, count, steps = self._plan, len(self._stages), self._steps[stage]
        if plan.minutes is not None:
            gone = (time.perf_counter() - self._began) / (60 * plan.minutes)
            return self._ranks.agreed(gone * count - stage)
        if plan.epochs is not None:
            return steps / max(1, round(plan.epochs * len(self._items) / self._batch / count))
        return steps * self._batch / plan.recipe.images

    def _draw_batch(self) -> list[View]:
        return [next(self._drawn) for _ in range(self._batch)]

    def _draw(self, rng: np.random.Generator) -> Iterator[View]:
        while True:
            item = self._items[int(rng.integers(len(self._items)))]
            yield View(item, self._plan.recipe.is_mirrored and bool(rng.random() < 0.5))
