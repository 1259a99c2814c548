"""The network behind the window: loads a checkpoint, predicts with it, learns on a copy of it, compares.

A class that was never taught (its row is 0 in every score layer) is never predicted: where the network only predicts,
such a row scores far below all others, so its probability is 0 until a correction has taught it. The checkpoint itself
keeps the zeros.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Protocol

from fcn_gui.core.checkpoint import Checkpoint
from fcn_gui.core.cleanup import RAW, Cleanup, cleaned
from fcn_gui.core.description import Description
from fcn_gui.core.errors import CheckpointError
from fcn_gui.core.label_map import LabelMap
from fcn_gui.core.prediction import Prediction
from fcn_gui.core.progress import Job, Progress
from fcn_gui.core.raster import Image, Inside, Mask
from fcn_gui.core.refinement import Refinement, averaged
from fcn_gui.core.refit import Refit
from fcn_gui.core.scores import ScoreGrid
from fcn_gui.core.surroundings import Boldness, Surroundings
from fcn_gui.learn.attune import attuned
from fcn_gui.learn.completion import completion
from fcn_gui.learn.features import FeatureCache, Features, grid_of, grids_of, look
from fcn_gui.learn.finetune import Request as LearnRequest
from fcn_gui.learn.finetune import fine_tune
from fcn_gui.learn.refitter import Once, Refitter, Versioned
from fcn_gui.learn.refitter import Request as RefitRequest
from fcn_gui.learn.samples import Corrected
from fcn_gui.learn.score_rows import ScoreRows
from fcn_gui.net.by_stride import scores_by_stride
from fcn_gui.net.checkpoint import adapted, network_from, silence_untaught, taught_rows
from fcn_gui.net.device import Device, choose, measure
from fcn_gui.net.fcn import FCN
from fcn_gui.net.grid_labels import grid_labels
from fcn_gui.net.looks import LOOKS, further_looks
from fcn_gui.net.predict import Predictor, share_alike
from fcn_gui.net.preset import Preset
from fcn_gui.net.refine import refined

_log = logging.getLogger(__name__)


class Request(LearnRequest, Protocol):
    """Of a fine-tune, with images whose photographs have names."""

    @property
    def images(self) -> Sequence[Versioned]: ...


class TorchSegmenter:
    """Fits `session/ports.Segmenter`. One thread uses it at a time; what a job needs is taken when it is made."""

    def __init__(self, preference: str = "auto", *, measured: bool = True) -> None:
        """`preference` auto, cpu, cuda or mps. `measured`: find the fastest way to compute at the first load (1 s)."""
        self._device = choose(preference)
        self._is_measured = not measured
        self._checkpoint: Checkpoint | None = None
        self._predictor: Predictor | None = None
        self._refitter: Refitter | None = None
        self._rows: ScoreRows | None = None
        self._taught: Sequence[bool] = ()
        """By class, whether the checkpoint was."""
        self._is_dressed = False
        """The predictor's network has `_rows`: they come and go with every stroke, and are rarely needed in there."""
        self._features = FeatureCache()

    def load(self, checkpoint: Checkpoint, label_map: LabelMap) -> None:
        """Make `checkpoint` live for `label_map`: names that it knows keep their score rows, others start from zero.

        Raises CheckpointError with the reason; what was live before stays.
        """
        fitting = fitted(checkpoint, label_map)
        network = network_from(fitting, is_shared=True)
        refitter, rows, taught = Refitter(fitting, network), ScoreRows.of(network).silenced(), taught_rows(network)
        worn = _with_rows(network, rows)
        predictor = Predictor(
            worn, Preset.from_json(fitting.preset), self._current_device(worn, checkpoint), fitting.id
        )
        self._checkpoint, self._predictor, self._refitter, self._rows = fitting, predictor, refitter, rows
        self._taught = taught.tolist()
        self._is_dressed = True

    def put_on(self, refit: Refit | None) -> None:
        """Predict with these score layers from now on; None: with the checkpoint's own.

        Classes go by name. Raises CheckpointError for a refit that does not fit; what was on before stays.
        """
        checkpoint, predictor = self._live()
        laid = checkpoint if refit is None else _laid(refit, checkpoint)
        self._rows, self._is_dressed = ScoreRows.of_tensors(laid.tensors, predictor.network).silenced(), False

    def describe(self) -> Description:
        """What is live, and where it runs now. Raises CheckpointError before the first load."""
        checkpoint, predictor = self._live()
        device = predictor.notice or predictor.device.text
        return Description(device, predictor.device.precision, checkpoint.id, checkpoint.label_map)

    def predict(self, image: Image, name: str = "", *, attunes: bool = False) -> Prediction:
        """Prediction of one H×W×3 uint8 image by the live network. Raises DeviceError when nothing smaller fits.

        With a `name` its taps are kept, and used where they are there. `attunes`: `attuned` scores are there too, where
        the network is sure of anything and its taps are known in one piece.
        """
        checkpoint, predictor = self._live()
        if not name and not attunes:
            return self._dressed().predict(image)
        features = self._features.get(self._key(name)) if name else None
        if features is None:
            grid, features = self._look(name, image)
        else:
            assert self._rows is not None
            grid = grid_of(features, self._rows, predictor.network, predictor.preset)
        own = None
        if attunes and features is not None:
            assert self._rows is not None
            own = attuned(grid, features, self._rows, predictor.network, predictor.preset)
        return Prediction(grid_labels(grid), grid, checkpoint.id, own)

    def by_stride(self, image: Image, name: str = "") -> dict[int, ScoreGrid]:
        """What the live network says of an image down to each of its strides, coarsest first; the last is `predict`'s.

        With a `name` its taps are kept, and used where they are there. Raises DeviceError.
        """
        _, predictor = self._live()
        features = self._features_of(name, image) if name else None
        if features is None:
            return scores_by_stride(predictor, image)
        assert self._rows is not None
        return grids_of(features, self._rows, predictor.network, predictor.preset)

    def features(self, image: Image, name: str) -> bool:
        """Keep the taps of an image under `name`, so that it can be predicted anew at once; False: can't be."""
        return self._features_of(name, image) is not None

    def complete(self, around: Surroundings, name: str, boldness: Boldness = Boldness.USUAL) -> Inside | None:
        """H×W bool: unvouched pixels of the image `name` that a stroke meant as well.

        None without any, and where the taps of the image are not known in one piece. Raises DeviceError.
        """
        _, predictor = self._live()
        features = self._features_of(name, around.image)
        if features is None:
            return None
        is_taught = self._taught[around.label]
        return completion(around, features, predictor.network, predictor.preset, boldness, is_taught=is_taught)

    def refit(self, request: RefitRequest) -> Job[Refit | None]:
        """Score layers solved on vouched pixels; the live ones stay as they are. None: nothing to tell apart yet."""
        checkpoint, predictor = self._live()
        assert self._refitter is not None
        if request.start is not None:
            try:
                laid = _laid(request.start, checkpoint)
                self._refitter.go_on_from(ScoreRows.of_tensors(laid.tensors, predictor.network))
            except CheckpointError as error:
                _log.warning("a refit of before is left out: %s", error)
        return self._refitter.refit(request, self._features_of)

    def fine_tune(self, request: Request) -> Job[Checkpoint]:
        """A candidate learned on a copy of the live network, which goes on predicting between two yields.

        Progress carries numbers `loss` and, now and then, `mean_iu` of the watched images; its total is the number of
        steps. Equal seeds give equal candidates. Raises LearningError.
        """
        checkpoint, _ = self._live()
        start = checkpoint if request.refit is None else _laid(request.refit, checkpoint)
        start = fitted(start, request.label_map)
        # A network of its own: what the window predicts with goes from refit to refit meanwhile.
        return self._learned(fine_tune(self._predictor_of(start), start, request), request)

    def evaluate(self, checkpoint: Checkpoint, images: Sequence[Corrected], cleanup: Cleanup = RAW) -> Job[list[Mask]]:
        """What `checkpoint` says of each image, cleaned up, H×W uint8 in the label map that was loaded last.

        Raises CheckpointError; the live network stays as it is.
        """
        live, _ = self._live()
        return _evaluate(self._predictor_of(fitted(checkpoint, live.label_map)), images, cleanup)

    def _learned(self, job: Job[Checkpoint], request: Request) -> Job[Checkpoint]:
        """The candidate, its score layers solved once more on its own taps: so it is what a person would go on with.

        What was taught on photographs stays as it was learned; see `Hold`.
        """
        candidate = yield from job
        network = network_from(candidate, is_shared=True)
        refitter, predictor = Refitter(candidate, network), self._predictor_of(candidate)
        if refitter.is_known:
            return candidate
        images = Once(request.images, request.settings)
        refit = yield from refitter.refit(images, lambda _, image: look(predictor, image)[1])
        return candidate if refit is None else replace(candidate, tensors={**candidate.tensors, **refit.tensors})

    def look_again(self, prediction: Prediction, image: Image) -> Job[Prediction]:
        """`prediction` with the mean scores of several looks at its `image` by the network that is live now.

        Raises DeviceError.
        """
        grids = [prediction.scores]
        for grid in further_looks(self._dressed(), image):
            yield Progress(len(grids), LOOKS, "Looking again")
            grids.append(grid)
        return replace(prediction, scores=averaged(grids))

    def refine(self, prediction: Prediction, image: Image, way: Refinement, vouched: Mask | None = None) -> Mask:
        """H×W uint8: the prediction of `image` with its borders at those of the photograph; `vouched` labels stay."""
        return refined(prediction.scores, image, way, vouched)

    def _live(self) -> tuple[Checkpoint, Predictor]:
        if self._checkpoint is None or self._predictor is None:
            raise CheckpointError("No checkpoint is loaded yet; choose one.")
        return self._checkpoint, self._predictor

    def _dressed(self) -> Predictor:
        """The predictor with the score layers that are on now."""
        _, predictor = self._live()
        if not self._is_dressed:
            assert self._rows is not None
            predictor = predictor.with_network(_with_rows(predictor.network, self._rows))
            self._predictor, self._is_dressed = predictor, True
        return predictor

    def _predictor_of(self, checkpoint: Checkpoint) -> Predictor:
        network = network_from(checkpoint, is_shared=True)
        silence_untaught(network)
        return Predictor(
            network, Preset.from_json(checkpoint.preset), self._current_device(network, checkpoint), checkpoint.id
        )

    def _key(self, name: str) -> str:
        checkpoint, _ = self._live()
        return f"{checkpoint.id}/{checkpoint.preset}/{name}"

    def _look(self, name: str, image: Image) -> tuple[ScoreGrid, Features | None]:
        grid, features = look(self._dressed(), image)
        if features is not None and name:
            self._features.put(self._key(name), features)
        return grid, features

    def _features_of(self, name: str, image: Image) -> Features | None:
        return self._features.get(self._key(name)) or self._look(name, image)[1]

    def _current_device(self, network: FCN, checkpoint: Checkpoint) -> Device:
        """Where the live network runs, which may be the CPU by now; measured once, labels with `checkpoint`'s own."""
        if not self._is_measured:
            judge = partial(_share_alike, checkpoint)
            self._device, self._is_measured = measure(self._device, network, judge), True
        return self._predictor.device if self._predictor is not None else self._device


def _share_alike(checkpoint: Checkpoint, way: Device) -> float:
    """With the classes that the checkpoint came with: new ones say nothing yet."""
    network = network_from(checkpoint)
    silence_untaught(network)
    return share_alike(network, Preset.from_json(checkpoint.preset), way)


def fitted(checkpoint: Checkpoint, label_map: LabelMap) -> Checkpoint:
    """`adapted`, after the checkpoint itself was found whole. Raises CheckpointError."""
    network_from(checkpoint, is_shared=True)
    return adapted(checkpoint, label_map)


def _with_rows(network: FCN, rows: ScoreRows) -> FCN:
    """The trunk of `network` under other score layers; `network` keeps its own, for whoever predicts with it still."""
    worn = FCN(network.trunk, network.strides, len(rows.bias))
    rows.put_into(worn)
    return worn.eval()


def _laid(refit: Refit, checkpoint: Checkpoint) -> Checkpoint:
    """`checkpoint` with a refit over it, in its own label map. Raises CheckpointError where they do not fit."""
    for name, tensor in refit.tensors.items():
        own = checkpoint.tensors.get(name)
        if own is None or tensor.shape != (len(refit.label_map), *own.shape[1:]):
            raise CheckpointError(f"The refit's {name} does not fit checkpoint {checkpoint.id}.")
    return adapted(refit.on(checkpoint), checkpoint.label_map)


def _evaluate(predictor: Predictor, images: Sequence[Corrected], cleanup: Cleanup) -> Job[list[Mask]]:
    found = []
    for number, image in enumerate(images):
        yield Progress(number, len(images), f"Comparing on {image.key}")
        photo = image.read()[0]
        found.append(cleaned(predictor.predict(photo).scores, photo, cleanup))
    return found
