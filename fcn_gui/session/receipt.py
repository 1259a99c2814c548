"""What a receipt says, read with care: it may come from a file that somebody else wrote."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fcn_gui.session.gate import LEAST_SHARE, Interval


@dataclass(frozen=True)
class ImageFacts:
    """One judged image: mean IU 0…1 and seconds, before and after, None where not known; `fold` 0: by the candidate."""

    path: str
    live: float | None
    candidate: float | None
    seconds_live: float | None = None
    seconds_candidate: float | None = None
    fold: int = 0


@dataclass(frozen=True)
class ClassFacts:
    """One class over all judged images: IU before and after 0…1, share of the pixels; `fell` further than allowed."""

    name: str
    live: float
    candidate: float
    share: float
    fell: bool


@dataclass(frozen=True)
class ReceiptFacts:
    """The figures of a receipt that are there; None for those that are not."""

    live: float | None
    candidate: float | None
    reason: str
    images: tuple[ImageFacts, ...]
    interval: Interval | None = None
    seconds_live: float | None = None
    seconds_candidate: float | None = None
    seconds_interval: Interval | None = None
    classes: tuple[ClassFacts, ...] = ()
    folds: int = 0
    on: str = ""

    @property
    def better(self) -> int:
        """Images whose mean IU rose."""
        return sum(i.live is not None and i.candidate is not None and i.candidate > i.live for i in self.images)

    @property
    def worse(self) -> int:
        """Images whose mean IU fell."""
        return sum(i.live is not None and i.candidate is not None and i.candidate < i.live for i in self.images)

    @property
    def worst_class(self) -> ClassFacts | None:
        """The class that lost most IU, among those that count; None where none lost any."""
        fallen = [c for c in self.classes if c.candidate < c.live and (c.fell or c.share >= LEAST_SHARE)]
        return min(fallen, key=lambda c: c.candidate - c.live, default=None)


def receipt_facts(receipt: Mapping[str, object]) -> ReceiptFacts:
    """What of a receipt can be read."""
    return ReceiptFacts(
        _number(receipt.get("live")),
        _number(receipt.get("candidate")),
        str(receipt.get("reason", "")),
        tuple(map(_image, _rows(receipt.get("images")))),
        _interval(receipt.get("interval")),
        _number(receipt.get("seconds_live")),
        _number(receipt.get("seconds_candidate")),
        _interval(receipt.get("seconds_interval")),
        tuple(found for row in _rows(receipt.get("classes")) if (found := _class(row)) is not None),
        int(_number(receipt.get("folds")) or 0),
        str(receipt.get("on", "")),
    )


def _image(row: Mapping[str, object]) -> ImageFacts:
    names = ("live", "candidate", "seconds_live", "seconds_candidate")
    live, candidate, seconds_live, seconds_candidate = (_number(row.get(name)) for name in names)
    fold = int(_number(row.get("fold")) or 0)
    return ImageFacts(str(row.get("path", "")), live, candidate, seconds_live, seconds_candidate, fold)


def _class(row: Mapping[str, object]) -> ClassFacts | None:
    live, candidate, share = (_number(row.get(name)) for name in ("live", "candidate", "share"))
    if live is None or candidate is None or share is None:
        return None
    return ClassFacts(str(row.get("name", "")), live, candidate, share, row.get("fell") is True)


def _rows(value: object) -> list[Mapping[str, object]]:
    rows = value if isinstance(value, Sequence) and not isinstance(value, str) else ()
    return [row for row in rows if isinstance(row, Mapping)]


def _number(value: object) -> float | None:
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        return None
    return float(value)


def _interval(value: object) -> Interval | None:
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) != 2:
        return None
    low, high = map(_number, value)
    return None if low is None or high is None else (low, high)
