"""Doubt along a border is no news; doubt that is wider than a border is."""

import numpy as np
import pytest

from fcn_gui.core.uncertainty import away_from_borders, margins, margins_beside_borders, reach_of


def two_sides(doubtful: slice, shape: tuple[int, int] = (40, 256)) -> np.ndarray:
    """2×h×w: class 0 left, class 1 right of the middle, sure but in the columns `doubtful`."""
    right = np.where(np.arange(shape[1]) < shape[1] // 2, 0.02, 0.98)
    right[doubtful] = np.where(np.arange(shape[1]) < shape[1] // 2, 0.45, 0.55)[doubtful]
    rows = np.tile(right, (shape[0], 1)).astype(np.float32)
    return np.stack([1 - rows, rows])


def test_margins_are_those_of_the_two_greatest() -> None:
    found = margins(np.array([[[0.5]], [[0.2]], [[0.3]]], np.float32))
    assert found[0, 0] == pytest.approx(0.2)
    assert (margins(np.ones((1, 2, 3), np.float32)) == 1).all()


def test_a_narrow_doubt_on_a_border_is_discounted_and_a_wide_one_stays() -> None:
    reach = reach_of((40, 256))
    narrow = margins_beside_borders(two_sides(slice(128 - reach, 128 + reach)))
    assert narrow.min() > 0.9
    wide = margins_beside_borders(two_sides(slice(128 - 3 * reach, 128 + 3 * reach)))
    assert wide[:, 128 - 2 * reach : 128 + 2 * reach].max() < 0.2


def test_a_narrow_doubt_away_from_borders_stays() -> None:
    found = margins_beside_borders(two_sides(slice(60, 61)))
    assert found[:, 60].max() < 0.2
    assert found[:, :60].min() > 0.9


def test_what_is_near_another_label_is_not_away() -> None:
    labels = np.zeros((4, 20), np.uint8)
    labels[:, 10:] = 3
    away = away_from_borders(labels)[0]
    assert not away[9:11].any()
    assert away[:9].all() and away[11:].all()
