"""After a stroke: the score layers refitted, the open image predicted anew, and what of it is worth repainting.

A pixel that flips for the worse costs the person a stroke. So nothing is repainted but where it helps most: in the
first image with a class that is new, and there only regions where the network is clearly surer of another label.
"""

from dataclasses import dataclass, replace
from enum import Enum

import cv2
import numpy as np

from fcn_gui.core.prediction import Prediction
from fcn_gui.core.progress import Job, Progress
from fcn_gui.core.raster import UNVOUCHED, VOID, Image, Mask, Vouch
from fcn_gui.core.refit import Refit
from fcn_gui.session.checkpoints import LiveModel
from fcn_gui.session.effort import by_hand, correcting, vouched_truth
from fcn_gui.session.engine import Engine, refit_known_as
from fcn_gui.session.ports import CorrectedImage, RefitRequest
from fcn_gui.session.proposal import USUAL, proposed
from fcn_gui.session.refining import proposed_by

MARGIN = 0.3
"""By how much the probability of another label must exceed that of the one that stands there."""
LEAST_REGION_PX = 12


class Extent(Enum):
    """Which unvouched pixels of the open image follow."""

    NOTHING = 0
    NEW_CLASSES = 1
    """Regions, if the open image is the only one with a class that the checkpoint was never taught."""
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
    judged: Refit | None = None
    """To be judged by the open image, which is finished and which it has not learned."""


@dataclass(frozen=True)
class RepaintResult:
    """`refit` None: nothing can be told apart yet. `labels`: what unvouched pixels shall show, None for as they do."""

    refit: Refit | None = None
    prediction: Prediction | None = None
    labels: Mask | None = None
    judged: tuple[float, float] | None = None
    """See `Refit.judged`."""


def repaint(engine: Engine, request: RepaintRequest) -> Job[RepaintResult]:
    """Refit, predict the open image, say what to repaint. Raises CheckpointError, DeviceError."""
    segmenter = engine.ready(request.live)
    image, shown, vouch = request.opened.read()
    learn, judged = request.learn, None
    if learn.start is not None:
        learn = replace(learn, start=refit_known_as(learn.start, request.live))
    if request.judged is not None:
        judged = yield from _judged(engine, request, (image, shown, vouch))
        segmenter = engine.ready(request.live)
    refit = yield from segmenter.refit(learn)
    if refit is None:
        return RepaintResult(judged=judged)
    engine.ready(request.live)
    engine.put_on(refit)
    prediction = segmenter.predict(image, request.opened.name)
    is_new = bool(refit.introduced) and request.extent is Extent.NEW_CLASSES
    labels = None
    if request.extent is Extent.EVERYTHING:
        known = vouched_truth(shown, vouch)
        labels = proposed_by(segmenter, prediction, image, request.live, known).proposal
    elif is_new:
        labels = surer_regions(shown, vouch, prediction)
    return RepaintResult(refit, prediction, labels, judged)


def surer_regions(shown: Mask, vouch: Vouch, prediction: Prediction) -> Mask:
    """What is shown, with the new label in regions of unvouched pixels where it is surer by `MARGIN`.

    A pixel whose class the network was never taught stays as it is: nothing can be said of it.
    """
    rows, cols = np.nonzero((vouch == UNVOUCHED) & (prediction.labels != shown) & (shown != VOID))
    said = prediction.scores.probabilities_of(rows, cols)
    each = np.arange(len(rows))
    new, old = said[each, prediction.labels[rows, cols]], said[each, shown[rows, cols]]
    surer = np.zeros(shown.shape, np.uint8)
    surer[rows, cols] = (new - old > MARGIN) & (old > 0)
    _, regions, about, _ = cv2.connectedComponentsWithStats(surer, connectivity=8)
    is_large = about[:, cv2.CC_STAT_AREA] >= LEAST_REGION_PX
    is_large[0] = False
    labels: Mask = np.where(is_large[regions], prediction.labels, shown)
    return labels


def _judged(engine: Engine, request: RepaintRequest, maps: tuple[Image, Mask, Vouch]) -> Job[tuple[float, float]]:
    """Seconds to put right what the checkpoint alone says of a finished image, and what the refit of before says.

    A mask that starts blank is cheaper where both are useless: then they cost the same.
    """
    image, truth, text = maps[0], vouched_truth(maps[1], maps[2]), "Judging the refit of before"
    said = []
    for refit in (None, request.judged):
        yield Progress(text=text)
        segmenter = engine.ready(request.live)
        engine.put_on(refit)
        said.append(proposed(segmenter.predict(image, request.opened.name), image, USUAL).proposal)
    blank = (yield from by_hand(truth, text)).seconds
    plain = yield from correcting(said[0], truth, text, blank)
    refitted = yield from correcting(said[1], truth, text, blank)
    return plain, refitted
