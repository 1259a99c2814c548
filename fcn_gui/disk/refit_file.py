"""`refit.safetensors`: the score layers of the newest refit, and the checkpoint that they lie on.

It can always be made anew from the corrections, so a damaged one is only told.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from fcn_gui.core.errors import CheckpointError, LabelMapError, NewerFormatError
from fcn_gui.core.label_map import LabelMap
from fcn_gui.core.refit import Refit
from fcn_gui.disk.atomic import write_bytes

_FORMAT, _VERSION = "fcn-gui refit", 1


def write_refit(path: Path, refit: Refit) -> None:
    """Write it whole or not at all. Raises SaveError."""
    description = {
        "format": f"{_FORMAT}/{_VERSION}",
        "checkpoint": refit.checkpoint,
        "label_map": json.dumps(refit.label_map.to_json(), ensure_ascii=False),
        "new": json.dumps(refit.new),
        "judged": json.dumps(refit.judged),
    }
    tensors = {name: np.ascontiguousarray(tensor) for name, tensor in refit.tensors.items()}
    write_bytes(path, save(tensors, metadata=description))


def read_refit(path: Path) -> Refit:
    """The refit in a file. Raises CheckpointError, naming the file, for anything else, NewerFormatError."""
    try:
        with safe_open(path, "numpy") as file:
            about = dict(file.metadata() or {})
            _check_format(path, about.get("format", ""))
            tensors = {name: _tensor(path, name, file.get_tensor(name)) for name in file.keys()}  # noqa: SIM118
        return Refit(
            about["checkpoint"],
            LabelMap.from_json(json.loads(about["label_map"]), str(path)),
            tensors,
            new=tuple(int(label) for label in json.loads(about["new"])),
            judged=tuple((float(plain), float(refit)) for plain, refit in json.loads(about["judged"])),
        )
    except (OSError, SafetensorError) as error:
        raise CheckpointError(f"{path} can't be read to its end; it is made anew with the next stroke.") from error
    except (KeyError, TypeError, ValueError, LabelMapError) as error:
        raise CheckpointError(f"{path} is no refit ({error}); it is made anew with the next stroke.") from error


def _check_format(path: Path, text: str) -> None:
    name, _, version = text.partition("/")
    if name != _FORMAT or not version.isdecimal():
        raise ValueError("its format is unknown")
    if int(version) > _VERSION:
        raise NewerFormatError(f"{path} was written by a newer program (format {version}); update this one.")


def _tensor(path: Path, name: str, tensor: NDArray[Any]) -> NDArray[Any]:
    if tensor.dtype != np.float32 or not np.isfinite(tensor).all():
        raise ValueError(f"{name} holds other than finite float32 numbers")
    return tensor
