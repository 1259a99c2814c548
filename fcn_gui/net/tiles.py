"""Images too large for one forward pass: looked at in tiles, and joined.

A tile is looked at with the halo of the trunk around it, so its own points see what they would see in the whole image.
What a tap needs to know of the whole image is worked out once, from all tiles, and held fixed over them. So the joined
scores are those of the whole image.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, isqrt

import torch
from torch import Tensor

from fcn_gui.net.device import Device
from fcn_gui.net.fcn import FCN

_LEAST_CORE = 16
"""Points of the coarsest map along a tile's own side: below, a tile is little but halo."""


@dataclass(frozen=True)
class Span:
    """One axis of a tile in points of the coarsest map: its own, first…last−1, and those it sees, low…high."""

    first: int
    last: int
    low: int
    high: int

    def pixels(self, coarsest: int) -> slice:
        """What is looked at, on the axis of the image tensor."""
        return slice(self.low * coarsest, self.high * coarsest + 1)

    def own(self, factor: int, size: int) -> slice:
        """Its own points on a map `factor` times as fine as the coarsest, which has `size` points."""
        return slice(self.first * factor, min(self.last * factor, size))

    def within(self, factor: int, size: int) -> slice:
        """The same, counted from where the tile begins to see."""
        own = self.own(factor, size)
        return slice(own.start - self.low * factor, own.stop - self.low * factor)


def spans(points: int, core: int, halo: int) -> list[Span]:
    """Tiles of about equal size along an axis of `points` points, each with at most `core` of its own."""
    count = ceil(points / core)
    bounds = [round(index * points / count) for index in range(count + 1)]
    return [Span(first, last, max(0, first - halo), min(points - 1, last + halo)) for first, last in pairwise(bounds)]


def halo_points(network: FCN) -> int:
    """The halo of the network's trunk in points of its coarsest map."""
    return ceil(network.trunk.halo_px / network.strides[0])


def least_tile_px(network: FCN) -> int:
    """Pixels of the smallest tile that is worth looking at."""
    return int(((_LEAST_CORE + 2 * halo_points(network)) * network.strides[0] + 1) ** 2)


@torch.inference_mode()
def scores_in_tiles(network: FCN, x: Tensor, device: Device, most_px: int) -> Tensor:
    """What `network(x)` says of one image 1×3×H×W: 1×K×h×w on the CPU, by tiles of at most `most_px` pixels each.

    Tiles are never below `least_tile_px`. Raises what the device raises when one does not fit.
    """
    halo, coarsest = halo_points(network), network.strides[0]
    core = max(_LEAST_CORE, (isqrt(most_px) - 1) // coarsest - 2 * halo)
    rows, cols = (spans((side - 1) // coarsest + 1, core, halo) for side in x.shape[2:])
    joined = _Joined(network, (x.shape[2], x.shape[3]))
    for row, col in _pairs(rows, cols):
        seen = device.place(x[..., row.pixels(coarsest), col.pixels(coarsest)])
        with device.autocast():
            joined.add(network.trunk.look(seen), row, col)
    whole = {name: device.place(tap) for name, tap in joined.looked.items()}
    with device.autocast():
        context = network.trunk.context_of(whole) if whole else None
        for row, col in _pairs(rows, cols) if whole else ():
            joined.complete(whole, context, row, col)
    return network.fuse(joined.scores)


class _Joined:
    """Maps of the whole image on the CPU, filled tile by tile: scores by stride, and taps that are not complete."""

    def __init__(self, network: FCN, size: tuple[int, int]) -> None:
        self._network, self._size = network, size
        self.scores: dict[int, Tensor] = {
            stride: torch.zeros(1, network.classes, *self._shape(stride)) for stride in network.strides
        }
        self.looked: dict[str, Tensor] = {}

    def add(self, looked: Mapping[str, Tensor], row: Span, col: Span) -> None:
        """What a tile saw."""
        done = {name: tap for name, tap in looked.items() if name not in self._network.trunk.needs_whole}
        for stride, said in self._network.score(done).items():
            inside, own = self._places(stride, row, col)
            self.scores[stride][own] += said[inside].cpu()
        for name in self._network.trunk.needs_whole & set(self._network.stride_of):
            tap, stride = looked[name], self._network.stride_of[name]
            if name not in self.looked:
                self.looked[name] = torch.zeros(1, tap.shape[1], *self._shape(stride), dtype=tap.dtype)
            inside, own = self._places(stride, row, col)
            self.looked[name][own] = tap[inside].cpu()

    def complete(self, whole: Mapping[str, Tensor], context: Tensor | None, row: Span, col: Span) -> None:
        """The scores of a tile on the taps that had to wait for the whole image."""
        parts = {name: tap[self._places(self._network.stride_of[name], row, col)[1]] for name, tap in whole.items()}
        for stride, said in self._network.score(self._network.trunk.complete(parts, context)).items():
            self.scores[stride][self._places(stride, row, col)[1]] += said.cpu()

    def _places(self, stride: int, row: Span, col: Span) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
        """A tile's own points on a map of `stride`: where they are in what the tile gave, and in the whole."""
        factor, (height, width) = self._network.strides[0] // stride, self._shape(stride)
        every = (slice(None), slice(None))
        inside = (*every, row.within(factor, height), col.within(factor, width))
        return inside, (*every, row.own(factor, height), col.own(factor, width))

    def _shape(self, stride: int) -> tuple[int, int]:
        return (self._size[0] - 1) // stride + 1, (self._size[1] - 1) // stride + 1


def _pairs(rows: list[Span], cols: list[Span]) -> Iterator[tuple[Span, Span]]:
    return ((row, col) for row in rows for col in cols)
