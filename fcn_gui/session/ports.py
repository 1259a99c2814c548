"""What the session asks of a network.

`learn/segmenter.py` answers with torch, the tests with a fake that goes by colour.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from fcn_gui.core.checkpoint import Checkpoint
from fcn_gui.core.cleanup import RAW, Cleanup
from fcn_gui.core.description import Description
from fcn_gui.core.label_map import LabelMap
from fcn_gui.core.prediction import Prediction
from fcn_gui.core.progress import Job
from fcn_gui.core.raster import Image, Inside, Mask, Vouch
from fcn_gui.core.refinement import Refinement
from fcn_gui.core.refit import Refit
from fcn_gui.core.scores import ScoreGrid
from fcn_gui.core.surroundings import Boldness, Surroundings


@dataclass(frozen=True)
class CorrectedImage:
    """One image with vouched pixels, frozen at the time of the request; `read` gives image, mask and vouch map."""

    key: str
    read: Callable[[], tuple[Image, Mask, Vouch]]
    is_verified: bool = False
    """A person said that all of it is right."""
    name: str = ""
    """Of the photograph, whatever is said of it: another one where its content is another."""
    version: str = ""
    """Of what is said of it: another one after every change; "" where that is not known."""
    digest: str = ""
    """Of the photograph's file; "" where that is not known."""


@dataclass(frozen=True)
class FineTuneRequest:
    """Learn from `images`; `watched` are only looked at, for a curve while it runs.

    Held-out images are never in `images`.
    """

    label_map: LabelMap
    images: Sequence[CorrectedImage]
    watched: Sequence[CorrectedImage] = ()
    steps: int = 0
    """0: as many as the segmenter holds right for this many corrections."""
    seed: int = 0
    settings: Mapping[str, float] = field(default_factory=dict)
    """learn.correction_emphasis, learn.edge_gain, learn.edge_sigma_px, learn.sampling_q."""
    refit: Refit | None = None
    """From which the score layers start; the checkpoint's own where there is none."""


@dataclass(frozen=True)
class RefitRequest:
    """Solve the score layers anew on the vouched pixels of `images`, none of which is held out.

    But in a throw-away refit, whose `is_kept` is false: its open image may be, and nothing of it stays.
    """

    images: Sequence[CorrectedImage]
    open_key: str = ""
    is_kept: bool = True
    is_thorough: bool = False
    """To the end, for images to come; else as far as it gets while somebody paints."""
    is_ahead: bool = False
    """Of something that may be asked for next: nothing of it stays, but that the same is then answered sooner."""
    start: Refit | None = None
    """A kept refit of before, to go on from where the segmenter knows no newer one."""
    goes_on: bool = True
    """From where the last kept refit ended; else from the checkpoint, as if there had been none."""
    settings: Mapping[str, float] = field(default_factory=dict)
    apart: Collection[str] = ()
    """Digests of photographs that no loss may see: what a segmenter has of its own must not be one of them."""


class Segmenter(Protocol):
    """A network that predicts and learns. One thread uses it at a time; jobs are stepped on that thread."""

    def load(self, checkpoint: Checkpoint, label_map: LabelMap) -> None:
        """Make `checkpoint` live for `label_map`: names that it knows keep their score rows, others start from zero.

        Raises CheckpointError with the reason; what was live before stays.
        """

    def describe(self) -> Description:
        """What is live."""

    def put_on(self, refit: Refit | None) -> None:
        """Predict with these score layers from now on; None: with the checkpoint's own.

        Classes go by name. Raises CheckpointError for a refit that does not fit; what was on before stays.
        """

    def predict(self, image: Image, name: str = "", *, attunes: bool = False) -> Prediction:
        """Prediction of one H×W×3 uint8 image by the live network. Raises DeviceError when nothing smaller fits.

        With a `name` its features are kept, and used where they are there. `attunes`: `attuned` scores are there too,
        where the network is sure of anything.
        """

    def by_stride(self, image: Image, name: str = "") -> Mapping[int, ScoreGrid]:
        """What the live network says down to each of its strides, coarsest first; the last is that of `predict`.

        With a `name` its features are kept, and used where they are there. Raises DeviceError.
        """

    def features(self, image: Image, name: str) -> bool:
        """Keep the features of an image under `name`, so that it can be predicted anew at once; False: can't be."""

    def complete(self, around: Surroundings, name: str, boldness: Boldness = Boldness.USUAL) -> Inside | None:
        """H×W bool: unvouched pixels of the image `name` that a stroke meant as well; None without any.

        `boldness`: with how little certainty.
        """

    def refit(self, request: RefitRequest) -> Job[Refit | None]:
        """Score layers solved on vouched pixels; the live ones stay as they are. None: nothing to tell apart yet.

        Closing it loses nothing but its last turn: the next one goes on from there.
        """

    def fine_tune(self, request: FineTuneRequest) -> Job[Checkpoint]:
        """A candidate learned on a copy of the live network; the live one goes on predicting between two yields.

        Progress carries numbers `loss` and, now and then, `mean_iu` of the watched images. Raises LearningError.
        """

    def evaluate(
        self, checkpoint: Checkpoint, images: Sequence[CorrectedImage], cleanup: Cleanup = RAW
    ) -> Job[list[Mask]]:
        """What `checkpoint` says of each image, cleaned up: H×W uint8 in the label map that was loaded last.

        What is live stays so. Raises CheckpointError.
        """

    def look_again(self, prediction: Prediction, image: Image) -> Job[Prediction]:
        """`prediction` with the mean scores of several looks at its `image` by what is live now. Raises DeviceError."""

    def refine(self, prediction: Prediction, image: Image, way: Refinement, vouched: Mask | None = None) -> Mask:
        """H×W uint8: the prediction of `image` with its borders at those of the photograph, in this `way`.

        `vouched` H×W uint8: labels that stay and that their neighbours hear, 255 where nothing is known.
        """
