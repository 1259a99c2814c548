"""What the network that completes strokes is shown."""

from dataclasses import replace

import numpy as np
import pytest

from fcn_gui.core.raster import CORRECTED
from fcn_gui.core.scores import Axis, ScoreGrid
from fcn_gui.core.surroundings import Surroundings
from fcn_gui.disk.bundled import model_path
from fcn_gui.disk.checkpoint_file import read_checkpoint
from fcn_gui.learn.features import look
from fcn_gui.learn.relations import Relations
from fcn_gui.learn.score_rows import UNTAUGHT_SCORE
from fcn_gui.net.checkpoint import network_from
from fcn_gui.net.completer import MAPS
from fcn_gui.net.device import choose
from fcn_gui.net.predict import Predictor
from fcn_gui.net.preset import Preset

SHAPE, LABEL, REPLACED, OTHER = (90, 120), 2, 0, 1


@pytest.fixture(scope="module")
def image() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 255, (*SHAPE, 3)).astype(np.uint8)


@pytest.fixture(scope="module")
def relations(image: np.ndarray) -> Relations:
    checkpoint = read_checkpoint(model_path("voc21-light"))
    network, preset = network_from(checkpoint), Preset.from_json(checkpoint.preset)
    features = look(Predictor(network, preset, choose("cpu"), ""), image)[1]
    assert features is not None
    return Relations(features, network, preset)


@pytest.fixture
def around(image: np.ndarray) -> Surroundings:
    stroke = np.zeros(SHAPE, bool)
    stroke[40:50, 30:60] = True
    shown = np.where(stroke, np.uint8(LABEL), np.uint8(REPLACED))
    return Surroundings(image, shown, stroke * np.uint8(CORRECTED), stroke, LABEL, (REPLACED,))


def held(scores: dict[int, tuple[float, float]]) -> ScoreGrid:
    """Of each class the score on the left and on the right."""
    values = np.zeros((3, *SHAPE), np.float32)
    for label, (left, right) in scores.items():
        values[label, :, :60], values[label, :, 60:] = left, right
    return ScoreGrid(values, SHAPE, Axis(0, 1), Axis(0, 1))


def test_every_map_lies_over_the_window(relations: Relations, around: Surroundings) -> None:
    maps = relations.maps(around)
    assert maps is not None
    assert maps.shape == (MAPS, around.window.height, around.window.width)
    assert np.isfinite(maps).all()
    assert not maps[-1].any()


def test_the_network_held_one_side_for_the_class_of_the_stroke(relations: Relations, around: Surroundings) -> None:
    said = {LABEL: (4.0, -2.0), REPLACED: (0.0, 2.0), OTHER: (50.0, 50.0)}
    maps = relations.maps(replace(around, held=held(said)))
    assert maps is not None
    middle = 60 // 2 - around.window.x0
    assert np.allclose(maps[-1][:, : middle - 1], 1)
    assert np.allclose(maps[-1][:, middle + 1 :], -1)


@pytest.mark.parametrize("untaught", [LABEL, REPLACED])
def test_of_classes_that_were_never_taught_nothing_is_held(
    relations: Relations, around: Surroundings, untaught: int
) -> None:
    scores = held({LABEL: (4.0, -2.0), untaught: (UNTAUGHT_SCORE, UNTAUGHT_SCORE)})
    maps = relations.maps(replace(around, held=scores))
    assert maps is not None
    assert not maps[-1].any()


def test_a_class_that_came_after_the_prediction_is_not_known_there(relations: Relations, around: Surroundings) -> None:
    scores = held({LABEL: (4.0, -2.0)})
    fewer = replace(scores, values=scores.values[:LABEL])
    maps = relations.maps(replace(around, held=fewer))
    assert maps is not None
    assert not maps[-1].any()
