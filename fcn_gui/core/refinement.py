"""Borders and coherence: a network judges each point for itself; here its scores are made to keep to the photograph.

All ways work on cells coarser than pixels, over the classes that are likely somewhere. What a field adds to the scores
there is carried back to the network's own grid, so that nothing which the scores knew finer is lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from fcn_gui.core.color_guide import ColorGuide
from fcn_gui.core.mean_field import Field, messages
from fcn_gui.core.raster import VOID, Image, Mask
from fcn_gui.core.scores import Axis, ScoreGrid
from fcn_gui.core.superpixels import superpixels

Planes = NDArray[np.float32]


class Refinement(StrEnum):
    """How scores become coherent."""

    OFF = "off"
    FAST = "fast"
    """A random field with few rounds between few neighbours, on cells of 4 pixels."""
    CRF = "crf"
    """The same with more rounds between more neighbours, on cells of 2 pixels."""
    WIDE = "wide"
    """The same with neighbours still farther away: fewer seconds to correct, and less is left of what is thin."""
    LOOKS = "looks"
    """Several looks at the photograph (`net/looks`), their scores averaged, and half as strong a field: the others
    add to what one look knew, where more looks know more."""
    GUIDED = "guided"
    """A guided filter by colour."""
    SUPERPIXELS = "superpixels"
    """Each patch of alike colour has one mean probability."""


CHOICES = tuple(way.value for way in Refinement)
FIELDS = {
    Refinement.FAST: Field(cell_px=4, reach=2, dilation=2, rounds=2, color_sigma=3, place_sigma=20, strength=4),
    Refinement.CRF: Field(cell_px=2, reach=3, dilation=2, rounds=5, color_sigma=2, place_sigma=20, strength=4),
    Refinement.WIDE: Field(cell_px=2, reach=5, dilation=2, rounds=5, color_sigma=2, place_sigma=20, strength=4),
    Refinement.LOOKS: Field(cell_px=2, reach=3, dilation=2, rounds=5, color_sigma=2, place_sigma=20, strength=2),
}
"""FAST, CRF and LOOKS: chosen by borders on photographs of train (docs/decisions/refine.md). WIDE: by the seconds of
putting right what it starts (docs/decisions/start-masks.md)."""
GUIDED_CELL_PX, GUIDED_RADIUS, GUIDED_EPSILON = 2, 4, 1e-4
LEAST_PROBABILITY = 0.05
"""A class that is nowhere likelier than this is not looked at."""
LOOKED_AT = 128
"""Points along the longer side of a grid at which that is asked."""
USUAL_SIDE_PX = 512
"""Cells are as large as stated in an image of this long side, larger in a larger one."""
SURE = 20.0
"""How far the score of a vouched label lies above all others."""


@dataclass(frozen=True)
class Coherent:
    """Scores (or probabilities) of the classes that are looked at, and which classes these are."""

    grid: ScoreGrid
    names: NDArray[np.intp]

    def named(self, numbers: Mask) -> Mask:
        """H×W uint8 classes for the numbers that the argmax of `grid` gives."""
        labels: Mask = self.names.astype(np.uint8)[numbers]
        return labels


def coherent(grid: ScoreGrid, image: Image, way: Refinement, vouched: Mask | None = None) -> Coherent:
    """`grid` over its `image` (H×W×3) made coherent in this `way`.

    `vouched` H×W uint8 holds the labels that are known to be right, 255 elsewhere: their neighbours hear them. That
    they stay themselves is for the caller, who knows the pixels (`kept`).
    """
    names = _likely(grid, vouched)
    part = ScoreGrid(grid.values[names].astype(np.float32), grid.shape, grid.rows, grid.cols)
    pins = _pins(vouched, names)
    if way is Refinement.SUPERPIXELS:
        part = _voted(part, image)
    elif way is Refinement.GUIDED:
        part = _guided(part, image, pins)
    elif way is not Refinement.OFF and len(names) > 1:
        part = _heard(part, image, FIELDS[way], pins)
    return Coherent(part, names)


def averaged(looks: Sequence[ScoreGrid]) -> ScoreGrid:
    """The mean of the scores that several looks (one or more) at one image gave, on cells of `USUAL_SIDE_PX`."""
    size = _cells(looks[0].shape, 1)
    first = _on_cells(looks[0], size)
    total = first.values.astype(np.float32)
    for look in looks[1:]:
        total += _on_cells(look, size).values
    return ScoreGrid(total / np.float32(len(looks)), first.shape, first.rows, first.cols)


def kept(labels: Mask, vouched: Mask | None) -> Mask:
    """`labels` (H×W, changed in place) with what is vouched for as it is."""
    if vouched is not None:
        np.copyto(labels, vouched, where=vouched != VOID)
    return labels


def _likely(grid: ScoreGrid, vouched: Mask | None) -> NDArray[np.intp]:
    """Classes that are likely at some point of the grid (of a fine one every second or so), or vouched for."""
    step = max(1, max(grid.values.shape[1:]) // LOOKED_AT)
    # p ≥ least needs a score within log(1/least) of the best; the exact sum is for those few that are that close.
    values = grid.values[:, ::step, ::step].astype(np.float32)
    best = values.max(0)
    close = (values - best).reshape(len(values), -1).max(1) >= np.log(LEAST_PROBABILITY)
    odds = np.exp(values[close] - best)
    is_likely = np.zeros(len(values), bool)
    is_likely[close] = (odds / odds.sum(0)).reshape(len(odds), -1).max(1) >= LEAST_PROBABILITY
    is_likely[values.reshape(len(values), -1).max(1).argmax()] = True
    if vouched is not None:
        is_likely |= np.bincount(vouched.ravel(), minlength=VOID + 1)[: grid.classes] > 0
    return np.flatnonzero(is_likely)


def _pins(vouched: Mask | None, names: NDArray[np.intp]) -> Mask | None:
    """`vouched` in the numbers of the classes that are looked at, 255 elsewhere."""
    if vouched is None:
        return None
    numbers = np.full(256, VOID, np.uint8)
    numbers[names] = np.arange(len(names))
    pins: Mask = numbers[vouched]
    return pins


def _cells(shape: tuple[int, int], cell_px: int) -> tuple[int, int]:
    """(h, w) of cells over an image of `shape`."""
    height, width = shape
    side = cell_px * max(1.0, max(height, width) / USUAL_SIDE_PX)
    return max(1, round(height / side)), max(1, round(width / side))


def _shrunk(image: Image, size: tuple[int, int]) -> Planes:
    """h×w×3 float32, 0…1: the mean colour of each cell."""
    small = cv2.resize(image, size[::-1], interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32) / np.float32(255)


def _pinned(scores: Planes, pins: Mask | None) -> Planes:
    """Scores n×h×w of cells (changed in place) where vouched labels are far ahead."""
    if pins is None:
        return scores
    small = cv2.resize(pins, (scores.shape[2], scores.shape[1]), interpolation=cv2.INTER_NEAREST_EXACT)
    rows, cols = np.nonzero(small != VOID)
    scores[small[rows, cols], rows, cols] = scores[:, rows, cols].max(0) + SURE
    return scores


def _heard(grid: ScoreGrid, image: Image, field: Field, pins: Mask | None) -> ScoreGrid:
    """`grid` with what the neighbours say added to its scores."""
    size = _cells(grid.shape, field.cell_px)
    lab = cv2.cvtColor(_shrunk(image, size), cv2.COLOR_RGB2LAB)
    planes = np.ascontiguousarray(lab.transpose(2, 0, 1), np.float32)
    said = messages(_pinned(grid.at_size(size).scores(), pins), planes, field)
    if grid.values.shape[1] < size[0] or grid.values.shape[2] < size[1]:
        grid = _on_cells(grid, size)  # the coarser of the two would lose what was said
    return ScoreGrid(grid.values + _carried(said, grid), grid.shape, grid.rows, grid.cols)


def _carried(said: Planes, grid: ScoreGrid) -> Planes:
    """What was said in cells (n×h×w) at the points of `grid`."""
    axes = []
    for own, pixels, cells in zip((grid.rows, grid.cols), grid.shape, said.shape[1:], strict=True):
        over = _cell_axis(pixels, cells)
        axes.append(Axis(over.start - own.start / own.step * over.step, over.step / own.step))
    return ScoreGrid(said, (grid.values.shape[1], grid.values.shape[2]), *axes).scores()


def _cell_axis(pixels: int, cells: int) -> Axis:
    """Where the pixels of an image axis lie on its cells."""
    return Axis(0.0, 1.0).resized(cells, pixels)


def _on_cells(grid: ScoreGrid, size: tuple[int, int]) -> ScoreGrid:
    rows, cols = (_cell_axis(pixels, cells) for pixels, cells in zip(grid.shape, size, strict=True))
    return ScoreGrid(grid.at_size(size).scores(), grid.shape, rows, cols)


def _guided(grid: ScoreGrid, image: Image, pins: Mask | None) -> ScoreGrid:
    """Probabilities after a guided filter by colour."""
    size = _cells(grid.shape, GUIDED_CELL_PX)
    small = _on_cells(grid, size)
    scores = _pinned(small.values.astype(np.float32), pins)
    odds = np.exp(scores - scores.max(0))
    guide = ColorGuide(_shrunk(image, size), GUIDED_RADIUS, GUIDED_EPSILON)
    smooth = np.stack([guide.filtered(plane) for plane in odds / odds.sum(0)])
    return ScoreGrid(smooth, grid.shape, small.rows, small.cols)


def _voted(grid: ScoreGrid, image: Image) -> ScoreGrid:
    """At each pixel the sum of probabilities over its superpixel."""
    patches = superpixels(image)
    votes = [np.bincount(patches.ravel(), plane.ravel())[patches] for plane in grid.probabilities()]
    pixels = Axis(0.0, 1.0)
    return ScoreGrid(np.stack(votes).astype(np.float32), grid.shape, pixels, pixels)
