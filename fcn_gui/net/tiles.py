"""Images too large for one forward pass: looked at in tiles, and joined.

A tile is looked at with the halo of the trunk around it, so its own points see what they would see in the whole image.
What a tap needs to know of the whole image is worked out once, from all tiles, and held fixed over them. So the joined
scores are those of the whole image.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import isqrt

import torch
from torch import Tensor

from fcn_gui.net.device import Device
from fcn_gui.net.fcn import FCN
from fcn_gui.net.lattice import Tile


def least_tile_px(network: FCN) -> int:
    """Pixels of the smallest tile that is worth looking at."""
    return network.trunk.least_tile_px


@torch.inference_mode()
def scores_in_tiles(network: FCN, x: Tensor, device: Device, most_px: int) -> Tensor:
    """What `network(x)` says of one image 1×3×H×W: 1×K×h×w on the CPU, by tiles of at most `most_px` pixels each.

    Tiles are never below `least_tile_px`. Raises what the device raises when one does not fit.
    """
    trunk, most_side = network.trunk, isqrt(most_px)
    joined = _Joined(network, (x.shape[2], x.shape[3]))
    for row, col in _pairs(*(trunk.tiles(side, most_side) for side in x.shape[2:])):
        seen = device.place(x[..., row.seen, col.seen])
        with device.autocast():
            joined.add(trunk.look(seen, (row.seen.start, col.seen.start)), row, col)
    if joined.looked:
        with device.autocast():
            context = trunk.context_of({name: device.place(tap) for name, tap in joined.looked.items()})
            for row, col in _pairs(*(trunk.parts(side, most_side) for side in x.shape[2:])):
                parts = {name: device.place(tap[..., row.seen, col.seen]) for name, tap in joined.looked.items()}
                joined.put(trunk.complete(parts, context), row, col)
    return network.fuse(joined.scores)


class _Joined:
    """Maps of the whole image on the CPU, filled tile by tile: scores by stride, and maps that are not complete."""

    def __init__(self, network: FCN, size: tuple[int, int]) -> None:
        self._network = network
        self.scores: dict[int, Tensor] = {
            stride: torch.zeros(1, network.classes, *network.tap_shape(size, stride)) for stride in network.strides
        }
        waiting = network.trunk.needs_whole & set(network.stride_of)
        self.looked = {name: network.trunk.blank(name, size) for name in waiting}

    def add(self, looked: Mapping[str, Tensor], row: Tile, col: Tile) -> None:
        """What a tile saw."""
        self.put({name: tap for name, tap in looked.items() if name not in self._network.trunk.needs_whole}, row, col)
        for name, whole in self.looked.items():
            inside, own = _places(name, row, col)
            whole[own] = looked[name][inside].cpu()

    def put(self, taps: Mapping[str, Tensor], row: Tile, col: Tile) -> None:
        """What the score layers say of taps of a tile."""
        for name in taps:
            if name in self._network.stride_of:
                inside, own = _places(name, row, col)
                for stride, said in self._network.score({name: taps[name][inside]}).items():
                    self.scores[stride][own] += said.cpu()


def _places(name: str, row: Tile, col: Tile) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
    """A tile's own points of a map: where they are in what the tile gave, and in the whole."""
    every = (slice(None), slice(None))
    return (*every, row.within[name], col.within[name]), (*every, row.own[name], col.own[name])


def _pairs(rows: list[Tile], cols: list[Tile]) -> Iterator[tuple[Tile, Tile]]:
    return ((row, col) for row in rows for col in cols)
