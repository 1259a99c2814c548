"""The autopilot's eye: a few strokes bring a mask to the truth, and none makes it worse."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from fcn_gui.cli.autopilot.plan import gain, next_stroke, wrong_pixels, wrong_regions
from fcn_gui.core.mask import VouchedMask
from fcn_gui.core.raster import VOID, Mask
from fcn_gui.core.stroke import Tool, coverage

SHAPE = (90, 120)


def disc(row: float, col: float, radius: float) -> NDArray[np.bool_]:
    rows, cols = np.mgrid[: SHAPE[0], : SHAPE[1]]
    inside: NDArray[np.bool_] = (rows - row) ** 2 + (cols - col) ** 2 <= radius**2
    return inside


def blank() -> Mask:
    return np.zeros(SHAPE, np.uint8)


def paint_towards(truth: Mask, mask: Mask, most: int = 20, least_px: int = 4) -> tuple[Mask, list[Tool]]:
    """What stands after at most `most` planned strokes, and the tools used; each stroke must pay."""
    vouched, tools = VouchedMask(mask.copy(), np.zeros_like(mask)), []
    for _ in range(most):
        stroke = next_stroke(vouched.mask, truth, least_px)
        if stroke is None:
            break
        worth = gain(stroke, vouched.mask, truth)
        before = int(wrong_pixels(vouched.mask, truth).sum())
        assert stroke.label is not None
        vouched.paint(coverage(stroke, truth.shape), stroke.label)
        assert before - int(wrong_pixels(vouched.mask, truth).sum()) == worth > 0
        tools.append(stroke.tool)
    return vouched.mask, tools


def test_a_missing_object_is_outlined_with_one_polygon() -> None:
    truth = np.where(disc(45, 60, 25), 7, 0).astype(np.uint8)
    mask, tools = paint_towards(truth, blank(), most=1)
    assert tools == [Tool.POLYGON]
    assert wrong_pixels(mask, truth).mean() < 0.01


def test_a_thin_line_is_brushed() -> None:
    truth = blank()
    truth[40:43, 10:110] = 5
    mask, tools = paint_towards(truth, blank())
    assert tools and set(tools) == {Tool.BRUSH}
    assert wrong_pixels(mask, truth).sum() < 0.1 * (truth == 5).sum()


def test_a_ring_is_taken_in_parts_and_its_middle_stays_right() -> None:
    truth = np.where(disc(45, 60, 30), 3, 0).astype(np.uint8)
    mask = np.where(disc(45, 60, 24), 3, 0).astype(np.uint8)
    painted, _ = paint_towards(truth, mask)
    assert wrong_pixels(painted, truth).sum() < 0.15 * wrong_pixels(mask, truth).sum()


def test_a_hole_is_filled_back() -> None:
    truth = np.where(disc(45, 60, 35) & ~disc(45, 60, 12), 9, 0).astype(np.uint8)
    painted, _ = paint_towards(truth, blank())
    assert wrong_pixels(painted, truth).mean() < 0.01


def test_void_asks_for_nothing() -> None:
    truth = np.where(disc(45, 60, 30), VOID, 0).astype(np.uint8)
    assert next_stroke(np.full(SHAPE, 0, np.uint8), truth, 1) is None


def test_small_regions_are_left_alone() -> None:
    truth = blank()
    truth[10:13, 10:13] = 4
    assert next_stroke(blank(), truth, least_px=10) is None
    assert next_stroke(blank(), truth, least_px=9) is not None


def test_regions_come_largest_first_and_by_label() -> None:
    truth = blank()
    truth[5:10, 5:10], truth[20:40, 20:40], truth[60:70, 60:70] = 1, 2, 1
    regions = list(wrong_regions(blank(), truth))
    assert [(region.label, region.size) for region in regions] == [(2, 400), (1, 100), (1, 25)]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 89), st.integers(0, 119), st.integers(3, 40), st.integers(0, 4)), max_size=6))
def test_any_truth_is_approached_from_any_mask(discs: list[tuple[int, int, int, int]]) -> None:
    truth, mask = blank(), blank()
    for number, (row, col, radius, label) in enumerate(discs):
        target = truth if number % 2 else mask
        target[disc(row, col, radius)] = label
    before = wrong_pixels(mask, truth).sum()
    painted, _ = paint_towards(truth, mask, most=30)
    assert wrong_pixels(painted, truth).sum() <= max(0.35 * before, 60)


@pytest.mark.parametrize("where", [(0, 0), (89, 119), (0, 60)])
def test_an_object_at_the_border_of_the_image_is_covered_to_the_edge(where: tuple[int, int]) -> None:
    truth = np.where(disc(*where, 30), 2, 0).astype(np.uint8)
    painted, _ = paint_towards(truth, blank())
    assert painted[where] == 2
    assert wrong_pixels(painted, truth).mean() < 0.01
