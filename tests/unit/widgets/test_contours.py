"""Borders of labels as loops."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from fcn_gui.core.raster import Mask
from fcn_gui.widgets.contours import Loops, trace

MASKS = arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=st.integers(0, 3))


def areas(loops: Loops) -> dict[int, float]:
    """Enclosed area by label; holes run the other way round and count against it."""
    found: dict[int, float] = {}
    for first, length, label in zip(loops.starts, loops.lengths, loops.labels, strict=True):
        x, y = loops.points[first : first + length].T
        area = float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum() / 2)
        found[int(label)] = found.get(int(label), 0.0) + area
    return found


@settings(max_examples=50, deadline=None)
@given(MASKS)
def test_pixel_edges_enclose_exactly_the_pixels_of_each_label(mask: Mask) -> None:
    loops = trace(mask, mask > 0, is_smooth=False)
    assert areas(loops) == {int(k): float((mask == k).sum()) for k in np.unique(mask)}


@settings(max_examples=50, deadline=None)
@given(MASKS)
def test_smooth_contours_stay_within_half_a_pixel_of_the_edges(mask: Mask) -> None:
    sharp, smooth = trace(mask, mask > 0, is_smooth=False), trace(mask, mask > 0)
    for x, y in smooth.points:
        nearest = min(_distance(x, y, sharp, k) for k in range(len(sharp.starts)))
        assert nearest <= 0.5 + 1e-9


def _distance(x: float, y: float, loops: Loops, number: int) -> float:
    first = loops.starts[number]
    points = loops.points[first : first + loops.lengths[number]]
    ends = np.roll(points, -1, axis=0)
    along = ends - points
    part = np.clip((([x, y] - points) * along).sum(1) / np.maximum((along**2).sum(1), 1e-12), 0, 1)
    return float(np.hypot(*([x, y] - points - part[:, None] * along).T).min())


def test_skipped_labels_have_no_loops() -> None:
    mask = np.array([[0, 1], [2, 2]], np.uint8)
    assert set(trace(mask, mask > 0, skip=frozenset({0, 2})).labels) == {1}


def test_a_mask_without_borders_of_interest_gives_nothing() -> None:
    mask = np.zeros((3, 4), np.uint8)
    assert not len(trace(mask, mask > 0, skip=frozenset({0})).points)


def test_pixels_that_touch_at_a_corner_are_two_regions() -> None:
    mask = np.array([[1, 0], [0, 1]], np.uint8)
    loops = trace(mask, mask > 0, skip=frozenset({0}), is_smooth=False)
    assert len(loops.starts) == 2 and sorted(loops.lengths) == [4, 4]


def test_a_hole_is_a_loop_of_its_own() -> None:
    mask = np.ones((5, 5), np.uint8)
    mask[2, 2] = 0
    loops = trace(mask, mask > 0, skip=frozenset({0}), is_smooth=False)
    assert len(loops.starts) == 2 and areas(loops) == {1: 24.0}


def test_the_vouch_of_a_border_is_that_of_the_pixel_inside() -> None:
    mask = np.zeros((4, 6), np.uint8)
    mask[1:3, 1:5] = 1
    vouched = np.zeros((4, 6), bool)
    vouched[:, :3] = True
    loops = trace(mask, vouched, skip=frozenset({0}))
    left = loops.points[:, 0] < 2.4
    assert loops.vouched[left].all() and not loops.vouched[loops.points[:, 0] > 3.6].any()


@pytest.mark.parametrize("label", [0, 1, 2])
def test_loops_of_one_label_are_those_of_the_whole(label: int) -> None:
    mask = np.random.default_rng(3).integers(0, 3, (12, 14)).astype(np.uint8)
    loops = trace(mask, mask > 0, is_smooth=False)
    own = loops.of_label(label)
    assert set(own.labels) == {label} and areas(own)[label] == (mask == label).sum()
