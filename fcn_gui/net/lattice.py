"""Where the points of a trunk's maps lie on the pixels of its image tensor, and how a coarse map comes to a finer one.

Everything that brings scores to pixels or reads taps at pixels asks the trunk's lattice, so nothing but the trunk knows
which one it is. `CornerLattice` has its points on pixels; the paper's own is in `paper_lattice`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import ceil
from typing import Protocol

import torch
from torch import Tensor

from fcn_gui.net.upsample import upsample


@dataclass(frozen=True)
class Reads:
    """For M places along an axis: the m points of a map that count there (M×m), and how much each does (M×m)."""

    points: Tensor
    shares: Tensor


@dataclass(frozen=True)
class Tile:
    """One axis of a tile: what of the input is `seen`; its `own` points on the whole of each map, by name, and where
    these are `within` the map that comes of what was seen.
    """

    seen: slice
    own: Mapping[str, slice]
    within: Mapping[str, slice]


def spans(length: int, core: int, halo: int) -> list[tuple[slice, slice]]:
    """An axis shared out about evenly, at most `core` each: what is looked at (`halo` further), and what is its own."""
    count = ceil(length / core)
    bounds = [round(index * length / count) for index in range(count + 1)]
    return [(slice(max(0, low - halo), min(length, high + halo)), slice(low, high)) for low, high in pairwise(bounds)]


class Lattice(Protocol):
    """The geometry of a trunk. Sizes (H, W) and pixels are those of the image tensor."""

    @property
    def align(self) -> int:
        """The sides of an image tensor are of the form align·n + 1."""
        ...

    def first_px(self, finest: int) -> float:
        """At which pixel point 0 of the finished map lies; point i lies `finest`·i further on."""
        ...

    def shape(self, size: tuple[int, int], stride: int) -> tuple[int, int]:
        """Height and width of a tap of `stride`."""
        ...

    def raised(self, scores: Tensor, stride: int, finer: int, shape: tuple[int, int]) -> Tensor:
        """N×K×h×w scores at `stride` at the points of the tap at `finer`, which has `shape`."""
        ...

    def finished(self, scores: Tensor, finest: int) -> Tensor:
        """The fused scores such that bilinear sampling between points, clamped to the map, is right at every pixel."""
        ...

    def at_pixels(self, scores: Tensor, finest: int, size: tuple[int, int], every: int) -> Tensor:
        """A finished map at every `every`-th pixel of the tensor, from pixel 0 on."""
        ...

    def reads(self, px: Tensor, stride: int, finest: int, points: int) -> Reads:
        """Which of the `points` points of a tap count at pixels `px` (M) once the scores are fused and upsampled."""
        ...


class CornerLattice:
    """Point i of a map of stride s lies at pixel s·i: corners of maps are corners of the image (see `upsample`)."""

    LEAST_CORE = 16
    """Points of the coarsest map along a tile's own side: below, a tile is little but halo."""

    def __init__(self, coarsest: int) -> None:
        self._coarsest = coarsest

    @property
    def align(self) -> int:
        """Sizes that the coarsest map spans exactly."""
        return self._coarsest

    def first_px(self, finest: int) -> float:
        """Always 0."""
        return 0.0

    def shape(self, size: tuple[int, int], stride: int) -> tuple[int, int]:
        """One point for each `stride` pixels, and one."""
        return (size[0] - 1) // stride + 1, (size[1] - 1) // stride + 1

    def raised(self, scores: Tensor, stride: int, finer: int, shape: tuple[int, int]) -> Tensor:
        """Bilinear; the points of the coarser map are among those of the finer."""
        return upsample(scores, stride // finer)

    def finished(self, scores: Tensor, finest: int) -> Tensor:
        """The map itself: its corners are corners of the image."""
        return scores

    def at_pixels(self, scores: Tensor, finest: int, size: tuple[int, int], every: int) -> Tensor:
        """Upsampled, or thinned where `every` is coarser than the map."""
        if every > finest:
            return scores[..., :: every // finest, :: every // finest]
        return upsample(scores, finest // every)

    def reads(self, px: Tensor, stride: int, finest: int, points: int) -> Reads:
        """The two points around each pixel."""
        at = (px / stride).clamp(0, points - 1)
        low = at.floor()
        part = at - low
        both = torch.stack([low, low + 1], 1).long().clamp(max=points - 1)
        return Reads(both, torch.stack([1 - part, part], 1))

    def least_tile_px(self, halo_px: int) -> int:
        """Pixels of the smallest tile that is worth looking at."""
        points = self.LEAST_CORE + 2 * ceil(halo_px / self._coarsest)
        return (points * self._coarsest + 1) ** 2

    def tiles(self, side: int, most_side: int, halo_px: int, strides: Mapping[str, int]) -> list[Tile]:
        """Tiles of an axis of `side` px, each at most `most_side` px where that is worth it, for maps of `strides`."""
        coarsest, halo = self._coarsest, ceil(halo_px / self._coarsest)
        core = max(self.LEAST_CORE, (most_side - 1) // coarsest - 2 * halo)
        points = (side - 1) // coarsest + 1
        tiles = []
        for seen, own in spans(points, core, halo):
            factors = {name: coarsest // stride for name, stride in strides.items()}
            mine = {
                name: slice(own.start * factor, min(own.stop * factor, (side - 1) // strides[name] + 1))
                for name, factor in factors.items()
            }
            within = {name: _less(each, seen.start * factors[name]) for name, each in mine.items()}
            last = min(seen.stop, points - 1)
            tiles.append(Tile(slice(seen.start * coarsest, last * coarsest + 1), mine, within))
        return tiles


def _less(part: slice, by: int) -> slice:
    return slice(part.start - by, part.stop - by)


def read_at(tap: Tensor, rows: Reads, cols: Reads) -> Tensor:
    """h×w×C → M×C float32: the weighted sum of the points that count at M places, given by row and by column."""
    height, width, channels = tap.shape
    points = tap.reshape(height * width, channels)
    read = torch.zeros(len(rows.points), channels, device=tap.device)
    for row, down in zip(rows.points.T, rows.shares.T, strict=True):
        for col, across in zip(cols.points.T, cols.shares.T, strict=True):
            found = points.index_select(0, (row * width + col).to(tap.device)).float()
            read.addcmul_(found, (down * across)[:, None].to(tap.device))
    return read
