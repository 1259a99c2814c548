"""Fine-tune: all corrections of a project, learned by a copy of the live network in steps that can be stopped between.

First the score rows are solved on sampled taps (`refit`), so that a new class means something from the start. Then all
layers learn from crops around corrections: pixel-weighted loss, and where nobody vouched the copy is held to what the
live network says. The result is the running mean of the weights.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fcn_gui.core.checkpoint import Checkpoint
from fcn_gui.core.errors import LearningError
from fcn_gui.core.label_map import LabelMap
from fcn_gui.core.metrics import confusion_matrix, mean_iu
from fcn_gui.core.progress import Job, Progress
from fcn_gui.core.refit import Refit
from fcn_gui.learn.anchor import Anchor, fingerprint, knows_photographs, photographs
from fcn_gui.learn.crops import Window
from fcn_gui.learn.loss import Sampling, draw_kept, share_of_loss
from fcn_gui.learn.refit import TapSamples, sample_taps, solve_rows
from fcn_gui.learn.relative_adam import RelativeAdam, channel_scale
from fcn_gui.learn.samples import MOST_BYTES, Batch, Corrected, Corrections, WeightSettings, draw_window
from fcn_gui.learn.schedule import Schedule, schedule_for
from fcn_gui.learn.score_rows import UNTAUGHT_SCORE, score_layers
from fcn_gui.net.checkpoint import network_from, silence_untaught, taught_rows, to_checkpoint
from fcn_gui.net.device import Device
from fcn_gui.net.fcn import FCN
from fcn_gui.net.predict import Predictor
from fcn_gui.net.preset import Preset

Windows = list[tuple[int, Window]]


class Request(Protocol):
    """Learn from `images`; `watched` are only looked at. `steps` 0: as many as this number of corrections is worth.

    `refit`: score layers to start from, in the place of the checkpoint's.
    """

    @property
    def label_map(self) -> LabelMap: ...
    @property
    def images(self) -> Sequence[Corrected]: ...
    @property
    def watched(self) -> Sequence[Corrected]: ...
    @property
    def steps(self) -> int: ...
    @property
    def seed(self) -> int: ...
    @property
    def settings(self) -> Mapping[str, float]: ...
    @property
    def refit(self) -> Refit | None: ...


def fine_tune(
    live: Predictor, start: Checkpoint, request: Request, schedule: Schedule | None = None
) -> Job[Checkpoint]:
    """A child of `start`, learned from `request`; `live` only predicts. Both are taken as they are at the call.

    Raises LearningError for corrections that can't be learned from or a loss that is not finite.
    """
    keys = {image.key for image in request.images}
    shared = sorted(image.key for image in request.watched if image.key in keys)
    if shared:
        raise LearningError(f"{shared[0]} is held out and can't be learned from as well.")
    if schedule is None:
        is_known = knows_photographs(request.label_map, taught_rows(network_from(start)))
        schedule = schedule_for(len(request.images), request.steps, is_known)
    if live.device.name != "cpu":
        schedule = replace(schedule, micro=schedule.batch)
    return _fall_back(live, start, request, schedule)


def _fall_back(live: Predictor, start: Checkpoint, request: Request, plan: Schedule) -> Job[Checkpoint]:
    """Out of memory: from the start again, on the CPU."""
    learner = _Learner(live, start, request, plan, live.device)
    try:
        return (yield from learner.run())
    except torch.OutOfMemoryError as error:
        if live.device.name == "cpu":
            raise LearningError("There is not enough memory to learn; close other programs.") from error
    del learner
    torch.cuda.empty_cache()
    yield Progress(0, plan.steps, "Out of memory there; learning on the CPU")
    return (yield from _Learner(live, start, request, plan, Device("cpu", "CPU", channels_last=True)).run())


class _Learner:
    """One fine-tune: a network that learns, its running mean, and the corrections."""

    def __init__(self, live: Predictor, start: Checkpoint, request: Request, plan: Schedule, device: Device) -> None:
        self._start = start
        self._request = request
        self._plan = plan
        self._device = device
        self._preset = Preset.from_json(start.preset)
        self._settings = WeightSettings.of(request.settings)
        self._network: FCN = network_from(start).to(device.name, memory_format=device.memory_format)  # type: ignore[call-overload]
        self._taught = taught_rows(self._network)
        self._wanted = self._silent = torch.zeros_like(self._taught)
        self._mean = self._network
        classes = len(request.label_map)
        self._corrections = Corrections(request.images, classes, self._settings, self._preset, MOST_BYTES)
        self._anchor = Anchor(live, self._corrections)
        self._is_anchored = int(self._taught.sum()) > 1
        self._rng = np.random.default_rng(request.seed)
        self._generator = torch.Generator().manual_seed(request.seed)
        self._queue: list[int] = []

    def run(self) -> Job[Checkpoint]:
        """All of it."""
        plan = self._plan
        for progress in self._corrections.read_all():
            yield Progress(0, plan.steps, progress.text)
        yield from self._remember()
        self._wanted = torch.from_numpy(self._corrections.mass > 0)
        self._silent = ~(self._taught | self._wanted)
        yield from self._solve()
        self._mean = copy.deepcopy(self._network)
        self._network.train()
        optimiser = self._optimiser()
        watch_at = {round(plan.steps * part / plan.watch_times) for part in range(1, plan.watch_times + 1)}
        for step in range(1, plan.steps + 1):
            loss = yield from self._learn(step)
            if not math.isfinite(loss):
                raise LearningError("The loss is no longer a finite number; nothing was changed. Retrain once more.")
            optimiser.step(min(1.0, step / plan.warm_steps) * 0.5 * (1 + math.cos(math.pi * (step - 1) / plan.steps)))
            self._average(step)
            numbers = {"loss": loss}
            if step in watch_at and self._request.watched:
                numbers["mean_iu"] = yield from self._watch(step)
            yield Progress(step, plan.steps, "Learning", numbers)
        return to_checkpoint(self._mean, self._start)

    def _remember(self) -> Job[None]:
        """Take the photographs along, but for those of this project."""
        if not knows_photographs(self._request.label_map, self._taught):
            return
        own = []
        for corrected in (*self._request.images, *self._request.watched):
            own.append(fingerprint(corrected.read()[0]))
            yield Progress(0, self._plan.steps, "Looking at the corrections")
        for image in photographs(own):
            self._corrections.remember(image)

    def _draw(self, count: int, remembered: bool = False) -> tuple[Batch, Windows]:
        """Samples, and of which image and where each is."""
        windows = []
        for _ in range(count):
            if remembered:
                index = int(self._rng.choice(self._corrections.remembered))
            else:
                self._queue = self._queue or self._corrections.order(self._rng)
                index = self._queue.pop()
            window = draw_window(self._corrections.get(index), self._preset, self._plan.side_px, self._rng)
            windows.append((index, window))
        return self._corrections.cut(windows, self._rng), windows

    def _solve(self) -> Job[None]:
        """Rows of the corrected classes from sampled taps, where there is a class that has none yet."""
        plan = self._plan
        if not (self._wanted & ~self._taught).any():
            return
        views = min(plan.most_views, plan.views * len(self._corrections))
        samples = yield from self._sample(views, remembered=False)
        elsewhere = None
        if self._corrections.remembered:
            recalled = plan.recalled_views * len(self._corrections.remembered)
            of_photographs = yield from self._sample(recalled, remembered=True)
            elsewhere = of_photographs.features
        for _ in solve_rows(self._network, samples, self._taught, plan.ridge, plan.iterations, elsewhere):
            yield Progress(0, plan.steps, "Solving the score layers")

    def _sample(self, views: int, remembered: bool) -> Job[TapSamples]:
        parts: list[TapSamples] = []
        for _ in range(views):
            batch, _ = self._draw(1, remembered)
            batch = self._placed(batch)
            weights = batch.free if remembered else batch.weights
            pixels = self._plan.recalled_pixels if remembered else self._plan.pixels
            parts.append(sample_taps(self._network, batch, weights, pixels, self._generator))
            yield Progress(0, self._plan.steps, "Looking at the corrections")
        return TapSamples.joined(parts)

    def _learn(self, step: int) -> Job[float]:
        """Gradients of one step; its loss."""
        plan, waiting = self._plan, Progress(step - 1, self._plan.steps, "Learning")
        batch, windows = self._draw(plan.batch)
        shape, stride = (plan.batch, plan.side_px, plan.side_px), self._network.strides[0]
        kept = draw_kept(shape, self._settings.sampling_q, self._generator, Sampling.CELL, stride)
        batch = replace(batch, weights=batch.weights * kept)
        total, free = float(batch.weights.sum()), float(batch.free.sum())
        if total <= 0:
            return 0.0
        loss = 0.0
        for first in range(0, plan.batch, plan.micro):
            part = self._placed(batch.part(first, plan.micro))
            scores = self._scores(part)
            yield waiting
            at_pixels = self._network.at_pixels(scores, shape[1:])
            share = share_of_loss(at_pixels, part.labels, part.weights, total)
            loss += share.item()
            if not math.isfinite(loss):
                return loss
            if self._is_anchored and free > 0:
                apart = self._anchor.divergence(scores, part, windows[first : first + plan.micro], self._taught)
                share = share + apart * (plan.anchor / free)
            torch.autograd.backward(share)
            yield waiting
        if self._corrections.remembered and plan.recall:
            yield from self._recall(waiting)
        return loss

    def _recall(self, waiting: Progress) -> Job[None]:
        """Gradients of one sample of a photograph: it is to look as it did to the live network."""
        batch, windows = self._draw(1, remembered=True)
        part = self._placed(batch)
        scores = self._scores(part)
        yield waiting
        apart = self._anchor.divergence(scores, part, windows, ~self._silent)
        torch.autograd.backward(apart * (self._plan.recall / max(1.0, float(batch.free.sum()))))
        yield waiting

    def _scores(self, part: Batch) -> Tensor:
        """N×K×h×w at the finest stride; classes that take no part far below all others, without a gradient."""
        scores: Tensor = self._network(part.x)
        if not self._silent.any():
            return scores
        return scores.masked_fill(self._silent.to(scores.device).view(1, -1, 1, 1), UNTAUGHT_SCORE)

    def _optimiser(self) -> RelativeAdam:
        optimiser = RelativeAdam()
        of_scores = {id(part) for layer in score_layers(self._network) for part in layer.parameters()}
        for part in self._network.parameters():
            rate = self._plan.score_rate if id(part) in of_scores else self._plan.trunk_rate
            optimiser.add(part, channel_scale(part) * rate)
        return optimiser

    @torch.no_grad()
    def _average(self, step: int) -> None:
        memory = min(self._plan.memory, step / (step + 4))
        torch._foreach_lerp_(list(self._mean.parameters()), list(self._network.parameters()), 1 - memory)

    def _watch(self, step: int) -> Job[float]:
        """Mean IU of the running mean on some of the watched images."""
        network = copy.deepcopy(self._mean)
        silence_untaught(network)
        predictor = Predictor(network, self._preset, self._device)
        classes = network.classes
        total = np.zeros((classes, classes), np.int64)
        for image in self._request.watched[: self._plan.watch_most]:
            total += confusion_of(predictor, image)
            yield Progress(step - 1, self._plan.steps, "Looking at held-out images")
        return mean_iu(total) if total.any() else math.nan

    def _placed(self, batch: Batch) -> Batch:
        name = self._device.name
        return Batch(self._device.place(batch.x), batch.labels.to(name), batch.weights.to(name), batch.free.to(name))


def confusion_of(predictor: Predictor, corrected: Corrected) -> NDArray[np.int64]:
    """K×K over the vouched pixels of one image, truth in rows."""
    image, mask, vouch = corrected.read()
    return confusion_matrix(mask, predictor.predict(image).labels, predictor.network.classes, vouch > 0)
