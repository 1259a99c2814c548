"""Long work as generators over snapshots: the window steps them on its threads, the command line to the end."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from fcn_gui.core.checkpoint import Checkpoint
from fcn_gui.core.cleanup import RAW
from fcn_gui.core.errors import FcnGuiError, LearningError
from fcn_gui.core.prediction import Prediction
from fcn_gui.core.progress import Job, Progress, retold
from fcn_gui.core.raster import Image, Mask
from fcn_gui.core.superpixels import superpixels
from fcn_gui.disk.checkpoint_file import read_checkpoint
from fcn_gui.session.checkpoints import LiveModel, drop_waiting, steps_of, write_candidate
from fcn_gui.session.engine import Engine, known_as, refit_known_as
from fcn_gui.session.gate import Verdict
from fcn_gui.session.judging import judge
from fcn_gui.session.ports import CorrectedImage, FineTuneRequest
from fcn_gui.session.refining import proposed_by

_log = logging.getLogger(__name__)

SUPERPIXELS_FROM_PX = 1_500_000
LEARNING_SETTINGS = (
    "learn.correction_emphasis",
    "learn.edge_gain",
    "learn.edge_sigma_px",
    "learn.sampling_q",
)


@dataclass(frozen=True)
class PredictRequest:
    """A snapshot: which image, its pixels, and who shall answer."""

    key: str
    image: Image
    live: LiveModel
    name: str = ""
    """Under which its features are kept; "" where they are not."""
    vouched: Mask | None = None
    """H×W labels that a person vouched for, 255 elsewhere: a refinement keeps to them."""
    is_asked: bool = False
    """A person wants to see it in the mask."""


@dataclass(frozen=True)
class RetrainRequest:
    """A snapshot of all corrections of a project. `learned` and `held_out` have no image in common."""

    live: LiveModel
    learned: Sequence[CorrectedImage]
    held_out: Sequence[CorrectedImage]
    checkpoints_dir: Path
    number: int
    seed: int = 0
    steps: int = 0
    settings: Mapping[str, float] = field(default_factory=dict)

    @property
    def recipe(self) -> FineTuneRequest:
        """The same for the segmenter."""
        refit = None if self.live.refit is None else refit_known_as(self.live.refit, self.live)
        classes = self.live.label_map
        return FineTuneRequest(classes, self.learned, self.held_out, self.steps, self.seed, self.settings, refit)


@dataclass(frozen=True)
class RetrainResult:
    """The candidate as written, and what the gate said of it."""

    checkpoint: Checkpoint
    number: int
    verdict: Verdict


def predict(engine: Engine, request: PredictRequest) -> Job[Prediction]:
    """The prediction of one image. Raises CheckpointError, DeviceError."""
    yield Progress(0, 1, "Predicting")
    segmenter = engine.ready(request.live)
    prediction = segmenter.predict(request.image, request.name, attunes=request.live.cleanup != RAW)
    engine.look()
    yield Progress(0, 1, "Predicting")
    return (yield from proposed_by(segmenter, prediction, request.image, request.live, request.vouched))


def warm_up(engine: Engine, live: LiveModel | None) -> Job[str]:
    """Make the segmenter and load `live`; the device in words, "" while there is nothing to load."""
    yield Progress(0, 1, "Loading the network")
    engine.make()
    if live is None:
        return ""
    engine.ready(live)
    return engine.device_text


def try_checkpoint(engine: Engine, path: Path) -> Job[Path]:
    """Load a checkpoint that a person chose, to see that it can be used; its path. Raises CheckpointError."""
    yield Progress(0, 1, f"Looking at {path.name}")
    engine.try_file(path)
    return path


def second_look(
    engine: Engine,
    live: LiveModel,
    images: Sequence[tuple[str, Callable[[], Image]]],
    deliver: Callable[[str, Mask], None],
) -> Job[int]:
    """Predict images seen before once more; `deliver(key, labels)` is called for each. How many it were."""
    done = 0
    for number, (key, read) in enumerate(images):
        yield Progress(number, len(images), f"Second look: {key}")
        try:
            image = read()
        except FcnGuiError as error:
            _log.info("second look leaves out %s: %s", key, error)
            continue
        yield Progress(number, len(images), f"Second look: {key}")
        segmenter = engine.ready(live)
        prediction = segmenter.predict(image, attunes=live.cleanup != RAW)
        deliver(key, (yield from proposed_by(segmenter, prediction, image, live)).proposal)
        done += 1
    return done


def check_checkpoint(path: Path) -> Job[None]:
    """Read a checkpoint to its end before anything depends on it. Raises CheckpointError."""
    yield Progress(text="Reading the checkpoint")
    read_checkpoint(path)


def find_superpixels(image: Image) -> Job[NDArray[np.int32]]:
    """H×W numbers of alike neighbours; those of a large photograph are found on a smaller one of 1.5 megapixels."""
    yield Progress(text="Finding regions")
    height, width = image.shape[:2]
    scale = max(1.0, (height * width / SUPERPIXELS_FROM_PX) ** 0.5)
    if scale == 1.0:
        return superpixels(image)
    size = max(1, int(width / scale)), max(1, int(height / scale))
    small = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    found = superpixels(small).astype(np.int32)
    yield Progress(text="Finding regions")
    return np.asarray(cv2.resize(found, (width, height), interpolation=cv2.INTER_NEAREST), np.int32)


def retrain(engine: Engine, request: RetrainRequest) -> Job[RetrainResult]:
    """Fine-tune from the corrections, judge, write the candidate with its receipt. Live weights stay as they are.

    Raises LearningError without corrections or when the loss is not finite, CheckpointError, SaveError.
    """
    if not request.learned:
        raise LearningError("There is nothing to learn from: correct or verify an image first.")
    segmenter = engine.ready(request.live)
    learn = request.recipe
    steps = 0

    def tell(progress: Progress) -> Progress:
        nonlocal steps
        steps = progress.total or steps
        return replace(progress, text=f"Fine-tuning on {len(request.learned)} images")

    candidate = yield from retold(segmenter.fine_tune(learn), tell)
    _check_finite(candidate)
    live = known_as(read_checkpoint(request.live.path), request.live)
    verdict = yield from judge(segmenter, live, candidate, learn, request.steps or steps)
    written = write_candidate(request.checkpoints_dir, candidate, request.live.id, request.number, verdict)
    return RetrainResult(written, request.number, verdict)


def _check_finite(candidate: Checkpoint) -> None:
    """Before the gate: what holds an undefined number is no network that could be judged or put live by hand."""
    if not all(np.isfinite(values).all() for values in candidate.tensors.values()):
        told = "What was learned holds numbers that are not finite: it was refused, the live checkpoint stays."
        raise LearningError(f"{told} Retrain once more.")


def judge_waiting(engine: Engine, request: RetrainRequest, waiting: str) -> Job[RetrainResult]:
    """Judge the candidate of that id, which was learned before, by the corrections of `request`; nothing is learned.

    It is written anew with its receipt, under the number of `request`, unless it waits still. Raises CheckpointError,
    SaveError.
    """
    yield Progress(text="Reading the candidate that waits")
    folder = request.checkpoints_dir
    candidate = read_checkpoint(folder / f"{waiting}.safetensors")
    segmenter = engine.ready(request.live)
    live = known_as(read_checkpoint(request.live.path), request.live)
    verdict = yield from judge(
        segmenter, live, known_as(candidate, request.live), request.recipe, steps_of(candidate.receipt) or request.steps
    )
    if verdict.is_waiting:
        return RetrainResult(candidate, request.number, verdict)
    written = write_candidate(folder, candidate, candidate.parent or request.live.id, request.number, verdict)
    drop_waiting(folder, waiting)
    return RetrainResult(written, request.number, verdict)
