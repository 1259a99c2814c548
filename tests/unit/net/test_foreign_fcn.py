"""pytorch-fcn's published forms: imported they predict as the literal networks do; what is wrong says what."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from fcn_gui.core.errors import CheckpointError
from fcn_gui.core.label_map import own_label_map, voc_label_map
from fcn_gui.disk import published_weights
from fcn_gui.disk.published_weights import Published
from fcn_gui.net.checkpoint import network_from
from fcn_gui.net.foreign_weights import import_weights
from fcn_gui.net.predict import Predictor
from tests.unit.net.literal_fcn import LiteralFCN
from tests.unit.net.published import flat_state, levelled, literal, pytorch_fcn_state, row

MEAN_BGR = (104.00698793, 116.66876762, 122.67891434)
IMAGE: NDArray[np.uint8] = np.random.default_rng(0).integers(0, 256, (37, 70, 3), np.uint8)
IMAGE[:, 35:] //= 4


def caffe_input(image: NDArray[np.uint8]) -> Tensor:
    """As pytorch-fcn's `datasets/voc.py` has it."""
    bgr = image[:, :, ::-1].astype(np.float64) - np.array(MEAN_BGR)
    return torch.from_numpy(bgr.transpose(2, 0, 1).copy())[None].float()


@torch.no_grad()
def check_it_says_the_same(net: LiteralFCN, path: Path, word: str = "") -> None:
    imported = import_weights(path, word)
    network = network_from(imported)
    x = caffe_input(IMAGE)
    wanted = net(x)
    said = network.at_pixels(network(x), IMAGE.shape[:2])
    assert torch.allclose(said, wanted, rtol=1e-4, atol=1e-4 * float(wanted.abs().max()))
    labels = Predictor.of(imported, "cpu", measured=False).predict(IMAGE).labels
    assert (labels == wanted[0].argmax(0).numpy()).mean() > 0.995
    assert len(np.unique(labels)) > 1, "a picture of one class would prove little"


@pytest.mark.parametrize(
    ("name", "finest", "is_at_once"),
    [
        ("fcn32s_from_caffe.pth", 32, False),
        ("fcn16s_from_caffe.pth", 16, False),
        ("fcn8s_from_caffe.pth", 8, False),
        ("fcn8s-atonce_from_caffe.pth", 8, True),
    ],
)
def test_a_bare_state_dict_predicts_as_the_literal_network_does(
    tmp_path: Path, name: str, finest: int, is_at_once: bool
) -> None:
    net = levelled(literal(finest, is_at_once=is_at_once), caffe_input(IMAGE))
    torch.save(pytorch_fcn_state(net), tmp_path / name)
    check_it_says_the_same(net, tmp_path / name)


@pytest.mark.parametrize("is_at_once", [False, True])
def test_a_trainer_s_file_says_by_its_class_which_it_is(tmp_path: Path, is_at_once: bool) -> None:
    net = levelled(literal(8, is_at_once=is_at_once), caffe_input(IMAGE))
    content = {
        "epoch": 3,
        "iteration": 4000,
        "arch": "FCN8sAtOnce" if is_at_once else "FCN8s",
        "optim_state_dict": {"state": {}, "param_groups": [{"lr": 1e-14, "momentum": 0.99, "params": [0]}]},
        "model_state_dict": pytorch_fcn_state(net),
        "best_mean_iu": np.float64(0.65),
    }
    torch.save(content, tmp_path / "model_best.pth.tar", _use_new_zipfile_serialization=is_at_once)
    check_it_says_the_same(net, tmp_path / "model_best.pth.tar")


def test_the_person_s_word_says_which_it_is(tmp_path: Path) -> None:
    torch.save(flat_state(8, width=8), tmp_path / "w.pth")
    staged, at_once = (import_weights(tmp_path / "w.pth", word).tensors for word in ("staged", "at-once"))
    for layer, scale in (("score_pool4", 0.01), ("score_pool3", 0.0001)):
        folded = staged[f"{layer}.weight"].astype(np.float64) * scale
        assert np.array_equal(at_once[f"{layer}.weight"], folded.astype(np.float32))
        assert np.array_equal(at_once[f"{layer}.bias"], staged[f"{layer}.bias"])
    assert all(np.array_equal(staged[n], at_once[n]) for n in staged if "score_pool" not in n)


def test_the_content_of_a_known_file_says_which_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "renamed.pth"
    torch.save(flat_state(8, width=8), path)
    digest = f"md5:{hashlib.md5(path.read_bytes()).hexdigest()}"
    known = Published("fcn8s-atonce", "f.pth", "https://x", "md5:0", "free to use", form="at-once", older=(digest,))
    monkeypatch.setattr(published_weights, "_ROWS", (known,))
    found = import_weights(path)
    assert (found.receipt or {})["form"] == "pytorch-fcn, at-once"
    assert found.licence == "free to use"
    with pytest.raises(CheckpointError, match="is at-once, not staged: its content says so"):
        import_weights(path, "staged")


def test_the_published_shapes_are_taken_as_they_are(tmp_path: Path) -> None:
    torch.save(flat_state(8), tmp_path / "fcn8s.pth")
    found = import_weights(tmp_path / "fcn8s.pth")
    assert (found.trunk, found.strides, found.label_map) == ("vgg16", (32, 16, 8), voc_label_map())
    assert found.tensors["trunk.fc6.weight"].shape == (4096, 512, 7, 7)


def test_other_classes_are_named_by_the_person(tmp_path: Path) -> None:
    torch.save(flat_state(16, width=8, classes=3), tmp_path / "fcn16s.pth")
    labels = own_label_map(["crane", "ship"])
    assert import_weights(tmp_path / "fcn16s.pth", label_map=labels).label_map == labels
    with pytest.raises(CheckpointError, match="has 3 classes, not 21; name them with --classes"):
        import_weights(tmp_path / "fcn16s.pth")


def _without(*names: str) -> Callable[[dict[str, Tensor]], object]:
    return lambda state: [state.pop(name) for name in names]


def _with(name: str, value: object) -> Callable[[dict[str, object]], object]:
    return lambda state: state.update({name: value})


WRONG = {
    "missing": (_without("conv3_2.bias"), r"lacks conv3_2\.bias"),
    "missing score": (_without("score_pool4.weight"), r"lacks score_pool4\.weight"),
    "unknown": (_with("extra.weight", torch.zeros(1)), r"has extra\.weight, which no published form has"),
    "prefix": (lambda state: [state.update({f"module.{n}": state.pop(n)}) for n in [*state]], "no form that is known"),
    "shape": (_with("conv1_1.weight", torch.zeros(64, 1, 3, 3)), r"conv1_1\.weight has shape \(64, 1, 3, 3\), not"),
    "width": (_with("fc7.weight", torch.zeros(7, 8, 1, 1)), r"fc7\.weight has shape \(7, 8, 1, 1\), not"),
    "classes": (_with("score_fr.weight", torch.zeros(5, 8, 1, 1)), r"score_fr\.bias has shape \(21,\), not \(5,\)"),
    "not finite": (_with("fc6.bias", torch.full((8,), float("nan"))), r"fc6\.bias holds numbers that are not finite"),
    "whole numbers": (_with("fc6.bias", torch.zeros(8, dtype=torch.int64)), r"fc6\.bias holds int64"),
    "no tensor": (_with("fc6.bias", [0.0] * 8), r"fc6\.bias is no tensor but a list"),
    "learned upsampling": (_with("upscore8.weight", row(21, 21, 16, 16)), "upscore8 was learned"),
}


@pytest.mark.parametrize("which", WRONG)
def test_what_is_wrong_is_refused_with_its_own_reason(tmp_path: Path, which: str) -> None:
    change, reason = WRONG[which]
    state = flat_state(8, width=8)
    change(state)
    torch.save(state, tmp_path / "fcn8s.pth")
    with pytest.raises(CheckpointError, match=reason) as told:
        import_weights(tmp_path / "fcn8s.pth")
    assert str(tmp_path / "fcn8s.pth") in str(told.value)
    assert "\n" not in str(told.value)


def test_an_fcn8s_that_does_not_say_which_it_is_is_asked_for(tmp_path: Path) -> None:
    torch.save(flat_state(8, width=8), tmp_path / "w.pth")
    with pytest.raises(CheckpointError, match="add --form staged or at-once"):
        import_weights(tmp_path / "w.pth")


def test_a_trainer_s_class_is_not_overruled(tmp_path: Path) -> None:
    torch.save({"arch": "FCN8sAtOnce", "model_state_dict": flat_state(8, width=8)}, tmp_path / "w.pth")
    with pytest.raises(CheckpointError, match="is at-once, not staged: FCN8sAtOnce says so"):
        import_weights(tmp_path / "w.pth", "staged")
