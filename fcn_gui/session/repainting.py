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
from fcn_gui.core.raster import UNVOUCHED, VOID, Mask, Vouch
from fcn_gui.core.refit import Refit
from fcn_gui.session.checkpoints import LiveModel
from fcn_gui.session.effort import by_hand, correcting, vouched_truth
from fcn_gui.session.engine import Engine, refit_known_as
from fcn_gui.session.ports import CorrectedImage, RefitRequest
from fcn_gui.session.proposal import USUAL, proposed

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


@dataclass(frozen=True)
class RepaintResult:
    """`refit` None: nothing can be told apart yet. `labels`: what unvouched pixels shall show, None for as they do."""

    refit: Refit | None = None
    prediction: Prediction | None = None
    labels: Mask | None = None


@dataclass(frozen=True)
class JudgeRequest:
    """A refit, and a finished image that it has not learned, as it was when it was finished."""

    live: LiveModel
    image: CorrectedImage
    refit: Refit


def repaint(engine: Engine, request: RepaintRequest) -> Job[RepaintResult]:
    """Refit, predict the open image, say what to repaint. Raises CheckpointError, DeviceError."""
    segmenter = engine.ready(request.live)
    image, shown, vouch = request.opened.read()
    learn = request.learn
    if learn.start is not None:
        learn = replace(learn, start=refit_known_as(learn.start, request.live))
    refit = yield from segmenter.refit(learn)
    if refit is None:
        return RepaintResult()
    engine.ready(request.live)
    engine.put_on(refit)
    prediction = segmenter.predict(image, request.opened.name)
    is_new = bool(refit.introduced) and request.extent is Extent.NEW_CLASSES
    labels = None
    if request.extent is Extent.EVERYTHING:
        labels = proposed(prediction, image, request.live.cleanup).proposal
    elif is_new:
        labels = surer_regions(shown, vouch, prediction)
    return RepaintResult(refit, prediction, labels)


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


def judge_refit(engine: Engine, request: JudgeRequest) -> Job[tuple[float, float]]:
    """Seconds to put right what the checkpoint alone says of the image, and what the refit says: see `Refit.judged`.

    A mask that starts blank is cheaper where both are useless: then they cost the same. Raises CheckpointError,
    DeviceError.
    """
    image, mask, vouch = request.image.read()
    truth, text = vouched_truth(mask, vouch), "Judging the refit of before"
    said = []
    for refit in (None, request.refit):
        yield Progress(text=text)
        segmenter = engine.ready(request.live)
        engine.put_on(refit)
        said.append(proposed(segmenter.predict(image, request.image.name), image, USUAL).proposal)
    blank = (yield from by_hand(truth, text)).seconds
    plain = yield from correcting(said[0], truth, text, blank)
    refitted = yield from correcting(said[1], truth, text, blank)
    return plain, refitted
