"""The paper's trunk: VGG16 (Simonyan & Zisserman 2015) made convolutional, for FCN-32s, 16s and 8s.

Names are torchvision's (`features.N`), with `fc6` 7×7 and `fc7` 1×1 for the fully connected layers. Sizes, crops and
upsampling are those of the published nets (`paper_lattice`), so published weights say here what they say there.

The published first padding of 100 makes the canvas 2.1 times as large as a photograph of 500×375. Outside a window that
grows by a pixel with each convolution nothing depends on the image, and up to pool4 all of it that the window meets is
one constant a layer. So the first ten convolutions run on the window alone, in shifted form (values less that constant,
so that zero padding is right), and only pool4 is put into its canvas (`canvas_rim`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from fcn_gui.core.checkpoint import Checkpoint
from fcn_gui.net.canvas_rim import CanvasRim, Convolution
from fcn_gui.net.fully_connected import FullyConnected
from fcn_gui.net.lattice import Tile
from fcn_gui.net.paper_lattice import PAD, POOL3_CROP, POOL4_CROP, UNSEEN, PaperLattice
from fcn_gui.net.paper_tiles import least_tile_px, parts, tiles, windows
from fcn_gui.net.preset import FCN_CAFFE, Preset
from fcn_gui.net.trunk import Tap

CHANNELS = (64, 128, 256, 512, 512)
FC_CHANNELS = 4096
_DEPTHS = (2, 2, 3, 3, 3)
"""Convolutions in each block; a pool of 2, rounding up, ends it."""
_FC6_SIZE = 7
_BYTES_PER_PX = 1100
"""Twice what goes into conv1_2 and comes out of it, since libraries work in buffers of their own."""


class VGG16(nn.Module):
    """Image tensor N×3×H×W of any size → taps: fc7 for `score_fr`, pool4 and pool3 cropped to what the scores need."""

    needs_whole = frozenset({"score_fr"})
    preset: Preset = FCN_CAFFE
    base = "vgg16"
    _scales: Mapping[str, float] = {}

    def __init__(self, fc_channels: int = FC_CHANNELS, channels: Sequence[int] = CHANNELS) -> None:
        """`fc_channels` of fc6 and fc7; `channels` of the five blocks. Weights are not set."""
        super().__init__()
        layers: list[nn.Module] = []
        inputs = 3
        for width, depth in zip(channels, _DEPTHS, strict=True):
            for _ in range(depth):
                layers += [_convolution(inputs, width, 3), nn.ReLU()]
                inputs = width
            layers.append(nn.MaxPool2d(2, ceil_mode=True))
        self.features = nn.Sequential(*layers)
        self.fc6 = FullyConnected(inputs, fc_channels, _FC6_SIZE)
        self.fc7 = FullyConnected(fc_channels, fc_channels, 1)
        self.dropout = nn.Dropout(0.5)
        self.lattice = PaperLattice()
        self.taps: Mapping[str, Tap] = {
            "score_fr": Tap(32, fc_channels),
            "score_pool4": Tap(16, channels[3]),
            "score_pool3": Tap(8, channels[2]),
        }
        self._rim = CanvasRim()

    @property
    def fc_channels(self) -> int:
        """How many channels fc6 and fc7 have."""
        return self.fc6.out_channels

    @property
    def name(self) -> str:
        """As checkpoints have it: with the number of fully connected channels where it is not the published one."""
        return self.base if self.fc_channels == FC_CHANNELS else f"{self.base}/{self.fc_channels}"

    @property
    def bytes_per_px(self) -> int:
        """The widest place is conv1_2."""
        return _BYTES_PER_PX

    def forward(self, x: Tensor, context: Tensor | None = None) -> dict[str, Tensor]:
        """The taps of `x`; there is no context, all of it only looks around each point."""
        return self.complete(self.look(x), context)

    @property
    def least_tile_px(self) -> int:
        """With the halo of pool4."""
        return least_tile_px()

    def tiles(self, side: int, most_side: int) -> list[Tile]:
        """Of the first four blocks."""
        return tiles(side, most_side)

    def parts(self, side: int, most_side: int) -> list[Tile]:
        """Of conv5, fc6 and fc7."""
        return parts(side, most_side)

    def blank(self, name: str, size: tuple[int, int]) -> Tensor:
        """pool4 of a canvas without an image, whose rim no tile fills."""
        return self._rim.empty(size, self._blocks(4), torch.float32).cpu().clone()

    def look(self, x: Tensor, origin: tuple[int, int] | None = None) -> dict[str, Tensor]:
        """Taps of pool4 and pool3; in the place of `score_fr` all of pool4 with the rim of its canvas."""
        low = origin or (0, 0)
        pool3, pool4 = self._window(x, low)
        if origin is not None:
            return {"score_fr": pool4, "score_pool4": self._scaled("score_pool4", pool4), "score_pool3": pool3}
        size = (x.shape[2], x.shape[3])
        first3, first4 = (window.start for window in windows(0, size[0]))
        whole = self._rim.around(pool4, first4, size, self._blocks(4))
        rows, cols = self.lattice.shape(size, 16)
        seen = whole[..., POOL4_CROP : POOL4_CROP + rows, POOL4_CROP : POOL4_CROP + cols]
        rows, cols = self.lattice.shape(size, 8)
        skip = POOL3_CROP + UNSEEN - first3
        near = pool3[..., skip : skip + rows, skip : skip + cols]
        return {"score_fr": whole, "score_pool4": self._scaled("score_pool4", seen), "score_pool3": near}

    def complete(self, looked: Mapping[str, Tensor], context: Tensor | None = None) -> dict[str, Tensor]:
        """conv5, fc6 and fc7 on pool4."""
        x = looked["score_fr"]
        for layer in self._blocks(5)[4]:
            x = functional.conv2d(x, layer.weight, layer.bias, padding=1).relu_()
        x = functional.max_pool2d(x, 2, ceil_mode=True)
        x = self.dropout(self.fc6(x).relu_())
        return {**looked, "score_fr": self.dropout(self.fc7(x).relu_())}

    def context_of(self, looked: Mapping[str, Tensor]) -> None:
        """There is none."""

    def _window(self, x: Tensor, low: tuple[int, int]) -> tuple[Tensor, Tensor]:
        """pool3 (scaled as its tap) and pool4 where they see `x`, which begins at pixel `low` (multiples of 16)."""
        blocks = self._blocks(4)
        fixed = self._rim.constants(blocks)
        first = (low[0] + PAD - 1, low[1] + PAD - 1)
        pool3 = x
        for number, block in enumerate(blocks):
            for layer, (before, after) in zip(block, fixed[number], strict=True):
                x = _shifted(x, layer, before, after)
            first = (first[0] - len(block), first[1] - len(block))
            x = _pooled(x, first)
            first = (first[0] // 2, first[1] // 2)
            if number == 2:
                pool3 = self._scaled("score_pool3", x + fixed[2][-1][1].view(-1, 1, 1))
        return pool3, x + fixed[3][-1][1].view(-1, 1, 1)

    def _blocks(self, count: int) -> list[list[Convolution]]:
        convolutions = iter(layer for layer in self.features if isinstance(layer, nn.Conv2d))
        return [[next(convolutions) for _ in range(depth)] for depth in _DEPTHS[:count]]

    def _scaled(self, name: str, tap: Tensor) -> Tensor:
        return tap * self._scales[name] if name in self._scales else tap


class VGG16AtOnce(VGG16):
    """The same with pool4 and pool3 scaled by constants before their score layers, to train all strides at once."""

    base = "vgg16_at_once"
    _scales: Mapping[str, float] = {"score_pool4": 1e-2, "score_pool3": 1e-4}


def staged_from_at_once(checkpoint: Checkpoint) -> Checkpoint:
    """The same scores without the constants: they go into the weights of the score rows, the biases stay.

    For at-once nets that are imported or trained on as staged ones; any other checkpoint is what it is.
    """
    if not checkpoint.trunk.startswith(VGG16AtOnce.base):
        return checkpoint
    tensors = dict(checkpoint.tensors)
    for name, scale in VGG16AtOnce._scales.items():
        if f"{name}.weight" in tensors:
            weight = tensors[f"{name}.weight"].astype(np.float64)
            tensors[f"{name}.weight"] = (weight * scale).astype(np.float32)
    trunk = checkpoint.trunk.replace(VGG16AtOnce.base, VGG16.base)
    return replace(checkpoint, tensors=tensors, trunk=trunk, parent=checkpoint.id or checkpoint.parent, id="")


def _convolution(inputs: int, outputs: int, size: int) -> nn.Conv2d:
    layer = nn.utils.skip_init(nn.Conv2d, inputs, outputs, size)  # type: ignore[no-untyped-call]
    assert isinstance(layer, nn.Conv2d)
    return layer


def _shifted(x: Tensor, layer: Convolution, before: Tensor, after: Tensor) -> Tensor:
    """One convolution and ReLU where x is less `before` and the result less `after`; a pixel wider on each side.

    `before` is the answer of the layer to a constant input of the constant before it, without ReLU.
    """
    y = functional.conv2d(x, layer.weight, before - after, padding=2)
    floor = -after.view(-1, 1, 1).to(y.dtype)
    return torch.maximum(y, floor) if torch.is_grad_enabled() else y.clamp_(min=floor)


def _pooled(x: Tensor, first: tuple[int, int]) -> Tensor:
    """Pool of 2 in step with the canvas, in which x begins at `first`, even twice or odd twice.

    Where half of a cell lies outside of the window it is the constant, 0 here.
    """
    is_odd = first[0] % 2
    y = functional.max_pool2d(x, 2, padding=is_odd, ceil_mode=not is_odd)
    for axis in (2, 3):
        if is_odd:
            y.narrow(axis, 0, 1).clamp_(min=0)
        if (first[axis - 2] + x.shape[axis]) % 2:
            y.narrow(axis, y.shape[axis] - 1, 1).clamp_(min=0)
    return y
