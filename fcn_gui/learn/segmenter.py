"""The network behind the window: loads a checkpoint, predicts with it, learns on a copy of it, compares.

A class that was never taught (its row is 0 in every score layer) is never predicted: where the network only predicts,
such a row scores far below all others, so its probability is 0 until a correction has taught it. The checkpoint itself
keeps the zeros.
"""

from __future__ import annotations

from collections.abc import Sequence

from fcn_gui.core.checkpoint import Checkpoint
from fcn_gui.core.description import Description
from fcn_gui.core.errors import CheckpointError
from fcn_gui.core.label_map import LabelMap
from fcn_gui.core.prediction import Prediction
from fcn_gui.core.progress import Job, Progress
from fcn_gui.core.raster import Image, Mask
from fcn_gui.learn.finetune import Request, fine_tune
from fcn_gui.learn.samples import Corrected
from fcn_gui.net.checkpoint import adapted, network_from, silence_untaught
from fcn_gui.net.device import Device, choose, measure
from fcn_gui.net.fcn import FCN
from fcn_gui.net.predict import Predictor
from fcn_gui.net.preset import Preset


class TorchSegmenter:
    """Fits `session/ports.Segmenter`. One thread uses it at a time; what a job needs is taken when it is made."""

    def __init__(self, preference: str = "auto", *, measured: bool = True) -> None:
        """`preference` auto, cpu, cuda or mps. `measured`: find the fastest way to compute at the first load (1 s)."""
        self._device = choose(preference)
        self._is_measured = not measured
        self._checkpoint: Checkpoint | None = None
        self._predictor: Predictor | None = None

    def load(self, checkpoint: Checkpoint, label_map: LabelMap) -> None:
        """Make `checkpoint` live for `label_map`: names that it knows keep their score rows, others start from zero.

        Raises CheckpointError with the reason; what was live before stays.
        """
        fitting = fitted(checkpoint, label_map)
        self._predictor = self._predictor_of(fitting)
        self._checkpoint = fitting

    def describe(self) -> Description:
        """What is live, and where it runs now. Raises CheckpointError before the first load."""
        checkpoint, predictor = self._live()
        device = predictor.notice or predictor.device.text
        return Description(device, predictor.device.precision, checkpoint.id, checkpoint.label_map)

    def predict(self, image: Image) -> Prediction:
        """Prediction of one H×W×3 uint8 image by the live network. Raises DeviceError when nothing smaller fits."""
        _, predictor = self._live()
        return predictor.predict(image)

    def fine_tune(self, request: Request) -> Job[Checkpoint]:
        """A candidate learned on a copy of the live network, which goes on predicting between two yields.

        Progress carries numbers `loss` and, now and then, `mean_iu` of the watched images; its total is the number of
        steps. Equal seeds give equal candidates. Raises LearningError.
        """
        checkpoint, predictor = self._live()
        if request.label_map != checkpoint.label_map:
            checkpoint = fitted(checkpoint, request.label_map)
            predictor = self._predictor_of(checkpoint)
        return fine_tune(predictor, checkpoint, request)

    def evaluate(self, checkpoint: Checkpoint, images: Sequence[Corrected]) -> Job[list[Mask]]:
        """What `checkpoint` says of each image, H×W uint8 in the label map that was loaded last.

        Raises CheckpointError; the live network stays as it is.
        """
        live, _ = self._live()
        return _evaluate(self._predictor_of(fitted(checkpoint, live.label_map)), images)

    def _live(self) -> tuple[Checkpoint, Predictor]:
        if self._checkpoint is None or self._predictor is None:
            raise CheckpointError("No checkpoint is loaded yet; choose one.")
        return self._checkpoint, self._predictor

    def _predictor_of(self, checkpoint: Checkpoint) -> Predictor:
        network = network_from(checkpoint)
        silence_untaught(network)
        return Predictor(network, Preset.from_json(checkpoint.preset), self._current_device(network), checkpoint.id)

    def _current_device(self, network: FCN) -> Device:
        """Where the live network runs, which may be the CPU by now; measured once."""
        if not self._is_measured:
            self._device, self._is_measured = measure(self._device, network), True
        return self._predictor.device if self._predictor is not None else self._device


def fitted(checkpoint: Checkpoint, label_map: LabelMap) -> Checkpoint:
    """`adapted`, after the checkpoint itself was found whole. Raises CheckpointError."""
    network_from(checkpoint)
    return adapted(checkpoint, label_map)


def _evaluate(predictor: Predictor, images: Sequence[Corrected]) -> Job[list[Mask]]:
    found = []
    for number, image in enumerate(images):
        yield Progress(number, len(images), f"Comparing on {image.key}")
        found.append(predictor.predict(image.read()[0]).labels)
    return found
