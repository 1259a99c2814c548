"""Files that hold no weights, or that would run code: refused before anything happens, each with its reason."""

import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file
from torch import nn

from fcn_gui.core.errors import CheckpointError
from fcn_gui.net.foreign_file import read_foreign


class Bomb:
    """Makes a file when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.mark,)


def test_tensors_come_by_name_in_their_own_precision(tmp_path: Path) -> None:
    state = {"a": torch.arange(3.0), "b": torch.ones(2).half(), "c": nn.Parameter(torch.ones(2).bfloat16())}
    torch.save(state, tmp_path / "w.pth")
    found = read_foreign(tmp_path / "w.pth")
    assert {name: value.dtype.name for name, value in found.tensors.items()} == {
        "a": "float32",
        "b": "float16",
        "c": "float32",
    }
    assert np.array_equal(found.tensors["a"], [0, 1, 2])
    assert found.arch == ""


def test_safetensors_are_read_too(tmp_path: Path) -> None:
    save_file({"a": np.ones(3, np.float32)}, tmp_path / "w.safetensors")
    assert np.array_equal(read_foreign(tmp_path / "w.safetensors").tensors["a"], [1, 1, 1])


@pytest.mark.parametrize("is_zipped", [False, True])
def test_a_file_that_would_run_code_runs_none(tmp_path: Path, is_zipped: bool) -> None:
    mark, path = tmp_path / "it ran", tmp_path / "w.pth"
    torch.save({"a": torch.ones(1), "bomb": Bomb(mark)}, path, _use_new_zipfile_serialization=is_zipped)
    with pytest.raises(CheckpointError, match="would run code") as told:
        read_foreign(path)
    assert not mark.exists()
    assert "\n" not in str(told.value)


def test_a_plain_pickle_runs_none_either(tmp_path: Path) -> None:
    (tmp_path / "w.pth").write_bytes(pickle.dumps(Bomb(tmp_path / "it ran")))
    with pytest.raises(CheckpointError):
        read_foreign(tmp_path / "w.pth")
    assert not (tmp_path / "it ran").exists()


def test_a_whole_model_instead_of_its_weights_is_refused(tmp_path: Path) -> None:
    torch.save(nn.Linear(2, 2), tmp_path / "w.pth")
    with pytest.raises(CheckpointError, match=r"would run code \(torch\.nn\.modules\.linear\.Linear\).*state dict"):
        read_foreign(tmp_path / "w.pth")


def _write(data: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(data)


NOTHING = {
    "empty": (_write(b""), "no checkpoint"),
    "text": (_write(b"no checkpoint at all, but a text"), "no checkpoint"),
    "picture": (_write(b"\x89PNG\r\n\x1a\n" + bytes(200)), "no checkpoint"),
    "zip": (_write(b"PK\x05\x06" + bytes(18)), "no checkpoint"),
    "damaged safetensors": (_write(b"\x10\0\0\0\0\0\0\0{}"), "no checkpoint"),
    "a list": (lambda path: torch.save([torch.ones(2)], path), "no state dict but a list"),
    "a tensor": (lambda path: torch.save(torch.ones(2), path), "no state dict but a Tensor"),
    "an empty dict": (lambda path: torch.save({}, path), "holds no weights"),
    "missing": (lambda path: None, "can't be read: No such file"),
    "a folder": (Path.mkdir, "can't be read"),
}


@pytest.mark.parametrize("which", NOTHING)
def test_what_holds_no_weights_is_refused(tmp_path: Path, which: str) -> None:
    make, reason = NOTHING[which]
    make(tmp_path / "w.pth")
    with pytest.raises(CheckpointError, match=reason) as told:
        read_foreign(tmp_path / "w.pth")
    assert "w.pth" in str(told.value) and "\n" not in str(told.value)


@pytest.mark.parametrize("is_zipped", [False, True])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.7, 0.99])
def test_a_part_of_a_file_is_refused(tmp_path: Path, share: float, is_zipped: bool) -> None:
    path = tmp_path / "w.pth"
    torch.save({f"a{n}": torch.rand(50) for n in range(20)}, path, _use_new_zipfile_serialization=is_zipped)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(CheckpointError, match="no checkpoint, or only a part of one"):
        read_foreign(path)
