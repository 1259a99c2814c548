"""How good a checkpoint is on a data set: one confusion matrix an image, so that two checkpoints can be compared."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fcn_gui.core.checkpoint import Checkpoint
from fcn_gui.core.errors import DatasetError
from fcn_gui.core.image_io import read_image
from fcn_gui.core.label_map import LabelMap
from fcn_gui.core.metrics import Confusion, Measures, confusion_matrix, mean_iu, trimap
from fcn_gui.core.progress import Job, Progress
from fcn_gui.core.raster import Image, Mask
from fcn_gui.core.refinement import Refinement
from fcn_gui.core.scores import ScoreGrid
from fcn_gui.disk.dataset import Dataset, DatasetItem, read_truth
from fcn_gui.net.predict import Predictor
from fcn_gui.net.refine import refined


@dataclass(frozen=True)
class ImageResult:
    """Confusion matrices of one image: over all counted pixels, and over those near borders (`trimap`)."""

    id: str
    whole: Confusion
    border: Confusion


@dataclass(frozen=True)
class Evaluation:
    """Of `images` in order; rows and columns of the matrices are the classes of `label_map`, the data set's."""

    label_map: LabelMap
    images: tuple[ImageResult, ...]
    seconds: float

    @property
    def confusion(self) -> Confusion:
        """K×K int64 over all images, truth in rows."""
        return _total([image.whole for image in self.images])

    @property
    def measures(self) -> Measures:
        return Measures.from_confusion(self.confusion)

    @property
    def trimap_iu(self) -> float:
        """Mean IU near borders."""
        return mean_iu(_total([image.border for image in self.images]))


class Judge:
    """Predicts in the classes of a data set: a class of the checkpoint that it does not have can't win a pixel.

    Classes are matched by name; DatasetError where none is in common.
    """

    def __init__(
        self, predictor: Predictor, known: LabelMap, label_map: LabelMap, way: Refinement = Refinement.OFF
    ) -> None:
        self._predictor, self._way = predictor, way
        self._label_map = label_map
        pairs = [(index, known.index(name)) for index, name in enumerate(label_map.names)]
        self._pairs = [(index, row) for index, row in pairs if row is not None]
        if not self._pairs:
            raise DatasetError(
                f"The data set has none of the checkpoint's classes (it has {', '.join(label_map.names[:5])} …); "
                "train a checkpoint on it first."
            )

    def labels(self, image: Image) -> Mask:
        """H×W uint8 in the data set's classes."""
        grid = self._predictor.score_batch([image])[0]
        if len(self._pairs) == grid.classes and all(index == row for index, row in self._pairs):
            return refined(grid, image, self._way)
        rows = [row for _, row in self._pairs]
        part = ScoreGrid(np.ascontiguousarray(grid.values[rows]), grid.shape, grid.rows, grid.cols)
        names = np.array([index for index, _ in self._pairs], np.uint8)
        labels: Mask = names[refined(part, image, self._way)]
        return labels

    def judge(self, item_id: str, image: Image, truth: Mask) -> ImageResult:
        """The confusion matrices of one image."""
        labels, classes = self.labels(image), len(self._label_map)
        whole = confusion_matrix(truth, labels, classes)
        return ImageResult(item_id, whole, confusion_matrix(truth, labels, classes, trimap(truth)))


def evaluate(
    checkpoint: Checkpoint, dataset: Dataset, device: str = "auto", way: Refinement = Refinement.OFF
) -> Job[Evaluation]:
    """Predict every image of `dataset` at one scale, refined in this `way`, and compare.

    Raises DatasetError, ImageError, MaskError.

    In float32 everywhere: a figure must not turn with what a machine finds fastest.
    """
    if not dataset.items:
        raise DatasetError("The data set has no image to evaluate on; choose another split.")
    predictor = Predictor.of(checkpoint, device, measured=False)
    return (yield from judge_all(predictor, checkpoint.label_map, dataset.label_map, dataset.items, way))


def judge_all(
    predictor: Predictor,
    known: LabelMap,
    label_map: LabelMap,
    items: Sequence[DatasetItem],
    way: Refinement = Refinement.OFF,
) -> Job[Evaluation]:
    """As `evaluate`, with a network that is already on its device."""
    started = time.perf_counter()
    judge = Judge(predictor, known, label_map, way)
    results: list[ImageResult] = []
    for item in items:
        yield Progress(len(results), len(items), item.id)
        image = read_image(item.image_path).image
        results.append(judge.judge(item.id, image, read_truth(item, label_map, image.shape)))
    yield Progress(len(items), len(items))
    return Evaluation(label_map, tuple(results), time.perf_counter() - started)


def _total(matrices: Sequence[Confusion]) -> Confusion:
    total: Confusion = np.sum(matrices, axis=0)
    return total
