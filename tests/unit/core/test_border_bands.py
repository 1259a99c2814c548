"""Pixels by their distance from borders, against a plain count."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from fcn_gui.core.border_bands import WIDTHS_PX, BandCounts, bands_of, borders, total, within
from fcn_gui.core.metrics import confusion_matrix, trimap

_SHAPE = (14, 11)
_truths = arrays(np.uint8, _SHAPE, elements=st.sampled_from([0, 1, 2, 255]))
_labels = arrays(np.uint8, _SHAPE, elements=st.integers(0, 2))


def halves(size: int = 100) -> np.ndarray:
    """Left half class 0, right half class 1."""
    truth = np.zeros((size, size), np.uint8)
    truth[:, size // 2 :] = 1
    return truth


@settings(max_examples=40, deadline=None)
@given(truth=_truths, labels=_labels)
def test_all_bands_together_are_the_confusion_matrix(truth: np.ndarray, labels: np.ndarray) -> None:
    bands = total([BandCounts.of(truth, labels, 3)], 3)
    assert bands.shape == (len(WIDTHS_PX) + 1, 3, 3)
    assert np.array_equal(bands.sum(0), confusion_matrix(truth, labels, 3))


@settings(max_examples=40, deadline=None)
@given(truth=_truths, labels=_labels)
def test_each_band_is_the_squares_around_border_pixels(truth: np.ndarray, labels: np.ndarray) -> None:
    inside = within(total([BandCounts.of(truth, labels, 3)], 3))
    at = np.argwhere(borders(truth))
    rows, cols = np.mgrid[: truth.shape[0], : truth.shape[1]]
    for number, width in enumerate(WIDTHS_PX):
        near = np.zeros(truth.shape, bool)
        for r, c in at:
            near |= (abs(rows - r) <= width) & (abs(cols - c) <= width)
        assert np.array_equal(inside[number], confusion_matrix(truth, labels, 3, near))


def test_five_pixels_is_the_trimap_of_before() -> None:
    rng = np.random.default_rng(0)
    truth = np.repeat(np.repeat(rng.integers(0, 3, (8, 8)), 12, 0), 12, 1).astype(np.uint8)
    assert np.array_equal(bands_of(borders(truth)) <= WIDTHS_PX.index(5), trimap(truth))


def test_an_image_of_one_label_has_no_border() -> None:
    truth = np.zeros((9, 9), np.uint8)
    bands = total([BandCounts.of(truth, truth, 2)], 2)
    assert bands[-1, 0, 0] == 81 and not within(bands).any()


def test_a_border_with_what_is_not_known_is_none() -> None:
    truth, known = halves(20), np.ones((20, 20), bool)
    known[:, :10] = False
    assert borders(truth).any() and not borders(truth, known).any()
    known[:, 9] = True
    assert np.array_equal(np.argwhere(borders(truth, known)), [[row, 10] for row in range(20)])


def test_sums_over_images_and_single_cells() -> None:
    truth = halves()
    said = np.zeros_like(truth)
    one, other = BandCounts.of(truth, said, 2), BandCounts.of(truth, truth, 2)
    assert one.pixels(1, 0) == 5000 and one.pixels(1, 1) == 0
    both = total([one, other], 2).sum(0)
    assert both.tolist() == [[10_000, 0], [5000, 5000]]
    assert total([], 2).shape == (len(WIDTHS_PX) + 1, 2, 2)


def test_labels_that_are_no_class_drop_out() -> None:
    truth, said = np.zeros((1, 3), np.uint8), np.array([[0, 1, 255]], np.uint8)
    assert total([BandCounts.of(truth, said, 2)], 2).sum() == 2


def test_sizes_that_differ_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\(2, 2\).*\(2, 3\)"):
        BandCounts.of(np.zeros((2, 2), np.uint8), np.zeros((2, 3), np.uint8), 2)
