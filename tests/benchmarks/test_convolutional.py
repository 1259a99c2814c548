"""What it saves that the net is convolutional (the paper's §3.1): a map of 16×16 units against as many patches alone.

Patches are timed some at a time, in batches as a classifier would take them, and counted up to 256.
"""

import time
from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from fcn_gui.net.mobilenet_v2 import MobileNetV2
from fcn_gui.net.vgg16 import CHANNELS, FC_CHANNELS
from tests.unit.net.literal_fcn import LiteralFCN, seeded, unpadded_units

SIDE = 16
TIMED = 4


def cost(way: Callable[[Tensor], Tensor], x: Tensor) -> tuple[float, float]:
    """Processor seconds of the fastest of some runs, and multiply-adds."""
    with torch.inference_mode():
        with FlopCounterMode(display=False) as counter:
            way(x)
        best = float("inf")
        for _ in range(3):
            started = time.process_time()
            way(x)
            best = min(best, time.process_time() - started)
    return best, counter.get_total_flops() / 2


def compare(name: str, way: Callable[[Tensor], Tensor], field: int, stride: int) -> tuple[float, str]:
    """How many times as long patches of `field` px take as the map whose units they are, and a line about it."""
    generator = torch.Generator().manual_seed(0)
    whole = torch.randn(1, 3, *[field + stride * (SIDE - 1)] * 2, generator=generator)
    dense, dense_macs = cost(way, whole)
    some, some_macs = cost(way, torch.randn(TIMED, 3, field, field, generator=generator))
    per_map = SIDE**2 / TIMED
    ratio, of_macs = some * per_map / dense, some_macs * per_map / dense_macs
    return ratio, (
        f"{name}: {SIDE}x{SIDE} units at once {dense:.2f} s, as patches of {field} px {some * per_map:.0f} s:"
        f" {ratio:.1f} x (multiply-adds {of_macs:.1f} x)"
    )


@pytest.mark.timeout(1800)
def test_vgg16(capsys: pytest.CaptureFixture[str]) -> None:
    net = seeded(LiteralFCN(32, 21, CHANNELS, FC_CHANNELS))
    ratio, line = compare("VGG16", lambda x: unpadded_units(net, x), 404, 32)
    with capsys.disabled():
        print(f"\n{line}")
    assert ratio >= 20


@pytest.mark.timeout(1800)
def test_light_trunk(capsys: pytest.CaptureFixture[str]) -> None:
    trunk = MobileNetV2().eval()
    field = 2 * trunk.lattice.align * -(-trunk.halo_px // trunk.lattice.align) + 1
    ratio, line = compare("voc21-light's trunk", lambda x: trunk.look(x)["score_fr"], field, 16)
    with capsys.disabled():
        print(f"\n{line}")
    assert ratio > 5
