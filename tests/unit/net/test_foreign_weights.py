import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file

from fcn_gui.core.errors import CheckpointError
from fcn_gui.core.label_map import voc_label_map
from fcn_gui.disk.bundled import model_path
from fcn_gui.disk.checkpoint_file import read_checkpoint, write_checkpoint
from fcn_gui.net.checkpoint import network_from
from fcn_gui.net.foreign_weights import deeplab_mobilenet_v2, read_start
from fcn_gui.net.mobilenet_v2 import MobileNetV2


@pytest.fixture(scope="module")
def published() -> dict[str, np.ndarray]:
    """All names and shapes of the published file, with random numbers in them."""
    torch.manual_seed(0)
    tensors = {name: value.numpy().copy() for name, value in MobileNetV2().state_dict().items()}
    rng = np.random.default_rng(0)
    tensors["logits.weight"] = rng.standard_normal((21, 256, 1, 1)).astype(np.float16)
    tensors["logits.bias"] = rng.standard_normal(21).astype(np.float16)
    return tensors


def test_logits_become_score_fr_and_the_finer_layers_start_from_zero(published: dict[str, np.ndarray]) -> None:
    checkpoint = deeplab_mobilenet_v2(published)
    assert checkpoint.strides == (16, 8, 4, 2)
    assert checkpoint.label_map == voc_label_map()
    assert np.array_equal(checkpoint.tensors["score_fr.weight"], published["logits.weight"])
    assert np.array_equal(checkpoint.tensors["trunk.aspp0.bias"], published["aspp0.bias"])
    for layer in ("score_pool4", "score_pool3", "score_pool2", "score_pool1"):
        assert not checkpoint.tensors[f"{layer}.weight"].any()
    assert network_from(checkpoint).name == "FCN-2s"


def test_a_published_file_is_read_as_a_start(published: dict[str, np.ndarray], tmp_path: Path) -> None:
    save_file(published, tmp_path / "w.safetensors")
    assert read_start(tmp_path / "w.safetensors").id == deeplab_mobilenet_v2(published).id


def test_a_checkpoint_of_ours_is_read_as_it_is(published: dict[str, np.ndarray], tmp_path: Path) -> None:
    checkpoint = dataclasses.replace(deeplab_mobilenet_v2(published), licence="mine")
    written = write_checkpoint(tmp_path / "c.safetensors", checkpoint)
    read = read_start(tmp_path / "c.safetensors")
    assert (read.id, read.licence) == (written, "mine")


@pytest.mark.parametrize("lost", ["logits.bias", "features.3.conv.2.weight"])
def test_published_weights_with_a_part_missing_are_refused(
    published: dict[str, np.ndarray], tmp_path: Path, lost: str
) -> None:
    save_file({name: value for name, value in published.items() if name != lost}, tmp_path / "w.safetensors")
    with pytest.raises(CheckpointError, match=r"w\.safetensors"):
        read_start(tmp_path / "w.safetensors")


def test_weights_that_nobody_knows_are_refused(tmp_path: Path) -> None:
    save_file({"w": np.zeros(3, np.float32)}, tmp_path / "w.safetensors")
    with pytest.raises(CheckpointError, match="not a checkpoint of fcn-gui"):
        read_start(tmp_path / "w.safetensors")


def test_every_tensor_of_the_bundled_model_has_moved_from_its_start(shared: Path) -> None:
    start = read_start(shared / "weights" / "mobilenet_v2_voc.safetensors")
    bundled = read_checkpoint(model_path("voc21-light"))
    assert bundled.parent == start.id
    assert set(bundled.tensors) == set(start.tensors)
    for name, before in start.tensors.items():
        assert not np.array_equal(bundled.tensors[name], before.astype(np.float16)), name


def test_the_bundled_model_is_small_and_half_precision() -> None:
    path = model_path("voc21-light")
    assert path.stat().st_size <= 10_000_000
    assert {value.dtype for value in read_checkpoint(path).tensors.values()} == {np.dtype(np.float16)}
