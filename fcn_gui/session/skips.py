"""What the network says of the open image down to each of its strides, and what each skip added."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fcn_gui.core.metrics import Measures, confusion_matrix
from fcn_gui.core.progress import Job, Progress
from fcn_gui.core.raster import Image, Inside, Mask
from fcn_gui.core.scores import Axis, ScoreGrid
from fcn_gui.core.uncertainty import margins, margins_beside_borders
from fcn_gui.session.engine import Engine
from fcn_gui.session.jobs import PredictRequest

LONG_SIDE_PX = 512
"""Of the pictures; a larger photograph is looked at in this size."""
MOST_VALUES = 5_000_000
"""Probabilities that are kept for each stride; with many classes they are coarser than the labels."""


@dataclass(frozen=True)
class StrideLook:
    """As far as `stride`: `labels` h×w; `probabilities` K×h'×w' float16 of about the same or a smaller size.

    `changed_share` 0…1 of the pixels that the coarser stride called something else, 0 for the first; `mean_iu` over
    the vouched pixels, None where there are none.
    """

    stride: int
    labels: Mask
    probabilities: NDArray[np.float16]
    changed_share: float
    mean_iu: float | None


@dataclass(frozen=True)
class Places:
    """What the coarsest stride says at its own points: `probabilities` K×r×c float16, one answer for each place.

    `rows` h and `cols` w say of each row and column of the picture which place is nearest.
    """

    probabilities: NDArray[np.float16]
    rows: NDArray[np.intp]
    cols: NDArray[np.intp]

    @property
    def shape(self) -> tuple[int, int]:
        """How many there are, down and across."""
        return self.probabilities.shape[1], self.probabilities.shape[2]

    def answers(self, label: int) -> NDArray[np.float32]:
        """h×w: at each pixel the probability of a class at the nearest place; 0 for a class that it does not know."""
        if label >= len(self.probabilities):
            return np.zeros((len(self.rows), len(self.cols)), np.float32)
        answers: NDArray[np.float32] = self.probabilities[label][self.rows[:, None], self.cols].astype(np.float32)
        return answers


@dataclass(frozen=True)
class Doubt:
    """Difference of the two greatest probabilities as far as the finest stride, h'×w' float16, 0…1.

    `margins` everywhere, `beside_borders` without the doubt that every border of two classes has.
    """

    margins: NDArray[np.float16]
    beside_borders: NDArray[np.float16]


@dataclass(frozen=True)
class Skips:
    """Of the image `key` at one time: `version` says who answered; `photo` h×w×3 is what the labels lie on."""

    key: str
    version: int
    photo: Image
    looks: tuple[StrideLook, ...]
    places: Places
    doubt: Doubt

    def changed(self, number: int) -> Inside:
        """h×w: where the look of that number says another class than the one before; nowhere for the first."""
        labels = self.looks[number].labels
        changed: Inside = labels != self.looks[max(0, number - 1)].labels
        return changed

    def heat(self, number: int, label: int) -> NDArray[np.float32]:
        """Probability of a class, 0…1; 0 for a class that it does not know."""
        probabilities = self.looks[number].probabilities
        if label >= len(probabilities):
            return np.zeros(probabilities.shape[1:], np.float32)
        heat: NDArray[np.float32] = probabilities[label].astype(np.float32)
        return heat

    def added_heat(self, number: int, label: int) -> NDArray[np.float32]:
        """What the skip of that number added to the probability of a class, −1…1; 0 for the first."""
        added: NDArray[np.float32] = self.heat(number, label) - self.heat(max(0, number - 1), label)
        return added

    def most_added(self, label: int) -> float:
        """The largest change of that probability by any skip, 0…1."""
        return max((float(np.abs(self.added_heat(n, label)).max()) for n in range(len(self.looks))), default=0.0)


def look_by_stride(engine: Engine, request: PredictRequest, truth: Mask) -> Job[Skips]:
    """Of the image of `request`; `truth` H×W with 255 where nothing is vouched. Raises CheckpointError, DeviceError."""
    yield Progress(text="Looking stride by stride")
    grids = engine.ready(request.live).by_stride(request.image, request.name)
    size = _within(truth.shape, LONG_SIDE_PX)
    known = _resized(truth, size, cv2.INTER_NEAREST)
    looks: list[StrideLook] = []
    for number, (stride, grid) in enumerate(grids.items()):
        yield Progress(number, len(grids), "Looking stride by stride")
        labels = grid.at_size(size).labels()
        changed = float((labels != looks[-1].labels).mean()) if looks else 0.0
        looks.append(StrideLook(stride, labels, _probabilities(grid, size), changed, _mean_iu(known, labels, grid)))
    yield Progress(len(grids), len(grids), "Looking stride by stride")
    places, doubt = _places(next(iter(grids.values())), size), _doubt(looks[-1].probabilities)
    photo = _resized(request.image, size, cv2.INTER_AREA)
    return Skips(request.key, request.live.version, photo, tuple(looks), places, doubt)


def _places(coarsest: ScoreGrid, size: tuple[int, int]) -> Places:
    """A grid finer than the picture has more places than it can show: then there is one for each pixel."""
    grid = coarsest.at_size(size)
    shape = grid.values.shape[1:]
    if shape[0] > size[0] or shape[1] > size[1]:
        found = _probabilities(grid, size)
        rows, cols = (Axis((new / old - 1) / 2, new / old) for old, new in zip(size, found.shape[1:], strict=True))
    else:
        # Scores of a grid at its own points: an image of the grid's size, whose pixels lie on them.
        at_points = ScoreGrid(grid.values, (shape[0], shape[1]), Axis(0, 1), Axis(0, 1))
        found = np.ascontiguousarray(at_points.probabilities(), np.float16)
        rows, cols = grid.rows, grid.cols
    return Places(found, _nearest(rows, size[0], found.shape[1]), _nearest(cols, size[1], found.shape[2]))


def _nearest(axis: Axis, pixels: int, points: int) -> NDArray[np.intp]:
    at = np.rint(axis.start + np.arange(pixels) * axis.step)
    nearest: NDArray[np.intp] = np.clip(at, 0, points - 1).astype(np.intp)
    return nearest


def _doubt(probabilities: NDArray[np.float16]) -> Doubt:
    values = probabilities.astype(np.float32)
    return Doubt(margins(values).astype(np.float16), margins_beside_borders(values).astype(np.float16))


def _probabilities(grid: ScoreGrid, size: tuple[int, int]) -> NDArray[np.float16]:
    too_many = np.sqrt(grid.classes * size[0] * size[1] / MOST_VALUES)
    small = size if too_many <= 1 else _within(size, max(1, int(max(size) / too_many)))
    return np.ascontiguousarray(grid.at_size(small).probabilities(), np.float16)


def _mean_iu(truth: Mask, labels: Mask, grid: ScoreGrid) -> float | None:
    confusion = confusion_matrix(truth, labels, grid.classes)
    return Measures.from_confusion(confusion).mean_iu if confusion.any() else None


def _within(shape: tuple[int, ...], long_side: int) -> tuple[int, int]:
    scale = min(1.0, long_side / max(shape[:2]))
    return max(1, round(shape[0] * scale)), max(1, round(shape[1] * scale))


def _resized(array: NDArray[np.uint8], size: tuple[int, int], how: int) -> NDArray[np.uint8]:
    if array.shape[:2] == size:
        return array
    return np.asarray(cv2.resize(array, (size[1], size[0]), interpolation=how), np.uint8)
