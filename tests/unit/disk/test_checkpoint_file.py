import dataclasses
import json
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from fcn_gui.core.checkpoint import Checkpoint
from fcn_gui.core.errors import CheckpointError, SaveError
from fcn_gui.core.label_map import own_label_map
from fcn_gui.disk.checkpoint_file import checkpoint_id, read_checkpoint, read_checkpoint_info, write_checkpoint


@pytest.fixture
def checkpoint() -> Checkpoint:
    rng = np.random.default_rng(0)
    tensors = {
        "trunk.w": rng.standard_normal((4, 3, 3)).astype(np.float32),
        "score_fr.bias": rng.standard_normal(2).astype(np.float16),
    }
    return Checkpoint(
        tensors,
        "mobilenet_v2",
        (16, 8),
        own_label_map(["häuser und wälder"]),
        {"name": "voc21-light", "long_side": 513},
        parent="0123456789abcdef",
        receipt={"images": 3, "note": "größer"},
        licence="Apache-2.0",
    )


def test_reading_takes_the_memory_of_the_weights_once(tmp_path: Path, checkpoint: Checkpoint) -> None:
    large = np.random.default_rng(0).standard_normal((16, 1 << 18)).astype(np.float32)
    write_checkpoint(tmp_path / "a.safetensors", dataclasses.replace(checkpoint, tensors={"trunk.w": large}))
    tracemalloc.start()
    try:
        read = read_checkpoint(tmp_path / "a.safetensors")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert np.array_equal(read.tensors["trunk.w"], large)
    assert large.nbytes <= peak <= 1.4 * large.nbytes


def test_what_was_read_stays_when_the_file_goes(tmp_path: Path, checkpoint: Checkpoint) -> None:
    path = tmp_path / "a.safetensors"
    write_checkpoint(path, checkpoint)
    read = read_checkpoint(path)
    path.write_bytes(b"")
    assert all(np.array_equal(read.tensors[name], tensor) for name, tensor in checkpoint.tensors.items())


def test_what_was_written_is_read(tmp_path: Path, checkpoint: Checkpoint) -> None:
    new_id = write_checkpoint(tmp_path / "a.safetensors", checkpoint)
    read = read_checkpoint(tmp_path / "a.safetensors")
    assert dataclasses.replace(read, tensors={}) == dataclasses.replace(checkpoint, tensors={}, id=new_id)
    assert set(read.tensors) == set(checkpoint.tensors)
    for name, tensor in checkpoint.tensors.items():
        assert read.tensors[name].dtype == tensor.dtype
        assert np.array_equal(read.tensors[name], tensor)


def test_info_is_all_but_the_weights(tmp_path: Path, checkpoint: Checkpoint) -> None:
    new_id = write_checkpoint(tmp_path / "a.safetensors", checkpoint)
    info = read_checkpoint_info(tmp_path / "a.safetensors")
    assert info == dataclasses.replace(checkpoint, tensors={}, id=new_id)


def test_into_a_folder_it_is_named_by_its_content_with_the_receipt_beside_it(
    tmp_path: Path, checkpoint: Checkpoint
) -> None:
    new_id = write_checkpoint(tmp_path, checkpoint)
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"{new_id}.json", f"{new_id}.safetensors"]
    beside = json.loads((tmp_path / f"{new_id}.json").read_text(encoding="utf-8"))
    assert beside == {"id": new_id, "parent": checkpoint.parent, "receipt": checkpoint.receipt}
    assert len(new_id) == 16 and int(new_id, 16) >= 0


def test_equal_content_has_an_equal_id_and_other_content_another(checkpoint: Checkpoint) -> None:
    same = dataclasses.replace(checkpoint, tensors=dict(reversed(list(checkpoint.tensors.items()))), id="whatever")
    assert checkpoint_id(same) == checkpoint_id(checkpoint)
    moved = {**checkpoint.tensors, "trunk.w": checkpoint.tensors["trunk.w"] + 1}
    assert checkpoint_id(dataclasses.replace(checkpoint, tensors=moved)) != checkpoint_id(checkpoint)
    assert checkpoint_id(dataclasses.replace(checkpoint, receipt=None)) != checkpoint_id(checkpoint)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"gone\.safetensors"):
        read_checkpoint(tmp_path / "gone.safetensors")


def test_a_folder_is_no_checkpoint(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="choose another"):
        read_checkpoint(tmp_path)


@pytest.mark.parametrize("content", [b"", b"hello", b"\x80\x02}q\x00.", b"PK\x03\x04", bytes(64)])
def test_something_else_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.pth"
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match=r"x\.pth is no checkpoint"):
        read_checkpoint(path)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_truncated_file_is_refused(tmp_path: Path, checkpoint: Checkpoint, share: float) -> None:
    path = tmp_path / "a.safetensors"
    write_checkpoint(path, checkpoint)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    with pytest.raises(CheckpointError, match=r"a\.safetensors is no checkpoint, or only a part of one"):
        read_checkpoint(path)


def test_a_flipped_bit_is_found_out(tmp_path: Path, checkpoint: Checkpoint) -> None:
    path = tmp_path / "a.safetensors"
    write_checkpoint(path, checkpoint)
    content = bytearray(path.read_bytes())
    content[-5] ^= 1
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match="damaged"):
        read_checkpoint(path)


def test_another_program_s_safetensors_are_refused(tmp_path: Path) -> None:
    save_file({"w": np.zeros(2, np.float32)}, tmp_path / "other.safetensors", metadata={"format": "pt"})
    with pytest.raises(CheckpointError, match="not a checkpoint of fcn-gui"):
        read_checkpoint(tmp_path / "other.safetensors")


def test_a_newer_format_is_refused(tmp_path: Path) -> None:
    save_file({"w": np.zeros(2, np.float32)}, tmp_path / "n.safetensors", metadata={"format": "fcn-gui/2"})
    with pytest.raises(CheckpointError, match="newer fcn-gui"):
        read_checkpoint(tmp_path / "n.safetensors")


def test_a_missing_part_of_the_description_is_refused(tmp_path: Path) -> None:
    save_file({"w": np.zeros(2, np.float32)}, tmp_path / "n.safetensors", metadata={"format": "fcn-gui/1"})
    with pytest.raises(CheckpointError, match="lacks a part of its description"):
        read_checkpoint(tmp_path / "n.safetensors")


@pytest.mark.parametrize(
    ("tensor", "reason"),
    [(np.zeros(2, np.int64), "int64"), (np.array([1.0, np.nan], np.float32), "not finite")],
)
def test_weights_that_can_t_be_are_refused(
    tmp_path: Path, checkpoint: Checkpoint, tensor: np.ndarray, reason: str
) -> None:
    write_checkpoint(tmp_path / "a.safetensors", dataclasses.replace(checkpoint, tensors={"w": tensor}))
    with pytest.raises(CheckpointError, match=reason):
        read_checkpoint(tmp_path / "a.safetensors")


def test_a_write_that_fails_is_told_and_leaves_nothing(tmp_path: Path, checkpoint: Checkpoint) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SaveError):
        write_checkpoint(tmp_path / "file" / "a.safetensors", checkpoint)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
