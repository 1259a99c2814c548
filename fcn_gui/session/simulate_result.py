"""What a simulation found, image by image and mode by mode."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np

from fcn_gui.core.metrics import Confusion, Measures

WORSE_BY = 0.01
"""Masks so much worse than by hand are not what the person was asked for: the mode is void."""


class Mode(StrEnum):
    """What the person starts from and what the machine learns meanwhile."""

    MANUAL = "manual"
    FROZEN = "frozen"
    REFIT = "refit"
    FULL = "full"


@dataclass(frozen=True)
class ImageResult:
    """One image. `first_look` and `final` are confusion matrices K×K of the mask it began with and of the finished one.

    `hit_limit`: ended by the limit of strokes.
    """

    image: str
    seconds: float
    waiting: float
    strokes: int
    hit_limit: bool
    first_look: Confusion
    final: Confusion

    def facts(self) -> dict[str, Any]:
        """Ready for JSON."""
        first = Measures.from_confusion(self.first_look)
        return {
            "image": self.image,
            "seconds": round(self.seconds, 3),
            "waiting": round(self.waiting, 3),
            "strokes": self.strokes,
            "hit_limit": self.hit_limit,
            "first_look_mean_iu": _number(first.mean_iu),
            "first_look_pixel_accuracy": _number(first.pixel_accuracy),
            "final_mean_iu": _number(Measures.from_confusion(self.final).mean_iu),
        }


@dataclass
class ModeResult:
    """All images of one mode, in order, and how the fine-tunes of the background ended."""

    mode: Mode
    images: list[ImageResult] = field(default_factory=list)
    accepted: int = 0
    refused: int = 0
    unfinished: int = 0
    """Begun, but not learned or not judged by the end of the last image."""

    @property
    def seconds(self) -> float:
        """The person's seconds alone."""
        return sum(image.seconds for image in self.images)

    @property
    def waiting(self) -> float:
        return sum(image.waiting for image in self.images)

    @property
    def strokes(self) -> int:
        return sum(image.strokes for image in self.images)

    @property
    def final_mean_iu(self) -> float:
        """Of the finished masks, over all pixels of all images; nan without any."""
        if not self.images:
            return math.nan
        return Measures.from_confusion(np.sum([image.final for image in self.images], axis=0)).mean_iu

    def facts(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {
            "seconds": round(self.seconds, 3),
            "waiting": round(self.waiting, 3),
            "strokes": self.strokes,
            "images": len(self.images),
            "hit_limit": sum(image.hit_limit for image in self.images),
            "final_mean_iu": _number(self.final_mean_iu),
            "fine_tunes": {"accepted": self.accepted, "refused": self.refused, "unfinished": self.unfinished},
            "per_image": [image.facts() for image in self.images],
        }


@dataclass
class Simulation:
    """All modes that were run, `manual` first; seconds a step of a fine-tune where one ran."""

    modes: dict[Mode, ModeResult] = field(default_factory=dict)
    pace: float | None = None

    def ratio(self, mode: Mode) -> float:
        """Seconds and waiting of a mode in manual seconds."""
        found = self.modes[mode]
        return (found.seconds + found.waiting) / self.modes[Mode.MANUAL].seconds

    def is_void(self, mode: Mode) -> bool:
        """The finished masks are worse than those by hand."""
        return self.modes[mode].final_mean_iu < self.modes[Mode.MANUAL].final_mean_iu - WORSE_BY

    def facts(self) -> Mapping[str, Any]:
        """The JSON object of `simulate`."""
        return {
            "modes": {m.value: {**found.facts(), "is_void": self.is_void(m)} for m, found in self.modes.items()},
            "ratio": {mode.value: round(self.ratio(mode), 4) for mode in self.modes},
            "pace": self.pace,
        }


def _number(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 6)
