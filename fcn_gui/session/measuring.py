"""How good predictions are where a person said what is right: first look and now, one confusion matrix, by image."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from fcn_gui.core.border_bands import BandCounts, Bands, borders, total
from fcn_gui.core.errors import FcnGuiError
from fcn_gui.core.label_map import LabelMap
from fcn_gui.core.progress import Job, Progress
from fcn_gui.core.raster import Inside, Mask, Rect
from fcn_gui.session.checkpoints import LiveModel
from fcn_gui.session.effort import vouched_truth
from fcn_gui.session.engine import Engine
from fcn_gui.session.ports import CorrectedImage

_log = logging.getLogger(__name__)
MOST_LOOKED_AT_PX = 1_000_000
"""A larger photograph is thinned out before its regions are looked for: one place is wanted, not each pixel."""


class Source(StrEnum):
    """What is measured: what the network says now, or the first look that was kept."""

    NOW = "now"
    FIRST = "first"


class Scope(StrEnum):
    """On which images: those that nothing was learned from, or all that a person said are done."""

    HELD_OUT = "held_out"
    VERIFIED = "verified"


Stamp = tuple[int, str]
"""Who answered, and what was said of the image then: another one after every change."""


@dataclass(frozen=True)
class Subject:
    """An image to measure on, frozen at the time of the request; `first_look` reads what was kept."""

    image: CorrectedImage
    is_held_out: bool
    first_look: Callable[[], Mask | None]
    stamp: Stamp


@dataclass(frozen=True)
class Measured:
    """The confusion of one image; `first` is None where no first look was kept."""

    key: str
    scopes: frozenset[Scope]
    stamp: Stamp
    now: BandCounts
    first: BandCounts | None = None

    def of(self, source: Source) -> BandCounts | None:
        """By what is measured."""
        return self.now if source is Source.NOW else self.first


class Measurements:
    """What is known of the images of the open project, in the classes of the label map it was measured by."""

    def __init__(self) -> None:
        self.label_map: LabelMap | None = None
        self._wanted: Mapping[str, Stamp] = {}
        self._images: dict[str, Measured] = {}

    def begin(self, label_map: LabelMap, subjects: Sequence[Subject]) -> list[Subject]:
        """Forget what is none of these any more or was measured of something else; those that are left to measure."""
        self._wanted = {subject.image.key: subject.stamp for subject in subjects}
        self.label_map = label_map
        self._images = {key: each for key, each in self._images.items() if self._wanted.get(key) == each.stamp}
        return [subject for subject in subjects if subject.image.key not in self._images]

    def put(self, measured: Measured) -> None:
        """One image was measured; what was asked for before the last `begin`, of something else, is left out."""
        if self._wanted.get(measured.key) == measured.stamp:
            self._images[measured.key] = measured

    def stale(self, stamps: Mapping[str, Stamp]) -> int:
        """How many images of these, as they are now, are not measured, and how many others still are."""
        known = {key: each.stamp for key, each in self._images.items()}
        return sum(known.get(key) != stamp for key, stamp in stamps.items()) + len(known.keys() - stamps.keys())

    def count(self, scope: Scope, source: Source = Source.NOW) -> int:
        """How many images there are."""
        return sum(1 for _ in self._of(scope, source))

    def bands(self, scope: Scope, source: Source) -> Bands:
        """(B+1)×K×K pixels by distance from borders, over all images of a scope."""
        return total((counts for _, counts in self._of(scope, source)), self._classes)

    def compared(self, scope: Scope) -> dict[Source, Bands]:
        """The same of both, over the images of a scope of which a first look was kept: only these can be compared."""
        both = [each for each in self._images.values() if scope in each.scopes and each.first is not None]
        return {
            source: total((counts for each in both if (counts := each.of(source)) is not None), self._classes)
            for source in Source
        }

    @property
    def _classes(self) -> int:
        return len(self.label_map) if self.label_map is not None else 0

    def feeding(self, scope: Scope, source: Source, cell: tuple[int, int]) -> list[tuple[str, int]]:
        """Images with pixels of class `cell[0]` that are called `cell[1]`, and how many; most first."""
        found = [(key, counts.pixels(*cell)) for key, counts in self._of(scope, source)]
        return sorted(((key, px) for key, px in found if px), key=lambda row: -row[1])

    def _of(self, scope: Scope, source: Source) -> Iterable[tuple[str, BandCounts]]:
        for each in self._images.values():
            counts = each.of(source)
            if scope in each.scopes and counts is not None:
                yield each.key, counts


def scopes_of(is_held_out: bool, is_verified: bool) -> frozenset[Scope]:
    """To which scopes an image belongs."""
    belongs: Mapping[Scope, bool] = {Scope.HELD_OUT: is_held_out, Scope.VERIFIED: is_verified}
    return frozenset(scope for scope, does in belongs.items() if does)


def measure(
    engine: Engine, live: LiveModel, subjects: Sequence[Subject], deliver: Callable[[Measured], None]
) -> Job[int]:
    """Compare the raw prediction and the first look of each image with its vouched pixels; how many it were.

    Images that can't be read are left out. Raises CheckpointError, DeviceError.
    """
    done, classes = 0, len(live.label_map)
    for number, subject in enumerate(subjects):
        image = subject.image
        yield Progress(number, len(subjects), f"Measuring {image.key}")
        try:
            photo, mask, vouch = image.read()
            first = subject.first_look()
        except FcnGuiError as error:
            _log.info("%s is not measured: %s", image.key, error)
            continue
        yield Progress(number, len(subjects), f"Measuring {image.key}")
        truth, border = vouched_truth(mask, vouch), borders(mask, vouch > 0)
        said = engine.ready(live).predict(photo, image.name).labels
        fits = first is not None and first.shape == truth.shape
        deliver(
            Measured(
                image.key,
                scopes_of(subject.is_held_out, image.is_verified),
                subject.stamp,
                BandCounts.of(truth, said, classes, border),
                BandCounts.of(truth, first, classes, border) if first is not None and fits else None,
            )
        )
        done += 1
    return done


@dataclass(frozen=True)
class Places:
    """Where in an image a class is called another one: around the largest connected part, and the outlines of all.

    An outline is N×2 points (x, y) in image pixels, closed.
    """

    largest: Rect
    outlines: tuple[NDArray[np.float64], ...]


def places_of(truth: Mask, labels: Mask, cell: tuple[int, int]) -> Places | None:
    """Of class `cell[0]` that is called `cell[1]`; None without any."""
    step = max(1, int(np.ceil(np.sqrt(truth.size / MOST_LOOKED_AT_PX))))
    inside: Inside = (truth[::step, ::step] == cell[0]) & (labels[::step, ::step] == cell[1])
    if not inside.any():
        return None
    pixels = inside.astype(np.uint8)
    _, _, boxes, _ = cv2.connectedComponentsWithStats(pixels, connectivity=8)
    x, y, width, height, _ = (int(v) * step for v in boxes[1 + int(boxes[1:, cv2.CC_STAT_AREA].argmax())])
    found, _ = cv2.findContours(pixels, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    outlines = tuple((points[:, 0].astype(np.float64) + 0.5) * step for points in found)
    return Places(Rect(x, y, min(x + width, truth.shape[1]), min(y + height, truth.shape[0])), outlines)
