"""A prediction has to earn its place on screen: which way of starting a mask is cheapest, by a person's seconds.

Of each image that is finished it is known what its first look, cleaned up in each way, or a blank mask would have cost
to correct. What was cheapest over the last images makes the next one; but an image that the network itself says it
hardly knows starts blank. In the same way it is found how boldly strokes are completed. And no mask starts with regions
that are much smaller than what people paint in these images.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

import numpy as np

from fcn_gui.core.annotation_cost import scaled_image, scaled_mask
from fcn_gui.core.cleanup import BLANK, RAW, Cleanup, cleaned, starts_blank
from fcn_gui.core.prediction import Prediction
from fcn_gui.core.progress import Job
from fcn_gui.core.raster import Image, Inside, Mask, Vouch
from fcn_gui.core.refinement import Refinement
from fcn_gui.core.regions import smallest_region
from fcn_gui.core.surroundings import Boldness, Surroundings
from fcn_gui.session.checkpoints import LiveModel
from fcn_gui.session.completions import CompletedStrokes
from fcn_gui.session.effort import corrected, vouched_truth

MOST_DOUBT = 0.6
"""See `core/cleanup.doubt`: of more than this a person is quicker from a blank mask."""
USUAL = Cleanup(least_share=0.001, refinement=Refinement.WIDE, most_doubt=MOST_DOUBT)
"""Where nothing is known yet: cheapest on photographs (docs/decisions/start-masks.md)."""
ATTUNED = replace(USUAL, is_attuned=True)
"""The same for a checkpoint alone. A refit has little to learn from yet: what it is sure of may be wrong as well."""
WAYS = (
    USUAL,
    replace(USUAL, least_share=0.0),
    ATTUNED,
    replace(ATTUNED, least_share=0.0),
    Cleanup(most_doubt=MOST_DOUBT),
    BLANK,
)
"""Of equal cost the first is taken."""
LOOKED_AT = 8
WORTH_S = 20.0
"""What another way must have saved in all before it takes the place of the usual one: one image proves little."""
EARNED = 0.05
"""What a prediction must have saved of a blank mask's seconds to stay on the screen…"""
BLANK_AFTER = 4
"""…once so many images say so: the first ones teach most."""

START_COSTS = "start.costs"
"""Where the project's header keeps them."""

SMALLEST = "smallest region"
"""Beside the seconds: the share of the image of its smallest region."""
SMALL_SHARE = 0.0008
"""What is smaller is no region but what somebody let go."""
MERGED, MERGED_AFTER, MOST_MERGED = 0.5, 2, 0.02
"""Regions under half of what is small in the last images (their lower quartile) are merged, once two images say so."""

BOLDNESS_EARNED = 0.03
"""What completing strokes more or less boldly than usual must have saved of the seconds."""

Costs = Mapping[str, float]
"""Seconds that a finished image would have cost, by the name of the way to start it, or to complete strokes on it; and
`SMALLEST`."""


class StartCosts:
    """Of the images finished last; what a refit said is judged apart from what the checkpoint alone said."""

    def __init__(self, kept: object = ()) -> None:
        """`kept` is what a header holds; anything else in its place is left out."""
        halves = kept if isinstance(kept, list | tuple) and len(kept) == 2 else ((), ())
        self._plain, self._refitted = (_rows(half) for half in halves)

    def add(self, costs: Costs, is_of_refit: bool) -> None:
        """One more finished image."""
        rows = self._refitted if is_of_refit else self._plain
        rows.append(costs)
        del rows[:-LOOKED_AT]

    def way(self, is_of_refit: bool) -> Cleanup:
        """How the next mask starts."""
        way = cheapest(self._refitted, USUAL) if is_of_refit else cheapest(self._plain, ATTUNED)
        return merging(way, self.least_share())

    def least_share(self) -> float:
        """Of the image: regions under it are merged away."""
        smallest = [row[SMALLEST] for row in (*self._plain, *self._refitted) if SMALLEST in row]
        if len(smallest) < MERGED_AFTER:
            return USUAL.least_share
        return min(max(MERGED * float(np.quantile(smallest, 0.25)), USUAL.least_share), MOST_MERGED)

    def boldness(self) -> Boldness:
        """How strokes are completed from now on."""
        rows = [row for row in (*self._plain, *self._refitted) if all(_named(each) in row for each in Boldness)]
        total = {each: sum(row[_named(each)] for row in rows) for each in Boldness}
        best = min(Boldness, key=lambda each: total[each])
        return best if total[best] < (1 - BOLDNESS_EARNED) * total[Boldness.USUAL] else Boldness.USUAL

    def kept(self) -> list[list[Costs]]:
        """As plain JSON; empty without any."""
        return [self._plain, self._refitted] if self._plain or self._refitted else []


def _named(boldness: Boldness) -> str:
    return f"completed: {boldness.name.lower()}"


def _rows(kept: object) -> list[Costs]:
    rows = kept if isinstance(kept, list | tuple) else ()
    return [
        {str(name): float(it) for name, it in row.items() if isinstance(it, int | float) and math.isfinite(it)}
        for row in rows[-LOOKED_AT:]
        if isinstance(row, dict)
    ]


def cheapest(costs: Sequence[Costs], usual: Cleanup = USUAL) -> Cleanup:
    """The way that cost least over the last images; `usual` where another saved little, and before there is any.

    Blank where even the best way earned nothing.
    """
    last = costs[-LOOKED_AT:]
    total = {way: sum(each[way.name] for each in last) for way in WAYS if all(way.name in each for each in last)}
    best = min((way for way in total if way != BLANK), key=lambda way: total[way], default=usual)
    if total.get(usual, math.inf) - total.get(best, 0.0) < WORTH_S:
        best = usual
    is_earned = BLANK not in total or total.get(best, 0.0) <= (1 - EARNED) * total[BLANK]
    return best if is_earned or len(last) < BLANK_AFTER else BLANK


def merging(way: Cleanup, share: float) -> Cleanup:
    """The `way` with regions under that `share` of the image merged, if it merges any."""
    return replace(way, least_share=share) if way.least_share else way


def outright(way: Cleanup) -> Cleanup:
    """The `way` where a person asks to see what the network says, whether that earns its place or not."""
    return replace(USUAL if way.is_blank else way, most_doubt=math.inf)


def quick(way: Cleanup) -> Cleanup:
    """The `way` for what is shown after each stroke: there a person waits for it."""
    return way if way.refinement is Refinement.OFF else replace(way, refinement=Refinement.FAST)


def proposed(prediction: Prediction, image: Image, way: Cleanup) -> Prediction:
    """The prediction with the mask that it starts, H×W uint8, cleaned up in this way."""
    if way == RAW:
        return prediction
    is_withheld = starts_blank(prediction.scores, way)
    known = BLANK if is_withheld else replace(way, most_doubt=math.inf)
    scores = prediction.scores_of(is_attuned=way.is_attuned)
    return replace(prediction, cleaned=cleaned(scores, image, known), is_withheld=is_withheld)


class CompleteBoldly(Protocol):
    """H×W bool: what else a stroke meant, as little certain as `boldness` allows; None without any."""

    def __call__(self, around: Surroundings, boldness: Boldness) -> Inside | None: ...


@dataclass(frozen=True)
class CostRequest:
    """A finished image, and what was predicted of it before anything of it was learned."""

    image: Image
    mask: Mask
    vouch: Vouch
    first: Prediction
    is_of_refit: bool = False
    """A refit said it, and not the checkpoint alone."""
    name: str = ""
    """Of the photograph."""
    live: LiveModel | None = None
    """What completes strokes; None where they are not completed."""
    boldness: Boldness = Boldness.NEVER
    """With which the ways of starting are judged,"""
    way: Cleanup = USUAL
    """and the start with which boldness is."""
    least_share: float = USUAL.least_share
    """Regions under it are merged by the ways that merge."""


def costs_of(request: CostRequest, complete: CompleteBoldly | None = None) -> Job[dict[str, float]]:
    """What each way of starting, and of completing strokes, would have cost, at the annotator's size.

    `complete` says what else a stroke meant; without it strokes stay as they were painted.
    """
    truth = scaled_mask(vouched_truth(request.mask, request.vouch))
    height, width = truth.shape
    image, first = scaled_image(request.image), request.first.at_size((height, width))

    def seconds(way: Cleanup, boldness: Boldness) -> Job[float]:
        follow = None
        if complete is not None and boldness is not Boldness.NEVER:
            follow = CompletedStrokes(image, partial(complete, boldness=boldness), first.scores)
        start = proposed(first, image, way).proposal
        return (yield from corrected(start, truth, "Judging first looks", follow=follow)).seconds

    found: dict[str, float] = {}
    smallest = smallest_region(truth, round(SMALL_SHARE * truth.size))
    if smallest is not None:
        found[SMALLEST] = smallest / truth.size
    for way in WAYS:
        found[way.name] = yield from seconds(merging(way, request.least_share), request.boldness)
    if complete is None:
        return found
    for boldness in Boldness:
        is_known = boldness is request.boldness
        cost = found[request.way.name] if is_known else (yield from seconds(request.way, boldness))
        found[_named(boldness)] = cost
    return found
