"""Is it worth going on: what the work has cost and saved, what is left of it, with and without more learning.

Seconds of a person are those that were counted; "by hand" are the simulated annotator's for the same masks. The time
left is a forecast by a simple model, said with an 80 % interval, or not at all while fewer than three images tell.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fcn_gui.session.checkpoints import CheckpointEntry
from fcn_gui.session.project import Item, Status
from fcn_gui.session.receipt import receipt_facts

ENOUGH = 3
RECENT = 10
"""Images whose mean is the pace of today."""
FURTHEST = 8
"""No trend is drawn on for more images than this; from there on the pace stays."""
MOST = 200
"""Images that a trend is drawn through, the newest."""
DRAWS, LOW, HIGH = 400, 0.1, 0.9
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Worked:
    """One verified image: seconds and strokes of the person; seconds by hand, None while they are not counted."""

    key: str
    seconds: float
    strokes: int
    by_hand_s: float | None = None


@dataclass(frozen=True)
class Estimate:
    """Seconds, and the 80 % interval around them."""

    seconds: float
    low: float
    high: float


@dataclass(frozen=True)
class Outlook:
    """`course` in the order of verifying; of the images whose seconds by hand are known what they took, both ways.

    `left` images are not verified. `with_learning` and `without` are None while it is too early to say.
    """

    course: tuple[Worked, ...]
    spent_s: float
    by_hand_s: float
    compared: int
    left: int
    with_learning: Estimate | None
    without: Estimate | None

    @property
    def saved_s(self) -> float:
        """Against painting by hand, so far; below 0 where painting would have been quicker."""
        return self.by_hand_s - self.spent_s


@dataclass(frozen=True)
class HeldOutPoint:
    """What the gate measured at one checkpoint: mean IU, and between what it lies with 80 % (None: not known)."""

    number: int
    mean_iu: float
    low: float | None
    high: float | None
    is_refused: bool


def worked(items: Sequence[Item]) -> list[Worked]:
    """The verified images on which time was spent here, in the order of verifying; others can tell no pace."""
    done = [item for item in items if item.status is Status.VERIFIED and item.seconds > 0]
    done.sort(key=lambda item: item.verified_at)
    return [Worked(item.key, item.seconds, item.strokes, item.by_hand_s) for item in done]


def outlook(items: Sequence[Item], seed: int = 0) -> Outlook:
    """Of all images of a project; those that can't be used count nowhere."""
    course = worked(items)
    compared = [each for each in course if each.by_hand_s is not None]
    left = sum(item.status not in (Status.VERIFIED, Status.PROBLEM) for item in items)
    seconds = np.array([each.seconds for each in course])
    return Outlook(
        tuple(course),
        sum(each.seconds for each in compared),
        sum(each.by_hand_s or 0.0 for each in compared),
        len(compared),
        left,
        time_left(seconds, left, True, seed),
        time_left(seconds, left, False, seed),
    )


def time_left(seconds: Floats, left: int, is_learning: bool, seed: int = 0) -> Estimate | None:
    """For `left` more images after `seconds` each, in order; None below three images or where none is left.

    Without learning the pace stays that of the last ten. With learning seconds go on falling as a power of the number
    of images, as far as they did so far (they never rise), for eight images at most, and stay then.
    """
    if len(seconds) < ENOUGH or left < 1:
        return None
    first = max(0, len(seconds) - MOST)
    numbers, seconds = np.arange(first + 1, len(seconds) + 1), seconds[first:]
    if not is_learning:
        numbers, seconds = numbers[-RECENT:], seconds[-RECENT:]
    forecast = _with_trend if is_learning else _at_pace
    rng = np.random.default_rng(seed)
    drawn = rng.integers(0, len(seconds), (DRAWS, len(seconds)))
    totals, spread = forecast(numbers[drawn], seconds[drawn], left)
    low, high = np.quantile(np.maximum(0, totals + spread * np.sqrt(left) * rng.normal(size=DRAWS)), [LOW, HIGH])
    middle = float(forecast(numbers[None], seconds[None], left)[0][0])
    return Estimate(middle, float(min(low, middle)), float(max(high, middle)))


def held_out_curve(entries: Sequence[CheckpointEntry]) -> list[HeldOutPoint]:
    """By checkpoint number, as the receipts have it; each interval is of the change against what was live then."""
    points = []
    for entry in entries:
        facts = receipt_facts(entry.receipt)
        if facts.candidate is None:
            continue
        low = high = None
        if facts.interval is not None and facts.live is not None:
            low, high = (min(max(facts.live + end, 0.0), 1.0) for end in facts.interval)
        points.append(HeldOutPoint(entry.number, facts.candidate, low, high, entry.is_refused))
    return points


def _at_pace(numbers: NDArray[np.int_], seconds: Floats, left: int) -> tuple[Floats, Floats]:
    """D×n images drawn → D seconds for what is left, and how far single images lie around their mean."""
    return left * seconds.mean(1), seconds.std(1)


def _with_trend(numbers: NDArray[np.int_], seconds: Floats, left: int) -> tuple[Floats, Floats]:
    """Least squares of log seconds over log number; the scatter around it is kept as a factor."""
    x, y = np.log(numbers), np.log(np.maximum(seconds, 1e-3))
    dx, dy = x - x.mean(1, keepdims=True), y - y.mean(1, keepdims=True)
    across = (dx**2).sum(1)
    slope = np.minimum(0, np.divide((dx * dy).sum(1), across, out=np.zeros(len(x)), where=across > 1e-9))
    factors = np.exp(dy - slope[:, None] * dx)
    ahead = np.log(numbers.max() + np.arange(1, FURTHEST + 1))
    pace = np.exp(y.mean(1)[:, None] + slope[:, None] * (ahead - x.mean(1)[:, None])) * factors.mean(1)[:, None]
    followed = pace[:, : min(left, FURTHEST)].sum(1)
    total: Floats = followed + max(0, left - FURTHEST) * pace[:, -1]
    return total, pace[:, -1] * factors.std(1)
