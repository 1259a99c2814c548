"""What the network asks of a trunk; `mobilenet_v2` is one, the paper's VGG16 would be another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from torch import Tensor


@dataclass(frozen=True)
class Tap:
    """Where a score layer reads: its point i lies at pixel `stride`·i, and it has `channels` features there."""

    stride: int
    channels: int


class Trunk(Protocol):
    """A module that turns an image tensor into taps. Sizes are aligned to the coarsest stride (`aligned_size`)."""

    name: str
    taps: Mapping[str, Tap]

    def __call__(self, x: Tensor, context: Tensor | None = None) -> dict[str, Tensor]:
        """N×3×H×W → {score layer: N×channels×h×w}; `context` replaces what the trunk knows of the whole image."""
        ...

    def context_of(self, x: Tensor) -> Tensor | None:
        """What the trunk knows of the whole image, or None for a trunk that only looks around each point."""
        ...
