"""A segmenter that goes by colour: the label whose colour is nearest. Learns mean colours; milliseconds, no torch."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fcn_gui.core.checkpoint import Checkpoint
from fcn_gui.core.cleanup import RAW, Cleanup, cleaned
from fcn_gui.core.description import Description
from fcn_gui.core.errors import CheckpointError, LearningError
from fcn_gui.core.label_map import LabelMap
from fcn_gui.core.metrics import confusion_matrix
from fcn_gui.core.prediction import Prediction
from fcn_gui.core.progress import Job, Progress
from fcn_gui.core.raster import VOID, Image, Inside, Mask
from fcn_gui.core.refinement import Refinement, averaged, coherent, kept
from fcn_gui.core.refit import Refit
from fcn_gui.core.scores import Axis, ScoreGrid
from fcn_gui.core.surroundings import Boldness, Surroundings
from fcn_gui.disk.checkpoint_file import checkpoint_id, write_checkpoint
from fcn_gui.session.ports import CorrectedImage, FineTuneRequest, RefitRequest

STEPS = 12
UNKNOWN = np.float32(1e4)
"""A colour coordinate far from all: a class that was never seen is nowhere the nearest."""
Colors = NDArray[np.float32]


def colour_checkpoint(label_map: LabelMap, colors: Colors | None = None) -> Checkpoint:
    """A checkpoint of the fake: one K×3 tensor, by default the label map's own colours."""
    table = np.asarray(label_map.colors if colors is None else colors, np.float32)
    return Checkpoint({"colors": table}, "colour", (1,), label_map, {}, licence="none")


def write_start(folder: Path, label_map: LabelMap, colors: Colors | None = None) -> Path:
    """A start checkpoint in `folder`."""
    checkpoint = colour_checkpoint(label_map, colors)
    write_checkpoint(folder / "start.safetensors", checkpoint)
    return folder / "start.safetensors"


class FakeSegmenter:
    """Fits `session.ports.Segmenter`. `largest_px` bounds the pixels that it really looks at."""

    def __init__(self, largest_px: int = 600_000, steps: int = STEPS) -> None:
        self._largest_px, self._steps = largest_px, steps
        self._live: Checkpoint | None = None
        self._worn: Checkpoint | None = None
        self._named: set[str] = set()
        self.predicted = 0

    def load(self, checkpoint: Checkpoint, label_map: LabelMap) -> None:
        self._live = self._worn = self._adapted(checkpoint, label_map)

    def put_on(self, refit: Refit | None) -> None:
        live = self._loaded()
        self._worn = live if refit is None else self._adapted(refit.on(live), live.label_map)

    def describe(self) -> Description:
        live = self._loaded()
        return Description("CPU", "by colour", live.id, live.label_map)

    def predict(self, image: Image, name: str = "", *, attunes: bool = False) -> Prediction:
        self._loaded()
        assert self._worn is not None
        self.predicted += 1
        return _predict(self._worn, image, self._largest_px)

    def by_stride(self, image: Image, name: str = "") -> dict[int, ScoreGrid]:
        """The colours of every fourth, of every other and of every pixel."""
        self._loaded()
        assert self._worn is not None
        return {stride: _scores(self._worn, image, stride) for stride in (4, 2, 1)}

    def features(self, image: Image, name: str) -> bool:
        self._named.add(name)
        return True

    def complete(self, around: Surroundings, name: str, boldness: Boldness = Boldness.USUAL) -> Inside | None:
        """Nothing: what has the colour of a stroke is found by the refit."""
        return None

    def refit(self, request: RefitRequest) -> Job[Refit | None]:
        """The mean colours of what is vouched; in one step, whatever was found before."""
        live = self._loaded()
        yield Progress(text="Refitting colours")
        means = {each.key: _mean_colors([each], request.settings, len(live.label_map)) for each in request.images}
        wanted = _mean_colors(request.images, request.settings, len(live.label_map))
        yield Progress(text="Refitting colours")
        vouched = ~np.isnan(wanted).any(1)
        taught = (live.tensors["colors"] < UNKNOWN).all(1)
        active = vouched | taught
        if not active[0] or active.sum() < 2:
            return None
        others = [~np.isnan(found).any(1) for key, found in means.items() if key != request.open_key]
        new = vouched & ~taught
        introduced = new & ~np.any([np.zeros(len(new), bool), *others], 0)
        colors = np.where(vouched[:, None], wanted, live.tensors["colors"]).astype(np.float32)
        labels = [tuple(np.flatnonzero(which).tolist()) for which in (introduced, new, vouched)]
        return Refit(live.id, live.label_map, {"colors": colors}, *labels)

    def fine_tune(self, request: FineTuneRequest) -> Job[Checkpoint]:
        live = self._loaded()
        if request.refit is not None:
            live = self._adapted(request.refit.on(live), live.label_map)
        colors = live.tensors["colors"].astype(np.float32).copy()
        steps = request.steps or self._steps
        wanted = _mean_colors(request.images, request.settings, len(live.label_map))
        if np.isnan(wanted).all():
            raise LearningError("There is no vouched pixel to learn from.")
        known = ~np.isnan(wanted).any(1)
        for step in range(1, steps + 1):
            colors[known] += (wanted[known] - colors[known]) / (steps - step + 1)
            loss = float(np.abs(wanted[known] - colors[known]).mean()) / 255 + 1 / (1 + step)
            numbers = {"loss": loss}
            candidate = replace(live, tensors={"colors": colors.copy()}, id="", receipt=None)
            if request.watched and step % 4 == 0:
                numbers["mean_iu"] = _mean_iu(
                    [_confusion(candidate, each, self._largest_px) for each in request.watched]
                )
            yield Progress(step, steps, "Learning colours", numbers)
        return replace(candidate, parent=live.id, id=checkpoint_id(candidate))

    def evaluate(
        self, checkpoint: Checkpoint, images: Sequence[CorrectedImage], cleanup: Cleanup = RAW
    ) -> Job[list[Mask]]:
        adapted = self._adapted(checkpoint, self._loaded().label_map)
        found = []
        for number, each in enumerate(images):
            yield Progress(number, len(images), f"Evaluating {each.key}")
            image = each.read()[0]
            found.append(cleaned(_predict(adapted, image, self._largest_px).scores, image, cleanup))
        return found

    def look_again(self, prediction: Prediction, image: Image) -> Job[Prediction]:
        yield Progress(1, 2, "Looking again")
        mirrored = _scores(self._loaded(), np.ascontiguousarray(image[:, ::-1]), 1).mirrored()
        return replace(prediction, scores=averaged([prediction.scores, mirrored]))

    def refine(self, prediction: Prediction, image: Image, way: Refinement, vouched: Mask | None = None) -> Mask:
        found = coherent(prediction.scores, image, way, vouched)
        return kept(found.named(found.grid.labels()), vouched)

    def _loaded(self) -> Checkpoint:
        if self._live is None:
            raise CheckpointError("Nothing is loaded.")
        return self._live

    @staticmethod
    def _adapted(checkpoint: Checkpoint, label_map: LabelMap) -> Checkpoint:
        if checkpoint.trunk != "colour" or "colors" not in checkpoint.tensors:
            raise CheckpointError("This is not a checkpoint of colours.")
        colors = np.full((len(label_map), 3), UNKNOWN)
        for label, name in enumerate(label_map.names):
            row = checkpoint.label_map.index(name)
            if row is not None:
                colors[label] = checkpoint.tensors["colors"][row]
        return replace(checkpoint, tensors={"colors": colors.astype(np.float32)}, label_map=label_map)


class WithoutRefit(FakeSegmenter):
    """Finds nothing in a stroke. By colour a refit knows at once all that there is: no fine-tune could be better."""

    def refit(self, request: RefitRequest) -> Job[Refit | None]:
        yield Progress(text="Refitting colours")
        return None


def _predict(live: Checkpoint, image: Image, largest_px: int) -> Prediction:
    height, width = image.shape[:2]
    step = max(1, int(np.ceil(np.sqrt(height * width / largest_px))))
    grid = _scores(live, image, step)
    small = grid.values.argmax(0).astype(np.uint8)
    labels = np.repeat(np.repeat(small, step, 0), step, 1)[:height, :width]
    return Prediction(np.ascontiguousarray(labels), grid, live.id)


def _scores(live: Checkpoint, image: Image, step: int) -> ScoreGrid:
    """By every `step`-th pixel."""
    seen = image[::step, ::step].astype(np.float32)
    colors = live.tensors["colors"].astype(np.float32)
    scores = np.stack([-np.abs(seen - color).sum(2) / 16 for color in colors])
    shape = image.shape[0], image.shape[1]
    return ScoreGrid(scores.astype(np.float16), shape, Axis(0.0, 1 / step), Axis(0.0, 1 / step))


def _mean_colors(images: Sequence[CorrectedImage], settings: Mapping[str, float], classes: int) -> Colors:
    """K×3, nan where no vouched pixel has the class; corrected pixels count `learn.correction_emphasis` times."""
    emphasis = float(settings.get("learn.correction_emphasis", 3.0))
    sums, weights = np.zeros((classes, 3)), np.zeros(classes)
    for each in images:
        image, mask, vouch = each.read()
        keep = (vouch > 0) & (mask != VOID)
        labels, weight = mask[keep].astype(np.intp), np.where(vouch[keep] == 2, emphasis, 1.0)
        weights += np.bincount(labels, weight, classes)[:classes]
        for channel in range(3):
            sums[:, channel] += np.bincount(labels, weight * image[..., channel][keep], classes)[:classes]
    with np.errstate(invalid="ignore", divide="ignore"):
        means: Colors = (sums / weights[:, None]).astype(np.float32)
    return means


def _confusion(checkpoint: Checkpoint, each: CorrectedImage, largest_px: int) -> NDArray[np.int64]:
    image, mask, vouch = each.read()
    truth = np.where(vouch > 0, mask, VOID).astype(np.uint8)
    return confusion_matrix(truth, _predict(checkpoint, image, largest_px).labels, len(checkpoint.label_map))


def _mean_iu(confusions: Sequence[NDArray[np.int64]]) -> float:
    total = np.sum(np.stack(confusions), 0)
    truth, found, both = total.sum(1), total.sum(0), np.diag(total)
    present = truth > 0
    return float((both[present] / np.maximum(truth + found - both, 1)[present]).mean()) if present.any() else 0.0
