"""What the first four blocks of VGG16 say of a canvas without an image: one constant a layer, and a rim at its edge.

The padding of 100 keeps the image so far from the edge of the canvas that what the edge does to a map (zeros beyond it)
and what the image does never meet before pool4. A map of an empty canvas is constant but for a rim of at most 4 cells
of pool4, which only depends on the sizes modulo 16: it is worked out on a small canvas and its middle stretched.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import TypeVar

import torch
from torch import Tensor
from torch.nn import Conv2d, functional

from fcn_gui.net.paper_lattice import canvas, halved

Convolution = Conv2d
Blocks = Sequence[Sequence[Convolution]]
Constants = list[list[tuple[Tensor, Tensor]]]
Kept = TypeVar("Kept")
_SMALL = 144
"""Nine cells of pool4: four of either rim and one of the middle."""
_RIM = 4
_MOST_KEPT = 16


def constants(blocks: Blocks) -> Constants:
    """For each convolution what it answers to an empty canvas far from the edge: C values before ReLU, and after."""
    said: Constants = []
    value = blocks[0][0].weight.new_zeros(3)
    with torch.autocast(value.device.type, enabled=False):
        for block in blocks:
            of_block = []
            for layer in block:
                assert layer.bias is not None
                before = layer.weight.sum((2, 3)) @ value + layer.bias
                value = before.relu()
                of_block.append((before, value))
            said.append(of_block)
    return said


class CanvasRim:
    """Puts what the image changes of pool4 into the pool4 of an empty canvas; rims are kept while the weights stand."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[object, ...], object] = OrderedDict()

    def __deepcopy__(self, memo: object) -> CanvasRim:
        return CanvasRim()

    def around(self, pool4: Tensor, first: int, size: tuple[int, int], blocks: Blocks) -> Tensor:
        """All of pool4 for an image of `size`, of which `pool4` (N×C×h×w) begins at cell (`first`, `first`)."""
        whole = self.empty(size, blocks, pool4.dtype).repeat(len(pool4), 1, 1, 1)
        whole[..., first : first + pool4.shape[2], first : first + pool4.shape[3]] = pool4
        return whole

    def empty(self, size: tuple[int, int], blocks: Blocks, dtype: torch.dtype) -> Tensor:
        """1×C×h×w: pool4 of a canvas for an image of `size` (H, W) that has no image on it."""
        sides = canvas(size[0]), canvas(size[1])
        small = self._small((sides[0] % 16, sides[1] % 16), blocks).to(dtype)
        for axis, side in enumerate(sides, 2):
            cells, has = halved(side, 4), small.shape[axis]
            at = torch.arange(cells)
            far = at - cells + has
            at = torch.where(at <= _RIM, at, torch.where(far > _RIM, far, _RIM))
            small = small.index_select(axis, at.to(small.device))
        return small

    def constants(self, blocks: Blocks) -> Constants:
        """What `constants` gives."""
        return self._remembered(("constants",), blocks, lambda: constants(blocks))

    def _small(self, rest: tuple[int, int], blocks: Blocks) -> Tensor:
        dtype = torch.is_autocast_enabled(blocks[0][0].weight.device.type)
        return self._remembered((rest, dtype), blocks, lambda: _pool4_of_empty(rest, blocks))

    def _remembered(self, of: tuple[object, ...], blocks: Blocks, work_out: Callable[[], Kept]) -> Kept:
        parts = [part for block in blocks for layer in block for part in layer.parameters()]
        if torch.is_grad_enabled() or any(
            part.is_inference() for part in parts
        ):  # the latter don't count their changes
            return work_out()
        key = (*of, *((part.data_ptr(), part._version) for part in parts))
        if key not in self._kept:
            self._kept[key] = work_out()
            while len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
        return self._kept[key]  # type: ignore[return-value]


def _pool4_of_empty(rest: tuple[int, int], blocks: Blocks) -> Tensor:
    """1×C×h×w with h, w 9 or 10: plain convolutions with zeros beyond the canvas."""
    first = blocks[0][0]
    assert first.bias is not None
    x = first.bias.relu().view(1, -1, 1, 1).expand(1, -1, _SMALL + rest[0], _SMALL + rest[1])
    for block in blocks:
        for layer in block:
            if layer is not first:
                x = functional.conv2d(x, layer.weight, layer.bias, padding=1).relu()
        x = functional.max_pool2d(x, 2, ceil_mode=True)
    return x
