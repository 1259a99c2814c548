"""The MobileNetV2 trunk: output stride 16, batch norms folded, with a context head in the place of fc6 and fc7.

Blocks and names are those of torchvision (`features.0` … `features.17`; Sandler et al. 2018, table 2), each convolution
with a bias. The last three blocks (15–17) are dilated by 2 instead of strided, and a head looks at the block's output
and at its mean over the image (Chen et al. 2017, the image-level part of ASPP). ReLU6 inside the blocks, ReLU in the
head.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import torch
from torch import Tensor, nn

from fcn_gui.net.lattice import CornerLattice, Tile
from fcn_gui.net.preset import VOC21_LIGHT
from fcn_gui.net.trunk import Tap

_BLOCKS = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 1), (6, 320, 1, 1))
"""(expansion, channels, repeats, stride of the first), as in the paper but for the 160s, whose stride is 1 here."""
_FIRST_DILATED = 15
_HEAD = 256
_BYTES_PER_PX = 320
"""Twice what the tensors alive at one time add up to, since libraries work in buffers of their own."""


def _convolution(
    inputs: int, outputs: int, size: int, stride: int = 1, dilation: int = 1, groups: int = 1
) -> nn.Conv2d:
    padding = dilation * (size // 2)
    return nn.Conv2d(inputs, outputs, size, stride, padding, dilation, groups)


class InvertedResidual(nn.Module):
    """Expand 1×1, filter depthwise 3×3, project 1×1; the input is added where the shapes allow it."""

    def __init__(self, inputs: int, outputs: int, expansion: int, stride: int, dilation: int) -> None:
        super().__init__()
        hidden = inputs * expansion
        layers: list[nn.Module] = []
        if expansion != 1:
            layers.append(nn.Sequential(_convolution(inputs, hidden, 1), nn.ReLU6(inplace=True)))
        depthwise = _convolution(hidden, hidden, 3, stride, dilation, hidden)
        layers += [nn.Sequential(depthwise, nn.ReLU6(inplace=True)), _convolution(hidden, outputs, 1)]
        self.conv = nn.Sequential(*layers)
        self.has_shortcut = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        """N×inputs×h×w → N×outputs×⌈h/stride⌉×⌈w/stride⌉."""
        y: Tensor = self.conv(x)
        return x + y if self.has_shortcut else y


class MobileNetV2(nn.Module):
    """RGB tensor N×3×H×W in −1…1, H and W of the form 16n+1 → taps by the name of the score layer that reads them."""

    name = "mobilenet_v2"
    preset = VOC21_LIGHT
    lattice = CornerLattice(16)
    taps: Mapping[str, Tap] = MappingProxyType(
        {
            "score_fr": Tap(16, 256),
            "score_pool4": Tap(16, 96),
            "score_pool3": Tap(8, 32),
            "score_pool2": Tap(4, 24),
            "score_pool1": Tap(2, 16),
        }
    )
    needs_whole = frozenset({"score_fr"})
    _block_of = MappingProxyType({1: "score_pool1", 3: "score_pool2", 6: "score_pool3", 13: "score_pool4"})

    def __init__(self) -> None:
        super().__init__()
        blocks: list[nn.Module] = [nn.Sequential(_convolution(3, 32, 3, 2), nn.ReLU6(inplace=True))]
        channels = 32
        for expansion, outputs, repeats, stride in _BLOCKS:
            for repeat in range(repeats):
                dilation = 2 if len(blocks) >= _FIRST_DILATED else 1
                blocks.append(InvertedResidual(channels, outputs, expansion, stride if repeat == 0 else 1, dilation))
                channels = outputs
        self.features = nn.Sequential(*blocks)
        self.aspp0 = _convolution(channels, _HEAD, 1)
        self.image_pooling = _convolution(channels, _HEAD, 1)
        self.concat_projection = _convolution(2 * _HEAD, _HEAD, 1)

    @property
    def halo_px(self) -> int:
        """Of the last block, which sees farthest: each 3×3 adds its dilation at the stride it works at."""
        reach, stride = 0, 1
        for layer in self.features.modules():
            if isinstance(layer, nn.Conv2d):
                reach += stride * layer.dilation[0] * (layer.kernel_size[0] // 2)
                stride *= layer.stride[0]
        return reach

    @property
    def bytes_per_px(self) -> int:
        """The widest place is between expansion and filter of the first strided block, at stride 2."""
        return _BYTES_PER_PX

    def forward(self, x: Tensor, context: Tensor | None = None) -> dict[str, Tensor]:
        """The taps of `x`; `context` (N×256×1×1, from `context_of`) stands for the image's own."""
        return self.complete(self.look(x), context)

    @property
    def least_tile_px(self) -> int:
        """With a core of 256 px."""
        return self.lattice.least_tile_px(self.halo_px)

    def tiles(self, side: int, most_side: int) -> list[Tile]:
        """With `halo_px` around what is their own."""
        return self.lattice.tiles(side, most_side, self.halo_px, {name: tap.stride for name, tap in self.taps.items()})

    def parts(self, side: int, most_side: int) -> list[Tile]:
        """Each tile's own points of `score_fr`: the head only looks at a point and at the context."""
        whole = (tile.own["score_fr"] for tile in self.tiles(side, most_side))
        return [Tile(own, {"score_fr": own}, {"score_fr": slice(0, own.stop - own.start)}) for own in whole]

    def blank(self, name: str, size: tuple[int, int]) -> Tensor:
        """Zeros: tiles fill all of it."""
        channels = self.aspp0.in_channels if name in self.needs_whole else self.taps[name].channels
        return torch.zeros(1, channels, *self.lattice.shape(size, self.taps[name].stride))

    def look(self, x: Tensor, origin: tuple[int, int] | None = None) -> dict[str, Tensor]:
        """All taps but `score_fr`, in whose place the last block's output stands."""
        taps: dict[str, Tensor] = {}
        for index, block in enumerate(self.features):
            x = block(x)
            if index in self._block_of:
                taps[self._block_of[index]] = x
        taps["score_fr"] = x
        return taps

    def complete(self, looked: Mapping[str, Tensor], context: Tensor | None = None) -> dict[str, Tensor]:
        """The context head on the last block's output; without `context` on the context of just that."""
        last = looked["score_fr"]
        if context is None:
            context = self.context_of(looked)
        local = self.aspp0(last).relu()
        both = torch.cat([context.expand(-1, -1, *local.shape[2:]), local], 1)
        return {**looked, "score_fr": self.concat_projection(both).relu()}

    def context_of(self, looked: Mapping[str, Tensor]) -> Tensor:
        """What the head knows of the whole image that was looked at: N×256×1×1, ≥ 0."""
        pooled: Tensor = self.image_pooling(looked["score_fr"].mean((2, 3), keepdim=True))
        return pooled.relu()
