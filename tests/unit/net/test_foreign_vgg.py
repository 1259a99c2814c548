"""VGG16 of ImageNet in its published forms: the convolutional network sees what the published one sees."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from fcn_gui.core.errors import CheckpointError
from fcn_gui.core.label_map import own_label_map
from fcn_gui.disk.checkpoint_file import read_checkpoint, write_checkpoint
from fcn_gui.net.checkpoint import network_from, restrided
from fcn_gui.net.foreign_weights import import_weights
from fcn_gui.net.preset import FCN_CAFFE, TORCHVISION, VGG_CAFFE, Preset, to_tensor
from tests.unit.net.literal_fcn import LiteralFCN
from tests.unit.net.published import CHANNELS, State, convolution_shapes, flat_state, vgg16_state

IMAGE = np.random.default_rng(1).integers(0, 256, (33, 41, 3), np.uint8)
LABELS = own_label_map(["a", "b"])


def torchvision_input() -> Tensor:
    """As torchvision's preset has it, at the size of the image."""
    x = torch.from_numpy(IMAGE.transpose(2, 0, 1).copy())[None].double() / 255
    mean, deviation = (torch.tensor(v).view(3, 1, 1) for v in ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)))
    return ((x - mean) / deviation).float()


def literal_with(state: State) -> LiteralFCN:
    """The published FCN-32s, its fully connected layers made convolutions by pytorch-fcn's `view`."""
    net = LiteralFCN(32, len(LABELS), CHANNELS, 4096)
    named: State = {}
    numbers = (0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28)
    for name, number in zip(convolution_shapes(), numbers, strict=True):
        named |= {f"{name}.{part}": state[f"features.{number}.{part}"] for part in ("weight", "bias")}
    named |= {"fc6.weight": state["classifier.0.weight"].view(4096, 512, 7, 7), "fc6.bias": state["classifier.0.bias"]}
    named |= {"fc7.weight": state["classifier.3.weight"].view(4096, 4096, 1, 1), "fc7.bias": state["classifier.3.bias"]}
    net.load_state_dict(named, strict=False)
    torch.nn.init.normal_(net.score_fr.weight, std=0.02)
    return net.eval()


@torch.no_grad()
def test_torchvision_s_weights_see_what_the_literal_network_sees(tmp_path: Path) -> None:
    state = vgg16_state()
    torch.save(state, tmp_path / "vgg16-397923af.pth")
    found = import_weights(tmp_path / "vgg16-397923af.pth", label_map=LABELS)
    net = literal_with(state)
    network = network_from(restrided(found, (32,)))
    score_fr = network.get_submodule("score_fr")
    score_fr.load_state_dict(net.score_fr.state_dict())
    preset = Preset.from_json(found.preset)
    assert preset == TORCHVISION
    said = network.at_pixels(network(to_tensor(preset, IMAGE, network.align)), IMAGE.shape[:2])
    wanted = net(torchvision_input())
    assert torch.allclose(said, wanted, rtol=1e-4, atol=1e-4 * float(wanted.abs().max()))
    assert float(wanted.std()) > 0


def test_it_is_a_start_without_classes_of_its_own(tmp_path: Path) -> None:
    torch.save(vgg16_state(), tmp_path / "w.pth")
    found = import_weights(tmp_path / "w.pth", "torchvision", LABELS)
    assert (found.trunk, found.strides, found.label_map) == ("vgg16", (32, 16, 8), LABELS)
    assert not any(found.tensors[f"{layer}.weight"].any() for layer in ("score_fr", "score_pool4", "score_pool3"))
    network_from(found)


@pytest.mark.parametrize(
    ("name", "layers", "word", "preset"),
    [
        ("vgg16_from_caffe.pth", (0, 3), "", FCN_CAFFE),
        ("vgg16-00b39a1b.pth", (1, 4), "", VGG_CAFFE),
        ("w.pth", (1, 4), "", VGG_CAFFE),
        ("w.pth", (0, 3), "caffe", FCN_CAFFE),
    ],
)
def test_caffe_s_weights_keep_their_colours(
    tmp_path: Path, name: str, layers: tuple[int, int], word: str, preset: Preset
) -> None:
    state = vgg16_state(*layers)
    torch.save(state, tmp_path / name)
    found = import_weights(tmp_path / name, word, LABELS)
    assert found.preset == preset.to_json()
    flat = state[f"classifier.{layers[0]}.weight"][0].numpy()
    assert np.array_equal(found.tensors["trunk.fc6.weight"][0].ravel(), flat)
    assert np.array_equal(found.tensors["trunk.features.0.weight"], state["features.0.weight"].numpy())


@pytest.mark.parametrize("is_whole", [False, True])
def test_convolutions_alone_start_fc6_and_fc7_at_random_and_always_the_same(tmp_path: Path, is_whole: bool) -> None:
    state = vgg16_state(is_whole=is_whole)
    if is_whole:
        state["classifier.0.weight"] = torch.full((1, 1), float("nan")).expand(4096, 25088)
    path = tmp_path / "vgg16_features-amdegroot-88682ab5.pth"
    torch.save(state, path)
    found, again = (import_weights(path, label_map=LABELS) for _ in range(2))
    first = found.tensors["trunk.fc7.weight"]
    assert np.array_equal(first, again.tensors["trunk.fc7.weight"])
    assert 0.9 < float(first.std()) / (2 / 4096) ** 0.5 < 1.1
    assert "fc6 and fc7 at random" in str((found.receipt or {})["form"])
    preset = Preset.from_json(found.preset)
    assert (preset.order, preset.scales) == ("RGB", (1.0,))
    assert np.allclose(np.array(preset.mean) / 255, (0.48235, 0.45882, 0.40784))


def test_fc6_and_fc7_at_random_can_be_narrower(tmp_path: Path) -> None:
    torch.save(vgg16_state(is_whole=False), tmp_path / "w.pth")
    found = import_weights(tmp_path / "w.pth", "caffe", LABELS, fc_channels=24)
    assert (found.trunk, found.tensors["trunk.fc6.weight"].shape) == ("vgg16/24", (24, 512, 7, 7))
    write_checkpoint(tmp_path / "w.safetensors", found)
    trunk = network_from(read_checkpoint(tmp_path / "w.safetensors")).trunk
    assert (trunk.name, trunk.taps["score_fr"].channels) == ("vgg16/24", 24)


def test_a_width_is_refused_where_the_file_has_its_own(tmp_path: Path) -> None:
    torch.save(vgg16_state(), tmp_path / "w.pth")
    with pytest.raises(CheckpointError, match=r"has fc6 and fc7 of 4096 channels, not 24"):
        import_weights(tmp_path / "w.pth", "caffe", LABELS, fc_channels=24)
    torch.save(flat_state(32, width=8), tmp_path / "fcn.pth")
    with pytest.raises(CheckpointError, match="no VGG16 of ImageNet"):
        import_weights(tmp_path / "fcn.pth", fc_channels=24)


def test_torchvision_s_convolutions_alone_keep_torchvision_s_preset(tmp_path: Path) -> None:
    torch.save(vgg16_state(is_whole=False), tmp_path / "w.pth")
    found = import_weights(tmp_path / "w.pth", "torchvision", LABELS)
    assert found.preset == TORCHVISION.to_json()
    assert found.tensors["trunk.fc6.weight"].any()


def test_colours_that_nothing_tells_are_asked_for(tmp_path: Path) -> None:
    torch.save(vgg16_state(is_whole=False), tmp_path / "w.pth")
    with pytest.raises(CheckpointError, match="add --form torchvision or caffe or features"):
        import_weights(tmp_path / "w.pth")


WRONG: dict[str, tuple[State, str, str]] = {
    "missing": ({}, "features.28.bias", r"lacks features\.28\.bias"),
    "missing connected": ({}, "classifier.3.weight", r"lacks classifier\.3\.weight"),
    "batch norms": ({"features.1.running_mean": torch.zeros(64)}, "", r"has features\.1\.running_mean, which no"),
    "shape": ({"classifier.0.weight": torch.zeros(4096, 10)}, "", r"classifier\.0\.weight has shape \(4096, 10\), not"),
    "not finite": ({"features.0.bias": torch.full((64,), float("inf"))}, "", r"features\.0\.bias holds .* not finite"),
    "a lost classifier": (
        {"classifier.0.bias": torch.full((4096,), float("nan"))}, "", r"classifier\.0\.bias holds .* not finite"
    ),
}  # fmt: skip


@pytest.mark.parametrize("which", WRONG)
def test_what_is_wrong_is_refused_with_its_own_reason(tmp_path: Path, which: str) -> None:
    put, lost, reason = WRONG[which]
    state = {name: value for name, value in (vgg16_state() | put).items() if name != lost}
    torch.save(state, tmp_path / "vgg16-397923af.pth")
    with pytest.raises(CheckpointError, match=reason) as told:
        import_weights(tmp_path / "vgg16-397923af.pth")
    assert "\n" not in str(told.value)


def test_another_vgg_is_refused(tmp_path: Path) -> None:
    torch.save(
        {"features.0.weight": torch.zeros(64, 3, 3, 3), "features.34.bias": torch.zeros(512)}, tmp_path / "w.pth"
    )
    with pytest.raises(CheckpointError, match="lacks "):
        import_weights(tmp_path / "w.pth", "torchvision")
