import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from fcn_gui.core.metrics import Measures, Over, confusion_matrix, mean_iu, paired_bootstrap, trimap

_SHAPE = (9, 7)
_truths = arrays(np.uint8, _SHAPE, elements=st.sampled_from([0, 1, 2, 3, 255]))
_labels = arrays(np.uint8, _SHAPE, elements=st.integers(0, 3))


@settings(max_examples=50, deadline=None)
@given(truth=_truths, labels=_labels)
def test_the_matrix_counts_each_pixel_of_a_class_once(truth: np.ndarray, labels: np.ndarray) -> None:
    matrix = confusion_matrix(truth, labels, 4)
    expected = np.zeros((4, 4), np.int64)
    for wanted, said in zip(truth.ravel(), labels.ravel(), strict=True):
        if wanted != 255:
            expected[wanted, said] += 1
    assert matrix.dtype == np.int64
    assert np.array_equal(matrix, expected)


def test_truth_that_is_no_class_drops_out() -> None:
    truth = np.array([[0, 3, 255]], np.uint8)
    assert confusion_matrix(truth, np.zeros((1, 3), np.uint8), 2).sum() == 1


def test_where_leaves_pixels_out() -> None:
    truth = np.array([[0, 1]], np.uint8)
    matrix = confusion_matrix(truth, truth, 2, np.array([[True, False]]))
    assert matrix.tolist() == [[1, 0], [0, 0]]


def test_sizes_that_differ_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\(2, 2\).*\(2, 3\)"):
        confusion_matrix(np.zeros((2, 2), np.uint8), np.zeros((2, 3), np.uint8), 2)


def test_a_label_that_is_no_class_is_refused() -> None:
    with pytest.raises(ValueError, match="label 9 is none of the 2 classes"):
        confusion_matrix(np.zeros((1, 1), np.uint8), np.full((1, 1), 9, np.uint8), 2)


def test_measures_by_hand() -> None:
    # class 0: 6 pixels, 4 right; class 1: 2 pixels, 1 right; class 2 is only ever said, class 3 not at all
    confusion = np.array([[4, 1, 1, 0], [1, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]])
    measures = Measures.from_confusion(confusion)
    assert measures.pixel_accuracy == pytest.approx(5 / 8)
    assert measures.mean_accuracy == pytest.approx((4 / 6 + 1 / 2) / 2)
    assert measures.iu[:2] == pytest.approx([4 / 7, 1 / 3])
    assert np.isnan(measures.iu[2:]).all()
    assert measures.mean_iu == pytest.approx((4 / 7 + 1 / 3) / 2)
    assert measures.frequency_weighted_iu == pytest.approx((6 * 4 / 7 + 2 / 3) / 8)


def test_nothing_counted_is_not_a_number() -> None:
    measures = Measures.from_confusion(np.zeros((3, 3), np.int64))
    assert np.isnan([measures.pixel_accuracy, measures.mean_iu, measures.mean_accuracy]).all()


@settings(max_examples=50, deadline=None)
@given(truth=_truths)
def test_the_trimap_is_the_squares_around_changes_to_the_left_or_above(truth: np.ndarray) -> None:
    height, width = truth.shape
    expected = np.zeros(truth.shape, bool)
    for row in range(height):
        for col in range(width):
            left = col > 0 and truth[row, col] != truth[row, col - 1]
            above = row > 0 and truth[row, col] != truth[row - 1, col]
            if left or above:
                expected[max(0, row - 5) : row + 6, max(0, col - 5) : col + 6] = True
    assert np.array_equal(trimap(truth), expected)


def test_the_trimap_of_one_label_is_empty() -> None:
    assert not trimap(np.zeros((20, 20), np.uint8)).any()


def _matrices(rights: list[int]) -> list[np.ndarray]:
    return [np.array([[right, 10 - right], [10 - right, right]]) for right in rights]


def test_a_bootstrap_of_something_better_everywhere_is_sure() -> None:
    result = paired_bootstrap(_matrices([5, 6, 7]), _matrices([7, 8, 9]))
    assert result.difference == pytest.approx(
        mean_iu(sum(_matrices([7, 8, 9]))) - mean_iu(sum(_matrices([5, 6, 7])))  # type: ignore[arg-type]
    )
    assert 0 < result.low <= result.difference <= result.high
    assert result.wins == 1


def test_a_bootstrap_of_equals_is_zero() -> None:
    same = _matrices([5, 8])
    result = paired_bootstrap(same, same)
    assert (result.difference, result.low, result.high, result.wins) == (0, 0, 0, 0)


def test_a_bootstrap_is_the_same_for_the_same_seed() -> None:
    a, b = _matrices([5, 6, 9]), _matrices([6, 5, 10])
    assert paired_bootstrap(a, b, seed=3) == paired_bootstrap(a, b, seed=3)


def test_a_bootstrap_needs_pairs() -> None:
    with pytest.raises(ValueError, match="same images"):
        paired_bootstrap(_matrices([5]), _matrices([5, 6]))


def test_any_figure_an_image_can_be_compared() -> None:
    seconds_a, seconds_b = [10.0, 20.0, 30.0, 40.0], [12.0, 23.0, 33.0, 44.0]
    result = paired_bootstrap(seconds_a, seconds_b, lambda means: means)
    assert result.difference == pytest.approx(3.0)
    assert 2.0 <= result.low < 3.0 < result.high <= 4.0
    assert result.wins == 1


def test_the_interval_is_that_of_all_draws_in_full() -> None:
    """Two images, differences 0 and 1: a quarter of the draws has mean 0, half ½, a quarter 1."""
    a, b = [0.0, 0.0], [0.0, 1.0]
    one_sided = paired_bootstrap(a, b, lambda means: means, level=0.8, is_one_sided=True)
    assert (one_sided.low, one_sided.high) == (0.0, 1.0)
    narrower = paired_bootstrap(a, b, lambda means: means, level=0.7, is_one_sided=True)
    assert (narrower.low, narrower.high) == (0.5, 0.5)
    two_sided = paired_bootstrap(a, b, lambda means: means, level=0.4)
    assert (two_sided.low, two_sided.high) == (narrower.low, narrower.high)


def test_a_class_that_is_only_said_counts_by_the_other_rule_alone() -> None:
    # class 2 is said once and is nowhere; class 3 is neither
    confusion = np.array([[4, 1, 1, 0], [1, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]])
    truth, union = Measures.from_confusion(confusion), Measures.from_confusion(confusion, Over.UNION)
    assert union.mean_iu == mean_iu(confusion, Over.UNION) == pytest.approx((4 / 7 + 1 / 3 + 0) / 3)
    assert union.iu[2] == 0 and np.isnan(union.iu[3])
    assert union.mean_accuracy == truth.mean_accuracy == pytest.approx((4 / 6 + 1 / 2) / 2)
    assert union.frequency_weighted_iu == truth.frequency_weighted_iu
    assert truth.accuracy[:2] == pytest.approx([4 / 6, 1 / 2]) and np.isnan(truth.accuracy[2:]).all()
