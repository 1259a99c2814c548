"""Is a candidate better than what the person sees now? The rule, and the receipt that says how it came out.

Live only if the expected seconds of a person and the mean IU both get better, the lower end of the one-sided 80 %
interval of a paired bootstrap over the images is above 0 for both, and no class with at least 1 % of the judged pixels
falls by more than 3 points. It has to save 5 % of the seconds, too: with another live checkpoint the refit and the way
masks start are judged anew, which costs a few images. What it is judged on is found in `judging`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from fcn_gui.core.metrics import Bootstrap, Confusion, Measures, paired_bootstrap
from fcn_gui.session.messages import counted

SURE = 0.8
LEAST_SHARE, MOST_FALL = 0.01, 0.03
LEAST_SAVED = 0.05
"""Of the seconds of a mean image (docs/decisions/judging-with-few-images.md)."""
Interval = tuple[float, float]


@dataclass(frozen=True)
class Figures:
    """What one image says of one network: its confusion (K×K over vouched pixels) and a person's seconds after it."""

    confusion: Confusion
    seconds: float


@dataclass(frozen=True)
class Compared:
    """One judged image. `fold` is the number of the fold whose network stood for the candidate, 0: the candidate."""

    path: str
    live: Figures
    candidate: Figures
    fold: int = 0


@dataclass(frozen=True)
class ImageScore:
    """Mean IU of one image over its vouched pixels, 0…1, and seconds to correct it; nan where nothing could be said."""

    path: str
    live: float
    candidate: float
    seconds_live: float = math.nan
    seconds_candidate: float = math.nan
    fold: int = 0


@dataclass(frozen=True)
class ClassScore:
    """IU of one class over all judged images, 0…1, and its share of the judged pixels."""

    name: str
    live: float
    candidate: float
    share: float

    @property
    def fall(self) -> float:
        """IU lost; below 0 where some was gained."""
        return self.live - self.candidate

    @property
    def has_fallen(self) -> bool:
        """Further than is allowed; a rare class may do what it likes."""
        return self.share >= LEAST_SHARE and self.fall > MOST_FALL


@dataclass(frozen=True)
class Verdict:
    """What the gate saw and decided. Figures are None where nothing could be judged.

    `live` and `candidate` are mean IU, seconds are those of a mean image. The intervals hold the change of each for the
    better (IU gained, seconds saved) between its two one-sided 80 % bounds.
    """

    accepted: bool
    live: float | None
    candidate: float | None
    images: tuple[ImageScore, ...]
    reason: str
    on: str
    """What it was judged on, in words for a message."""
    interval: Interval | None = None
    seconds_live: float | None = None
    seconds_candidate: float | None = None
    seconds_interval: Interval | None = None
    classes: tuple[ClassScore, ...] = ()
    folds: int = 0
    """How many networks learned for the judging alone; 0: the candidate itself was judged."""
    steps: int = 0
    """That the candidate learned for."""
    is_waiting: bool = False
    """Nothing is decided yet: it is judged when there are enough verified images."""

    def receipt(self) -> dict[str, object]:
        """As kept with the checkpoint and printed by `retrain --json`."""
        return {
            "live": self.live,
            "candidate": self.candidate,
            "interval": _rounded(self.interval),
            "seconds_live": _number(self.seconds_live),
            "seconds_candidate": _number(self.seconds_candidate),
            "seconds_interval": _rounded(self.seconds_interval),
            "images": [
                {
                    "path": each.path,
                    "live": _number(each.live),
                    "candidate": _number(each.candidate),
                    "seconds_live": _number(each.seconds_live),
                    "seconds_candidate": _number(each.seconds_candidate),
                    "fold": each.fold,
                }
                for each in self.images
            ],
            "classes": [
                {
                    "name": each.name,
                    "live": _number(each.live),
                    "candidate": _number(each.candidate),
                    "share": _number(each.share),
                    "fell": each.has_fallen,
                }
                for each in self.classes
            ],
            "reason": self.reason,
            "accepted": self.accepted,
            "waiting": self.is_waiting,
            "on": self.on,
            "folds": self.folds,
            "steps": self.steps,
        }


@dataclass
class _Doubts:
    """Why a candidate is not better, in words."""

    words: list[str] = field(default_factory=list)

    def weigh(self, change: Bootstrap, figures: str, kind: str, low_end: str) -> None:
        """Note what speaks against a change, which is a gain where it is above 0."""
        if not change.difference > 0:
            self.words.append(f"{figures} {kind}")
        elif not change.low > 0:
            self.words.append(f"{figures} could be chance: {low_end} at the low end of the 80 % interval")


def decide(images: Sequence[Compared], names: Sequence[str], on: str, folds: int = 0, steps: int = 0) -> Verdict:
    """The rule, over `images` in the classes `names`."""
    scores = tuple(map(_score, images))
    judged = [image for image in images if image.live.confusion.any()]
    if not judged:
        reason = "no vouched pixel to judge it on has a class."
        return Verdict(False, None, None, scores, reason, on, folds=folds, steps=steps)
    live = [image.live.confusion for image in judged]
    candidate = [image.candidate.confusion for image in judged]
    seconds = [(image.live.seconds, image.candidate.seconds) for image in judged]
    iu = paired_bootstrap(live, candidate, level=SURE, is_one_sided=True)
    saved = paired_bootstrap(
        [new for _, new in seconds], [old for old, _ in seconds], _itself, level=SURE, is_one_sided=True
    )
    before, after = (Measures.from_confusion(_sum(side)) for side in (live, candidate))
    classes = class_scores(_sum(live), before.iu, after.iu, names)
    old_s, new_s = (float(np.mean(side)) for side in zip(*seconds, strict=True))
    doubts = _Doubts([f"{c.name} fell by {c.fall:.3f}, {MOST_FALL:.3f} is allowed" for c in _fallen(classes)])
    mean_ius = f"mean IU {before.mean_iu:.3f} → {after.mean_iu:.3f}"
    times = f"{old_s:.1f} → {new_s:.1f} s an image"
    doubts.weigh(iu, mean_ius, "is not better", _signed(iu.low, 3))
    doubts.weigh(saved, times, "saves nothing", _signed(-saved.low, 1) + " s")
    if saved.low > 0 and old_s - new_s < LEAST_SAVED * old_s:
        doubts.words.append(f"{times} saves too little, {LEAST_SAVED:.0%} is needed".replace("%", " %"))
    told = "; ".join(doubts.words) if doubts.words else f"{mean_ius}, {times}"
    return Verdict(
        not doubts.words,
        before.mean_iu,
        after.mean_iu,
        scores,
        f"{told} on {on}.",
        on,
        (iu.low, iu.high),
        old_s,
        new_s,
        (saved.low, saved.high),
        classes,
        folds,
        steps,
    )


def waiting(verified: int, needed: int, steps: int) -> Verdict:
    """Too few verified images to judge by."""
    words = counted(verified, "verified image") if verified else "no verified image"
    reason = f"{words} can't judge it, {needed} can."
    return Verdict(False, None, None, (), reason, words, steps=steps, is_waiting=True)


def class_scores(
    confusion: Confusion, before: NDArray[np.float64], after: NDArray[np.float64], names: Sequence[str]
) -> tuple[ClassScore, ...]:
    """Of the classes present in the truth of `confusion` (rows), by their IU `before` and `after` (K, nan: absent)."""
    shares = confusion.sum(1) / confusion.sum()
    return tuple(
        ClassScore(name, float(old), float(new), float(share))
        for name, old, new, share in zip(names, before, after, shares, strict=True)
        if share > 0
    )


def _fallen(classes: Sequence[ClassScore]) -> list[ClassScore]:
    return sorted((each for each in classes if each.has_fallen), key=lambda each: -each.fall)


def _score(image: Compared) -> ImageScore:
    live, candidate = (Measures.from_confusion(side.confusion).mean_iu for side in (image.live, image.candidate))
    return ImageScore(image.path, live, candidate, image.live.seconds, image.candidate.seconds, image.fold)


def _sum(confusions: Sequence[Confusion]) -> Confusion:
    total: Confusion = np.sum(np.stack(confusions), 0)
    return total


def _itself(means: NDArray[np.float64]) -> NDArray[np.float64]:
    return means


def _signed(value: float, digits: int) -> str:
    return f"{value:+.{digits}f}".replace("-", "−")


def _number(value: float | None) -> float | None:
    return None if value is None or math.isnan(value) else round(value, 6)


def _rounded(interval: Interval | None) -> list[float] | None:
    return None if interval is None else [round(end, 6) for end in interval]
