import dataclasses

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fcn_gui.core.cleanup import BLANK, RAW, Cleanup, Guide, cleaned, doubt, sharpened, without_crumbs
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


def test_a_border_moves_to_the_edge_of_the_image() -> None:
    labels = sharpened(grid_of(blurred_border(23)), edge_at(20), 8)
    assert (labels == np.tile(np.arange(40) >= 20, (40, 1))).all()


def test_without_any_edge_a_border_stays() -> None:
    flat = np.full((40, 40, 3), 128, np.uint8)
    labels = sharpened(grid_of(blurred_border(20)), flat, 4)
    assert np.abs(labels.argmax(1) - 20).max() <= 1


def test_the_filter_is_that_of_he_and_others() -> None:
    rng = np.random.default_rng(0)
    image = rng.integers(0, 256, (12, 13, 3), np.uint8)
    plane = rng.random((12, 13), np.float32)
    guide = Guide(image, 2)
    grey = guide._grey.astype(np.float64)

    def box(values: np.ndarray) -> np.ndarray:
        padded = np.pad(values, 2, mode="symmetric")
        return np.lib.stride_tricks.sliding_window_view(padded, (5, 5)).mean((2, 3))

    slope = (box(grey * plane) - box(grey) * box(plane)) / (box(grey * grey) - box(grey) ** 2 + 1e-3)
    level = box(plane) - slope * box(grey)
    assert guide.filtered(plane) == pytest.approx(box(slope) * grey + box(level), abs=1e-4)


def test_what_is_left_out_where_a_class_is_faint_changes_nothing() -> None:
    """Classes with a place of their own each, against all of them filtered over the whole image."""
    rng = np.random.default_rng(1)
    image = cv2.resize(rng.integers(0, 256, (9, 12, 3), np.uint8), (120, 90), interpolation=cv2.INTER_CUBIC)
    scores = np.full((4, 45, 60), -4.0)
    scores[0] = 2
    for label, (y, x) in enumerate(((3, 4), (20, 30), (36, 50)), 1):
        scores[label, y : y + 8, x : x + 9] = 4
    scores += rng.normal(0, 0.7, scores.shape)
    grid = ScoreGrid(scores.astype(np.float32), (90, 120), Axis(-0.25, 0.5), Axis(-0.25, 0.5))
    odds = np.exp(scores) / np.exp(scores).sum(0)
    guide = Guide(image, 5)
    whole = [guide.filtered(dataclasses.replace(grid, values=plane[None]).scores()[0]) for plane in odds]
    assert set(np.unique(sharpened(grid, image, 5))) == {0, 1, 2, 3}
    np.testing.assert_array_equal(sharpened(grid, image, 5), np.argmax(whole, 0))


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
    ways = (BLANK, RAW, Cleanup(8), Cleanup(8, 0.001))
    assert [way.name for way in ways] == ["blank", "raw", "edges 8", "edges 8, 0.1 %"]


def test_blank_is_class_0_and_raw_is_the_argmax() -> None:
    grid, image = grid_of(blurred_border(20)), edge_at(20)
    assert not cleaned(grid, image, BLANK).any()
    assert (cleaned(grid, image, RAW) == grid.labels()).all()


def test_a_large_image_is_sharpened_at_its_own_size() -> None:
    size = 1500
    image = np.repeat(edge_at(751, size)[:300], 1, axis=0)
    grid = ScoreGrid(
        blurred_border(23, 47)[:, :10].astype(np.float32) * 4, (300, size), Axis(0, 9 / 299), Axis(0, 46 / 1499)
    )
    labels = sharpened(grid, image, 24)
    assert (labels == np.tile(np.arange(size) >= 751, (300, 1))).all()


def test_the_window_grows_with_the_image_and_vanishes_in_a_tiny_one() -> None:
    grid, image = grid_of(blurred_border(23)), edge_at(20)
    assert (cleaned(grid, image, Cleanup(6)) == grid.labels()).all()
    assert (cleaned(grid, image, Cleanup(100)) == sharpened(grid, image, 8)).all()


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
