"""What the network asks of a trunk; `mobilenet_v2` is one, the paper's `vgg16` another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from torch import Tensor, nn

from fcn_gui.net.lattice import Lattice, Tile
from fcn_gui.net.preset import Preset


@dataclass(frozen=True)
class Tap:
    """Where a score layer reads: `channels` features at points `stride` apart, as the trunk's lattice has them."""

    stride: int
    channels: int


class Trunk(Protocol):
    """A module that turns an image tensor into taps, whose geometry its lattice knows."""

    @property
    def name(self) -> str:
        """As in checkpoints; `build_trunk` makes the same from it."""
        ...

    @property
    def preset(self) -> Preset:
        """How it reads images where nobody says otherwise."""
        ...

    def parameters(self) -> Iterator[nn.Parameter]:
        """All its weights."""
        ...

    @property
    def lattice(self) -> Lattice:
        """Where the points of its taps lie, and how they meet."""
        ...

    taps: Mapping[str, Tap]
    needs_whole: frozenset[str]
    """Taps that `complete` makes from what is known of the whole image; the others are done after `look`."""

    @property
    def bytes_per_px(self) -> int:
        """Memory that a forward pass takes at most for each pixel of the image tensor, in float32."""
        ...

    def __call__(self, x: Tensor, context: Tensor | None = None) -> dict[str, Tensor]:
        """N×3×H×W → {score layer: N×channels×h×w}; `context` replaces what the trunk knows of the whole image."""
        ...

    def look(self, x: Tensor, origin: tuple[int, int] | None = None) -> dict[str, Tensor]:
        """The part of `__call__` that only looks around each point, so that tiles can be joined after it.

        `origin`: x is a tile that begins at this pixel, and its maps are as `tiles` says.
        """
        ...

    @property
    def least_tile_px(self) -> int:
        """Pixels of the smallest tile that is worth looking at."""
        ...

    def tiles(self, side: int, most_side: int) -> list[Tile]:
        """How `look` takes an axis of `side` px in tiles, each at most `most_side` px where that is worth it."""
        ...

    def parts(self, side: int, most_side: int) -> list[Tile]:
        """The same for `complete`: what of the joined maps is seen, and which points of the taps come of it."""
        ...

    def blank(self, name: str, size: tuple[int, int]) -> Tensor:
        """The map `name` of `look` for a whole image tensor of `size` before any tile is put in, on the CPU."""
        ...

    def complete(self, looked: Mapping[str, Tensor], context: Tensor | None = None) -> dict[str, Tensor]:
        """The rest of it: taps from what `look` gave, of a part of the image where `context` is given."""
        ...

    def context_of(self, looked: Mapping[str, Tensor]) -> Tensor | None:
        """What the trunk knows of the whole image, from `look`; None for one that only looks around each point."""
        ...
