"""The FCNs of wkentaro/pytorch-fcn as checkpoints of ours: every number is kept, only its name changes.

Layers are named as in the paper. Upsampling is fixed there and here, so its weights are checked and left out. An FCN-8s
trained at once scales pool4 and pool3 before their score layers; here that is folded into the rows of these layers.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fcn_gui.core.checkpoint import Checkpoint
from fcn_gui.core.errors import CheckpointError
from fcn_gui.core.label_map import LabelMap
from fcn_gui.net.foreign_file import ForeignFile
from fcn_gui.net.foreign_form import AT_ONCE, STAGED, form_of, known_file, licence_of
from fcn_gui.net.foreign_layers import (
    FC_CHANNELS,
    PARTS,
    Shapes,
    Tensors,
    check_layers,
    convolutions,
    layer_shapes,
    outputs_of,
)
from fcn_gui.net.preset import FCN_CAFFE
from fcn_gui.net.vgg16 import VGG16, VGG16AtOnce, staged_from_at_once

_TAP_CHANNELS = {"score_pool4": 512, "score_pool3": 256}
_KERNELS = {
    (32,): {"upscore": 64},
    (32, 16): {"upscore2": 4, "upscore16": 32},
    (32, 16, 8): {"upscore2": 4, "upscore_pool4": 4, "upscore8": 16},
}
"""Strides → the transposed convolutions that bring their scores up, and the sides of their kernels."""


def is_pytorch_fcn(tensors: Tensors) -> bool:
    """Whether the names are those of pytorch-fcn."""
    return "conv1_1.weight" in tensors or "fc6.weight" in tensors


def pytorch_fcn(file: ForeignFile, label_map: LabelMap, word: str = "") -> Checkpoint:
    """An FCN-32s, 16s or 8s with the classes of `label_map`; `word` is the person's on its form.

    Raises CheckpointError with the one reason.
    """
    strides, classes = _strides_of(file.tensors), outputs_of(file.tensors, "score_fr", len(label_map))
    width = outputs_of(file.tensors, "fc6", FC_CHANNELS)
    check_layers(file, _shapes(strides, classes, width))
    if classes != len(label_map):
        raise CheckpointError(f"{file.path} has {classes} classes, not {len(label_map)}; name them with --classes.")
    _check_upsampling(file, strides, classes)
    form, known = form_of(file, (STAGED, AT_ONCE), word) if strides[-1] == 8 else (STAGED, known_file(file))
    named = {ours: file.tensors[theirs] for theirs, ours in _names(strides).items()}
    base = VGG16AtOnce.base if form == AT_ONCE else VGG16.base
    found = Checkpoint(
        named,
        base if width == FC_CHANNELS else f"{base}/{width}",
        strides,
        label_map,
        FCN_CAFFE.to_json(),
        receipt={"imported": file.path.name, "form": f"pytorch-fcn, {form}"},
        licence=licence_of(known),
    )
    return staged_from_at_once(found)


def bilinear(kernel: int) -> NDArray[np.float32]:
    """The published filler, side × side: w[i, j] = (1 − |i − c| / f)(1 − |j − c| / f)."""
    factor = (kernel + 1) // 2
    centre = factor - 1 if kernel % 2 else factor - 0.5
    one = 1 - np.abs(np.arange(kernel) - centre) / factor
    return np.outer(one, one).astype(np.float32)


def _strides_of(tensors: Tensors) -> tuple[int, ...]:
    if any(name.startswith(("score_pool3.", "upscore8.", "upscore_pool4.")) for name in tensors):
        return (32, 16, 8)
    return (32, 16) if any(name.startswith(("score_pool4.", "upscore16.")) for name in tensors) else (32,)


def _score_layers(strides: tuple[int, ...]) -> list[str]:
    return ["score_fr", "score_pool4", "score_pool3"][: len(strides)]


def _shapes(strides: tuple[int, ...], classes: int, width: int) -> Shapes:
    layers = {name: shape for name, _, shape in convolutions()}
    layers |= {"fc6": (width, 512, 7, 7), "fc7": (width, width, 1, 1)}
    layers |= {name: (classes, _TAP_CHANNELS.get(name, width), 1, 1) for name in _score_layers(strides)}
    shapes = {key: shape for name, weight in layers.items() for key, shape in layer_shapes(name, weight).items()}
    return shapes | {f"{name}.weight": (classes, classes, side, side) for name, side in _KERNELS[strides].items()}


def _names(strides: tuple[int, ...]) -> dict[str, str]:
    """Name there → name here."""
    layers = {name: f"trunk.features.{number}" for name, number, _ in convolutions()}
    layers |= {"fc6": "trunk.fc6", "fc7": "trunk.fc7"} | {name: name for name in _score_layers(strides)}
    return {f"{theirs}.{part}": f"{ours}.{part}" for theirs, ours in layers.items() for part in PARTS}


def _check_upsampling(file: ForeignFile, strides: tuple[int, ...], classes: int) -> None:
    for name, side in _KERNELS[strides].items():
        wanted = np.zeros((classes, classes, side, side), np.float32)
        wanted[np.arange(classes), np.arange(classes)] = bilinear(side)
        if not np.allclose(file.tensors[f"{name}.weight"], wanted, rtol=0, atol=1e-6):
            raise CheckpointError(
                f"{file.path}: {name} was learned, but upsampling is fixed and bilinear here; choose another file."
            )
