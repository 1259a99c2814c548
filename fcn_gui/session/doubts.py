"""What a person vouched for and the network doubts: offered for another look, never changed."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fcn_gui.core.errors import FcnGuiError
from fcn_gui.core.prediction import Prediction
from fcn_gui.core.progress import Job, Progress
from fcn_gui.core.raster import UNVOUCHED, VOID, Mask, Rect, Vouch
from fcn_gui.core.scores import ScoreGrid
from fcn_gui.core.uncertainty import away_from_borders
from fcn_gui.session.checkpoints import LiveModel
from fcn_gui.session.engine import Engine
from fcn_gui.session.ports import CorrectedImage
from fcn_gui.session.where_next import grid_regions, pixels_of, probabilities_of

_log = logging.getLogger(__name__)
SURE = 0.9
"""So likely must another class be for the network to contradict a person."""


@dataclass(frozen=True)
class Doubted:
    """A connected region vouched for as something else: the pixels around it, its size, what the network says."""

    rect: Rect
    area_px: int
    said: int


def doubted_regions(prediction: Prediction, mask: Mask, vouch: Vouch) -> list[Doubted]:
    """Regions where the network is sure of another class than the vouched one, away from borders, largest first."""
    grid = prediction.scores
    wrong, said = _doubted_cells(grid, mask, vouch)
    rows, cols = pixels_of(grid)
    cell_px = grid.shape[0] * grid.shape[1] / wrong.size
    found = [
        Doubted(rect, round(cells * cell_px), label)
        for label in np.unique(said[wrong]).tolist()
        for rect, cells in grid_regions(wrong & (said == label), rows, cols)[1].values()
    ]
    return sorted(found, key=lambda region: -region.area_px)


def doubted_pixels(prediction: Prediction, mask: Mask, vouch: Vouch) -> NDArray[np.bool_]:
    """H×W: the vouched pixels of those regions."""
    grid = prediction.scores
    wrong, _ = _doubted_cells(grid, mask, vouch)
    cells = [
        np.clip(np.rint(axis.start + axis.step * np.arange(size)), 0, count - 1).astype(np.intp)
        for axis, size, count in zip((grid.rows, grid.cols), grid.shape, wrong.shape, strict=True)
    ]
    return np.asarray(wrong[np.ix_(*cells)] & (vouch != UNVOUCHED))


def _doubted_cells(grid: ScoreGrid, mask: Mask, vouch: Vouch) -> tuple[NDArray[np.bool_], Mask]:
    """On the grid of the scores: where the network contradicts a person, and which class it says everywhere."""
    probabilities = probabilities_of(grid)
    said, likely = probabilities.argmax(0).astype(np.uint8), probabilities.max(0)
    rows, cols = pixels_of(grid)
    there, vouched = np.ascontiguousarray(mask[np.ix_(rows, cols)]), vouch[np.ix_(rows, cols)] != UNVOUCHED
    return vouched & away_from_borders(there) & (there != VOID) & (said != there) & (likely >= SURE), said


def recheck(
    engine: Engine, live: LiveModel, images: Sequence[CorrectedImage], deliver: Callable[[str, int], None]
) -> Job[int]:
    """`deliver(key, pixels in doubt)` for each image with vouched pixels. In how many there are any."""
    doubted = 0
    for number, each in enumerate(images):
        yield Progress(number, len(images), f"Checking {each.key} again")
        try:
            image, mask, vouch = each.read()
        except FcnGuiError as error:
            _log.info("%s is not checked again: %s", each.key, error)
            continue
        yield Progress(number, len(images), f"Checking {each.key} again")
        regions = doubted_regions(engine.ready(live).predict(image), mask, vouch)
        deliver(each.key, sum(region.area_px for region in regions))
        doubted += bool(regions)
    return doubted
