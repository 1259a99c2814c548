"""Presets: how an image becomes a tensor, and where its pixels lie on the grid of the scores.

The image is scaled so that its long side spans `long_side` pixels, or left as it is, normalised, and padded with zeros
at the right and the bottom to a size that the coarsest map aligns with.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from fcn_gui.core.errors import CheckpointError
from fcn_gui.core.raster import Image, check_image
from fcn_gui.core.scores import Axis
from fcn_gui.net.upsample import aligned_size

SHORTEST, LONGEST = 256, 4096
"""What a project may set as its working long side, in pixels."""
PROJECT_SIDE = "project_side"
NATIVE = 0
"""The working long side that means: as large as the image is."""
_NATIVE_WORD, _NO_LIMIT_PX = "native", 1 << 30


@dataclass(frozen=True)
class Preset:
    """x = (channels of the image in `order` − mean) · scale, at a working long side in pixels or `NATIVE`.

    `scale` is one number, or one for each channel in `order`.
    """

    name: str
    order: str
    mean: tuple[float, float, float]
    scale: float | tuple[float, float, float]
    long_side: int
    project_side: int = 0
    """The working long side in projects whose classes are known, in pixels, where one was chosen by a person's seconds
    (docs/decisions/working-size.md); 0: the same."""

    def to_json(self) -> dict[str, object]:
        """Plain values, as they stand in a checkpoint."""
        scale = list(self.scale) if isinstance(self.scale, tuple) else self.scale
        plain = {**asdict(self), "mean": list(self.mean), "scale": scale, "long_side": self.size}
        return {name: value for name, value in plain.items() if name != PROJECT_SIDE or value}

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> Preset:
        """What `to_json` gave; CheckpointError for anything else."""
        try:
            mean = [float(value) for value in data["mean"]]  # type: ignore[attr-defined]
            preset = cls(
                name=str(data["name"]),
                order=str(data["order"]),
                mean=(mean[0], mean[1], mean[2]),
                scale=_scale(data["scale"]),
                long_side=NATIVE if data["long_side"] == _NATIVE_WORD else int(str(data["long_side"])),
                project_side=int(str(data.get(PROJECT_SIDE, 0))),
            )
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise CheckpointError(f"its preset can't be read ({error}); choose another checkpoint.") from error
        preset.check()
        return preset

    def check(self) -> None:
        """CheckpointError unless the values can be used."""
        can_be = self.long_side == NATIVE or SHORTEST <= self.long_side <= LONGEST
        can_be = can_be and (self.project_side == 0 or SHORTEST <= self.project_side <= LONGEST)
        if self.order not in ("RGB", "BGR") or not can_be:
            raise CheckpointError(f"preset {self.name!r} asks for {self.order} at {self.long_side} px, which can't be.")
        if not np.isfinite([*self.mean, *self.scales]).all() or min(self.scales) <= 0:
            raise CheckpointError(f"preset {self.name!r} has a mean or scale that can't be.")

    def at(self, long_side: int) -> Preset:
        """The same at another working long side, 256…4096 px or `NATIVE`."""
        return replace(self, long_side=long_side and min(max(long_side, SHORTEST), LONGEST), project_side=0)

    @property
    def scales(self) -> tuple[float, ...]:
        """The scale of each channel, or the one of all."""
        return self.scale if isinstance(self.scale, tuple) else (self.scale,)

    @property
    def size(self) -> int | str:
        """The working long side for a reader: pixels, or "native"."""
        return self.long_side or _NATIVE_WORD

    @property
    def longest_px(self) -> int:
        """The longest side that an image is looked at with; more than any image has where that is native."""
        return self.long_side or _NO_LIMIT_PX


VOC21_LIGHT = Preset("voc21-light", "RGB", (128.0, 128.0, 128.0), 1 / 128, 641, project_side=769)
FCN_CAFFE = Preset("fcn-caffe", "BGR", (104.00698793, 116.66876762, 122.67891434), 1.0, NATIVE)
"""As the published FCNs were trained and run: the mean of their `voc_layers.py`, at the size of the image."""
VGG_CAFFE = Preset("vgg-caffe", "BGR", (103.939, 116.779, 123.68), 1.0, NATIVE)
"""As VGG16 was trained by its makers."""
TORCHVISION = Preset(
    "torchvision",
    "RGB",
    (0.485 * 255, 0.456 * 255, 0.406 * 255),
    (1 / (0.229 * 255), 1 / (0.224 * 255), 1 / (0.225 * 255)),
    NATIVE,
)
"""As all weights of torchvision were trained: in 0…1, less the mean of ImageNet, over its deviation."""
PRESETS = {preset.name: preset for preset in (VOC21_LIGHT, FCN_CAFFE, VGG_CAFFE, TORCHVISION)}


def working_size(preset: Preset, shape: tuple[int, ...]) -> tuple[int, int]:
    """Height and width at which an image of `shape` is looked at, each ≥ 1; the longer one is long_side − 1."""
    height, width = shape[:2]
    if preset.long_side == NATIVE:
        return height, width
    ratio = (preset.long_side - 1) / max(height, width)
    return max(1, round(height * ratio)), max(1, round(width * ratio))


def padded_size(preset: Preset, shape: tuple[int, ...], stride: int) -> tuple[int, int]:
    """Height and width of the tensor for an image of `shape`, both of the form stride·n + 1."""
    height, width = working_size(preset, shape)
    return aligned_size(height, stride), aligned_size(width, stride)


def to_tensor(preset: Preset, image: Image, stride: int) -> Tensor:
    """H×W×3 uint8 RGB → 1×3×h×w float32 of `padded_size`; smoothed first where it shrinks."""
    check_image(image)
    height, width = working_size(preset, image.shape)
    pixels = torch.from_numpy(np.array(image.transpose(2, 0, 1), order="C"))[None].float()
    if (height, width) != image.shape[:2]:
        shrinks = max(image.shape[:2]) >= preset.long_side
        pixels = functional.interpolate(
            pixels, (height, width), mode="bilinear", align_corners=False, antialias=shrinks
        )
    tensor = normalised(preset, pixels)
    del pixels  # of a large image it is a gigabyte
    full_height, full_width = padded_size(preset, image.shape, stride)
    return functional.pad(tensor, (0, full_width - width, 0, full_height - height))


def normalised(preset: Preset, pixels: Tensor) -> Tensor:
    """N×3×H×W RGB in 0…255 → what the trunk reads."""
    if preset.order == "BGR":
        pixels = pixels.flip(1)
    mean, scale = (torch.tensor(values, device=pixels.device).view(-1, 1, 1) for values in (preset.mean, preset.scales))
    return (pixels - mean).mul_(scale)  # of a large image each copy is half a gigabyte


def grid_axes(preset: Preset, shape: tuple[int, ...], stride: int, first_px: float = 0.0) -> tuple[Axis, Axis]:
    """Rows and columns of an image of `shape` on a grid over its tensor: points at `first_px`, `stride` px apart."""
    height, width = working_size(preset, shape)
    return _axis(shape[0], height, stride, first_px), _axis(shape[1], width, stride, first_px)


def _axis(pixels: int, working: int, stride: int, first_px: float) -> Axis:
    step = working / pixels
    return Axis((step / 2 - 0.5 - first_px) / stride, step / stride)


def _scale(value: object) -> float | tuple[float, float, float]:
    if isinstance(value, list | tuple):
        first, second, third = (float(each) for each in value)
        return first, second, third
    return float(str(value))
