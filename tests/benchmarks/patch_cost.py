"""What a training step costs: forward and backward through the light net, of a crop at once or cell by cell."""

import time
from dataclasses import dataclass
from functools import cache

import torch
from torch.utils.flop_counter import FlopCounterMode

from fcn_gui.disk.bundled import model_path
from fcn_gui.disk.checkpoint_file import read_checkpoint
from fcn_gui.net.checkpoint import network_from

STRIDE = 16
PASSES = 3
"""Backward has twice the multiply-adds of forward: a gradient of what went in, and one of the weights."""


@dataclass(frozen=True)
class Cost:
    """Of `patches` patches of `side_px` together."""

    side_px: int
    patches: int
    multiply_adds: float
    cpu_seconds: float


@cache
def cost_of_crop(side_px: int) -> Cost:
    """One crop: multiply-adds, and processor seconds of the fastest of three."""
    network = network_from(read_checkpoint(model_path("voc21-light"))).train()
    x = torch.zeros(1, 3, side_px, side_px).contiguous(memory_format=torch.channels_last)

    def step() -> None:
        network(x).sum().backward()

    with FlopCounterMode(display=False) as counter:
        network(x)
    best = float("inf")
    for _ in range(3):
        started = time.process_time()
        step()
        best = min(best, time.process_time() - started)
    return Cost(side_px, 1, PASSES * counter.get_total_flops() / 2, best)


def cell_by_cell(crop_px: int) -> Cost:
    """The cells of a crop, each as the patch that it sees (its receptive field, less what the head sees of all)."""
    halo = network_from(read_checkpoint(model_path("voc21-light"))).trunk.halo_px
    side = 2 * -(-halo // STRIDE) * STRIDE + 1
    cells = ((crop_px - 1) // STRIDE + 1) ** 2
    one = cost_of_crop(side)
    return Cost(side, cells, cells * one.multiply_adds, cells * one.cpu_seconds)
