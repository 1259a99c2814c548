"""What the gate judges a candidate on: held-out images, or folds where there are too few of them.

With fewer than four held-out images the recipe is judged as well: networks that learn, in as many steps together as the
candidate did, from all but one part of the verified images, predict that part. They are thrown away. With fewer than
three verified images the candidate waits.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from fcn_gui.core.checkpoint import Checkpoint
from fcn_gui.core.errors import LearningError
from fcn_gui.core.metrics import confusion_matrix
from fcn_gui.core.progress import Job, Progress, retold
from fcn_gui.core.raster import Mask
from fcn_gui.session.effort import by_hand, correcting, vouched_truth
from fcn_gui.session.gate import Compared, Figures, Verdict, decide, waiting
from fcn_gui.session.messages import counted
from fcn_gui.session.ports import CorrectedImage, FineTuneRequest, RefitRequest, Segmenter
from fcn_gui.session.proposal import USUAL

FEWEST_HELD_OUT, FEWEST_VERIFIED, MOST_FOLDS = 4, 3, 4
AT_ONCE = 4
"""Images whose labels are held at a time."""


@dataclass(frozen=True)
class Match:
    """What the person sees now against what shall take its place, in a label map of so many classes."""

    segmenter: Segmenter
    live: Checkpoint
    candidate: Checkpoint
    classes: int


def can_judge(held_out: int, verified: int) -> bool:
    """Whether so many held-out images, or so many verified ones on both sides, are enough."""
    return held_out >= FEWEST_HELD_OUT or verified >= FEWEST_VERIFIED


def judge(
    segmenter: Segmenter, live: Checkpoint, candidate: Checkpoint, request: FineTuneRequest, steps: int
) -> Job[Verdict]:
    """Compare a candidate, learned by `request` in `steps`, with what is live and its refit. Changes neither."""
    held_out, names = list(request.watched), request.label_map.names
    verified = [image for image in request.images if image.is_verified]
    in_all = len(verified) + sum(image.is_verified for image in held_out)
    if not can_judge(len(held_out), in_all):
        return waiting(in_all, FEWEST_VERIFIED, steps)
    match = Match(segmenter, live, candidate, len(names))
    found = yield from compare(replace(match, live=_as_seen(live, request)), held_out)
    if len(held_out) >= FEWEST_HELD_OUT:
        return decide(found, names, counted(len(held_out), "held-out image"), steps=steps)
    parts = folds(request.images, min(MOST_FOLDS, in_all))
    try:
        for number, part in enumerate(parts, 1):
            found += yield from _fold(match, (number, part), request, max(1, steps // len(parts)))
    except LearningError as error:
        verdict = decide(found, names, "the folds", len(parts), steps)
        return replace(verdict, accepted=False, reason=f"a network that judges the recipe could not learn: {error}")
    return decide(found, names, _on(len(found), len(parts), len(held_out)), len(parts), steps)


def folds(images: Sequence[CorrectedImage], count: int) -> list[list[CorrectedImage]]:
    """The verified ones in up to `count` parts of about equal size; none where too little would be left to learn."""
    verified = [image for image in images if image.is_verified]
    parts = [part for first in range(count) if (part := verified[first::count])]
    return [part for part in parts if len(part) < len(images)]


def compare(match: Match, images: Sequence[CorrectedImage], fold: int = 0) -> Job[list[Compared]]:
    """The masks that both networks start on each image: confusion over the vouched pixels, and a person's seconds."""
    found = []
    for first in range(0, len(images), AT_ONCE):
        some = images[first : first + AT_ONCE]
        live = yield from match.segmenter.evaluate(match.live, some, USUAL)
        candidate = yield from match.segmenter.evaluate(match.candidate, some, USUAL)
        for image, old, new in zip(some, live, candidate, strict=True):
            sides = yield from _figures(image, (old, new), match.classes)
            found.append(Compared(image.key, sides[0], sides[1], fold))
    return found


def _figures(image: CorrectedImage, answers: Sequence[Mask], classes: int) -> Job[list[Figures]]:
    _, mask, vouch = image.read()
    truth, text = vouched_truth(mask, vouch), f"Counting seconds on {image.key}"
    blank = (yield from by_hand(truth, text)).seconds
    found = []
    for labels in answers:
        seconds = yield from correcting(labels, truth, text, blank)
        found.append(Figures(confusion_matrix(truth, labels, classes), seconds))
    return found


def _fold(
    match: Match, part: tuple[int, Sequence[CorrectedImage]], request: FineTuneRequest, steps: int
) -> Job[list[Compared]]:
    """Learn from all learned images but those of the part, and compare on these."""
    number, judged = part
    keys = {image.key for image in judged}
    others = [image for image in request.images if image.key not in keys]
    shortened = replace(request, images=others, watched=(), steps=steps)
    if request.refit is not None:
        # The live refit learned from the images that are judged here: one that did not stands in for it on both sides.
        apart = {image.digest for image in (*judged, *request.watched)}
        again = RefitRequest(
            others, is_kept=False, is_thorough=True, goes_on=False, settings=request.settings, apart=apart
        )
        shortened = replace(shortened, refit=(yield from match.segmenter.refit(again)))
        match = replace(match, live=_as_seen(match.live, shortened))
    candidate = yield from _renamed(match.segmenter.fine_tune(shortened), f"Judging the recipe, fold {number}")
    return (yield from compare(replace(match, candidate=candidate), judged, number))


def _as_seen(live: Checkpoint, request: FineTuneRequest) -> Checkpoint:
    """What the person sees: the live checkpoint with the refit from which a fine-tune starts."""
    return live if request.refit is None else request.refit.on(live)


def _renamed(job: Job[Checkpoint], text: str) -> Job[Checkpoint]:
    """The numbers of a fold are not those of the candidate, so its progress carries none."""
    return (yield from retold(job, lambda progress: Progress(progress.done, progress.total, text)))


def _on(images: int, parts: int, held_out: int) -> str:
    told = f"{counted(parts, 'fold')} of {counted(images - held_out, 'verified image')}"
    return f"{told} and {counted(held_out, 'held-out image')}" if held_out else told
