import dataclasses

import numpy as np
import pytest
import torch

from fcn_gui.core.checkpoint import Checkpoint
from fcn_gui.core.errors import CheckpointError
from fcn_gui.core.label_map import LabelClass, LabelMap, voc_label_map
from fcn_gui.net.checkpoint import (
    adapted,
    network_from,
    restrided,
    silence_untaught,
    taught_rows,
    to_checkpoint,
)
from fcn_gui.net.fcn import FCN, build_trunk, strides_down_to
from fcn_gui.net.preset import VOC21_LIGHT


@pytest.fixture(scope="module")
def checkpoint() -> Checkpoint:
    torch.manual_seed(0)
    trunk = build_trunk("mobilenet_v2")
    network = FCN(trunk, strides_down_to(trunk, 4), 21)
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, std=0.1)
    like = Checkpoint({}, "mobilenet_v2", (16, 8, 4), voc_label_map(), VOC21_LIGHT.to_json(), id="f" * 16)
    return to_checkpoint(network, like)


def test_there_and_back_changes_nothing(checkpoint: Checkpoint) -> None:
    again = to_checkpoint(network_from(checkpoint), checkpoint)
    assert set(again.tensors) == set(checkpoint.tensors)
    assert all(np.array_equal(again.tensors[name], value) for name, value in checkpoint.tensors.items())


def test_a_child_names_its_parent_and_has_no_id_and_no_receipt_yet(checkpoint: Checkpoint) -> None:
    child = to_checkpoint(network_from(checkpoint), dataclasses.replace(checkpoint, id="a" * 16, receipt={"x": 1}))
    assert (child.parent, child.id, child.receipt) == ("a" * 16, "", None)


def test_half_precision_is_half_the_bytes_and_runs_as_float32(checkpoint: Checkpoint) -> None:
    network = network_from(checkpoint)
    half = to_checkpoint(network, checkpoint, half=True)
    assert {str(value.dtype) for value in half.tensors.values()} == {"float16"}
    assert next(network_from(half).parameters()).dtype == torch.float32


def test_a_network_that_learns_has_weights_of_its_own(checkpoint: Checkpoint) -> None:
    network = network_from(checkpoint)
    before = {name: value.copy() for name, value in checkpoint.tensors.items()}
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(1)
    assert all(np.array_equal(value, checkpoint.tensors[name]) for name, value in before.items())


def test_a_network_that_only_predicts_shares_its_trunk_with_the_checkpoint(checkpoint: Checkpoint) -> None:
    network, x = network_from(checkpoint, is_shared=True), torch.randn(1, 3, 33, 33)
    for name, value in network.state_dict().items():
        is_same = np.shares_memory(value.numpy(), checkpoint.tensors[name])
        assert is_same == name.startswith("trunk."), name
    assert all(parameter.requires_grad for parameter in network.parameters())
    with torch.inference_mode():
        assert torch.equal(network(x), network_from(checkpoint)(x))


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_untaught_rows_of_a_shared_network_are_silenced_in_it_alone(checkpoint: Checkpoint, dtype: type) -> None:
    tensors = {name: value.astype(dtype) for name, value in checkpoint.tensors.items()}
    for name in tensors:
        if name.startswith("score_"):
            tensors[name][5] = 0
    network = network_from(dataclasses.replace(checkpoint, tensors=tensors), is_shared=True)
    silence_untaught(network)
    assert network.state_dict()["score_fr.bias"][5] < -1000
    assert tensors["score_fr.bias"][5] == 0


def test_arrays_that_may_not_be_written_are_copied(checkpoint: Checkpoint) -> None:
    tensors = {name: value.copy() for name, value in checkpoint.tensors.items()}
    for value in tensors.values():
        value.flags.writeable = False
    for is_shared in (True, False):
        found = network_from(dataclasses.replace(checkpoint, tensors=tensors), is_shared=is_shared).state_dict()
        assert all(np.array_equal(found[name].numpy(), value) for name, value in tensors.items())


def test_a_missing_tensor_is_named(checkpoint: Checkpoint) -> None:
    tensors = {name: value for name, value in checkpoint.tensors.items() if name != "score_pool3.bias"}
    with pytest.raises(CheckpointError, match=r"lacks score_pool3\.bias"):
        network_from(dataclasses.replace(checkpoint, tensors=tensors))


def test_a_strange_tensor_is_named(checkpoint: Checkpoint) -> None:
    tensors = {**checkpoint.tensors, "classifier.weight": np.zeros(1, np.float32)}
    with pytest.raises(CheckpointError, match=r"has classifier\.weight, which is not known"):
        network_from(dataclasses.replace(checkpoint, tensors=tensors))


def test_a_wrong_shape_is_named(checkpoint: Checkpoint) -> None:
    tensors = {**checkpoint.tensors, "score_fr.bias": np.zeros(3, np.float32)}
    with pytest.raises(CheckpointError, match=r"score_fr\.bias has shape \(3,\), not \(21,\)"):
        network_from(dataclasses.replace(checkpoint, tensors=tensors))


def test_known_names_keep_their_rows_and_new_ones_start_from_zero(checkpoint: Checkpoint) -> None:
    own = LabelMap(
        (
            LabelClass("background", (0, 0, 0)),
            LabelClass("crane", (10, 20, 30)),
            LabelClass("airplane", (40, 50, 60)),
        )
    )
    mapped = adapted(checkpoint, own)
    plane = voc_label_map().index("aeroplane")
    for layer in ("score_fr", "score_pool4", "score_pool3", "score_pool2"):
        for part in ("weight", "bias"):
            rows, before = mapped.tensors[f"{layer}.{part}"], checkpoint.tensors[f"{layer}.{part}"]
            assert np.array_equal(rows[0], before[0])
            assert not rows[1].any()
            assert np.array_equal(rows[2], before[plane])
    assert network_from(mapped).classes == 3
    assert np.array_equal(mapped.tensors["trunk.aspp0.bias"], checkpoint.tensors["trunk.aspp0.bias"])


def test_the_same_label_map_is_the_same_checkpoint(checkpoint: Checkpoint) -> None:
    assert adapted(checkpoint, voc_label_map()) is checkpoint


def test_finer_strides_start_as_the_unchanged_prediction(checkpoint: Checkpoint) -> None:
    finer = network_from(restrided(checkpoint, (16, 8, 4, 2)))
    x = torch.randn(1, 3, 33, 49, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        before, after = network_from(checkpoint)(x), finer(x)
    assert finer.strides == (16, 8, 4, 2)
    assert torch.allclose(after[..., ::2, ::2], before, atol=1e-5)


def test_coarser_strides_drop_what_is_finer(checkpoint: Checkpoint) -> None:
    coarse = restrided(checkpoint, (16,))
    assert "score_pool3.weight" not in coarse.tensors
    assert network_from(coarse).strides == (16,)


def test_strides_that_the_trunk_lacks_are_refused(checkpoint: Checkpoint) -> None:
    with pytest.raises(CheckpointError, match="32s"):
        restrided(checkpoint, (32, 16))


def test_a_preset_that_can_t_be_is_refused(checkpoint: Checkpoint) -> None:
    with pytest.raises(CheckpointError, match="preset"):
        network_from(dataclasses.replace(checkpoint, preset={"name": "?"}))


def test_a_class_that_was_never_taught_is_never_said(checkpoint: Checkpoint) -> None:
    own = LabelMap((LabelClass("background", (0, 0, 0)), LabelClass("crane", (9, 9, 9)), LabelClass("cat", (7, 0, 0))))
    network = network_from(adapted(checkpoint, own))
    assert taught_rows(network).tolist() == [True, False, True]
    silence_untaught(network)
    scores = network(torch.randn(2, 3, 33, 33, generator=torch.Generator().manual_seed(1)))
    assert set(scores.argmax(1).unique().tolist()) <= {0, 2}
