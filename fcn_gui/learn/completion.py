"""A stroke completed: what else of its object a person meant who painted the inside of it.

A wide brush is quick and does not get into legs and corners. What a small network (`net/completer.py`) holds to be
meant as well follows, where it is surely so at some point; the person's own pixels are never touched.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from fcn_gui.core.raster import Inside, Rect
from fcn_gui.core.surroundings import Boldness, Surroundings
from fcn_gui.learn.features import Features
from fcn_gui.learn.relations import Relations
from fcn_gui.net.completer import meant
from fcn_gui.net.fcn import FCN
from fcn_gui.net.preset import Preset

LIKELY_AND_SURE = {
    Boldness.WARY: (0.7, 0.98),
    Boldness.USUAL: (0.6, 0.95),
    Boldness.BOLD: (0.5, 0.85),
    Boldness.BOLDEST: (0.5, 0.75),
}
"""A region of cells that are likelier than the one follows where its best is likelier than the other."""
TAUGHT = Boldness.BOLD
"""What is usual for a class that the checkpoint was taught: what had been held of it says more there."""
LEAST_CELLS = 4
MOST_SHARE = 0.3
"""Of the image: more than that is no part of an object that was left, but all that looks alike."""
BACKGROUND = 0
"""Class 0 lies around objects and has no borders of its own: strokes with it put something else right."""
MOST_WINDOWS = 6
"""What reaches the edge of the window is gone on with from there, in so many windows in all."""


def completion(
    around: Surroundings,
    features: Features,
    network: FCN,
    preset: Preset,
    boldness: Boldness = Boldness.USUAL,
    *,
    is_taught: bool = False,
) -> Inside | None:
    """H×W bool: unvouched pixels that the stroke meant too, of labels that it replaced; None without any.

    `is_taught`: the checkpoint was taught the class of the stroke.
    """
    if around.label == BACKGROUND or boldness is Boldness.NEVER:
        return None
    found, limits = None, LIKELY_AND_SURE[TAUGHT if is_taught and boldness is Boldness.USUAL else boldness]
    relations = Relations(features, network, preset)
    for _ in range(MOST_WINDOWS):
        more = _in_window(around, relations.maps(around), *limits)
        if more is None:
            break
        found = more if found is None else found | more
        if found.mean() > MOST_SHARE:
            return None
        if not _reaches_edge(more, around.pixels):
            break
        around = around.with_more(more)
    return found


def _reaches_edge(found: Inside, window: Rect) -> bool:
    """Whether `found` (H×W) goes up to where the window ends and the image does not."""
    (height, width), part = found.shape, found[window.slices]
    sides = [
        (window.y0 > 0, part[0]),
        (window.y1 < height, part[-1]),
        (window.x0 > 0, part[:, 0]),
        (window.x1 < width, part[:, -1]),
    ]
    return any(is_inside and bool(side.any()) for is_inside, side in sides)


def _in_window(
    around: Surroundings, maps: NDArray[np.float32] | None, least_likely: float, least_sure: float
) -> Inside | None:
    if maps is None:
        return None
    odds, free = meant(maps), around.replaceable()
    sure = _sure_regions(odds, (odds > least_likely) & around.at_cells(free), least_sure)
    if sure is None:
        return None
    pixels = around.pixels
    size = pixels.width, pixels.height
    # Between the cells the border is where the probability would be; other regions stay out.
    near = cv2.dilate(sure.view(np.uint8), np.ones((3, 3), np.uint8))
    near = cv2.resize(near, size, interpolation=cv2.INTER_NEAREST_EXACT)
    likely = cv2.resize(odds, size, interpolation=cv2.INTER_LINEAR) > least_likely
    found = np.zeros_like(free)
    found[pixels.slices] = free[pixels.slices] & likely & (near > 0)
    return found if found.any() else None


def _sure_regions(odds: NDArray[np.float32], likely: Inside, least_sure: float) -> Inside | None:
    """h×w of the cells: regions that are `likely`, and surely so somewhere; None without any."""
    _, regions, about, _ = cv2.connectedComponentsWithStats(likely.view(np.uint8), connectivity=8)
    best = np.zeros(len(about), np.float32)
    np.maximum.at(best, regions[likely].astype(np.intp), odds[likely])
    takes = (best > least_sure) & (about[:, cv2.CC_STAT_AREA] >= LEAST_CELLS)
    return np.asarray(takes[regions]) if takes.any() else None
