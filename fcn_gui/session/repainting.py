"""After a stroke: the stroke completed, the score layers refitted, the open image predicted anew, and what of it is
worth repainting.

A pixel that flips for the worse costs the person a stroke. So nothing is repainted but where it helps most: in the
first image with a class that is new once the network foresaw a stroke, and where it foresaw the last three; and there
only regions where it is clearly surer of another label, none larger than these strokes unless the first is large.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

import cv2
import numpy as np

from fcn_gui.core.errors import ProjectError
from fcn_gui.core.prediction import Prediction
from fcn_gui.core.progress import Job
from fcn_gui.core.raster import UNVOUCHED, VOID, Image, Inside, Mask, Vouch, is_any_of
from fcn_gui.core.refit import Refit
from fcn_gui.core.scores import ScoreGrid
from fcn_gui.core.surroundings import Boldness, Surroundings
from fcn_gui.session.checkpoints import LiveModel
from fcn_gui.session.completions import Completed
from fcn_gui.session.effort import vouched_truth
from fcn_gui.session.engine import Engine, refit_known_as
from fcn_gui.session.foresight import ENOUGH, Foreseen, NewestStroke, before, foresaw, most_to_begin_with, most_to_go_on
from fcn_gui.session.ports import CorrectedImage, RefitRequest, Segmenter
from fcn_gui.session.proposal import outright
from fcn_gui.session.refining import proposed_by, quickly

MARGIN, MARGIN_TO_GO_ON = 0.3, 0.6
"""By how much the probability of another label must exceed that of the one that stands there: of a class that only the
open image has, and of any where the network goes on by itself."""
LEAST_REGION_PX = 12
FEWEST_APART = 2
"""Classes that strokes told apart before pixels of a class follow that nobody vouched for yet."""


class Extent(Enum):
    """Which unvouched pixels of the open image follow."""

    NOTHING = 0
    WHERE_IT_SAVES = 1
    """Regions of classes that only the open image has, once a stroke was foreseen; of all once the last ones were."""
    EVERYTHING = 2


@dataclass(frozen=True)
class RepaintRequest:
    """A snapshot of all corrections; `opened` is the image on the screen as it is now."""

    live: LiveModel
    learn: RefitRequest
    opened: CorrectedImage
    extent: Extent
    number: int
    """Of two requests the one with the larger number is newer."""
    edition: int = 0
    """Of what is vouched in the open image."""
    is_finished: bool = False
    """The open image is verified."""
    is_asked: bool = False
    """A person wants to see what the network says now, and waits for it."""
    newest: NewestStroke | None = None
    """To see whether the network foresaw it, and to complete it."""
    boldness: Boldness = Boldness.NEVER
    """Of what completes the newest stroke."""
    held: ScoreGrid | None = None
    """What the network held of the open image before anything was vouched there."""


@dataclass(frozen=True)
class RepaintResult:
    """`refit` None: nothing can be told apart yet. `labels`: what unvouched pixels shall show, None for as they do."""

    refit: Refit | None = None
    prediction: Prediction | None = None
    labels: Mask | None = None
    is_whole: bool = False
    """They are a new proposal for all pixels; else those under a vouch keep theirs: an eraser must bring back what was
    there before the stroke."""
    foreseen: tuple[Foreseen, ...] = ()
    """How far the last strokes were foreseen."""
    completed: Completed | None = None
    """What completes the newest stroke; `labels` show it."""
    trouble: str = ""
    """Why no stroke can be completed, for a person."""


@dataclass(frozen=True)
class AheadRequest:
    """A snapshot of all corrections, as if the open image were verified."""

    live: LiveModel
    learn: RefitRequest


def refit_ahead(engine: Engine, request: AheadRequest) -> Job[None]:
    """Solve what a verify would ask for: then it is there at once. Raises CheckpointError, DeviceError."""
    yield from engine.ready(request.live).refit(_in_names_of(request.live, request.learn))


def repaint(engine: Engine, request: RepaintRequest) -> Job[RepaintResult]:
    """Refit, predict the open image, say what to repaint. Raises CheckpointError, DeviceError."""
    segmenter = engine.ready(request.live)
    image, shown, vouch = request.opened.read()
    refit = yield from segmenter.refit(_in_names_of(request.live, request.learn))
    engine.ready(request.live)
    foreseen = _foreseen(request.newest, shown, vouch)
    around = _around(request, image, shown, vouch)
    pixels, trouble = (None, "") if around is None else _meant(segmenter, around, request)
    completed, labels = None, None
    if around is not None and pixels is not None:
        completed = Completed(pixels, around.label)
        labels = shown = np.where(completed.pixels, np.uint8(completed.label), shown)
    if refit is None:
        # While nothing can be told apart yet the very first strokes may be completed all the same.
        if completed is None:
            return RepaintResult(trouble=trouble)
        prediction = segmenter.predict(image, request.opened.name)
        return RepaintResult(prediction=prediction, labels=labels, foreseen=foreseen, completed=completed)
    engine.put_on(refit)
    prediction = segmenter.predict(image, request.opened.name, attunes=request.is_asked)
    if request.extent is Extent.EVERYTHING:
        live = replace(request.live, cleanup=outright(request.live.cleanup))
        wanted = live if request.is_asked else quickly(live)
        labels = (yield from proposed_by(segmenter, prediction, image, wanted, vouched_truth(shown, vouch))).proposal
    elif request.extent is Extent.WHERE_IT_SAVES:
        ways = [
            Way(refit.introduced, MARGIN, most_to_begin_with(foreseen, shown.size)),
            Way(range(len(request.live.label_map)), MARGIN_TO_GO_ON, most_to_go_on(foreseen)),
        ]
        surer = surer_regions(shown, vouch, prediction, refit.vouched, [way for way in ways if way.most_px])
        labels = labels if surer is None else surer
    return RepaintResult(refit, prediction, labels, request.extent is Extent.EVERYTHING, foreseen, completed, trouble)


def _meant(segmenter: Segmenter, around: Surroundings, request: RepaintRequest) -> tuple[Inside | None, str]:
    """What completes the stroke; or why nothing can: the refit goes on without."""
    try:
        return segmenter.complete(around, request.opened.name, request.boldness), ""
    except ProjectError as error:
        return None, f"Strokes are not completed: {error}"


def _around(request: RepaintRequest, image: Image, shown: Mask, vouch: Vouch) -> Surroundings | None:
    """The newest stroke as it stands, if it is to be completed: one that gave other labels' pixels one of its own."""
    if request.newest is None or request.boldness is Boldness.NEVER:
        return None
    step = request.newest.step()
    mask, _ = before(shown, vouch, step)
    painted = (mask != shown) & (shown != VOID) & (vouch != UNVOUCHED)
    labels = np.unique(shown[painted])
    if len(labels) != 1:
        return None
    stroke = np.zeros(shown.shape, bool)
    for patch in step:
        stroke[patch.rect.slices] |= patch.changed
    stroke &= (shown == labels[0]) & (vouch != UNVOUCHED)
    return Surroundings(
        image,
        shown,
        vouch,
        stroke,
        int(labels[0]),
        tuple(int(one) for one in np.unique(mask[painted])),
        request.held,
    )


def _in_names_of(live: LiveModel, learn: RefitRequest) -> RefitRequest:
    return learn if learn.start is None else replace(learn, start=refit_known_as(learn.start, live))


def _foreseen(newest: NewestStroke | None, shown: Mask, vouch: Vouch) -> tuple[Foreseen, ...]:
    if newest is None:
        return ()
    found = foresaw(newest.predicted, shown, vouch, newest.step())
    return newest.foreseen if found is None else (*newest.foreseen, found)[-ENOUGH:]


@dataclass(frozen=True)
class Way:
    """A repaint to one of `to_labels` where it is surer by `margin`, of regions of at most `most_px` pixels."""

    to_labels: Sequence[int]
    margin: float
    most_px: int


def surer_regions(
    shown: Mask, vouch: Vouch, prediction: Prediction, vouched: Sequence[int], ways: Sequence[Way]
) -> Mask | None:
    """What is shown, with the predicted label in the regions of unvouched pixels of all `ways`; None without any.

    A pixel whose class the network was never taught stays as it is: nothing can be said of it. Nor can it be where
    nobody `vouched` for the class that stands there yet, unless two others were told apart.
    """
    from_labels = range(VOID) if len(vouched) >= FEWEST_APART else vouched
    may_flip = (vouch == UNVOUCHED) & is_any_of(shown, from_labels) & (prediction.labels != shown)
    may_flip &= is_any_of(prediction.labels, {label for way in ways for label in way.to_labels})
    rows, cols = np.nonzero(may_flip)
    said, each = prediction.scores.probabilities_of(rows, cols), np.arange(len(rows))
    new, old = said[each, prediction.labels[rows, cols]], said[each, shown[rows, cols]]
    is_painted = np.zeros(shown.shape, bool)
    for way in ways:
        surer = np.zeros(shown.shape, np.uint8)
        is_surer = (new - old > way.margin) & (old > 0) & is_any_of(prediction.labels[rows, cols], way.to_labels)
        surer[rows, cols] = is_surer
        _, regions, about, _ = cv2.connectedComponentsWithStats(surer, connectivity=8)
        area = about[:, cv2.CC_STAT_AREA]
        takes = (area >= LEAST_REGION_PX) & (area <= way.most_px)
        takes[0] = False
        is_painted |= takes[regions]
    return np.where(is_painted, prediction.labels, shown) if is_painted.any() else None
