"""Where a person's next minutes help most: which image, which part of the open one, and why.

The gain of an image is how much of its prediction is in doubt (mean of 1 − margin, borders left out, for they are
always in doubt) times how unlike it looks to all verified images. Both are measured, neither is a promise.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from fcn_gui.core.prediction import Prediction
from fcn_gui.core.raster import UNVOUCHED, Image, Rect, Vouch
from fcn_gui.core.scores import Axis, ScoreGrid
from fcn_gui.core.uncertainty import away_from_borders, margins
from fcn_gui.session.project import Item, Status

LOW_MARGIN = 0.5
"""Between the two likeliest classes: a pixel below this is uncertain."""
LAYOUT_SIDE, UNLIKE_AT = 8, 0.25
"""Two pictures whose mean colours on 8×8 fields are so far apart (rms, 0…1) have little in common."""
LEAST_UNLIKE = 0.2
LEAST_PART = 1 / 2000
"""Of an image: a smaller region is not worth a walk."""

Floats = NDArray[np.float32]
Inside = NDArray[np.bool_]
Pixels = NDArray[np.intp]


@dataclass(frozen=True)
class Glance:
    """One image seen once: `doubt` mean of 1 − margin and `share` of uncertain pixels, 0…1; `layout` its colours."""

    layout: Floats
    doubt: float | None = None
    share: float = 0.0


@dataclass(frozen=True)
class Advice:
    """Open `key` next, and why."""

    key: str
    gain: float
    reason: str


@dataclass(frozen=True)
class Uncertain:
    """A connected uncertain region: the pixels around it, and the sum of 1 − margin over it in image pixels."""

    rect: Rect
    mass_px: float


class HasRect(Protocol):
    """Something in an image."""

    @property
    def rect(self) -> Rect: ...


Region = TypeVar("Region", bound=HasRect)


class WhereNext:
    """What is known of the images of one folder; belongs to the main thread."""

    def __init__(self) -> None:
        self._glances: dict[str, Glance] = {}

    def note(self, key: str, glance: Glance) -> None:
        """An image was looked at."""
        self._glances[key] = glance

    def forget_doubts(self) -> None:
        """Another network answers: what was in doubt is to be seen anew, what images look like stays."""
        self._glances = {key: Glance(glance.layout) for key, glance in self._glances.items()}

    def is_known(self, item: Item) -> bool:
        """Nothing more is to be seen of it: a verified image has no doubt left."""
        glance = self._glances.get(item.key)
        return glance is not None and (item.status is Status.VERIFIED or glance.doubt is not None)

    def rank(self, items: Iterable[Item]) -> list[Advice]:
        """The images that are left and were looked at, most gain first; each item keeps its gain."""
        items = list(items)
        verified = [(i.key, self._glances[i.key].layout) for i in items if _is_done(i) and i.key in self._glances]
        found = []
        for item in items:
            glance = self._glances.get(item.key)
            item.gain = None
            if glance is not None and glance.doubt is not None and not _is_done(item) and not item.problem:
                unlike, nearest = _unlikeness(glance.layout, verified)
                item.gain = glance.doubt * unlike
                found.append(Advice(item.key, item.gain, _reason(glance.share, unlike, nearest)))
        return sorted(found, key=lambda advice: -advice.gain)


def look_at(image: Image, prediction: Prediction | None = None) -> Glance:
    """A glance at an H×W×3 image; without a prediction only at its colours."""
    size = (LAYOUT_SIDE, LAYOUT_SIDE)
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    layout = np.asarray(small, np.float32).ravel() / np.float32(255)
    if prediction is None:
        return Glance(layout)
    margins, away = margins_of(prediction.scores)
    if not away.any():
        return Glance(layout, 0.0)
    return Glance(layout, float(1 - margins[away].mean()), float((margins[away] < LOW_MARGIN).mean()))


def margins_of(grid: ScoreGrid) -> tuple[Floats, Inside]:
    """h×w difference of the two greatest probabilities on the grid, and which cells lie away from borders."""
    found = probabilities_of(grid)
    if len(found) < 2:
        return margins(found), np.ones(found.shape[1:], bool)
    return margins(found), away_from_borders(found.argmax(0).astype(np.uint8))


def probabilities_of(grid: ScoreGrid) -> Floats:
    """K×h×w softmax on the grid itself."""
    scores = grid.values.astype(np.float32)
    scores -= scores.max(0)
    np.exp(scores, out=scores)
    scores /= scores.sum(0)
    return scores


def pixels_of(grid: ScoreGrid) -> tuple[Pixels, Pixels]:
    """Rows and columns of the image's pixels that lie on the grid."""
    _, height, width = grid.values.shape
    return _pixels(grid.rows, height, grid.shape[0]), _pixels(grid.cols, width, grid.shape[1])


def uncertain_regions(prediction: Prediction, vouch: Vouch) -> list[Uncertain]:
    """Connected regions of low margin that nobody vouched for (`vouch` H×W), away from borders, largest first."""
    grid = prediction.scores
    margins, away = margins_of(grid)
    rows, cols = pixels_of(grid)
    low = away & (margins < LOW_MARGIN) & (vouch[np.ix_(rows, cols)] == UNVOUCHED)
    numbers, regions = grid_regions(low, rows, cols)
    cell_px = grid.shape[0] * grid.shape[1] / low.size
    masses = np.bincount(numbers.ravel(), (1 - margins).ravel(), numbers.max(initial=0) + 1) * cell_px
    found = [Uncertain(rect, float(masses[number])) for number, (rect, _) in regions.items()]
    return sorted(found, key=lambda region: -region.mass_px)


def grid_regions(inside: Inside, rows: Pixels, cols: Pixels) -> tuple[NDArray[np.int32], dict[int, tuple[Rect, int]]]:
    """8-connected regions of an h×w part of the score grid whose lines are these `rows` and `cols` of the image.

    h×w numbers of all regions, and by number, for those worth a walk, the image's pixels around it and its cells.
    """
    count, numbers, facts, _ = cv2.connectedComponentsWithStats(inside.view(np.uint8), connectivity=8)
    found = {}
    for number in range(1, count):
        x, y, w, h, cells = (int(value) for value in facts[number])
        if cells >= LEAST_PART * inside.size:
            rect = Rect(int(cols[x]), int(rows[y]), int(cols[x + w - 1]) + 1, int(rows[y + h - 1]) + 1)
            found[number] = rect, cells
    return np.asarray(numbers, np.int32), found


def next_region(regions: Sequence[Region], visited: list[Rect]) -> Region | None:
    """The largest region not in `visited`, which it joins; from the first again when all were. None without any."""
    fresh = [region for region in regions if region.rect not in visited]
    if not fresh:
        visited.clear()
        fresh = list(regions)
    if not fresh:
        return None
    visited.append(fresh[0].rect)
    return fresh[0]


def _is_done(item: Item) -> bool:
    return item.status is Status.VERIFIED


def _unlikeness(layout: Floats, verified: Sequence[tuple[str, Floats]]) -> tuple[float, str]:
    """0.2…1: how far from the verified image that looks most like it, and which that is; 1 and "" without any."""
    if not verified:
        return 1.0, ""
    apart = np.sqrt(np.mean((np.stack([other for _, other in verified]) - layout) ** 2, axis=1))
    nearest = int(apart.argmin())
    return float(np.clip(apart[nearest] / UNLIKE_AT, LEAST_UNLIKE, 1.0)), verified[nearest][0]


def _reason(share: float, unlike: float, nearest: str) -> str:
    doubt = f"{100 * share:.0f} % of it is uncertain" if share >= 0.005 else "little of it is uncertain"
    if not nearest:
        return doubt
    if unlike >= 0.8:
        return f"{doubt}, and it looks unlike all that is verified"
    return f"{doubt}; it looks like {nearest}" if unlike <= 0.4 else f"{doubt}, and it looks a little like {nearest}"


def _pixels(axis: Axis, cells: int, pixels: int) -> NDArray[np.intp]:
    """The pixel at each grid line."""
    at = (np.arange(cells) - axis.start) / axis.step
    found: NDArray[np.intp] = np.clip(np.rint(at), 0, pixels - 1).astype(np.intp)
    return found
