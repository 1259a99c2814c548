"""Taps in a bounded cache: what comes back is what was computed, and predictions from them are the network's own."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from fcn_gui.core.raster import Image
from fcn_gui.learn.features import FeatureCache, Features, features_at, grid_of, look
from fcn_gui.learn.score_rows import ScoreRows, score_layers
from fcn_gui.net.checkpoint import network_from
from fcn_gui.net.device import Device
from fcn_gui.net.fcn import FCN
from fcn_gui.net.grid_labels import grid_labels
from fcn_gui.net.predict import Predictor
from fcn_gui.net.preset import VOC21_LIGHT, to_tensor
from tests.unit.learn.corrections import scene
from tests.unit.learn.workshop import untrained

PRESET = VOC21_LIGHT.at(256)


@pytest.fixture(scope="module")
def predictor() -> Predictor:
    network = network_from(untrained())
    torch.manual_seed(1)
    for layer in score_layers(network):
        torch.nn.init.normal_(layer.weight, std=0.05)
        torch.nn.init.normal_(layer.bias, std=0.5)
    return Predictor(network, PRESET, Device("cpu", "CPU"))


def made(size: int, fill: float) -> Features:
    return Features({"score_fr": torch.full((size, 1, 4), fill, dtype=torch.float16)}, (size, 1))


NAMES = st.sampled_from("abcdef")
ACTIONS = st.lists(st.tuples(st.sampled_from(["put", "get", "drop"]), NAMES, st.integers(1, 40)), max_size=40)


@given(ACTIONS, st.integers(8, 400))
def test_the_cache_never_holds_more_than_its_bound_and_gives_back_what_was_put(actions, most_bytes: int) -> None:
    cache, newest = FeatureCache(most_bytes), {}
    for number, (action, name, size) in enumerate(actions):
        if action == "put":
            newest[name] = made(size, number)
            cache.put(name, newest[name])
        elif action == "drop":
            cache.drop(name)
        found = cache.get(name)
        assert found is None or found is newest[name]
        assert found is not None or action != "put" or newest[name].nbytes > most_bytes
        held = [each for each in "abcdef" if each in cache]
        assert cache.nbytes == sum(newest[each].nbytes for each in held) <= most_bytes
        assert len(held) == len(cache)


def test_the_least_recently_used_goes_first() -> None:
    cache = FeatureCache(3 * made(10, 0).nbytes)
    for name in "abc":
        cache.put(name, made(10, 0))
    cache.get("a")
    cache.put("d", made(10, 0))
    assert [name for name in "abcd" if name in cache] == ["a", "c", "d"]


@pytest.mark.parametrize("shape", [(64, 96), (90, 33)])
def test_what_is_kept_equals_what_the_trunk_computes(predictor: Predictor, shape: tuple[int, int]) -> None:
    image: Image = scene(1, shape=shape).image
    _, kept = look(predictor, image)
    assert kept is not None
    network = predictor.network
    with torch.inference_mode():
        again = network.trunk(to_tensor(PRESET, image, network.strides[0]))
    for name in network.stride_of:
        assert kept.taps[name].dtype == torch.float16
        torch.testing.assert_close(kept.taps[name].permute(2, 0, 1).float(), again[name][0], rtol=1e-3, atol=1e-3)


def test_scores_from_kept_taps_are_those_of_the_network(predictor: Predictor) -> None:
    image = scene(3, shape=(70, 50)).image
    grid, kept = look(predictor, image)
    assert kept is not None
    from_taps = grid_of(kept, ScoreRows.of(predictor.network), predictor.network, PRESET)
    spread = float(grid.values.std())
    np.testing.assert_allclose(from_taps.values, grid.values, atol=0.01 * spread)
    assert (grid_labels(from_taps) != grid_labels(grid)).mean() < 0.002
    assert (from_taps.rows, from_taps.cols, from_taps.shape) == (grid.rows, grid.cols, grid.shape)


def test_what_is_read_at_a_pixel_scores_as_that_pixel(predictor: Predictor) -> None:
    image = scene(3, shape=(70, 50)).image
    _, kept = look(predictor, image)
    assert kept is not None
    rows = ScoreRows.of(predictor.network)
    pixels = np.array([0, 49, 20 * 50 + 17, 69 * 50 + 49])
    read = features_at(kept, pixels, predictor.network, PRESET)
    expected = grid_of(kept, rows, predictor.network, PRESET).scores().reshape(3, -1)[:, pixels].T
    np.testing.assert_allclose((read @ rows.weights.T + rows.bias).numpy(), expected, rtol=1e-3, atol=2e-3)


class TwoHalves(Predictor):
    """Runs its trunk twice for one image, as tiles do."""

    def score_batch(self, images):
        super().score_batch(images)
        return super().score_batch(images)


def test_taps_that_were_not_computed_in_one_piece_are_not_kept(predictor: Predictor) -> None:
    tiled = TwoHalves(predictor.network, PRESET, predictor.device)
    grid, kept = look(tiled, scene(1).image)
    assert kept is None
    assert grid.values.any()


def test_rows_come_back_from_a_network_and_from_tensors(predictor: Predictor) -> None:
    rows = ScoreRows.of(predictor.network)
    strides = predictor.network.strides
    other = FCN(predictor.network.trunk, strides, 3)
    rows.put_into(other)
    for again in (ScoreRows.of(other), ScoreRows.of_tensors(rows.tensors(other), other)):
        assert again.weights.equal(rows.weights)
        torch.testing.assert_close(again.bias, rows.bias)
