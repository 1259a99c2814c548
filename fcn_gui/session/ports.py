"""What the session asks of a network.

`learn/segmenter.py` answers with torch, the tests with a fake that goes by colour.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from fcn_gui.core.checkpoint import Checkpoint
from fcn_gui.core.description import Description
from fcn_gui.core.label_map import LabelMap
from fcn_gui.core.prediction import Prediction
from fcn_gui.core.progress import Job
from fcn_gui.core.raster import Image, Mask, Vouch


@dataclass(frozen=True)
class CorrectedImage:
    """One image with vouched pixels, frozen at the time of the request; `read` gives image, mask and vouch map."""

    key: str
    read: Callable[[], tuple[Image, Mask, Vouch]]
    is_verified: bool = False
    """A person said that all of it is right."""


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


class Segmenter(Protocol):
    """A network that predicts and learns. One thread uses it at a time; jobs are stepped on that thread."""

    def load(self, checkpoint: Checkpoint, label_map: LabelMap) -> None:
        """Make `checkpoint` live for `label_map`: names that it knows keep their score rows, others start from zero.

        Raises CheckpointError with the reason; what was live before stays.
        """

    def describe(self) -> Description:
        """What is live."""

    def predict(self, image: Image) -> Prediction:
        """Prediction of one H×W×3 uint8 image by the live network. Raises DeviceError when nothing smaller fits."""

    def fine_tune(self, request: FineTuneRequest) -> Job[Checkpoint]:
        """A candidate learned on a copy of the live network; the live one goes on predicting between two yields.

        Progress carries numbers `loss` and, now and then, `mean_iu` of the watched images. Raises LearningError.
        """

    def evaluate(self, checkpoint: Checkpoint, images: Sequence[CorrectedImage]) -> Job[list[Mask]]:
        """What `checkpoint` says of each image, H×W uint8 in the label map that was loaded last; live stays live.

        Raises CheckpointError.
        """
