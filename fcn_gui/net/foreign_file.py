"""Files of weights that other programs wrote, as arrays by name. Nothing in a file can run.

`.pth` and the like are pickles, which may hold code: torch's weights-only reader takes tensors and plain values and
refuses the rest. A trainer's file (pytorch-fcn's `checkpoint.pth.tar`) holds the state dict beside other things.
"""

from __future__ import annotations

import errno
import pickle
import re
import struct
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file
from torch import Tensor

from fcn_gui.core.errors import CheckpointError

_TRAINER_KEY = "model_state_dict"
_DTYPES = (torch.float32, torch.float16, torch.bfloat16)
_GLOBAL = re.compile(r"GLOBAL ([\w.]+)")
_SCALARS: list[Any] = [
    np.dtype,
    type(np.dtype(np.float64)),
    (np.float64(0).__reduce__()[0], "numpy.core.multiarray.scalar"),
    (np.float64(0).__reduce__()[0], "numpy._core.multiarray.scalar"),
]
"""A trainer keeps its best mean IU as a number of numpy; these only make numbers."""


@dataclass(frozen=True)
class ForeignFile:
    """Tensors by the names that the file has, and the class name that a trainer wrote beside them."""

    path: Path
    tensors: Mapping[str, NDArray[Any]]
    arch: str = ""


def read_foreign(path: Path) -> ForeignFile:
    """The weights in a file of safetensors or pickled tensors. Raises CheckpointError with the one reason."""
    if _is_safetensors(path):
        try:
            return ForeignFile(path, load_file(path))
        except (OSError, SafetensorError, TypeError) as error:
            raise CheckpointError(f"{path} is no checkpoint, or only a part of one; choose another file.") from error
    content = _unpickled(path)
    if not isinstance(content, Mapping):
        raise CheckpointError(f"{path} holds no state dict but a {type(content).__name__}; save the state dict alone.")
    arch = str(content.get("arch", "")) if _TRAINER_KEY in content else ""
    state = content.get(_TRAINER_KEY, content)
    if not isinstance(state, Mapping) or not state:
        raise CheckpointError(f"{path} holds no weights; choose another file.")
    return ForeignFile(path, {str(name): _array(path, str(name), value) for name, value in state.items()}, arch)


def _is_safetensors(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(9)[8:] == b"{"
    except OSError as error:
        raise CheckpointError(f"{path} can't be read: {error.strerror or error}; choose another file.") from error


def _unpickled(path: Path) -> object:
    try:
        with torch.serialization.safe_globals(_SCALARS), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        code = _GLOBAL.search(str(error))
        if code is None:
            raise CheckpointError(f"{path} is no checkpoint, or only a part of one; choose another file.") from error
        raise CheckpointError(
            f"{path} would run code ({code[1]}) when it is read; save the state dict alone, or choose another file."
        ) from error
    except OSError as error:
        if error.errno == errno.EINVAL:  # a table of contents that points outside of the file
            raise CheckpointError(f"{path} is no checkpoint, or only a part of one; choose another file.") from error
        raise CheckpointError(f"{path} can't be read: {error.strerror or error}; choose another file.") from error
    except (RuntimeError, EOFError, LookupError, ValueError, TypeError, AttributeError, struct.error) as error:
        raise CheckpointError(f"{path} is no checkpoint, or only a part of one; choose another file.") from error


def _array(path: Path, name: str, value: object) -> NDArray[Any]:
    if not isinstance(value, Tensor):
        raise CheckpointError(f"{path}: {name} is no tensor but a {type(value).__name__}; save the state dict alone.")
    if value.layout != torch.strided or value.dtype not in _DTYPES or value.device.type != "cpu":
        kind = str(value.dtype).removeprefix("torch.")
        raise CheckpointError(f"{path}: {name} holds {kind}, not float32 or float16; choose another file.")
    plain = value.detach()
    return (plain.float() if plain.dtype == torch.bfloat16 else plain).numpy()
