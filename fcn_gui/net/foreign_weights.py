"""Weights that others published, as checkpoints of ours. Nothing in a file can run: see `foreign_file`.

- DeepLab's MobileNetV2 (safetensors), which a training may also start from as it is
- the FCNs of pytorch-fcn (`foreign_fcn`)
- VGG16 of ImageNet (`foreign_vgg`)
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file

from fcn_gui.core.checkpoint import Checkpoint
from fcn_gui.core.errors import CheckpointError
from fcn_gui.core.label_map import LabelMap, voc_label_map
from fcn_gui.disk.checkpoint_file import checkpoint_id, is_checkpoint_file, read_checkpoint
from fcn_gui.net.checkpoint import network_from, restrided
from fcn_gui.net.fcn import build_trunk, strides_down_to
from fcn_gui.net.foreign_fcn import is_pytorch_fcn, pytorch_fcn
from fcn_gui.net.foreign_file import read_foreign
from fcn_gui.net.foreign_vgg import is_vgg16, vgg16
from fcn_gui.net.mobilenet_v2 import MobileNetV2
from fcn_gui.net.preset import VOC21_LIGHT

_LOGITS = "logits."
_DEEPLAB_LICENCE = "Apache-2.0"


def read_start(path: Path) -> Checkpoint:
    """A checkpoint of ours, or published weights that are known here, in a file; CheckpointError otherwise."""
    try:
        return read_checkpoint(path)
    except CheckpointError as error:
        tensors = _published(path)
        if tensors is None:
            raise
        try:
            return deeplab_mobilenet_v2(tensors)
        except CheckpointError:
            raise error from None


def import_weights(
    path: Path, word: str = "", label_map: LabelMap | None = None, fc_channels: int | None = None
) -> Checkpoint:
    """The checkpoint that a file of published weights stands for; a checkpoint of ours is what it is.

    `word` is one of `FORMS` for files that don't say which they have; `label_map` names the classes (VOC's by default);
    `fc_channels` is how many fc6 and fc7 start with in a VGG16 that comes without them.
    Raises CheckpointError with the one reason why the file can't be used.
    """
    file = read_foreign(path)
    labels = label_map or voc_label_map()
    is_ready = f"{_LOGITS}weight" in file.tensors or is_checkpoint_file(path)
    if fc_channels is not None and (is_ready or is_pytorch_fcn(file.tensors)):
        raise CheckpointError(f"{path} is no VGG16 of ImageNet, its layers are as wide as it has them; leave that out.")
    if is_ready:
        found = read_start(path)
    elif is_pytorch_fcn(file.tensors):
        found = pytorch_fcn(file, labels, word)
    elif is_vgg16(file.tensors):
        found = vgg16(file, labels, word, fc_channels)
    else:
        raise CheckpointError(
            f"{path} has weights in no form that is known here (it begins with {next(iter(file.tensors))}); "
            "pytorch-fcn, VGG16 of torchvision or Caffe, and DeepLab's MobileNetV2 are."
        )
    network_from(found)
    return found


def deeplab_mobilenet_v2(tensors: Mapping[str, NDArray[Any]]) -> Checkpoint:
    """DeepLab's MobileNetV2 for the 21 VOC classes, batch norms folded, in torchvision's names: `logits` is `score_fr`.

    The finer score layers start from zero, so the checkpoint says what the published network says.
    """
    named = {
        f"score_fr.{name.removeprefix(_LOGITS)}" if name.startswith(_LOGITS) else f"trunk.{name}": value
        for name, value in tensors.items()
    }
    trunk = build_trunk(MobileNetV2.name)
    score_pool4 = {
        "score_pool4.weight": np.zeros((21, trunk.taps["score_pool4"].channels, 1, 1), np.float32),
        "score_pool4.bias": np.zeros(21, np.float32),
    }
    coarse = Checkpoint(
        {**named, **score_pool4},
        MobileNetV2.name,
        strides_down_to(trunk, 16),
        voc_label_map(),
        VOC21_LIGHT.to_json(),
        licence=_DEEPLAB_LICENCE,
    )
    network_from(coarse)
    checkpoint = restrided(coarse, strides_down_to(trunk, 2))
    return Checkpoint(**{**vars(checkpoint), "id": checkpoint_id(checkpoint)})


def _published(path: Path) -> Mapping[str, NDArray[Any]] | None:
    try:
        tensors: Mapping[str, NDArray[Any]] = load_file(path)
    except (OSError, SafetensorError):
        return None
    return tensors if f"{_LOGITS}weight" in tensors else None
