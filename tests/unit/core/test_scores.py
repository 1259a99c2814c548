"""Scores on a grid: interpolated where somebody looks, the same for a part as for the whole."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fcn_gui.core.raster import Rect
from fcn_gui.core.scores import Axis, ScoreGrid

SHAPE = (30, 44)


def grid(classes: int = 5, kind: type = np.float32) -> ScoreGrid:
    """A grid at stride 4: grid line j lies at pixel 4 j."""
    values = np.random.default_rng(0).normal(0, 3, (classes, 9, 12)).astype(kind)
    return ScoreGrid(values, SHAPE, Axis(0.0, 0.25), Axis(0.0, 0.25))


def test_grid_lines_keep_their_values() -> None:
    scores = grid().scores()
    assert scores.shape == (5, *SHAPE)
    assert scores.dtype == np.float32
    assert scores[:, ::4, ::4] == pytest.approx(grid().values[:, :8, :11])


def test_a_ramp_on_the_grid_is_the_same_ramp_on_the_pixels() -> None:
    ramp = np.tile(np.arange(12, dtype=np.float32) * 4, (1, 9, 1))
    scores = ScoreGrid(ramp, SHAPE, Axis(0.0, 0.25), Axis(0.0, 0.25)).scores()
    assert scores[0] == pytest.approx(np.tile(np.arange(44.0), (30, 1)), abs=1e-5)


@settings(max_examples=40, deadline=None)
@given(width=st.integers(1, 44), start=st.floats(-2, 5), step=st.floats(0.1, 1.5))
def test_what_a_mirror_image_scored_is_turned_back(width: int, start: float, step: float) -> None:
    seen = ScoreGrid(grid().values, (30, width), Axis(0.0, 0.25), Axis(start, step))
    assert seen.mirrored().scores() == pytest.approx(seen.scores()[:, :, ::-1], abs=1e-4)


def test_beyond_the_grid_its_border_goes_on() -> None:
    shifted = ScoreGrid(grid().values, SHAPE, Axis(-2.0, 0.5), Axis(5.0, 0.5))
    scores = shifted.scores()
    assert scores[:, 0, 0] == pytest.approx(shifted.values[:, 0, 5])
    assert scores[:, -1, -1] == pytest.approx(shifted.values[:, -1, -1])


@settings(max_examples=40, deadline=None)
@given(x=st.integers(-5, 44), y=st.integers(-5, 30), w=st.integers(0, 50), h=st.integers(0, 40))
def test_a_part_is_the_part_of_the_whole(x: int, y: int, w: int, h: int) -> None:
    rect = Rect(x, y, x + w, y + h)
    inside = rect.clipped(SHAPE).slices
    assert grid().scores(rect) == pytest.approx(grid().scores()[:, inside[0], inside[1]])
    assert (grid().labels(rect, rows_at_once=7) == grid().scores().argmax(0)[inside]).all()


def test_probabilities_add_up_to_one_and_the_heatmap_is_one_of_them() -> None:
    probabilities = grid().probabilities()
    assert probabilities.sum(0) == pytest.approx(np.ones(SHAPE), abs=1e-5)
    assert grid().heatmap(3) == pytest.approx(probabilities[3])
    assert grid().probabilities_at(17, 23) == pytest.approx(probabilities[:, 17, 23], abs=1e-6)
    assert (probabilities.argmax(0) == grid().labels()).all()


def test_scores_of_any_size_give_finite_probabilities() -> None:
    huge = ScoreGrid(np.array([[[3e4]], [[-3e4]]], np.float16), (2, 2), Axis(0, 1), Axis(0, 1))
    assert huge.probabilities()[:, 0, 0] == pytest.approx([1, 0])


def test_half_precision_is_kept_small_and_read_as_float32() -> None:
    half = grid(kind=np.float16)
    assert half.scores().dtype == np.float32
    assert half.classes == 5
    assert np.abs(half.scores() - grid().scores()).max() < 0.02
