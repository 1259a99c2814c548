"""Is a candidate better than what is live, on images that it did not learn from?

Live if its mean IU over the vouched pixels of the held-out corrected images is not lower. With fewer than two of those
the recipe is judged instead: two folds of the corrected images, each predicted by a network that learned, in half the
steps, from the other fold. One corrected image alone can judge nothing, so the candidate waits.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fcn_gui.core.checkpoint import Checkpoint
from fcn_gui.core.metrics import Measures
from fcn_gui.core.progress import Job, Progress
from fcn_gui.session.ports import CorrectedImage, FineTuneRequest, RefitRequest, Segmenter

Confusion = NDArray[np.int64]

FEWEST_HELD_OUT = 2


@dataclass(frozen=True)
class ImageScore:
    """Mean IU of one image over its vouched pixels, 0…1; nan where none of them has a class."""

    path: str
    live: float
    candidate: float


@dataclass(frozen=True)
class Verdict:
    """What the gate saw and decided. `live` and `candidate` are mean IU, None where nothing could be judged."""

    accepted: bool
    live: float | None
    candidate: float | None
    images: tuple[ImageScore, ...]
    reason: str
    on: str
    """What it was judged on, in words for a message."""

    def receipt(self) -> dict[str, object]:
        """As kept with the checkpoint and printed by `retrain --json`."""
        return {
            "live": self.live,
            "candidate": self.candidate,
            "interval": None,
            "images": [
                {"path": i.path, "live": _number(i.live), "candidate": _number(i.candidate)} for i in self.images
            ],
            "reason": self.reason,
            "accepted": self.accepted,
            "on": self.on,
        }


def judge(
    segmenter: Segmenter,
    live: Checkpoint,
    candidate: Checkpoint,
    request: FineTuneRequest,
    steps: int,
) -> Job[Verdict]:
    """Compare `candidate`, learned by `request` in `steps`, with `live` and its refit. Changes neither."""
    held_out, learned = list(request.watched), list(request.images)
    if len(held_out) >= FEWEST_HELD_OUT or (held_out and len(learned) < 2):
        pairs = yield from _pairs(segmenter, _as_seen(live, request), candidate, held_out)
        return decide(held_out, pairs, f"{len(held_out)} held-out image{'s' if len(held_out) != 1 else ''}")
    if len(learned) >= 2:
        pairs = yield from _two_fold(segmenter, live, request, steps)
        return decide(learned, pairs, f"two folds of {len(learned)} corrected images")
    return Verdict(
        False, None, None, (), "one corrected image can't judge it. Correct another one and retrain.", "nothing"
    )


def decide(images: Sequence[CorrectedImage], pairs: Sequence[tuple[Confusion, Confusion]], on: str) -> Verdict:
    """The rule: mean IU over the classes present in all `pairs` of K×K (live, candidate) confusions is not lower."""
    scores = tuple(
        ImageScore(image.key, mean_iu(old), mean_iu(new)) for image, (old, new) in zip(images, pairs, strict=True)
    )
    live = mean_iu(_sum([old for old, _ in pairs]))
    candidate = mean_iu(_sum([new for _, new in pairs]))
    if math.isnan(live) or math.isnan(candidate):
        return Verdict(False, None, None, scores, "no vouched pixel to judge it on has a class.", on)
    accepted = candidate >= live
    word = "not lower" if accepted else "lower"
    few = "" if "fold" not in on else ", which have too few held-out images among them to judge it directly"
    reason = f"mean IU {live:.3f} → {candidate:.3f} is {word} on {on}{few}."
    return Verdict(accepted, live, candidate, scores, reason, on)


def mean_iu(confusion: Confusion) -> float:
    """Mean IU over the classes present in the truth; nan where there are none."""
    return float(Measures.from_confusion(confusion).mean_iu) if confusion.sum() else math.nan


def _pairs(
    segmenter: Segmenter, live: Checkpoint, candidate: Checkpoint, images: Sequence[CorrectedImage]
) -> Job[list[tuple[Confusion, Confusion]]]:
    old = yield from segmenter.evaluate(live, images)
    new = yield from segmenter.evaluate(candidate, images)
    return list(zip(old, new, strict=True))


def _two_fold(
    segmenter: Segmenter, live: Checkpoint, request: FineTuneRequest, steps: int
) -> Job[list[tuple[Confusion, Confusion]]]:
    found: dict[str, tuple[Confusion, Confusion]] = {}
    folds = request.images[0::2], request.images[1::2]
    for number, (judged, learned) in enumerate((folds, folds[::-1]), 1):
        shortened = replace(request, images=learned, watched=(), steps=max(1, steps // 2))
        if request.refit is not None:
            # The live refit saw the images that are judged here; one that did not stands in for it on both sides.
            again = RefitRequest(learned, is_kept=False, is_thorough=True, goes_on=False, settings=request.settings)
            shortened = replace(shortened, refit=(yield from segmenter.refit(again)))
        candidate = yield from _renamed(segmenter.fine_tune(shortened), f"Judging, fold {number} of 2")
        pairs = yield from _pairs(segmenter, _as_seen(live, shortened), candidate, judged)
        found.update(zip((image.key for image in judged), pairs, strict=True))
    return [found[image.key] for image in request.images]


def _as_seen(live: Checkpoint, request: FineTuneRequest) -> Checkpoint:
    """What the person sees: the live checkpoint with the refit from which a fine-tune starts."""
    return live if request.refit is None else request.refit.on(live)


def _renamed(job: Job[Checkpoint], text: str) -> Job[Checkpoint]:
    """The numbers of a fold are not those of the candidate, so its progress carries none."""
    try:
        while True:
            progress = next(job)
            yield Progress(progress.done, progress.total, text)
    except StopIteration as stop:
        candidate: Checkpoint = stop.value
        return candidate
    finally:
        job.close()


def _sum(confusions: Sequence[Confusion]) -> Confusion:
    total: Confusion = np.sum(np.stack(confusions), 0)
    return total


def _number(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 6)
