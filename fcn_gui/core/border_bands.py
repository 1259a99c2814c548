"""How good labels are near borders and away from them: pixels counted by their distance from the next border.

The band of w px is the trimap (Kohli et al. 2009): the (2w+1)×(2w+1) squares around pixels whose left or upper
neighbour has another label. A pixel is counted in the narrowest band that holds it, so the wider ones are sums.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fcn_gui.core.raster import Inside, Mask

WIDTHS_PX = (1, 2, 3, 5, 7, 10, 15, 20, 30, 40)
"""Half widths of the bands; beyond the last one lies the rest of the image."""

Bands = NDArray[np.int64]
"""(B+1)×K×K pixels: band, truth, what was said. Each pixel once; the last band is the rest."""


def borders(truth: Mask, known: Inside | None = None) -> Inside:
    """True for pixels whose left or upper neighbour has another label, void included; only where both are `known`."""
    across, down = truth[:, 1:] != truth[:, :-1], truth[1:] != truth[:-1]
    if known is not None:
        across, down = across & known[:, 1:] & known[:, :-1], down & known[1:] & known[:-1]
    found = np.zeros(truth.shape, bool)
    found[:, 1:] |= across
    found[1:] |= down
    return found


def bands_of(border: Inside) -> NDArray[np.uint8]:
    """H×W: the number of the narrowest band that holds a pixel, `len(WIDTHS_PX)` for none."""
    if not border.any():
        return np.full(border.shape, len(WIDTHS_PX), np.uint8)
    away = cv2.distanceTransform((~border).astype(np.uint8), cv2.DIST_C, 3)
    return np.searchsorted(WIDTHS_PX, away).astype(np.uint8)


@dataclass(frozen=True)
class BandCounts:
    """The confusion of one image by band, only what is not zero: an image has a few classes, a label map up to 254."""

    classes: int
    at: NDArray[np.int64]
    """Flat places in (B+1)×K×K."""
    counts: NDArray[np.int64]

    @classmethod
    def of(cls, truth: Mask, labels: Mask, classes: int, border: Inside | None = None) -> BandCounts:
        """Count; pixels whose truth or label is no class drop out. `border` says what a border is (`borders(truth)`).

        Raises ValueError where the sizes differ.
        """
        if truth.shape != labels.shape:
            raise ValueError(f"truth {truth.shape} and labels {labels.shape} differ in size")
        counted = (truth < classes) & (labels < classes)
        band = bands_of(borders(truth) if border is None else border)[counted].astype(np.int64)
        flat = (band * classes + truth[counted]) * classes + labels[counted]
        found = np.bincount(flat)
        at = np.flatnonzero(found)
        return cls(classes, at, found[at].astype(np.int64))

    def pixels(self, truth: int, said: int) -> int:
        """How many pixels of class `truth` are called `said`."""
        return int(self.counts[self.at % (self.classes**2) == truth * self.classes + said].sum())


def total(images: Iterable[BandCounts], classes: int) -> Bands:
    """The sum over images, which all have these `classes`."""
    shape, found = (len(WIDTHS_PX) + 1, classes, classes), list(images)
    if not found:
        return np.zeros(shape, np.int64)
    at, counts = np.concatenate([image.at for image in found]), np.concatenate([image.counts for image in found])
    # As float64 sums are exact up to 2⁵³ pixels, far more than there are.
    return np.bincount(at, counts, int(np.prod(shape))).astype(np.int64).reshape(shape)


def within(bands: Bands) -> Bands:
    """B×K×K: the confusion inside each of `WIDTHS_PX`, the narrower ones included."""
    inside: Bands = bands.cumsum(0)[:-1]
    return inside
