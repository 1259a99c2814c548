"""FCN-32s, 16s, 8s and 8s at-once written out as published, layer by layer, to compare the product's net with.

From shelhamer/fcn.berkeleyvision.org (`voc-fcn*/net.py`) and wkentaro/pytorch-fcn (`torchfcn/models/fcn*.py`):
padding of 100, pools that round up, dense deconvolutions with bilinear weights on their diagonal, literal crops.
Channels can be fewer, for speed.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from fcn_gui.net.fcn import FCN
from fcn_gui.net.vgg16 import VGG16, VGG16AtOnce

THIN = (6, 8, 10, 12, 14)
THIN_FC = 18
FINAL_CROP = {32: 19, 16: 27, 8: 31}


def bilinear(classes: int, kernel: int, stride: int) -> nn.ConvTranspose2d:
    """The published filler: w[i, j] = (1 − |i − c| / f)(1 − |j − c| / f), on the diagonal of classes × classes."""
    layer = nn.ConvTranspose2d(classes, classes, kernel, stride, bias=False)
    factor = (kernel + 1) // 2
    centre = factor - 1 if kernel % 2 else factor - 0.5
    one = 1 - (torch.arange(kernel) - centre).abs() / factor
    layer.weight.data.zero_()
    for k in range(classes):
        layer.weight.data[k, k] = torch.outer(one, one)
    layer.weight.requires_grad_(False)
    return layer


class LiteralFCN(nn.Module):
    """N×3×H×W → N×K×H×W scores."""

    def __init__(
        self, finest: int, classes: int, channels: Sequence[int], fc_channels: int, is_at_once: bool = False
    ) -> None:
        super().__init__()
        one, two, three, four, five = channels
        self.finest, self.is_at_once = finest, is_at_once
        self.conv1_1 = nn.Conv2d(3, one, 3, padding=100)
        self.conv1_2 = nn.Conv2d(one, one, 3, padding=1)
        self.conv2_1 = nn.Conv2d(one, two, 3, padding=1)
        self.conv2_2 = nn.Conv2d(two, two, 3, padding=1)
        self.conv3_1 = nn.Conv2d(two, three, 3, padding=1)
        self.conv3_2 = nn.Conv2d(three, three, 3, padding=1)
        self.conv3_3 = nn.Conv2d(three, three, 3, padding=1)
        self.conv4_1 = nn.Conv2d(three, four, 3, padding=1)
        self.conv4_2 = nn.Conv2d(four, four, 3, padding=1)
        self.conv4_3 = nn.Conv2d(four, four, 3, padding=1)
        self.conv5_1 = nn.Conv2d(four, five, 3, padding=1)
        self.conv5_2 = nn.Conv2d(five, five, 3, padding=1)
        self.conv5_3 = nn.Conv2d(five, five, 3, padding=1)
        self.fc6 = nn.Conv2d(five, fc_channels, 7)
        self.fc7 = nn.Conv2d(fc_channels, fc_channels, 1)
        self.drop6, self.drop7 = nn.Dropout(0.5), nn.Dropout(0.5)
        self.score_fr = nn.Conv2d(fc_channels, classes, 1)
        self.score_pool4 = nn.Conv2d(four, classes, 1)
        self.score_pool3 = nn.Conv2d(three, classes, 1)
        self.pool = nn.MaxPool2d(2, stride=2, ceil_mode=True)
        self.upscore2 = bilinear(classes, 4, 2)
        self.upscore_pool4 = bilinear(classes, 4, 2)
        self.upscore = bilinear(classes, 2 * finest, finest)

    def forward(self, x: Tensor) -> Tensor:
        size = x.shape[2:]
        h = self.conv1_2(self.conv1_1(x).relu()).relu()
        h = self.pool(h)
        h = self.pool(self.conv2_2(self.conv2_1(h).relu()).relu())
        pool3 = h = self.pool(self.conv3_3(self.conv3_2(self.conv3_1(h).relu()).relu()).relu())
        pool4 = h = self.pool(self.conv4_3(self.conv4_2(self.conv4_1(h).relu()).relu()).relu())
        h = self.pool(self.conv5_3(self.conv5_2(self.conv5_1(h).relu()).relu()).relu())
        h = self.drop7(self.fc7(self.drop6(self.fc6(h).relu())).relu())
        h = self.score_fr(h)
        if self.finest <= 16:
            h = self.upscore2(h)
            if self.is_at_once:
                pool4 = pool4 * 0.01
            h = h + self.score_pool4(pool4)[:, :, 5 : 5 + h.shape[2], 5 : 5 + h.shape[3]]
        if self.finest == 8:
            h = self.upscore_pool4(h)
            if self.is_at_once:
                pool3 = pool3 * 0.0001
            h = h + self.score_pool3(pool3)[:, :, 9 : 9 + h.shape[2], 9 : 9 + h.shape[3]]
        first = FINAL_CROP[self.finest]
        scores: Tensor = self.upscore(h)[:, :, first : first + size[0], first : first + size[1]]
        return scores.contiguous()


_CONVOLUTIONS = (1, 2), (1, 2), (1, 2, 3), (1, 2, 3), (1, 2, 3)


def seeded(net: LiteralFCN, seed: int = 0) -> LiteralFCN:
    """Random weights that keep the signal alive, biases and score layers included."""
    generator = torch.Generator().manual_seed(seed)
    for name, parameter in net.named_parameters():
        if name.startswith("upscore"):
            continue
        if parameter.dim() > 1:
            parameter.data = torch.randn(parameter.shape, generator=generator) * (2 / parameter[0].numel()) ** 0.5
        else:
            parameter.data = 0.1 * torch.randn(parameter.shape, generator=generator)
    return net.eval()


def torchvision_names(net: LiteralFCN) -> dict[str, str]:
    """Name there → name in the product's net."""
    names, index = {}, 0
    for block, numbers in enumerate(_CONVOLUTIONS, 1):
        for number in numbers:
            names[f"conv{block}_{number}"] = f"trunk.features.{index}"
            index += 2
        index += 1
    names |= {name: f"trunk.{name}" for name in ("fc6", "fc7")}
    used = ["score_fr", "score_pool4", "score_pool3"][: {32: 1, 16: 2, 8: 3}[net.finest]]
    return names | {name: name for name in used}


def product_of(net: LiteralFCN) -> FCN:
    """The product's net with the same weights, in memory of its own."""
    channels = [getattr(net, f"conv{block}_1").out_channels for block in range(1, 6)]
    trunk = (VGG16AtOnce if net.is_at_once else VGG16)(net.fc6.out_channels, channels)
    strides = [stride for stride in (32, 16, 8) if stride >= net.finest]
    product = FCN(trunk, strides, net.score_fr.out_channels)
    given = net.state_dict()
    product.load_state_dict(
        {
            f"{ours}.{part}": given[f"{theirs}.{part}"]
            for theirs, ours in torchvision_names(net).items()
            for part in ("weight", "bias")
        }
    )
    return product.eval()
