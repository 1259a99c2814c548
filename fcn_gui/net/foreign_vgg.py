"""VGG16 of ImageNet as a start to train from: its convolutions, fc6 and fc7 as they are, score layers of zeros.

In torchvision's names: `features.N`, `classifier.0` and `.3` (1 and 4 in older files), which are fc6 and fc7 seen as
7×7 and 1×1 convolutions: they flatten channels, rows, columns in this order. `classifier.6`, the thousand classes of
ImageNet, is left out. Without usable fully connected layers fc6 and fc7 start at random, always the same.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray

from fcn_gui.core.checkpoint import Checkpoint
from fcn_gui.core.errors import CheckpointError
from fcn_gui.core.label_map import LabelMap
from fcn_gui.net.foreign_file import ForeignFile
from fcn_gui.net.foreign_form import CAFFE, FEATURES, FORMS, TORCHVISION, form_of, licence_of
from fcn_gui.net.foreign_layers import FC_CHANNELS, PARTS, Shapes, Tensors, check_layers, convolutions, layer_shapes
from fcn_gui.net.preset import FCN_CAFFE, NATIVE, VGG_CAFFE, Preset
from fcn_gui.net.preset import TORCHVISION as TORCHVISION_PRESET

_OLD_NAMES = {"classifier.1": "classifier.0", "classifier.4": "classifier.3"}
_FULLY_CONNECTED = {
    "classifier.0": ("trunk.fc6", (FC_CHANNELS, 512, 7, 7)),
    "classifier.3": ("trunk.fc7", (FC_CHANNELS, FC_CHANNELS, 1, 1)),
}
_SEED = 1337
_AMDEGROOT = Preset("vgg-features", "RGB", (0.48235 * 255, 0.45882 * 255, 0.40784 * 255), 1.0, NATIVE)


def is_vgg16(tensors: Tensors) -> bool:
    """Whether the names are those of torchvision's VGG16."""
    return any(name.startswith(("features.", "classifier.")) for name in tensors)


def vgg16(file: ForeignFile, label_map: LabelMap, word: str = "", width: int | None = None) -> Checkpoint:
    """A start for `label_map`; `word` is the person's on whose colours it has. CheckpointError with the one reason.

    `width`: how many channels fc6 and fc7 start with where the file has none.
    """
    is_old = "classifier.1.weight" in file.tensors
    tensors = {_new_name(name): value for name, value in file.tensors.items()} if is_old else dict(file.tensors)
    form, known = form_of(file, FORMS[2:], word or (CAFFE if is_old else ""))
    is_whole = form != FEATURES and any(name.startswith("classifier.") for name in tensors)
    if not is_whole:
        tensors = {name: value for name, value in tensors.items() if not name.startswith("classifier.")}
    check_layers(ForeignFile(file.path, tensors), _shapes(is_whole))
    if is_whole and width not in (None, FC_CHANNELS):
        raise CheckpointError(
            f"{file.path} has fc6 and fc7 of {FC_CHANNELS} channels, not {width}; leave out the width."
        )
    width = width or FC_CHANNELS
    named = {
        f"trunk.features.{number}.{part}": tensors[f"features.{number}.{part}"]
        for _, number, _ in convolutions()
        for part in PARTS
    }
    named |= _connected(tensors) if is_whole else _random_connected(width)
    preset = {TORCHVISION: TORCHVISION_PRESET, FEATURES: _AMDEGROOT}.get(form, VGG_CAFFE if is_old else FCN_CAFFE)
    return Checkpoint(
        {**named, **_empty_scores(len(label_map), width)},
        "vgg16" if width == FC_CHANNELS else f"vgg16/{width}",
        (32, 16, 8),
        label_map,
        preset.to_json(),
        receipt={"imported": file.path.name, "form": f"VGG16, {form}{'' if is_whole else ', fc6 and fc7 at random'}"},
        licence=licence_of(known),
    )


def _new_name(name: str) -> str:
    layer, _, part = name.rpartition(".")
    return f"{_OLD_NAMES.get(layer, layer)}.{part}"


def _shapes(is_whole: bool) -> Shapes:
    layers: dict[str, tuple[int, ...]] = {f"features.{number}": shape for _, number, shape in convolutions()}
    if is_whole:
        layers |= {name: (shape[0], math.prod(shape[1:])) for name, (_, shape) in _FULLY_CONNECTED.items()}
        layers["classifier.6"] = (1000, FC_CHANNELS)
    return {key: shape for name, weight in layers.items() for key, shape in layer_shapes(name, weight).items()}


def _connected(tensors: Tensors) -> Tensors:
    named = {}
    for theirs, (ours, shape) in _FULLY_CONNECTED.items():
        named[f"{ours}.weight"] = tensors[f"{theirs}.weight"].reshape(shape)
        named[f"{ours}.bias"] = tensors[f"{theirs}.bias"]
    return named


def _random_connected(width: int) -> Tensors:
    generator = torch.Generator().manual_seed(_SEED)
    named: dict[str, NDArray[np.float32]] = {}
    for ours, shape in {"trunk.fc6": (width, 512, 7, 7), "trunk.fc7": (width, width, 1, 1)}.items():
        deviation = math.sqrt(2 / math.prod(shape[1:]))
        named[f"{ours}.weight"] = (torch.randn(shape, generator=generator) * deviation).numpy()
        named[f"{ours}.bias"] = np.zeros(shape[0], np.float32)
    return named


def _empty_scores(classes: int, width: int) -> Tensors:
    channels = {"score_fr": width, "score_pool4": 512, "score_pool3": 256}
    weights = {f"{layer}.weight": np.zeros((classes, count, 1, 1), np.float32) for layer, count in channels.items()}
    return weights | {f"{layer}.bias": np.zeros(classes, np.float32) for layer in channels}
