"""Weights that others published, as checkpoints of ours. Only safetensors are read: nothing in a file can run."""

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
from fcn_gui.core.label_map import voc_label_map
from fcn_gui.disk.checkpoint_file import checkpoint_id, read_checkpoint
from fcn_gui.net.checkpoint import network_from, restrided
from fcn_gui.net.fcn import build_trunk, strides_down_to
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
