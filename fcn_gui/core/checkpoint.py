"""A checkpoint: weights with everything that is needed to use them and to know where they came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from fcn_gui.core.label_map import LabelMap


@dataclass(frozen=True)
class Checkpoint:
    """Weights by name, and what they mean. `tensors` is empty where only the description was read."""

    tensors: Mapping[str, NDArray[Any]]
    trunk: str
    strides: tuple[int, ...]
    """Coarsest first: (16, 8) is an FCN-8s on a trunk of stride 16."""
    label_map: LabelMap
    preset: Mapping[str, object]
    """How an image becomes a tensor, as `net/preset.py` reads it."""
    parent: str | None = None
    """Id of the checkpoint that it was learned from."""
    receipt: Mapping[str, object] | None = None
    """What a gate or a training saw, in numbers."""
    licence: str = ""
    id: str = ""
    """The digest of its content, known once it was written or read."""
