"""Connected regions, holes and specks."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from fcn_gui.core.raster import Rect
from fcn_gui.core.regions import holes, region_at, smallest_region, specks


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


def cleaned(mask: np.ndarray, most_px: int, locked: frozenset[int] = frozenset()) -> np.ndarray:
    """The mask with every speck gone."""
    after = mask.copy()
    for label, covered in specks(mask, most_px, locked):
        assert (mask[covered.rect.slices][covered.inside] != label).all()
        after[covered.rect.slices][covered.inside] = label
    return after


def test_the_smallest_region_is_of_a_class_other_than_0_and_large_enough() -> None:
    mask = drawn("0110003 0110000 0000222 5555555")
    mask[mask == 5] = 255
    assert smallest_region(mask, 1) == 1
    assert smallest_region(mask, 2) == 3
    assert smallest_region(mask, 4) == 4
    assert smallest_region(mask, 5) is None
    assert smallest_region(0 * mask, 1) is None


def test_a_speck_takes_the_label_with_the_longest_border() -> None:
    assert (cleaned(drawn("11111 11211 00000"), 1) == drawn("11111 11111 00000")).all()
    corner = drawn("2111 0111 0000")
    assert (cleaned(corner, 1) == drawn("0111 0111 0000")).all(), "equal borders: the lower label"


def test_specks_beside_specks_are_joined_smallest_first() -> None:
    mask = drawn("00000000 00112000 00110000 00000000")
    assert (cleaned(mask, 1) == drawn("00000000 00110000 00110000 00000000")).all()
    assert (cleaned(mask, 4) == 0).all()
    assert (cleaned(drawn("00000 01230 00000"), 3) == 0).all()


def test_parts_that_a_speck_kept_apart_become_one_region() -> None:
    mask = drawn("0000000 0112110 0000000")
    assert (cleaned(mask, 4) == 0).all()
    mask = drawn("000112110000 000012100000 000000000000")
    assert (cleaned(mask, 3) == drawn("000111110000 000011100000 000000000000")).all(), "three and three are more"


def test_void_and_locked_classes_stay_and_void_takes_nothing_in() -> None:
    mask = drawn("0000 0120 0000")
    mask[0, 3] = 255
    assert (cleaned(mask, 2, frozenset({2}))[1] == [0, 0, 2, 0]).all()
    assert cleaned(mask, 2)[0, 3] == 255
    alone = np.full((3, 3), 255, np.uint8)
    alone[1, 1] = 1
    assert (cleaned(alone, 5) == alone).all()


def test_a_mask_of_one_label_has_no_speck() -> None:
    assert specks(np.zeros((3, 3), np.uint8), 100) == []


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 9999), most_px=st.integers(1, 40), locked=st.frozensets(st.integers(0, 3), max_size=2))
def test_removing_specks_twice_changes_nothing_more(seed: int, most_px: int, locked: frozenset[int]) -> None:
    chance = np.random.default_rng(seed)
    mask = chance.choice(np.array([0, 1, 2, 3, 255], np.uint8), (12, 17), p=[0.4, 0.3, 0.15, 0.1, 0.05])
    after = cleaned(mask, most_px, locked)
    assert (cleaned(after, most_px, locked) == after).all()
    for label in locked | {255}:
        assert ((after == label) >= (mask == label)).all()
    assert ((after == 255) == (mask == 255)).all()
    for label in set(np.unique(after).tolist()) - locked - {255}:
        parts, count = ndimage.label(after == label)
        for number in range(1, count + 1):
            part = parts == number
            around = ndimage.binary_dilation(part) & ~part
            assert part.sum() > most_px or (after[around] == 255).all(), "a speck that only void surrounds may stay"


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 9999), most_px=st.integers(1, 40))
def test_filling_holes_twice_changes_nothing_more(seed: int, most_px: int) -> None:
    mask = np.random.default_rng(seed).choice(np.array([0, 1, 1, 255], np.uint8), (12, 17))
    covered = holes(mask, 1, most_px)
    if covered is not None:
        mask[covered.rect.slices][covered.inside] = 1
    assert holes(mask, 1, most_px) is None
