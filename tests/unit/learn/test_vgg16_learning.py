"""The paper's trunk in the hands of all that learns: nothing there knows which trunk it works with."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from fcn_gui.core.checkpoint import Checkpoint
from fcn_gui.core.label_map import own_label_map
from fcn_gui.core.progress import run_to_end
from fcn_gui.disk.checkpoint_file import checkpoint_id, read_checkpoint, write_checkpoint
from fcn_gui.learn.anchor import Anchor
from fcn_gui.learn.crops import Window
from fcn_gui.learn.features import features_at, grid_of, look
from fcn_gui.learn.finetune import fine_tune
from fcn_gui.learn.recipe import Recipe
from fcn_gui.learn.refit import sample_taps
from fcn_gui.learn.samples import Corrections, WeightSettings
from fcn_gui.learn.schedule import Schedule
from fcn_gui.learn.score_rows import ScoreRows, score_layers
from fcn_gui.learn.segmenter import TorchSegmenter
from fcn_gui.learn.train import TrainRequest, train
from fcn_gui.net.checkpoint import fresh, network_from, to_checkpoint
from fcn_gui.net.device import Device
from fcn_gui.net.fcn import FCN
from fcn_gui.net.predict import Predictor
from fcn_gui.net.preset import Preset
from tests.unit.learn.corrections import Asked, scene
from tests.unit.learn.workshop import shapes

LABELS = own_label_map(["red", "blue"])
CPU = Device("cpu", "CPU")


def start(finest: int, trunk: str = "vgg16/24") -> Checkpoint:
    """Random convolutions, and score layers that say something, biases included."""
    checkpoint = fresh(trunk, LABELS, finest)
    network = network_from(checkpoint)
    torch.manual_seed(1)
    for name, layer in zip(network.stride_of, score_layers(network), strict=True):
        size = {"score_fr": 4, "score_pool4": 0.5, "score_pool3": 0.5}[name]
        torch.nn.init.normal_(layer.weight, std=size / layer.weight.shape[1] ** 0.5 / 60)
        torch.nn.init.normal_(layer.bias, std=2.0)
    told = to_checkpoint(network, checkpoint)
    return dataclasses.replace(told, id=checkpoint_id(told))


def predictor_of(checkpoint: Checkpoint) -> Predictor:
    return Predictor(network_from(checkpoint), Preset.from_json(checkpoint.preset), CPU)


@pytest.mark.parametrize("finest", [32, 16, 8])
def test_scores_from_kept_taps_and_rows_are_those_of_the_network(finest: int) -> None:
    """Also at the border, where what score_fr says is faded, its bias with it."""
    predictor = predictor_of(start(finest))
    image = scene(3, shape=(70, 51)).image
    grid, kept = look(predictor, image)
    assert kept is not None
    from_taps = grid_of(kept, ScoreRows.of(predictor.network), predictor.network, predictor.preset)
    spread = float(grid.values.std())
    np.testing.assert_allclose(from_taps.values, grid.values, atol=0.01 * spread)
    assert (from_taps.rows, from_taps.cols, from_taps.shape) == (grid.rows, grid.cols, grid.shape)
    x = torch.zeros(1, 3, 70, 51)
    up = predictor.network.at_pixels(torch.from_numpy(grid.values)[None], (70, 51))
    np.testing.assert_allclose(grid.scores(), up[0].numpy(), atol=1e-4 * spread)
    assert up.shape[2:] == x.shape[2:]


@pytest.mark.parametrize("finest", [32, 16, 8])
def test_what_is_read_at_a_pixel_scores_as_that_pixel(finest: int) -> None:
    checkpoint = start(finest)
    network = network_from(checkpoint)
    for layer in score_layers(network):
        torch.nn.init.zeros_(layer.bias)
    predictor = Predictor(network, Preset.from_json(checkpoint.preset), CPU)
    image = scene(3, shape=(70, 51)).image
    _, kept = look(predictor, image)
    assert kept is not None
    rows = ScoreRows.of(network)
    pixels = np.arange(70 * 51)
    read = features_at(kept, pixels, network, predictor.preset)
    expected = grid_of(kept, rows, network, predictor.preset).scores().reshape(3, -1).T
    np.testing.assert_allclose((read @ rows.weights.T).numpy(), expected, atol=1e-4 * expected.std())


def test_rows_come_back_with_the_bias_of_each_layer() -> None:
    network = network_from(start(8))
    rows = ScoreRows.of(network)
    other = FCN(network.trunk, network.strides, 3)
    rows.put_into(other)
    for before, after in zip(score_layers(network), score_layers(other), strict=True):
        torch.testing.assert_close(after.weight, before.weight)
        torch.testing.assert_close(after.bias, before.bias)


def test_samples_of_a_fine_tune_score_as_their_pixels() -> None:
    checkpoint = start(8)
    network = network_from(checkpoint)
    for layer in score_layers(network):
        torch.nn.init.zeros_(layer.bias)
    made = Corrections([scene(1)], 3, WeightSettings(), Preset.from_json(checkpoint.preset), 1 << 24)
    run_to_end(made.read_all())
    batch = made.cut([(0, Window((64, 96), 3, 5, 41, False))], None)
    weights = torch.zeros(1, 41, 41)
    weights[0, 37, 2] = 1
    found = sample_taps(network, batch, weights, 1, torch.Generator()).features[0]
    rows = ScoreRows.of(network)
    with torch.no_grad():
        expected = network.at_pixels(network(batch.x), (41, 41))[0, :, 37, 2]
    torch.testing.assert_close(rows.weights @ found, expected, rtol=1e-3, atol=1e-4)


def test_a_copy_that_says_the_same_is_not_apart() -> None:
    live = predictor_of(start(8))
    made = Corrections([scene(1)], 3, WeightSettings(), live.preset, 1 << 24)
    run_to_end(made.read_all())
    made.remember(scene(2, shape=(64, 96)).image)
    window = Window((64, 96), 0, 0, 64, False)
    part = made.cut([(1, window)], None)
    with torch.no_grad():
        scores = live.network(part.x)
    anchor = Anchor(live, made)
    classes = torch.ones(3, dtype=torch.bool)
    same = anchor.divergence(scores, part, [(1, window)], classes)
    other = anchor.divergence(scores.flip(1), part, [(1, window)], classes)
    assert 0 <= same < 0.2 * other


def test_the_segmenter_predicts_as_the_plain_network_and_again_from_kept_taps(tmp_path: Path) -> None:
    path = tmp_path / "vgg.safetensors"
    write_checkpoint(path, start(8))
    checkpoint = read_checkpoint(path)
    segmenter = TorchSegmenter("cpu", measured=False)
    segmenter.load(checkpoint, LABELS)
    image = scene(5).image
    plain = Predictor.of(checkpoint, "cpu", measured=False).predict(image)
    first, again = segmenter.predict(image, "a"), segmenter.predict(image, "a")
    np.testing.assert_allclose(first.scores.scores(), plain.scores.scores(), atol=1e-3 * plain.scores.values.std())
    np.testing.assert_allclose(again.scores.scores(), plain.scores.scores(), atol=1e-2 * plain.scores.values.std())


def test_a_fine_tune_learns_and_its_child_predicts() -> None:
    checkpoint = start(8)
    live = predictor_of(checkpoint)
    plan = Schedule(steps=2, batch=1, side_px=41, views=1, pixels=50)
    child = run_to_end(fine_tune(live, checkpoint, Asked(LABELS, [scene(1), scene(2)]), plan))
    moved = [name for name, tensor in child.tensors.items() if not np.array_equal(tensor, checkpoint.tensors[name])]
    assert {"trunk.features.0.weight", "trunk.fc6.weight", "score_fr.weight", "score_pool3.weight"} <= set(moved)
    assert all(np.isfinite(tensor).all() for tensor in child.tensors.values())
    assert predictor_of(child).predict(scene(1).image).labels.shape == (64, 96)


def test_stage_by_stage_from_32s_to_8s(tmp_path: Path) -> None:
    """A finer net starts as the unchanged coarser one: its new score layer is zero."""
    recipe = Recipe(rate=1e-3, new_rate=1e-2, crop_px=49, batch=2, kept_share=0.0)
    data = shapes(tmp_path / "data", 3, LABELS)
    first = fresh("vgg16/24", LABELS)
    coarse = run_to_end(train(TrainRequest(data, data, first, epochs=1, strides=(32,), recipe=recipe)))
    assert coarse.checkpoint.strides == (32,)
    assert coarse.checkpoint.tensors["score_fr.weight"].any()
    assert "score_pool4.weight" not in coarse.checkpoint.tensors
    fine = run_to_end(train(TrainRequest(data, None, coarse.checkpoint, epochs=1, strides=(32, 16, 8), recipe=recipe)))
    assert fine.checkpoint.strides == (32, 16, 8)
    assert fine.checkpoint.tensors["score_pool3.weight"].any()
    assert coarse.val is not None and 0 <= coarse.val.measures.mean_iu <= 1
