"""What a network says down to each stride, with the bundled checkpoint on a sample photograph."""

import numpy as np
import pytest
import torch

from fcn_gui.core.image_io import read_image
from fcn_gui.core.raster import Image
from fcn_gui.disk.bundled import model_path, samples_dir
from fcn_gui.disk.checkpoint_file import read_checkpoint
from fcn_gui.net.by_stride import down_to, scores_by_stride
from fcn_gui.net.checkpoint import network_from
from fcn_gui.net.device import choose
from fcn_gui.net.fcn import FCN
from fcn_gui.net.predict import Predictor
from fcn_gui.net.preset import FCN_CAFFE, NATIVE, VOC21_LIGHT
from fcn_gui.net.tiles import least_tile_px
from tests.unit.net.literal_fcn import THIN, THIN_FC, LiteralFCN, product_of, seeded


@pytest.fixture(scope="module")
def predictor() -> Predictor:
    network = network_from(read_checkpoint(model_path("voc21-light")))
    return Predictor(network, VOC21_LIGHT.at(256), choose("cpu"))


@pytest.fixture(scope="module")
def photo() -> Image:
    return read_image(sorted((samples_dir() / "photos").glob("*.jpg"))[0]).image[:300, :400]


def test_strides_come_from_the_coarsest_and_end_with_the_prediction(predictor: Predictor, photo: Image) -> None:
    found = scores_by_stride(predictor, photo)
    assert list(found) == [16, 8, 4, 2]
    assert np.array_equal(found[2].values, predictor.score_batch([photo])[0].values)
    heights = [grid.values.shape[1] for grid in found.values()]
    assert [(height - 1) / (heights[0] - 1) for height in heights] == [1, 2, 4, 8]
    assert all(grid.shape == photo.shape[:2] for grid in found.values())


def test_a_coarser_fusion_is_that_of_the_network_without_the_finer_layers(predictor: Predictor, photo: Image) -> None:
    """But for the bias of the finer layers, which counts from the coarsest on."""
    found, network = scores_by_stride(predictor, photo), predictor.network
    for stride in (16, 8, 4):
        part = predictor.with_network(down_to(network, stride)).score_batch([photo])[0]
        finer = sum(network.get_parameter(f"{n}.bias") for n, s in network.stride_of.items() if s < stride)
        assert isinstance(finer, torch.Tensor)
        assert np.abs(found[stride].values - part.values - finer.detach().numpy()[:, None, None]).max() <= 1e-3


def test_layers_that_only_say_a_constant_add_nothing(predictor: Predictor, photo: Image) -> None:
    network = predictor.network
    quiet = FCN(network.trunk, network.strides, network.classes).eval()
    with torch.no_grad():
        for name, stride in network.stride_of.items():
            if stride == 16:
                quiet.get_submodule(name).load_state_dict(network.get_submodule(name).state_dict())
        quiet.get_parameter("score_pool1.bias")[:7] = 3.0
    found = scores_by_stride(predictor.with_network(quiet), photo)
    at_the_same_points = found[2].values[:, ::8, ::8]
    assert np.abs(found[16].values - at_the_same_points).max() <= 1e-3


def test_in_tiles_it_is_the_same(predictor: Predictor, photo: Image, monkeypatch: pytest.MonkeyPatch) -> None:
    large = np.tile(photo, (1, 5, 1))
    in_full = Predictor(predictor.network, VOC21_LIGHT.at(NATIVE), choose("cpu"))
    whole = scores_by_stride(in_full, large)
    monkeypatch.setattr(in_full, "_most_px", 1)
    assert large.shape[0] * large.shape[1] > least_tile_px(in_full.network)
    tiled = scores_by_stride(in_full, large)
    assert list(tiled) == list(whole)
    for stride, grid in whole.items():
        assert np.abs(grid.values - tiled[stride].values).max() <= 1e-3


@pytest.mark.parametrize("is_at_once", [False, True])
def test_the_papers_net_is_told_at_32_16_and_8(photo: Image, is_at_once: bool) -> None:
    network = product_of(seeded(LiteralFCN(8, 5, THIN, THIN_FC, is_at_once)))
    predictor = Predictor(network, FCN_CAFFE, choose("cpu"))
    small = np.ascontiguousarray(photo[:140, :190])
    found = scores_by_stride(predictor, small)
    assert list(found) == [32, 16, 8]
    assert np.array_equal(found[8].values, predictor.score_batch([small])[0].values)
    for stride in (32, 16):
        part = predictor.with_network(down_to(network, stride)).score_batch([small])[0]
        finer = sum(network.get_parameter(f"{n}.bias") for n, s in network.stride_of.items() if s < stride)
        assert isinstance(finer, torch.Tensor)
        wanted = part.scores() + finer.detach().numpy()[:, None, None]
        assert np.abs(found[stride].scores() - wanted).max() <= 1e-3 * max(1.0, float(np.abs(wanted).max()))
