"""Tiles say what the whole image says, whatever their size and wherever they meet."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from fcn_gui.core.image_io import read_image
from fcn_gui.core.raster import Image, Rect
from fcn_gui.disk.bundled import model_path, samples_dir
from fcn_gui.disk.checkpoint_file import read_checkpoint
from fcn_gui.net.checkpoint import network_from
from fcn_gui.net.device import choose
from fcn_gui.net.fcn import FCN
from fcn_gui.net.lattice import spans
from fcn_gui.net.mobilenet_v2 import MobileNetV2
from fcn_gui.net.predict import Predictor
from fcn_gui.net.preset import NATIVE, VOC21_LIGHT, Preset, to_tensor
from fcn_gui.net.tiles import least_tile_px, scores_in_tiles

CPU = choose("cpu")


@pytest.fixture(scope="module")
def network() -> FCN:
    return network_from(read_checkpoint(model_path("voc21-light")))


@pytest.fixture(scope="module")
def photograph() -> Image:
    return read_image(sorted((samples_dir() / "photos").glob("*.jpg"))[0]).image


def enlarged(image: Image, height: int, width: int) -> Image:
    """A cut of the photograph at another size, with the colours of a real one."""
    rows, cols = np.arange(height) * image.shape[0] // height, np.arange(width) * image.shape[1] // width
    return np.ascontiguousarray(image[rows[:, None], cols])


@pytest.mark.parametrize("size", [(433, 641), (434, 639), (705, 130), (90, 1337)])
@torch.inference_mode()
def test_tiled_scores_are_those_of_the_whole_photograph(network: FCN, photograph: Image, size: tuple[int, int]) -> None:
    preset = VOC21_LIGHT.at(NATIVE)
    x = to_tensor(preset, enlarged(photograph, *size), network.strides[0])
    whole, tiled = network(x), scores_in_tiles(network, x, CPU, least_tile_px(network))
    assert tiled.shape == whole.shape
    assert len(network.trunk.tiles(max(x.shape[2:]), 256)) > 2, "there are borders to look at"
    assert (tiled - whole).abs().max() <= 1e-4
    assert torch.equal(tiled.argmax(1), whole.argmax(1))


@torch.inference_mode()
def test_each_tile_alone_would_say_something_else(network: FCN, photograph: Image) -> None:
    """What the context head knows of the whole image counts: a tile cut out and looked at alone differs."""
    x = to_tensor(VOC21_LIGHT.at(NATIVE), enlarged(photograph, 500, 600), 16)
    assert (network(x)[..., :60, :60] - network(x[..., :385, :385])[..., :60, :60]).abs().max() > 1e-2


@torch.inference_mode()
def test_nothing_beyond_the_halo_is_seen_and_the_halo_is_no_larger_than_it_must_be() -> None:
    torch.manual_seed(0)
    trunk = MobileNetV2().eval().double()
    for layer in trunk.modules():
        if isinstance(layer, nn.Conv2d):
            layer.weight.abs_()  # nothing cancels out or is cut off by ReLU6
            layer.weight /= layer.weight.flatten(1).sum(1).view(-1, 1, 1, 1)
            layer.bias.zero_()
    reach = trunk.halo_px
    for axis, size in ((2, (641, 33)), (3, (33, 641))):
        dark = torch.full((1, 3, *size), 1e-3, dtype=torch.double)
        before = _middle(trunk, dark)
        for distance, is_seen in ((-reach, True), (reach, True), (-reach - 1, False), (reach + 1, False)):
            lit = dark.clone()
            lit.select(axis, 20 * 16 + distance).fill_(2e-3)
            assert torch.equal(_middle(trunk, lit), before) != is_seen, (axis, distance)


def _middle(trunk: MobileNetV2, x: Tensor) -> Tensor:
    """What the last block says of the middle of a strip."""
    last = trunk.look(x)["score_fr"]
    return last[0, :, last.shape[2] // 2, last.shape[3] // 2]


@pytest.mark.parametrize(("points", "core", "halo"), [(1, 8, 16), (8, 8, 16), (9, 8, 16), (100, 8, 3), (33, 32, 0)])
def test_spans_share_the_points_out(points: int, core: int, halo: int) -> None:
    found = spans(points, core, halo)
    assert [point for _, own in found for point in range(own.start, own.stop)] == list(range(points))
    for seen, own in found:
        assert 0 < own.stop - own.start <= core
        assert seen.start == max(0, own.start - halo)
        assert seen.stop == min(points, own.stop + halo)


@torch.inference_mode()
def test_a_forward_pass_takes_no_more_memory_than_the_trunk_says() -> None:
    """The largest sum of what goes into a layer and comes out of it, with the taps that are kept."""
    trunk, most, alive = MobileNetV2().eval(), 0, 0

    def hook(module: nn.Module, given: tuple[Tensor, ...], result: Tensor) -> None:
        nonlocal most
        most = max(most, given[0].numel() + result.numel())

    for module in trunk.modules():
        if isinstance(module, nn.Conv2d):
            module.register_forward_hook(hook)
    x = torch.zeros(1, 3, 513, 513)
    alive = x.numel() + sum(tap.numel() for tap in trunk.look(x).values())
    assert (most + alive) * 4 <= trunk.bytes_per_px * 513 * 513


def test_a_photograph_at_native_size_is_predicted_alike_in_tiles_and_as_a_whole(
    network: FCN, photograph: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = enlarged(photograph, 433, 642)
    native = Predictor(network, VOC21_LIGHT.at(NATIVE), CPU, "c" * 16)
    whole = native.predict(image)
    assert whole.scores.values.shape[1:] == (217, 329)
    monkeypatch.setattr("fcn_gui.net.predict.free_bytes", lambda kind: 1 << 20)
    tiled = native.predict(image)
    assert np.abs(tiled.scores.values - whole.scores.values).max() <= 1e-4
    assert np.array_equal(tiled.labels, whole.labels)
    assert native.notice == "", "it is how large images are looked at, no want"


def test_native_goes_into_a_checkpoint_and_comes_back() -> None:
    native = VOC21_LIGHT.at(NATIVE)
    assert native.to_json()["long_side"] == "native"
    assert Preset.from_json(native.to_json()) == native


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_photograph_of_48_megapixels_is_predicted_in_full(network: FCN, photograph: Image) -> None:
    native = Predictor(network, VOC21_LIGHT.at(NATIVE), CPU, "c" * 16)
    image = enlarged(photograph, 6000, 8000)
    found = native.predict(image)
    assert found.labels.shape == (6000, 8000)
    assert found.scores.values.shape == (21, 3001, 4001)
    assert np.array_equal(found.labels[:512, :512], found.scores.labels(Rect(0, 0, 512, 512)))
