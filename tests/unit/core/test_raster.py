"""Rectangles and the checks of arrays."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fcn_gui.core.raster import Rect, check_image, check_mask, is_any_of

rects = st.builds(Rect, *([st.integers(-30, 60)] * 4))


@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 999), share=st.floats(0, 0.2))
def test_around_is_the_smallest_that_holds_all(seed: int, share: float) -> None:
    inside = np.random.default_rng(seed).random((20, 30)) < share
    rect = Rect.around(inside)
    if rect is None:
        assert not inside.any()
        return
    assert inside[rect.slices].sum() == inside.sum()
    part = inside[rect.slices]
    assert part[0].any()
    assert part[-1].any()
    assert part[:, 0].any()
    assert part[:, -1].any()


@settings(max_examples=50, deadline=None)
@given(rect=rects)
def test_clipped_is_the_part_inside(rect: Rect) -> None:
    held = {(x, y) for x in range(rect.x0, rect.x1) for y in range(rect.y0, rect.y1)}
    clipped = rect.clipped((20, 40, 3))
    assert {(x, y) for x in range(clipped.x0, clipped.x1) for y in range(clipped.y0, clipped.y1)} == {
        (x, y) for x, y in held if 0 <= x < 40 and 0 <= y < 20
    }
    assert (clipped.width >= 0) and (clipped.height >= 0)
    assert np.zeros((20, 40))[clipped.slices].shape == (clipped.height, clipped.width)


def test_union_holds_all_of_them() -> None:
    assert Rect.union_of([Rect(3, 4, 5, 6), Rect(0, 5, 4, 9)]) == Rect(0, 4, 5, 9)
    assert Rect.union_of(iter(())) is None


def test_the_whole_of_an_array_and_what_lies_around() -> None:
    assert Rect.of((20, 40, 3)) == Rect(0, 0, 40, 20)
    assert Rect(3, 4, 5, 6).grown(2) == Rect(1, 2, 7, 8)
    assert Rect(3, 4, 3, 9).is_empty
    assert not Rect(3, 4, 4, 5).is_empty


def test_arrays_of_another_kind_are_refused_with_what_they_are() -> None:
    check_image(np.zeros((2, 3, 3), np.uint8))
    check_mask(np.zeros((2, 3), np.uint8), (2, 3, 3))
    for bad in (np.zeros((2, 3), np.uint8), np.zeros((2, 3, 4), np.uint8), np.zeros((2, 3, 3), np.float32)):
        with pytest.raises(ValueError, match="an image is"):
            check_image(bad)  # type: ignore[arg-type]
    for bad in (np.zeros((2, 3, 1), np.uint8), np.zeros((2, 3), np.int64)):
        with pytest.raises(ValueError, match="a mask is"):
            check_mask(bad)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"\(2, 3\) does not fit an image of \(3, 2\)"):
        check_mask(np.zeros((2, 3), np.uint8), (3, 2, 3))


@pytest.mark.parametrize("shape", [(3, 4), (5,), (0, 4)])
def test_which_labels_are_any_of_those_wanted(shape: tuple[int, ...]) -> None:
    labels = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
    wanted = [0, 7, *range(100, 256)]
    assert np.array_equal(is_any_of(labels[::-1], wanted), np.isin(labels[::-1], wanted))
    assert not is_any_of(labels, ()).any()
