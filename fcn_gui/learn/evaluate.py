"""How good a checkpoint is on a data set: one confusion matrix an image, so that two checkpoints can be compared."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from fcn_gui.core.border_bands import BandCounts, Bands, total, within
from fcn_gui.core.checkpoint import Checkpoint
from fcn_gui.core.errors import DatasetError
from fcn_gui.core.image_io import read_image
from fcn_gui.core.label_map import LabelMap
from fcn_gui.core.metrics import Confusion, Measures, Over, confusion_matrix, mean_iu, trimap
from fcn_gui.core.progress import Job, Progress
from fcn_gui.core.raster import Image, Mask
from fcn_gui.core.refinement import Refinement
from fcn_gui.core.scores import ScoreGrid
from fcn_gui.disk.dataset import Dataset, DatasetItem, read_truth
from fcn_gui.net.by_stride import scores_by_stride
from fcn_gui.net.looks import ManyLooks
from fcn_gui.net.predict import Predictor
from fcn_gui.net.refine import refined


@dataclass(frozen=True)
class ImageResult:
    """Confusion of one image: over all counted pixels, over those near borders (`trimap`), and by distance from them.

    `by_stride`: over all counted pixels and near borders, as far as each stride; {} where that was not asked for.
    """

    id: str
    whole: Confusion
    border: Confusion
    bands: BandCounts
    by_stride: Mapping[int, tuple[Confusion, Confusion]] = field(default_factory=dict)


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

    def mean_iu(self, over: Over) -> float:
        """By either rule for classes that the truth does not have."""
        return mean_iu(self.confusion, over)

    @property
    def trimap_iu(self) -> float:
        """Mean IU near borders."""
        return mean_iu(_total([image.border for image in self.images]))

    @property
    def bands(self) -> Bands:
        """Pixels by their distance from borders."""
        return total((image.bands for image in self.images), len(self.label_map))

    @property
    def trimap_curve(self) -> list[float]:
        """Mean IU within each of `border_bands.WIDTHS_PX` of borders."""
        return [mean_iu(confusion) for confusion in within(self.bands)]

    @property
    def by_stride(self) -> dict[int, tuple[Measures, float]]:
        """Measures and mean IU near borders as far as each stride, coarsest first."""
        strides = self.images[0].by_stride if self.images else ()
        return {
            stride: (
                Measures.from_confusion(_total([image.by_stride[stride][0] for image in self.images])),
                mean_iu(_total([image.by_stride[stride][1] for image in self.images])),
            )
            for stride in strides
        }


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
        return self._named(self._predictor.score_batch([image])[0], image)

    def judge(self, item_id: str, image: Image, truth: Mask, is_by_stride: bool = False) -> ImageResult:
        """The confusion of one image."""
        if not is_by_stride:
            return self._result(item_id, truth, self.labels(image))
        found = [(s, self._named(grid, image)) for s, grid in scores_by_stride(self._predictor, image).items()]
        pairs = {stride: self._pair(truth, labels) for stride, labels in found}
        return replace(self._result(item_id, truth, found[-1][1]), by_stride=pairs)

    def _result(self, item_id: str, truth: Mask, labels: Mask) -> ImageResult:
        whole, border = self._pair(truth, labels)
        return ImageResult(item_id, whole, border, BandCounts.of(truth, labels, len(self._label_map)))

    def _pair(self, truth: Mask, labels: Mask) -> tuple[Confusion, Confusion]:
        classes = len(self._label_map)
        return confusion_matrix(truth, labels, classes), confusion_matrix(truth, labels, classes, trimap(truth))

    def _named(self, grid: ScoreGrid, image: Image) -> Mask:
        """Argmax over the classes in common, by the data set's index."""
        if len(self._pairs) == grid.classes and all(index == row for index, row in self._pairs):
            return refined(grid, image, self._way)
        rows = [row for _, row in self._pairs]
        part = ScoreGrid(np.ascontiguousarray(grid.values[rows]), grid.shape, grid.rows, grid.cols)
        names = np.array([index for index, _ in self._pairs], np.uint8)
        labels: Mask = names[refined(part, image, self._way)]
        return labels


def evaluate(
    checkpoint: Checkpoint,
    dataset: Dataset,
    device: str = "auto",
    way: Refinement = Refinement.OFF,
    is_by_stride: bool = False,
) -> Job[Evaluation]:
    """Predict every image of `dataset` at one scale, refined in this `way`, and compare.

    Raises DatasetError, ImageError, MaskError.

    `is_by_stride`: also as far as each stride of the network, from the same pass over its trunk. In float32 everywhere:
    a figure must not turn with what a machine finds fastest.
    """
    if not dataset.items:
        raise DatasetError("The data set has no image to evaluate on; choose another split.")
    predictor = ManyLooks.where_wanted(Predictor.of(checkpoint, device, measured=False), way)
    judge = Judge(predictor, checkpoint.label_map, dataset.label_map, way)
    return (yield from _judged(judge, dataset.label_map, dataset.items, is_by_stride))


def judge_all(
    predictor: Predictor,
    known: LabelMap,
    label_map: LabelMap,
    items: Sequence[DatasetItem],
) -> Job[Evaluation]:
    """As `evaluate`, with a network that is already on its device."""
    return (yield from _judged(Judge(predictor, known, label_map), label_map, items, is_by_stride=False))


def _judged(judge: Judge, label_map: LabelMap, items: Sequence[DatasetItem], is_by_stride: bool) -> Job[Evaluation]:
    started = time.perf_counter()
    results: list[ImageResult] = []
    for item in items:
        yield Progress(len(results), len(items), item.id)
        image = read_image(item.image_path).image
        results.append(judge.judge(item.id, image, read_truth(item, label_map, image.shape), is_by_stride))
    yield Progress(len(items), len(items))
    return Evaluation(label_map, tuple(results), time.perf_counter() - started)


def _total(matrices: Sequence[Confusion]) -> Confusion:
    total: Confusion = np.sum(matrices, axis=0)
    return total
