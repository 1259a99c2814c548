"""Checkpoints as safetensors: weights, and strings that say what they are. Nothing in such a file can run.

The id is the digest of tensors and description, so equal content has an equal name, and a damaged or edited file is
found out when it is read.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from fcn_gui.core.checkpoint import Checkpoint
from fcn_gui.core.errors import CheckpointError, LabelMapError
from fcn_gui.core.label_map import LabelMap
from fcn_gui.disk.atomic import write_bytes, write_text

SUFFIX = ".safetensors"
_NAME, _VERSION = "fcn-gui", 1
_ID_LENGTH = 16
_DTYPES = (np.float16, np.float32)


def checkpoint_id(checkpoint: Checkpoint) -> str:
    """16 hex digits of SHA-256 over the tensors and the description."""
    digest = hashlib.sha256(json.dumps(_description(checkpoint), sort_keys=True).encode())
    for name in sorted(checkpoint.tensors):
        tensor = np.ascontiguousarray(checkpoint.tensors[name])
        digest.update(f"{name} {tensor.dtype} {tensor.shape}".encode())
        digest.update(tensor.reshape(-1).view(np.uint8).data)
    return digest.hexdigest()[:_ID_LENGTH]


def write_checkpoint(target: Path, checkpoint: Checkpoint) -> str:
    """Write it whole or not at all and return its id. Into a folder as `<id>.safetensors`, its receipt beside it.

    Raises SaveError when the write does not happen.
    """
    new_id = checkpoint_id(checkpoint)
    path = target / f"{new_id}{SUFFIX}" if target.is_dir() else target
    tensors = {name: np.ascontiguousarray(tensor) for name, tensor in checkpoint.tensors.items()}
    write_bytes(path, save(tensors, metadata={**_description(checkpoint), "id": new_id}))
    if target.is_dir():
        receipt = {"id": new_id, "parent": checkpoint.parent, "receipt": checkpoint.receipt}
        write_text(target / f"{new_id}.json", json.dumps(receipt, indent=2, ensure_ascii=False) + "\n")
    return new_id


def read_checkpoint(path: Path) -> Checkpoint:
    """The checkpoint in a file; CheckpointError, naming the file, when it is not one, is damaged or was edited."""
    described = read_checkpoint_info(path)
    checkpoint = dataclasses.replace(described, tensors=_tensors(path))
    if checkpoint_id(checkpoint) != described.id:
        raise CheckpointError(f"{path} is damaged: its content does not match its id; fetch or make it again.")
    return checkpoint


def is_checkpoint_file(path: Path) -> bool:
    """Whether a file says that it is a checkpoint of ours, of whatever version; whether it is whole is not asked."""
    try:
        return _metadata(path).get("format", "").startswith(f"{_NAME}/")
    except CheckpointError:
        return False


def read_checkpoint_info(path: Path) -> Checkpoint:
    """As `read_checkpoint` without the weights, at once; only its description is checked."""
    metadata = _metadata(path)
    _check_format(path, metadata.get("format", ""))
    try:
        return Checkpoint(
            tensors={},
            trunk=metadata["trunk"],
            strides=tuple(int(stride) for stride in json.loads(metadata["strides"])),
            label_map=LabelMap.from_json(json.loads(metadata["label_map"]), str(path)),
            preset=_mapping(json.loads(metadata["preset"])),
            parent=metadata["parent"] or None,
            receipt=_mapping(json.loads(metadata["receipt"])) or None,
            licence=metadata["licence"],
            id=metadata["id"],
        )
    except LabelMapError as error:
        raise CheckpointError(f"{path} can't be used: {error}") from error
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(f"{path} lacks a part of its description ({error}); fetch or make it again.") from error


def _description(checkpoint: Checkpoint) -> dict[str, str]:
    return {
        "format": f"{_NAME}/{_VERSION}",
        "trunk": checkpoint.trunk,
        "strides": json.dumps(list(checkpoint.strides)),
        "label_map": json.dumps(checkpoint.label_map.to_json(), ensure_ascii=False),
        "preset": json.dumps(dict(checkpoint.preset), sort_keys=True),
        "parent": checkpoint.parent or "",
        "receipt": json.dumps(dict(checkpoint.receipt or {}), sort_keys=True, ensure_ascii=False),
        "licence": checkpoint.licence,
    }


def _metadata(path: Path) -> Mapping[str, str]:
    try:
        with safe_open(path, "numpy") as file:
            return dict(file.metadata() or {})
    except OSError as error:
        raise CheckpointError(f"{path} can't be read: {error.strerror or error}; choose another file.") from error
    except SafetensorError as error:
        raise CheckpointError(f"{path} is no checkpoint, or only a part of one; choose another file.") from error


def _tensors(path: Path) -> dict[str, NDArray[Any]]:
    try:
        # Read, not mapped: a file that goes away later can't hurt, and its pages don't count beside the arrays.
        with safe_open(path, "numpy", backend="pread") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (it is no mapping)
    except (OSError, SafetensorError, TypeError) as error:
        raise CheckpointError(f"{path} can't be read to its end; fetch or make it again.") from error
    for name, tensor in tensors.items():
        if tensor.dtype not in _DTYPES:
            raise CheckpointError(f"{path}: {name} holds {tensor.dtype}, not float16 or float32; choose another file.")
        if not np.isfinite(tensor).all():
            raise CheckpointError(f"{path}: {name} holds numbers that are not finite; choose another file.")
    return tensors


def _check_format(path: Path, text: str) -> None:
    name, _, version = text.partition("/")
    if name != _NAME or not version.isdecimal():
        raise CheckpointError(f"{path} is not a checkpoint of {_NAME}; bring it in with `fcn-gui checkpoints import`.")
    if int(version) > _VERSION:
        raise CheckpointError(f"{path} was written by a newer {_NAME} (format {version}); update the program.")


def _mapping(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise ValueError("not a mapping")
    return value
