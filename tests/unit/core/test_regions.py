"""Connected regions, holes and specks."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from fcn_gui.core.raster import Rect
from fcn_gui.core.regions import holes, region_at, specks


def drawn(text: str) -> np.ndarray:
    return np.array([[int(c) for c in line] for line in text.split()], np.uint8)


MASK = drawn("0001100 0110100 0101101 0111000 2200000")


@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 999), spot=st.tuples(st.integers(0, 19), st.integers(0, 29)))
def test_a_region_is_the_connected_part_of_its_label(seed: int, spot: tuple[int, int]) -> None:
    mask = np.random.default_rng(seed).choice(np.array([0, 1, 255], np.uint8), (20, 30))
    before = mask.copy()
    covered = region_at(mask, spot)
    parts, _ = ndimage.label(mask == mask[spot])
    expected = parts == parts[spot]
    got = np.zeros(mask.shape, bool)
    got[covered.rect.slices] = covered.inside
    assert (got == expected).all()
    assert covered.rect == Rect.around(expected)
    assert (mask == before).all()


def test_diagonal_neighbours_are_not_connected() -> None:
    assert region_at(drawn("10 01"), (0, 0)).rect == Rect(0, 0, 1, 1)


def test_a_part_of_a_larger_mask_works_too() -> None:
    assert region_at(MASK[:, 2:], (0, 0)).inside.dtype == bool


@pytest.mark.parametrize("rc", [(-1, 0), (0, 7), (5, 0)])
def test_a_pixel_outside_is_refused(rc: tuple[int, int]) -> None:
    with pytest.raises(IndexError):
        region_at(MASK, rc)


def test_holes_are_what_a_class_encloses() -> None:
    covered = holes(MASK, 1, 10)
    assert covered is not None
    assert covered.rect == Rect(2, 1, 4, 3)
    assert covered.inside.tolist() == [[False, True], [True, False]]
    assert holes(MASK, 1, 0) is None
    assert holes(MASK, 2, 10) is None


def test_specks_are_small_regions_of_a_class() -> None:
    covered = specks(MASK, 1, 1)
    assert covered is not None
    assert covered.rect == Rect(6, 2, 7, 3)
    both = specks(MASK, 1, 11)
    assert both is not None
    assert both.inside.sum() == 1 + 11
    assert specks(MASK, 7, 100) is None
