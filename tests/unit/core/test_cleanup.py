import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fcn_gui.core.cleanup import BLANK, RAW, Cleanup, cleaned, doubt, without_crumbs
from fcn_gui.core.refinement import Refinement
from fcn_gui.core.scores import Axis, ScoreGrid


def grid_of(scores: np.ndarray) -> ScoreGrid:
    """Scores at every pixel."""
    return ScoreGrid(scores.astype(np.float32), scores.shape[1:], Axis(0, 1), Axis(0, 1))


def edge_at(column: int, size: int = 40) -> np.ndarray:
    """A grey image, dark left of `column` and bright from there on."""
    image = np.full((size, size, 3), 40, np.uint8)
    image[:, column:] = 210
    return image


def blurred_border(column: int, size: int = 40) -> np.ndarray:
    """Scores of two classes whose border is a slope around `column`."""
    slope = np.tile((np.arange(size) - column) * 0.5, (size, 1))
    return np.stack([-slope, slope])


def test_crumbs_take_the_label_around_them_and_larger_regions_stay() -> None:
    labels = np.zeros((20, 20), np.uint8)
    labels[2:4, 2:4], labels[8:16, 8:16], labels[10:12, 10:12] = 1, 2, 3
    out = without_crumbs(labels, 5)
    assert (out[2:4, 2:4] == 0).all()
    assert (out[8:16, 8:16] == 2).all()


@given(st.integers(0, 2**32 - 1), st.integers(1, 12))
def test_no_label_appears_that_was_not_there(seed: int, most_px: int) -> None:
    labels = np.random.default_rng(seed).integers(0, 4, (9, 11)).astype(np.uint8)
    out = without_crumbs(labels, most_px)
    assert set(np.unique(out)) <= set(np.unique(labels))
    assert out.shape == labels.shape


def test_ways_are_told_apart_by_their_names() -> None:
    ways = (BLANK, RAW, Cleanup(least_share=0.001), Cleanup(refinement=Refinement.FAST, is_attuned=True))
    assert [way.name for way in ways] == ["blank", "raw", "raw, merged", "attuned, field fast"]


def test_blank_is_class_0_and_raw_is_the_argmax() -> None:
    grid, image = grid_of(blurred_border(20)), edge_at(20)
    assert not cleaned(grid, image, BLANK).any()
    assert (cleaned(grid, image, RAW) == grid.labels()).all()


def test_doubt_is_what_is_expected_wrong_over_what_is_expected_wrong_in_a_blank_mask() -> None:
    certain = grid_of(np.stack([np.zeros((20, 20)), np.full((20, 20), -9.0)]))
    even = grid_of(np.zeros((2, 20, 20)))
    sure_of_another = grid_of(np.stack([np.zeros((20, 20)), np.full((20, 20), 9.0)]))
    assert doubt(even) == pytest.approx(1)
    assert doubt(sure_of_another) == pytest.approx(np.exp(-9), rel=0.01)
    assert doubt(certain) == pytest.approx(1), "nothing but class 0: a blank mask is the prediction"
    odds = np.random.default_rng(0).dirichlet([1, 1, 1], (30, 40)).transpose(2, 0, 1)
    kept = odds[:, ::2, ::2]
    assert doubt(grid_of(np.log(odds))) == pytest.approx((1 - kept.max(0)).sum() / (1 - kept[0]).sum(), rel=1e-4)


def test_a_class_that_is_certain_to_be_nowhere_gives_no_doubt() -> None:
    assert doubt(grid_of(np.stack([np.zeros((8, 8)), np.full((8, 8), -1e4)]))) == 0
