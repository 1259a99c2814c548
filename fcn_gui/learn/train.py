"""A checkpoint from a data set: crops, cross-entropy with the truth and with what the start says, a running mean.

What has to be chosen (the best epoch) is chosen on a part of the training images that no loss sees; val only reports.
"""

from __future__ import annotations

import copy
import dataclasses
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray

from fcn_gui.core.checkpoint import Checkpoint
from fcn_gui.core.errors import DatasetError, LearningError
from fcn_gui.core.label_map import LabelMap
from fcn_gui.core.progress import Job, Progress
from fcn_gui.disk.dataset import Dataset, DatasetItem
from fcn_gui.learn.evaluate import Evaluation, judge_all
from fcn_gui.learn.heavy import HeavyPlan, HeavyTraining
from fcn_gui.learn.lessons import EVERY, Batch, Lessons, Pictures, balance_of, loss_of
from fcn_gui.learn.loss_sampling import LossSampler, often_of
from fcn_gui.learn.ranks import ALONE, Ranks
from fcn_gui.learn.recipe import HeavyRecipe, Recipe, recipe_for
from fcn_gui.learn.relative_adam import RelativeAdam
from fcn_gui.learn.step_lengths import optimiser_for, pace
from fcn_gui.learn.step_log import StepLog
from fcn_gui.learn.teacher import Teacher
from fcn_gui.net.checkpoint import adapted, network_from, restrided, to_checkpoint
from fcn_gui.net.device import Device, choose
from fcn_gui.net.fcn import FCN
from fcn_gui.net.predict import Predictor
from fcn_gui.net.preset import Preset


@dataclass(frozen=True)
class TrainRequest:
    """Train `start` on `train`, for `epochs` or `minutes` (else the recipe's epochs), and report on `val`."""

    train: Dataset
    val: Dataset | None
    start: Checkpoint
    epochs: float | None = None
    minutes: float | None = None
    seed: int = 0
    strides: tuple[int, ...] | None = None
    recipe: Recipe | HeavyRecipe | None = None
    device: str = "auto"
    half: bool = False
    """Round the weights to float16, as the result is then measured."""
    keep_stage: Callable[[Checkpoint], None] | None = None
    """Called with each network of a training in stages before the next one starts, on the first process."""
    log: StepLog = field(default_factory=StepLog)


@dataclass(frozen=True)
class TrainResult:
    """The child of the start, and how it does on val (None where there is none)."""

    checkpoint: Checkpoint
    epochs: float
    seconds: float
    val: Evaluation | None


@dataclass
class _Best:
    """The averaged network of the best epoch so far, by mean IU on the kept images."""

    network: FCN
    mean_iu: float = -1.0
    curve: list[float] = field(default_factory=list)

    def offer(self, network: FCN, mean_iu: float | None) -> None:
        """Take `network` where it is at least as good, or where nobody can say."""
        if mean_iu is None:
            self.network.load_state_dict(network.state_dict())
            return
        self.curve.append(round(mean_iu, 4))
        if mean_iu >= self.mean_iu:
            self.mean_iu = mean_iu
            self.network.load_state_dict(network.state_dict())


class _Training:
    """The state of one training; `run` is its loop."""

    def __init__(self, request: TrainRequest, recipe: Recipe, ranks: Ranks) -> None:
        self.request, self.ranks = request, ranks
        label_map = request.train.label_map
        self.recipe = dataclasses.replace(recipe, batch=max(recipe.batch, ranks.count))
        self.start = restrided(adapted(request.start, label_map), request.strides or request.start.strides)
        self.preset = Preset.from_json(self.start.preset)
        self.device = dataclasses.replace(choose(request.device), channels_last=True)
        self.network = self._placed(network_from(self.start))
        self.averaged = copy.deepcopy(self.network)
        rng = np.random.default_rng(request.seed)
        self.kept, self.seen = _set_aside(request.train.items, self.recipe.kept_share, rng)
        pictures = Pictures(label_map)
        counts = _class_counts(self.seen, pictures, label_map)
        balance, alike = balance_of(counts, self.recipe.balance), balance_of(counts, 0.0)
        weights, often = (alike, balance) if self.recipe.is_balanced_by_draws else (balance, alike)
        self.lessons = Lessons(self.seen, pictures, self.preset, self.recipe, weights, rng)
        self.sampler = LossSampler(self.recipe, self.network.strides[0], often_of(counts, often), request.seed)
        self.teacher = self._teacher()
        self.optimiser: RelativeAdam | None = None
        self.curve: list[float] = []
        self.by_side: dict[int, float] = {}
        self.steps = 0
        self.started = time.perf_counter()

    @property
    def epoch_steps(self) -> int:
        return max(1, math.ceil(len(self.seen) / self.recipe.images))

    @property
    def epochs(self) -> float:
        return self.steps / self.epoch_steps

    def run(self) -> Job[FCN]:
        best = _Best(copy.deepcopy(self.averaged))
        self.network.train()
        losses: list[float] = []
        while (share_done := self._share_done()) < 1:
            self.request.log.begin()
            losses.append(self._step(share_done))
            self.request.log.write(self.recipe.images, losses[-1])
            recent = float(np.mean(losses[-50:]))
            yield Progress(round(1000 * share_done), 1000, f"epoch {self.epochs:.2f}", {"loss": recent})
            if self.steps % self.epoch_steps == 0:
                best.offer(self.averaged, (yield from self._judge()))
        if self.steps % self.epoch_steps:
            best.offer(self.averaged, (yield from self._judge()))
        self.curve = best.curve
        self.averaged = _towards(best.network, self.start, self.recipe.start_share)
        yield from self._choose_side()
        return self.averaged

    def facts(self) -> dict[str, object]:
        """What a receipt says of it."""
        return {
            "images": len(self.seen),
            "kept_images": len(self.kept),
            "kept_mean_iu": self.curve,
            "kept_mean_iu_by_long_side": {str(side): value for side, value in self.by_side.items()},
            "recipe": dataclasses.asdict(self.recipe),
        }

    def _choose_side(self) -> Job[None]:
        """The working long side of the recipe's that is best on the kept images."""
        if not self.kept:
            return
        for side in self.recipe.sides:
            self.by_side[side] = round((yield from self._mean_iu(self.preset.at(side))), 4)
        if self.by_side:
            self.preset = self.preset.at(max(self.by_side, key=lambda side: self.by_side[side]))

    def _share_done(self) -> float:
        """0…1 of the time or epochs that were asked for."""
        if self.request.minutes is not None:
            return self.ranks.agreed((time.perf_counter() - self.started) / (60 * self.request.minutes))
        wanted = self.recipe.epochs if self.request.epochs is None else self.request.epochs
        return self.steps / max(1, round(wanted * self.epoch_steps))

    def _step(self, share_done: float) -> float:
        batch = self.sampler.sampled(self.lessons.draw(self.teacher))
        x = self.device.place(batch.x)
        if self.optimiser is None:
            with torch.no_grad():
                taps = self.network.trunk(x)
            self.optimiser = optimiser_for(self.network, taps, self.recipe.rate, self.recipe.new_rate)
        scores = self.ranks.whole_batch(self.network(self.ranks.share_of_batch(x)), len(x))
        said = self.network.at_pixels(scores, (x.shape[2], x.shape[3]), EVERY)
        loss = loss_of(said, _on(batch, self.device), self.recipe)
        value = float(loss.detach())
        if not math.isfinite(value):
            raise LearningError(f"The loss is not finite after {self.steps} steps; train with a lower rate.")
        loss.backward()  # type: ignore[no-untyped-call]
        self.ranks.sum_gradients(self.network.parameters())
        self.optimiser.step(pace(self.steps, share_done))
        self.steps += 1
        self._average()
        return value

    @torch.no_grad()
    def _average(self) -> None:
        memory = min(self.recipe.averaging, (1 + self.steps) / (10 + self.steps))
        torch._foreach_lerp_(list(self.averaged.parameters()), list(self.network.parameters()), 1 - memory)

    def _judge(self) -> Job[float | None]:
        """Mean IU of the averaged network on the kept images; None where none were kept."""
        return (yield from self._mean_iu(self.preset)) if self.kept else None

    def _mean_iu(self, preset: Preset) -> Job[float]:
        predictor = Predictor(self.averaged, preset, self.device)
        label_map = self.request.train.label_map
        evaluation = yield from judged(predictor, label_map, Dataset(self.kept, label_map, ""), self.ranks)
        return evaluation.measures.mean_iu

    def _teacher(self) -> Teacher | None:
        if self.recipe.distillation == 0:
            return None
        return Teacher(self._placed(network_from(self.start)), self.preset)

    def _placed(self, network: FCN) -> FCN:
        return network.to(self.device.name, memory_format=self.device.memory_format)  # type: ignore[call-overload, no-any-return]


def train(request: TrainRequest, ranks: Ranks = ALONE) -> Job[TrainResult]:
    """Progress carries the number `loss`; closing the job leaves nothing behind. Every one of `ranks` gets the result.

    Raises DatasetError, ImageError, MaskError, CheckpointError, LearningError. With `epochs` equal seeds give equal
    weights on the same machine.
    """
    if not request.train.items:
        raise DatasetError("The data set has no image to train on; choose another folder.")
    started = time.perf_counter()
    torch.manual_seed(request.seed + ranks.index)  # of dropout only
    training = _training(request, ranks)
    network = yield from training.run()
    like = dataclasses.replace(training.start, id=request.start.id, preset=training.preset.to_json())
    child = to_checkpoint(network, like, half=request.half)
    val = None
    if request.val is not None and request.val.items:
        predictor = Predictor(network_from(child), training.preset, training.device)
        val = yield from judged(predictor, child.label_map, request.val, ranks)
    seconds = time.perf_counter() - started
    facts = {"epochs": round(training.epochs, 2), "seconds": round(seconds, 1), "seed": request.seed}
    receipt = facts | training.facts() | {"processes": ranks.count} | _measures(val)
    return TrainResult(dataclasses.replace(child, receipt=receipt), training.epochs, seconds, val)


def _training(request: TrainRequest, ranks: Ranks) -> _Training | HeavyTraining:
    recipe = request.recipe or recipe_for(request.start, request.train.label_map)
    if isinstance(recipe, Recipe):
        return _Training(request, recipe, ranks)
    strides = request.strides or request.start.strides
    plan = HeavyPlan(recipe, strides, request.epochs, request.minutes, request.seed, request.keep_stage, request.log)
    return HeavyTraining(request.start, request.train, plan, choose(request.device), ranks)


def judged(predictor: Predictor, known: LabelMap, dataset: Dataset, ranks: Ranks) -> Job[Evaluation]:
    """As `judge_all`, shared out over `ranks`; each gets the whole."""
    mine = yield from judge_all(predictor, known, dataset.label_map, ranks.share(dataset.items))
    return dataclasses.replace(mine, images=tuple(ranks.joined(mine.images)))


def _set_aside(
    items: Sequence[DatasetItem], share: float, rng: np.random.Generator
) -> tuple[list[DatasetItem], list[DatasetItem]]:
    """Images to choose by, and images to learn from: at least one of the latter."""
    order = rng.permutation(len(items))
    count = min(round(share * len(items)), len(items) - 1)
    return [items[i] for i in sorted(order[:count])], [items[i] for i in sorted(order[count:])]


def _class_counts(items: Sequence[DatasetItem], pictures: Pictures, label_map: LabelMap) -> NDArray[np.int64]:
    counts = np.zeros(256, np.int64)
    for item in items:
        counts += np.bincount(pictures.read(item)[1].ravel(), minlength=256)
    return counts[: len(label_map)]


def _on(batch: Batch, device: Device) -> Batch:
    parts = (batch.truth, batch.weights, batch.answers, batch.inside)
    truth, weights, answers, inside = (None if part is None else part.to(device.name) for part in parts)
    assert truth is not None and weights is not None and inside is not None
    return Batch(batch.x, truth, weights, answers, inside)


def _towards(network: FCN, start: Checkpoint, share: float) -> FCN:
    """The network, moved `share` of the way back to the start."""
    with torch.no_grad():
        for name, value in network.state_dict().items():
            value.lerp_(torch.from_numpy(start.tensors[name].astype(np.float32)).to(value.device), share)
    return network


def _measures(val: Evaluation | None) -> dict[str, object]:
    if val is None:
        return {}
    return {
        "val": {
            "images": len(val.images),
            "mean_iu": val.measures.mean_iu,
            "pixel_accuracy": val.measures.pixel_accuracy,
            "trimap_iu": val.trimap_iu,
        }
    }
