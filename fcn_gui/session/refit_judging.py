"""What earns its place? A finished image says what its first looks would have cost: by the refit that had not learned
it, by the checkpoint alone, and in each way of starting a mask.
"""

from dataclasses import dataclass

from fcn_gui.core.errors import ProjectError
from fcn_gui.core.progress import Job, Progress
from fcn_gui.core.raster import Inside
from fcn_gui.core.refit import Refit
from fcn_gui.core.surroundings import Boldness, Surroundings
from fcn_gui.session.checkpoints import LiveModel
from fcn_gui.session.effort import by_hand, correcting, vouched_truth
from fcn_gui.session.engine import Engine
from fcn_gui.session.ports import CorrectedImage
from fcn_gui.session.proposal import ATTUNED, USUAL, CostRequest, Costs, costs_of, proposed


@dataclass(frozen=True)
class JudgeRequest:
    """A snapshot: an `image` that is verified, and the `refit` of before its first stroke."""

    live: LiveModel
    refit: Refit
    image: CorrectedImage


def judge_refit(engine: Engine, request: JudgeRequest) -> Job[tuple[float, float]]:
    """Seconds to put right what the checkpoint alone says of the image, and what the refit says, each in its usual way.

    A mask that starts blank is cheaper where both are useless: then they cost the same. Raises CheckpointError,
    DeviceError.
    """
    image, mask, vouch = request.image.read()
    truth, text = vouched_truth(mask, vouch), "Judging the refit of before"
    said = []
    for refit, way in ((None, ATTUNED), (request.refit, USUAL)):
        yield Progress(text=text)
        segmenter = engine.ready(request.live)
        engine.put_on(refit)
        prediction = segmenter.predict(image, request.image.name, attunes=way.is_attuned)
        said.append(proposed(prediction, image, way).proposal)
    blank = (yield from by_hand(truth, text)).seconds
    plain = yield from correcting(said[0], truth, text, blank)
    refitted = yield from correcting(said[1], truth, text, blank)
    return plain, refitted


def judge_starts(engine: Engine, request: CostRequest) -> Job[Costs]:
    """What each way of starting its mask, and of completing strokes, would have cost.

    Raises CheckpointError, DeviceError.
    """
    live = request.live
    if live is None:
        return (yield from costs_of(request))

    def complete(around: Surroundings, boldness: Boldness) -> Inside | None:
        size = "×".join(map(str, around.shown.shape))
        try:
            return engine.ready(live).complete(around, f"{request.name} at {size}", boldness)
        except ProjectError:  # the person is told where a stroke of theirs is not completed
            return None

    return (yield from costs_of(request, complete))
