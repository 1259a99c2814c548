"""The layers of VGG16 as others name them, and the check of a file against them: every tensor, in its shape, finite."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fcn_gui.core.errors import CheckpointError
from fcn_gui.net.foreign_file import ForeignFile

Tensors = Mapping[str, NDArray[Any]]
Shapes = Mapping[str, tuple[int, ...]]
PARTS = ("weight", "bias")
FC_CHANNELS = 4096
_BLOCKS = ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3))


def convolutions() -> list[tuple[str, int, tuple[int, ...]]]:
    """Name in the paper, number in torchvision's `features`, and weight shape of the 13 convolutions, in order."""
    rows: list[tuple[str, int, tuple[int, ...]]] = []
    number, before = 0, 3
    for block, (channels, count) in enumerate(_BLOCKS, 1):
        for which in range(1, count + 1):
            rows.append((f"conv{block}_{which}", number, (channels, before, 3, 3)))
            number, before = number + 2, channels
        number += 1
    return rows


def layer_shapes(name: str, weight: tuple[int, ...]) -> dict[str, tuple[int, ...]]:
    """The shapes of a layer's weight and bias, by their names."""
    return {f"{name}.weight": weight, f"{name}.bias": weight[:1]}


def outputs_of(tensors: Tensors, layer: str, instead: int) -> int:
    """How many outputs a layer of a file has; `instead` where it lacks it."""
    weight = tensors.get(f"{layer}.weight")
    return weight.shape[0] if weight is not None and weight.ndim else instead


def check_layers(file: ForeignFile, wanted: Shapes) -> None:
    """CheckpointError with the one reason: a tensor is missing, unknown, of another shape, or not finite."""
    missing, strange = [n for n in wanted if n not in file.tensors], [n for n in file.tensors if n not in wanted]
    if missing:
        raise CheckpointError(f"{file.path} lacks {missing[0]}; fetch or make it again.")
    if strange:
        raise CheckpointError(f"{file.path} has {strange[0]}, which no published form has; choose another file.")
    for name, shape in wanted.items():
        if file.tensors[name].shape != shape:
            raise CheckpointError(
                f"{file.path}: {name} has shape {file.tensors[name].shape}, not {shape}; choose another file."
            )
    for name in wanted:
        if not np.isfinite(file.tensors[name]).all():
            raise CheckpointError(f"{file.path}: {name} holds numbers that are not finite; choose another file.")
