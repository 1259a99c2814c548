"""Checkpoints in the published forms, made up: all names and shapes, and numbers that carry a signal.

Large layers repeat one row, which torch.save writes once: a file of the published shapes is a few megabytes.
"""

from __future__ import annotations

import torch
from torch import Tensor

from tests.unit.net.literal_fcn import LiteralFCN, bilinear, seeded

CHANNELS = (64, 128, 256, 512, 512)
EXTRA = {
    32: {"upscore": 32},
    16: {"upscore2": 2, "upscore16": 16},
    8: {"upscore2": 2, "upscore_pool4": 2, "upscore8": 8},
}
SCORES = {32: ("score_fr",), 16: ("score_fr", "score_pool4"), 8: ("score_fr", "score_pool3", "score_pool4")}
State = dict[str, Tensor]


def row(*shape: int, scale: float = 1.0) -> Tensor:
    """A random weight of `shape` whose outputs are all the same row."""
    fan_in = torch.Size(shape[1:]).numel()
    one = torch.randn(1, *shape[1:], generator=torch.Generator().manual_seed(fan_in)) * scale * (2 / fan_in) ** 0.5
    return one.expand(shape)


def literal(finest: int, *, width: int = 24, classes: int = 21, is_at_once: bool = False) -> LiteralFCN:
    """The published network with random weights, whose convolutions are VGG16's in number and size.

    At once, its score layers make up for the scaled taps, so that each of them has a say.
    """
    net = seeded(LiteralFCN(finest, classes, CHANNELS, width, is_at_once))
    if is_at_once:
        net.score_pool4.weight.data *= 1e2
        net.score_pool3.weight.data *= 1e4
    return net


@torch.no_grad()
def levelled(net: LiteralFCN, x: Tensor) -> LiteralFCN:
    """The same network, no class of which is above the others all over `x`."""
    net.score_fr.bias -= net(x).mean((0, 2, 3))
    return net


def pytorch_fcn_state(net: LiteralFCN) -> State:
    """The state dict of pytorch-fcn for that network."""
    classes, wanted = net.score_fr.out_channels, (*SCORES[net.finest], "fc6", "fc7")
    state = {
        name: value
        for name, value in net.state_dict().items()
        if name.startswith("conv") or name.partition(".")[0] in wanted
    }
    for name, stride in EXTRA[net.finest].items():
        state[f"{name}.weight"] = bilinear(classes, 2 * stride, stride).weight.detach()
    return state


def flat_state(finest: int, *, width: int = 4096, classes: int = 21) -> State:
    """As `pytorch_fcn_state` with the published number of channels, small on disk and made at once."""
    state: State = {}
    for name, shape in convolution_shapes().items():
        state |= {f"{name}.weight": row(*shape), f"{name}.bias": torch.zeros(shape[0])}
    layers = {"fc6": (width, 512, 7, 7), "fc7": (width, width, 1, 1)}
    channels = {"score_fr": width, "score_pool4": 512, "score_pool3": 256}
    layers |= {name: (classes, channels[name], 1, 1) for name in SCORES[finest]}
    for name, shape in layers.items():
        state |= {f"{name}.weight": row(*shape), f"{name}.bias": torch.zeros(shape[0])}
    for name, stride in EXTRA[finest].items():
        state[f"{name}.weight"] = bilinear(classes, 2 * stride, stride).weight.detach()
    return state


def vgg16_state(first: int = 0, second: int = 3, *, is_whole: bool = True) -> State:
    """The state dict of VGG16 in torchvision's names; `first` and `second` number the fully connected layers."""
    state: State = {}
    numbers = (0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28)
    for number, shape in zip(numbers, convolution_shapes().values(), strict=True):
        state |= {f"features.{number}.weight": row(*shape), f"features.{number}.bias": torch.zeros(shape[0])}
    if is_whole:
        for number, shape in ((first, (4096, 25088)), (second, (4096, 4096)), (6, (1000, 4096))):
            state |= {f"classifier.{number}.weight": row(*shape), f"classifier.{number}.bias": torch.zeros(shape[0])}
    return state


def convolution_shapes() -> dict[str, tuple[int, ...]]:
    """The weights of VGG16's convolutions, by their names in the paper, in order."""
    shapes, inputs = {}, 3
    for block, (channels, count) in enumerate(zip(CHANNELS, (2, 2, 3, 3, 3), strict=True), 1):
        for which in range(1, count + 1):
            shapes[f"conv{block}_{which}"] = (channels, inputs, 3, 3)
            inputs = channels
    return shapes
