"""Images to predictions: one for the window, batches of equal size for a folder."""

from __future__ import annotations

import copy
import dataclasses
import logging
import sys
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fcn_gui.core.checkpoint import Checkpoint
from fcn_gui.core.errors import DeviceError
from fcn_gui.core.image_io import read_image
from fcn_gui.core.prediction import Prediction
from fcn_gui.core.raster import Image
from fcn_gui.core.scores import ScoreGrid
from fcn_gui.disk.bundled import samples_dir
from fcn_gui.net.checkpoint import network_from, silence_untaught
from fcn_gui.net.device import Device, choose, free_bytes, is_out_of_memory, measure, release_memory
from fcn_gui.net.fcn import FCN
from fcn_gui.net.grid_labels import grid_labels
from fcn_gui.net.preset import Preset, grid_axes, padded_size, to_tensor
from fcn_gui.net.tiles import least_tile_px, scores_in_tiles

_log = logging.getLogger(__name__)
HARD_SAMPLE = "owl.jpg"
"""Errors of arithmetic move a line along borders on most photographs, and on this one half a wing."""
_SHARE = 0.5
"""Of the memory that is left: others want some too."""
_MOST_BYTES = 2300 << 20
"""For one forward pass, whatever is left: larger images come out alike in tiles, and hardly later."""


class Predictor:
    """A network on its device with the preset it needs; `checkpoint` is the id that its predictions carry."""

    def __init__(self, network: FCN, preset: Preset, device: Device, checkpoint: str = "") -> None:
        self.network = network.to(device.name, memory_format=device.memory_format)  # type: ignore[call-overload]
        self.preset = preset
        self.device = device
        self.checkpoint = checkpoint
        self._most_px = sys.maxsize
        self.notice = ""
        """What it had to do without, for the status bar; empty as long as it has the memory it needs."""

    @classmethod
    def of(cls, checkpoint: Checkpoint, preference: str = "auto", *, measured: bool = True) -> Predictor:
        """The checkpoint, whose arrays it shares, on the device asked for in the way measured to be the fastest."""
        network, device = network_from(checkpoint, is_shared=True), choose(preference)
        silence_untaught(network)
        preset = Preset.from_json(checkpoint.preset)
        if measured:
            device = measure(device, network, lambda way: share_alike(network, preset, way))
        return cls(network, preset, device, checkpoint.id)

    def with_network(self, network: FCN) -> Predictor:
        """Another network in the place of this one, as far as memory was found to allow."""
        other = copy.copy(self)
        other.network = network.to(self.device.name, memory_format=self.device.memory_format)  # type: ignore[call-overload]
        return other

    def size_of(self, shape: tuple[int, ...]) -> tuple[int, int]:
        """Height and width of the tensor of an image of `shape`: images alike in it can share a batch."""
        return padded_size(self.preset, shape, self.network.align)

    def predict(self, image: Image) -> Prediction:
        """Prediction of one H×W×3 uint8 image. DeviceError where even the smallest does not fit."""
        return self.predict_batch([image])[0]

    def predict_batch(self, images: Sequence[Image]) -> list[Prediction]:
        """Predictions of images whose `size_of` is the same, in order."""
        return [Prediction(grid_labels(grid), grid, self.checkpoint) for grid in self.score_batch(images)]

    def score_batch(self, images: Sequence[Image]) -> list[ScoreGrid]:
        """Scores of images whose `size_of` is the same, at the finest stride."""
        return self.look(images, self.preset)

    def look(self, images: Sequence[Image], preset: Preset) -> list[ScoreGrid]:
        """The same of one look at images whose tensors by this `preset` are of one size."""
        x = torch.cat([to_tensor(preset, image, self.network.align) for image in images])
        scores, finest = self._scores(x).numpy(), self.network.strides[-1]
        first_px = self.network.first_px
        return [
            grid_from(preset, values, image.shape, finest, first_px)
            for values, image in zip(scores, images, strict=True)
        ]

    def _scores(self, x: Tensor) -> Tensor:
        """N×K×h×w on the CPU; out of memory means half the batch, then tiles, then the CPU."""
        pixels, most_px = x[:, 0].numel(), self._fitting_px()
        if len(x) > 1 and pixels > most_px:
            half = len(x) // 2
            return torch.cat([self._scores(x[:half]), self._scores(x[half:])])
        tile_px = max(most_px, least_tile_px(self.network))
        try:
            if pixels > tile_px:
                return scores_in_tiles(self.network, x, self.device, tile_px)
            return self._forward(x).cpu()
        except RuntimeError as error:
            if not is_out_of_memory(error):
                raise
            reason = str(error)  # the error itself would keep alive what did not fit
        self._use_less(x, min(pixels, tile_px), reason)
        return self._scores(x)

    def _fitting_px(self) -> int:
        """How many pixels of tensors can be looked at in one go: what memory is left, and what was found too much."""
        left = min(free_bytes(self.device.name) * _SHARE, _MOST_BYTES)
        return min(int(left / self.network.trunk.bytes_per_px), self._most_px)

    def _forward(self, x: Tensor) -> Tensor:
        with torch.inference_mode(), self.device.autocast():
            scores: Tensor = self.network(self.device.place(x))
        return scores

    def _use_less(self, x: Tensor, tried_px: int, reason: str) -> None:
        """After `tried_px` pixels at once did not fit: the next smaller way, and a notice. DeviceError without one."""
        release_memory(self.device.name)
        self._most_px = tried_px // 2
        if len(x) > 1:
            self.notice = f"{self.device.text} is short of memory; predicting in smaller batches"
        elif tried_px > least_tile_px(self.network):
            self.notice = f"{self.device.text} is short of memory; predicting in tiles"
        elif self.device.name != "cpu":
            self.notice = f"{self.device.text} is out of memory; predicting on the CPU"
            self.device = dataclasses.replace(choose("cpu"), channels_last=self.device.channels_last)
            self.network.to("cpu")
            self._most_px = sys.maxsize
        else:
            _log.warning("out of memory: %s", reason)
            raise DeviceError("There is not enough memory to predict this image; close other programs.")


def share_alike(network: FCN, preset: Preset, way: Device) -> float:
    """Share (0…1) of the pixels of a sample photograph to which `way` gives the label that float32 gives there.

    0 where float32 gives all of it one label, which says nothing. Raises ImageError, ProjectError, DeviceError.
    """
    image = read_image(samples_dir() / "photos" / HARD_SAMPLE).image
    full = dataclasses.replace(way, dtype=torch.float32)
    found, expected = (predict_image(network, image, preset, each).labels for each in (way, full))
    return 0.0 if (expected == expected[0, 0]).all() else float((found == expected).mean())


def grid_from(
    preset: Preset, values: NDArray[np.float32], shape: tuple[int, ...], stride: int, first_px: float
) -> ScoreGrid:
    """K×h×w scores at `stride`, from `first_px` on, as those of an image of `shape` (H, W, …)."""
    rows, cols = grid_axes(preset, shape, stride, first_px)
    return ScoreGrid(np.ascontiguousarray(values), (shape[0], shape[1]), rows, cols)


def predict_image(network: FCN, image: Image, preset: Preset, device: Device, checkpoint: str = "") -> Prediction:
    """Prediction of one image by a network that stays where it is; for callers that hold network and device."""
    return Predictor(network, preset, device, checkpoint).predict(image)
