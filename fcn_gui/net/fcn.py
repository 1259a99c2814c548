"""A fully convolutional network (Long, Shelhamer & Darrell 2015): trunk, score layers, fusion.

A trunk turns the image into taps; on each tap a 1×1 convolution gives scores. They are fused from the coarsest on: add
what lies at the same stride, upsample by fixed bilinear weights to the next finer, add, and so on. Where it ends is
called by the finest stride that takes part, as in the paper: FCN-32s, FCN-16s, FCN-8s, on the light trunk down to 2s.
Where the points of the taps lie, and so how they meet, is the trunk's affair (`lattice`).

New score layers start at zero, so that a finer network starts as the unchanged coarser one (the paper's §4.2).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import torch
from torch import Tensor, nn

from fcn_gui.core.errors import CheckpointError
from fcn_gui.net.lattice import Reads
from fcn_gui.net.mobilenet_v2 import MobileNetV2
from fcn_gui.net.trunk import Trunk
from fcn_gui.net.vgg16 import FC_CHANNELS, VGG16, VGG16AtOnce

TRUNKS: Mapping[str, Callable[[], Trunk]] = {
    MobileNetV2.name: MobileNetV2,
    "vgg16": VGG16,
    "vgg16_at_once": VGG16AtOnce,
}
"""Name in the checkpoint → the trunk's class. Nothing else knows which trunks there are."""
_WITH_WIDTH: Mapping[str, Callable[[int], Trunk]] = {"vgg16": VGG16, "vgg16_at_once": VGG16AtOnce}
"""Those that `name/N` gives another number of fully connected channels."""


def build_trunk(name: str) -> Trunk:
    """A trunk with weights not yet set. CheckpointError for a name that this program does not know."""
    base, _, width = name.partition("/")
    if base in _WITH_WIDTH and width.isdecimal() and 1 <= int(width) <= 2 * FC_CHANNELS:
        return _WITH_WIDTH[base](int(width))
    if name not in TRUNKS:
        raise CheckpointError(f"trunk {name!r} is not known here (known: {', '.join(TRUNKS)}); a newer program has it")
    return TRUNKS[name]()


def check_strides(trunk: Trunk, strides: Iterable[int]) -> tuple[int, ...]:
    """The strides, coarsest first; CheckpointError with the reason where the trunk can't have them."""
    wanted = tuple(sorted(set(strides), reverse=True))
    has = tuple(sorted({tap.stride for tap in trunk.taps.values()}, reverse=True))
    for stride in wanted:
        if stride not in has:
            reason = f"its coarsest map has stride {has[0]}" if stride > has[0] else "it has no tap there"
            choice = ", ".join(f"{s}s" for s in has)
            raise CheckpointError(f"{stride}s can't be had with {trunk.name}: {reason}; choose from {choice}")
    if not wanted or wanted != has[: len(wanted)]:
        raise CheckpointError(f"strides {wanted} leave a gap: {trunk.name} fuses {has} from the coarsest on")
    return wanted


def strides_down_to(trunk: Trunk, finest: int) -> tuple[int, ...]:
    """All strides of the trunk from its coarsest to `finest`: what "FCN-8s" means for 8."""
    coarser = {tap.stride for tap in trunk.taps.values() if tap.stride >= finest}
    return check_strides(trunk, {finest, *coarser})


class FCN(nn.Module):
    """Image tensor N×3×H×W → scores N×K×h×w at the finest of `strides`; H, W = `align`·n + 1."""

    def __init__(self, trunk: Trunk, strides: Iterable[int], classes: int) -> None:
        super().__init__()
        self.strides = check_strides(trunk, strides)
        self.classes = classes
        self.trunk = trunk
        self.stride_of = {name: tap.stride for name, tap in trunk.taps.items() if tap.stride in self.strides}
        for name in self.stride_of:
            self.add_module(name, _score_layer(trunk.taps[name].channels, classes))

    @property
    def name(self) -> str:
        """As in the paper: FCN-16s, FCN-8s, FCN-4s, FCN-2s."""
        return f"FCN-{self.strides[-1]}s"

    @property
    def align(self) -> int:
        """What the sides of image tensors are aligned to, see `aligned_size`."""
        return self.trunk.lattice.align

    @property
    def first_px(self) -> float:
        """Pixel of the image tensor where point 0 of the scores lies; from there on they are `strides[-1]` apart."""
        return self.trunk.lattice.first_px(self.strides[-1])

    def tap_shape(self, size: tuple[int, int], stride: int) -> tuple[int, int]:
        """Height and width of the taps at `stride` for an image tensor of `size`."""
        return self.trunk.lattice.shape(size, stride)

    def at_pixels(self, scores: Tensor, size: tuple[int, int], every: int = 1) -> Tensor:
        """What `forward` gave, at every `every`-th pixel (a power of 2) of an image tensor of `size`."""
        return self.trunk.lattice.at_pixels(scores, self.strides[-1], size, every)

    def reads(self, px: Tensor, stride: int, points: int) -> Reads:
        """Which of the `points` points along an axis of a tap have part in the scores at pixels `px` (M)."""
        return self.trunk.lattice.reads(px, stride, self.strides[-1], points)

    def forward(self, x: Tensor, context: Tensor | None = None) -> Tensor:
        """Scores before softmax; `context` stands for what the trunk would know of the whole image (for tiles)."""
        return self.fuse(self.score(self.trunk(x, context)))

    def score(self, taps: Mapping[str, Tensor]) -> dict[int, Tensor]:
        """{stride: N×K×h×w} what the score layers of `taps` say, summed; float32 whatever the trunk ran in."""
        scores: dict[int, Tensor] = {}
        with torch.autocast(next(iter(taps.values())).device.type, enabled=False):
            for name, stride in self.stride_of.items():
                if name not in taps:
                    continue
                said = self.get_submodule(name)(taps[name].float())
                scores[stride] = scores[stride] + said if stride in scores else said
        return scores

    def fuse(self, scores: Mapping[int, Tensor]) -> Tensor:
        """From the coarsest on: upsample to the next stride, add. Scores at the finest stride."""
        with torch.autocast(scores[self.strides[0]].device.type, enabled=False):
            return self.trunk.lattice.finished(self._fused(scores)[self.strides[-1]], self.strides[-1])

    def fusions(self, scores: Mapping[int, Tensor]) -> dict[int, Tensor]:
        """What is fused so far at each stride, coarsest first, each as if the network ended there."""
        with torch.autocast(scores[self.strides[0]].device.type, enabled=False):
            fused = self._fused(scores)
            return {stride: self.trunk.lattice.finished(said, stride) for stride, said in fused.items()}

    def _fused(self, scores: Mapping[int, Tensor]) -> dict[int, Tensor]:
        fused: dict[int, Tensor] = {}
        before = self.strides[0]
        for stride in self.strides:
            said = scores[stride]
            if fused:
                said = self.trunk.lattice.raised(fused[before], before, stride, (said.shape[2], said.shape[3])) + said
            fused[stride], before = said, stride
        return fused


def _score_layer(channels: int, classes: int) -> nn.Conv2d:
    layer = nn.Conv2d(channels, classes, 1)
    for parameter in layer.parameters():
        nn.init.zeros_(parameter)
    return layer
