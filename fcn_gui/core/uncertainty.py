"""How unsure a network is of each place, and what of that is no news: it is unsure along every border of classes."""

import cv2
import numpy as np
from numpy.typing import NDArray

from fcn_gui.core.raster import Mask

BORDER_PART = 1 / 128
"""Of the long side: so near to a border of two classes every network is uncertain."""

Floats = NDArray[np.float32]


def margins(probabilities: Floats) -> Floats:
    """K×h×w → h×w difference of the two greatest, 0…1; 1 where there is one class only."""
    if len(probabilities) < 2:
        return np.ones(probabilities.shape[1:], np.float32)
    second, first = np.partition(probabilities, len(probabilities) - 2, axis=0)[-2:]
    return np.asarray(first - second, np.float32)


def away_from_borders(labels: Mask) -> NDArray[np.bool_]:
    """Pixels of an h×w map with no other label within its reach of a border."""
    kernel = np.ones((2 * reach_of(labels.shape) + 1,) * 2, np.uint8)
    return np.asarray(cv2.dilate(labels, kernel) == cv2.erode(labels, kernel), bool)


def margins_beside_borders(probabilities: Floats) -> Floats:
    """As `margins`, but near a predicted border only a doubt counts that is wider than a border is by itself.

    There the doubt is opened: what is narrower than the reach on both sides of a border becomes what is around it.
    """
    found = margins(probabilities)
    if len(probabilities) < 2:
        return found
    away = away_from_borders(probabilities.argmax(0).astype(np.uint8))
    kernel = np.ones((2 * reach_of(found.shape) + 1,) * 2, np.uint8)
    wide = 1 - np.asarray(cv2.morphologyEx(1 - found, cv2.MORPH_OPEN, kernel), np.float32)
    return np.where(away, found, wide).astype(np.float32)


def reach_of(shape: tuple[int, ...]) -> int:
    """How far from a border of two classes an h×w map is unsure by nature, in its own pixels."""
    return max(1, round(max(shape) * BORDER_PART))
