"""From what a network says to a mask that is cheap to correct: edges where the image has them, no crumbs.

Probabilities are smoothed by a guided filter (He, Sun & Tang 2013): within a window the answer is a linear function of
the image's grey value, so its borders move to those of the image. Then regions too small for anybody to have painted
take the label around them.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from fcn_gui.core.raster import Image, Mask, Rect
from fcn_gui.core.refinement import Refinement, coherent
from fcn_gui.core.regions import specks
from fcn_gui.core.scores import ScoreGrid

Plane = NDArray[np.float32]

LEAST_PROBABILITY = 0.05
"""A class that is nowhere likelier than this is not looked at."""
FAINT = 0.01
"""Where a class is less likely than this in all of a window, the filter can't bring it to the front."""
USUAL_SIDE_PX, MOST_SIDE_PX = 512, 1024
_DOUBT_STEP = 2
"""Every second row and column of the grid is enough to know how sure the network is."""
EDGE_EPSILON = 1e-3
"""Of the guided filter, for grey values 0…1: smaller keeps fainter edges."""


@dataclass(frozen=True)
class Cleanup:
    """`radius_px` of the guided filter's window in an image of 512 px, larger in a larger one (0: none); regions under
    `least_share` of the image are merged away.

    `is_blank`: class 0 everywhere, whatever the network says. `refinement`: how scores are made to keep to the
    photograph, in the place of the filter. `most_doubt`: class 0 everywhere where the network itself doubts this much.
    `is_attuned`: made of scores that are attuned to this image, where those are known.
    """

    radius_px: int = 0
    least_share: float = 0.0
    is_blank: bool = False
    refinement: Refinement = Refinement.OFF
    most_doubt: float = math.inf
    is_attuned: bool = False

    @property
    def name(self) -> str:
        """Short, for settings, receipts and figures."""
        if self.is_blank:
            return "blank"
        edges = f"edges {self.radius_px}" if self.radius_px else "raw"
        if self.refinement is not Refinement.OFF:
            edges = f"field {self.refinement}"
        if self.is_attuned:
            edges = f"attuned, {edges}"
        return f"{edges}, {100 * self.least_share:g} %" if self.least_share else edges


BLANK, RAW = Cleanup(is_blank=True), Cleanup()


def cleaned(grid: ScoreGrid, image: Image, way: Cleanup) -> Mask:
    """H×W uint8 labels of `grid` over its `image` (H×W×3), cleaned up in this `way`."""
    if starts_blank(grid, way):
        return np.zeros(grid.shape, np.uint8)
    radius_px = round(way.radius_px * max(grid.shape) / USUAL_SIDE_PX)
    if way.refinement is not Refinement.OFF:
        found = coherent(grid, image, way.refinement)
        labels = found.named(found.grid.labels())
    else:
        labels = sharpened(grid, image, radius_px) if radius_px else grid.labels()
    most_px = round(way.least_share * labels.size) - 1
    return without_crumbs(labels, most_px) if most_px > 0 else labels


def starts_blank(grid: ScoreGrid, way: Cleanup) -> bool:
    """Whether a mask made of `grid` in this `way` is class 0 everywhere for what the network knows of the image."""
    return way.is_blank or (way.most_doubt < math.inf and doubt(grid) > way.most_doubt)


def doubt(grid: ScoreGrid) -> float:
    """How many pixels the network expects to get wrong, over those that it expects a mask of class 0 to: 0…1."""
    odds = _odds(grid.values[:, ::_DOUBT_STEP, ::_DOUBT_STEP])
    blank = float((1 - odds[0]).sum())
    return float((1 - odds.max(0)).sum()) / blank if blank > 0 else 0.0


def sharpened(grid: ScoreGrid, image: Image, radius_px: int) -> Mask:
    """H×W uint8: the class whose probability is highest after a guided filter with windows of 2·radius + 1 pixels."""
    guide = Guide(image, radius_px)
    best = np.full(grid.shape, -1.0, np.float32)
    labels = np.zeros(grid.shape, np.uint8)
    worked = grid.at_size(guide.worked_size)
    for label, odds in _likely(grid):
        plane = replace(worked, values=odds[None])
        rect = guide.reached(_not_faint(plane)) if worked.shape == grid.shape else Rect.of(worked.shape)
        smooth = guide.filtered(plane.scores(rect)[0], rect)
        here, its_best = (labels, best) if worked.shape != grid.shape else (labels[rect.slices], best[rect.slices])
        is_better = smooth > its_best
        np.maximum(its_best, smooth, out=its_best)
        np.copyto(here, np.uint8(label), where=is_better)
    return labels


class Guide:
    """A guided filter by the grey values of one image; of a large one its lines are found on a smaller image and
    carried over (the fast guided filter, He & Sun 2015).
    """

    def __init__(self, image: Image, radius_px: int) -> None:
        self._grey = _grey(image)
        height, width = self._grey.shape
        smaller = max(1.0, max(height, width) / MOST_SIDE_PX)
        self.worked_size = max(1, round(height / smaller)), max(1, round(width / smaller))
        """(H, W) of the planes that `filtered` takes."""
        self._window = (2 * max(1, round(radius_px / smaller)) + 1,) * 2
        worked = cv2.resize(self._grey, self.worked_size[::-1], interpolation=cv2.INTER_AREA)
        self._worked: Plane = np.asarray(worked, np.float32)
        self._mean = self._box(self._worked)
        variance = self._box(self._worked * self._worked) - self._mean * self._mean
        self._steadiness: Plane = np.float32(1) / (variance + np.float32(EDGE_EPSILON))

    def reached(self, rect: Rect) -> Rect:
        """The pixels on whose answer a plane has a say that is 0 outside of `rect`."""
        return rect.grown(self._window[0] - 1).clipped(self.worked_size)

    def filtered(self, plane: Plane, rect: Rect | None = None) -> Plane:
        """h×w float32 at `worked_size` → H×W float32; only the pixels of `rect` of both, where they are as large."""
        at = Rect.of(self.worked_size).slices if rect is None else rect.slices
        guide, mean, average = self._worked[at], self._mean[at], self._box(plane)
        slope: Plane = (self._box(guide * plane) - mean * average) * self._steadiness[at]
        level: Plane = average - slope * mean
        out: Plane = self._grown(self._box(slope))
        out *= self._grey if out.shape == self._grey.shape else guide
        out += self._grown(self._box(level))
        return out

    def _box(self, plane: NDArray[np.floating]) -> Plane:
        return np.asarray(cv2.blur(plane, self._window, borderType=cv2.BORDER_REFLECT), np.float32)

    def _grown(self, plane: Plane) -> Plane:
        if self.worked_size == self._grey.shape:
            return plane
        return np.asarray(cv2.resize(plane, self._grey.shape[::-1], interpolation=cv2.INTER_LINEAR), np.float32)


def _grey(image: Image) -> Plane:
    """H×W float32, 0…1."""
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.float32) / np.float32(255)


def without_crumbs(labels: Mask, most_px: int) -> Mask:
    """Regions of at most `most_px` pixels take the label with which they have the longest border, smallest first."""
    out = labels.copy()
    for label, covered in specks(labels, most_px):
        out[covered.rect.slices][covered.inside] = label
    return out


def _likely(grid: ScoreGrid) -> Iterator[tuple[int, Plane]]:
    """Of each class that is likely somewhere, its probabilities on the grid, h×w float32."""
    odds = _odds(grid.values)
    for label in np.flatnonzero(odds.max((1, 2)) >= LEAST_PROBABILITY).tolist():
        yield label, odds[label]


def _odds(values: NDArray[np.floating]) -> Plane:
    """K×h×w scores → their softmax, float32."""
    scores = values.astype(np.float32)
    odds: Plane = np.exp(scores - scores.max(0))
    odds /= odds.sum(0)
    return odds


def _not_faint(plane: ScoreGrid) -> Rect:
    """The pixels around all places of a grid of one class where it is not faint."""
    around = Rect.around(plane.values[0] >= FAINT)
    if around is None:
        return Rect(0, 0, 0, 0)
    (y0, y1), (x0, x1) = (
        (math.floor((low - 1 - axis.start) / axis.step), math.ceil((high - axis.start) / axis.step) + 1)
        for axis, low, high in ((plane.rows, around.y0, around.y1), (plane.cols, around.x0, around.x1))
    )
    return Rect(x0, y0, x1, y1).clipped(plane.shape)
