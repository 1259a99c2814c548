"""What the network is sure of in an image teaches it the rest of that image."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from fcn_gui.core.label_map import own_label_map
from fcn_gui.core.progress import run_to_end
from fcn_gui.core.scores import ScoreGrid
from fcn_gui.learn.attune import SURE, attuned
from fcn_gui.learn.features import Features, grid_of, look
from fcn_gui.learn.score_rows import ScoreRows
from fcn_gui.learn.segmenter import TorchSegmenter
from fcn_gui.net.checkpoint import network_from
from fcn_gui.net.device import choose
from fcn_gui.net.fcn import FCN
from fcn_gui.net.predict import Predictor
from fcn_gui.net.preset import Preset
from fcn_gui.session.ports import CorrectedImage, RefitRequest
from tests.unit.learn.corrections import scene
from tests.unit.learn.workshop import untrained

LABELS = own_label_map(["red", "blue"])


@pytest.fixture(scope="module")
def segmenter() -> TorchSegmenter:
    """It learned red and blue from one scene."""
    made = TorchSegmenter("cpu", measured=False)
    made.load(untrained(LABELS), LABELS)
    one = scene(1)
    image = CorrectedImage(one.key, one.read, True, "photo 1", "1")
    made.put_on(run_to_end(made.refit(RefitRequest([image], is_thorough=True))))
    return made


class Looked:
    """An untrained network with random rows before a scene."""

    def __init__(self, seed: int = 3, strength: float = 0.3) -> None:
        checkpoint = untrained(LABELS)
        self.network: FCN = network_from(checkpoint)
        self.preset = Preset.from_json(checkpoint.preset)
        _, features = look(Predictor(self.network, self.preset, choose("cpu")), scene(seed).image)
        assert features is not None
        self.features: Features = features
        weights = torch.randn(
            3, ScoreRows.of(self.network).weights.shape[1], generator=torch.Generator().manual_seed(0)
        )
        self.rows = ScoreRows(weights * strength, torch.zeros(3))

    def grid(self, rows: ScoreRows | None = None, features: Features | None = None) -> ScoreGrid:
        return grid_of(features or self.features, rows or self.rows, self.network, self.preset)

    def attuned(self, grid: ScoreGrid, rows: ScoreRows | None = None, features: Features | None = None) -> ScoreGrid:
        found = attuned(grid, features or self.features, rows or self.rows, self.network, self.preset)
        assert found is not None
        return found


def test_it_is_there_where_it_is_asked_for_and_changes_nothing_else(segmenter: TorchSegmenter) -> None:
    image = scene(11).image
    for name in ("", "photo 11"):
        plain, asked = segmenter.predict(image, name), segmenter.predict(image, name, attunes=True)
        assert plain.attuned is None
        assert asked.attuned is not None
        np.testing.assert_array_equal(asked.labels, plain.labels)
        np.testing.assert_allclose(asked.scores.values, plain.scores.values, rtol=0.02, atol=0.02)
        again = segmenter.predict(image, name, attunes=True)
        assert again.attuned is not None
        np.testing.assert_allclose(again.attuned.values, asked.attuned.values, rtol=0.05, atol=0.05)


def test_it_sees_more_of_what_it_half_knew(segmenter: TorchSegmenter) -> None:
    """Ten scenes of other places and noise: together nearer to the truth."""
    before, after = [], []
    for seed in range(20, 30):
        found, truth = segmenter.predict(scene(seed).image, attunes=True), scene(seed).mask
        assert found.attuned is not None
        before.append((found.labels == truth).mean())
        after.append((found.attuned.labels() == truth).mean())
    assert np.mean(after) > np.mean(before)


def test_what_it_was_sure_of_stays() -> None:
    at = Looked(strength=2.0)
    grid = at.grid()
    odds = grid.probabilities()
    is_sure = odds.max(0) > SURE
    assert is_sure.mean() > 0.2
    kept = at.attuned(grid).labels() == odds.argmax(0)
    assert kept[is_sure].mean() > 0.97


def test_the_rows_that_it_begins_with_stay_and_a_class_that_is_not_sure_gets_nothing() -> None:
    at = Looked(strength=2.0)
    silent = replace(at.rows, weights=at.rows.weights.clone())
    silent.weights[2] = 0
    before = silent.weights.clone(), silent.bias.clone()
    found = at.attuned(at.grid(silent.silenced()), silent.silenced())
    assert torch.equal(silent.weights, before[0])
    assert torch.equal(silent.bias, before[1])
    assert found.probabilities()[2].max() == 0


@pytest.mark.parametrize("which", [0, 1])
def test_there_is_nothing_to_learn_where_all_is_one_class_or_nothing_is_sure(which: int) -> None:
    at = Looked(strength=0.0)
    rows = replace(at.rows, bias=torch.tensor([[9.0, 0.0, 0.0], [0.0, 0.0, 0.0]][which]))
    assert attuned(at.grid(rows), at.features, rows, at.network, at.preset) is None


def test_a_larger_copy_of_an_image_is_read_at_the_same_places() -> None:
    """The taps of a photograph say the same of it whatever size it is shown at."""
    at = Looked(strength=2.0)
    height, width = at.features.shape
    large = replace(at.features, shape=(height * 8, width * 8))
    small = at.attuned(at.grid())
    found = at.attuned(at.grid(features=large), features=large)
    alike = found.at_size((height, width)).labels() == small.labels()
    assert alike.mean() > 0.97
