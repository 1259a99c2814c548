"""Strokes cover exactly the pixels whose centres they reach, at a cost of their rectangle."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fcn_gui.core import stroke as stroke_room
from fcn_gui.core.raster import Rect
from fcn_gui.core.stroke import Coverage, Stroke, Tool, bands, coverage, tiles

SHAPE = (30, 40)
xy = st.tuples(st.floats(-15, 55, width=32), st.floats(-15, 45, width=32))


def brush(*points: tuple[float, float], radius: float = 3.0) -> Stroke:
    return Stroke(Tool.BRUSH, 1, points, radius)


def full(covered: Coverage, shape: tuple[int, int] = SHAPE) -> np.ndarray:
    out = np.zeros(shape, bool)
    out[covered.rect.slices] = covered.inside
    return out


def distance_to_path(points: tuple[tuple[float, float], ...]) -> np.ndarray:
    """H×W distance of each pixel centre to the path, segment by segment."""
    rows, cols = np.mgrid[0 : SHAPE[0], 0 : SHAPE[1]] + 0.5
    nearest = np.full(SHAPE, np.inf)
    for (ax, ay), (bx, by) in zip(points, points[1:] or points, strict=False):
        length = (bx - ax) ** 2 + (by - ay) ** 2
        part = np.clip(((cols - ax) * (bx - ax) + (rows - ay) * (by - ay)) / length, 0, 1) if length else 0
        nearest = np.minimum(nearest, np.hypot(cols - ax - part * (bx - ax), rows - ay - part * (by - ay)))
    return nearest


@settings(max_examples=50, deadline=None)
@given(points=st.lists(xy, min_size=1, max_size=6), radius=st.floats(0.5, 12, width=32))
def test_a_brush_covers_what_is_within_its_radius_of_the_path(points: list[tuple[float, float]], radius: float) -> None:
    got, distance = full(coverage(brush(*points, radius=radius), SHAPE)), distance_to_path(tuple(points))
    assert got[distance <= radius - 1e-4].all()
    under = np.zeros(SHAPE, bool)
    for x, y in points:
        if 0 <= int(np.floor(y)) < SHAPE[0] and 0 <= int(np.floor(x)) < SHAPE[1]:
            under[int(np.floor(y)), int(np.floor(x))] = True
    assert not got[(distance > radius + 1e-4) & ~under].any()


def test_a_dab_at_a_pixel_centre_is_a_symmetric_disc() -> None:
    inside = full(coverage(brush((20.5, 15.5), radius=4), SHAPE))
    assert inside.sum() == 49  # lattice points within 4 of the origin
    assert (inside[11:20, 16:25] == inside[11:20, 16:25].T).all()


def test_the_distance_itself_still_counts() -> None:
    inside = full(coverage(brush((10.5, 10.5), (20.5, 10.5), radius=2), SHAPE))
    assert inside[8:13, 15].all()
    assert not inside[7, 15]
    assert not inside[13, 15]


@pytest.mark.parametrize("point", [(5.0, 5.0), (5.5, 5.5), (5.99, 5.01)])
def test_the_smallest_brush_paints_the_pixel_under_it(point: tuple[float, float]) -> None:
    assert full(coverage(brush(point, radius=0.5), SHAPE))[5, 5]


def test_a_fast_thin_line_has_no_gap() -> None:
    inside = full(coverage(brush((1.2, 2.7), (37.4, 25.1), radius=0.5), SHAPE))
    assert inside[:, 2:37].any(0).all()


@settings(max_examples=50, deadline=None)
@given(points=st.lists(xy, min_size=1, max_size=8))
def test_a_polygon_covers_what_the_even_odd_rule_says(points: list[tuple[float, float]]) -> None:
    got = full(coverage(Stroke(Tool.POLYGON, 1, tuple(points)), SHAPE))
    rows, cols = np.mgrid[0 : SHAPE[0], 0 : SHAPE[1]] + 0.5
    expected = np.zeros(SHAPE, bool)
    sure = np.ones(SHAPE, bool)
    for (ax, ay), (bx, by) in zip(points, points[1:] + points[:1], strict=True):
        if ay != by:
            x = ax + (rows - ay) * (bx - ax) / (by - ay)
            crosses = (min(ay, by) <= rows) & (rows < max(ay, by))
            expected ^= crosses & (x <= cols)
            sure &= ~crosses | (np.abs(x - cols) > 1e-6)
    assert (got == expected)[sure].all()


def test_a_square_polygon_covers_its_pixels_and_two_neighbours_share_none() -> None:
    left = full(coverage(Stroke(Tool.POLYGON, 1, ((2, 3), (10, 3), (10, 9), (2, 9))), SHAPE))
    right = full(coverage(Stroke(Tool.POLYGON, 1, ((10, 3), (16.5, 3), (16.5, 9), (10, 9))), SHAPE))
    assert left.sum() == 8 * 6
    assert left[3:9, 2:10].all()
    assert not (left & right).any()
    assert right[3:9, 10:16].all()


def test_a_polygon_that_crosses_itself_has_a_hole() -> None:
    star = ((20, 2), (28, 27), (6, 11), (34, 11), (12, 27))
    inside = full(coverage(Stroke(Tool.POLYGON, 1, star), SHAPE))
    assert not inside[15, 20]
    assert inside[8, 20]


@pytest.mark.parametrize("tool", [Tool.BRUSH, Tool.ERASER, Tool.POLYGON])
@pytest.mark.parametrize("points", [(), ((-50.0, -50.0), (-40.0, -60.0)), ((500.0, 10.0), (600.0, 20.0))])
def test_a_stroke_beside_the_image_covers_nothing(tool: Tool, points: tuple[tuple[float, float], ...]) -> None:
    covered = coverage(Stroke(tool, None, points, 5), SHAPE)
    assert covered.is_empty
    assert covered.rect.is_empty
    assert covered.inside.shape == (covered.rect.height, covered.rect.width)


def test_the_rectangle_is_tight_and_inside_the_image() -> None:
    covered = coverage(brush((1.0, 1.0), (12.0, 6.0), radius=3), SHAPE)
    assert covered.rect == Rect(0, 0, 16, 10)
    assert Rect.around(full(covered)) is not None
    assert covered.inside.shape == (10, 16)


def test_an_eraser_covers_what_a_brush_would() -> None:
    points = ((3.0, 4.0), (20.0, 21.0))
    erased = coverage(Stroke(Tool.ERASER, None, points, 2.5, erase=True), SHAPE)
    assert (full(erased) == full(coverage(brush(*points, radius=2.5), SHAPE))).all()


def test_erasing_is_said_by_the_tool_or_by_the_button() -> None:
    assert Stroke(Tool.ERASER, None, ()).is_erasing
    assert Stroke(Tool.POLYGON, 1, (), erase=True).is_erasing
    assert not brush((1, 1)).is_erasing


@pytest.mark.parametrize("tool", [Tool.FILL, Tool.SMART])
def test_what_the_image_decides_has_no_shape_of_its_own(tool: Tool) -> None:
    with pytest.raises(ValueError, match=tool.value):
        coverage(Stroke(tool, 1, ((3, 3),)), SHAPE)


def test_a_short_stroke_on_a_large_photograph_costs_its_rectangle_only() -> None:
    stroke = brush(*((2000 + 3.0 * i, 1500 + 20 * np.sin(i / 5)) for i in range(60)), radius=20)
    coverage(stroke, (3000, 4000))
    seconds = min(_timed(stroke) for _ in range(5))
    assert seconds < 0.016


def _timed(stroke: Stroke) -> float:
    start = time.thread_time()
    covered = coverage(stroke, (3000, 4000))
    assert covered.inside.size < 240 * 90
    return time.thread_time() - start


LARGE = (600, 900)
wide = st.lists(st.tuples(st.floats(-50, 950), st.floats(-50, 650)), min_size=1, max_size=8)


@settings(max_examples=25, deadline=None)
@given(wide, st.floats(0.3, 60), st.sampled_from([Tool.BRUSH, Tool.POLYGON]))
def test_the_tiles_together_are_the_stroke_and_no_two_overlap(
    points: list[tuple[float, float]], radius: float, tool: Tool
) -> None:
    stroke = Stroke(tool, 1, tuple(points), radius)
    counts = np.zeros(LARGE, int)
    for covered in tiles(stroke, LARGE):
        counts[covered.rect.slices] += covered.inside
    assert np.array_equal(counts, full(coverage(stroke, LARGE), LARGE))


def test_a_line_across_a_large_photograph_has_small_tiles() -> None:
    line = Stroke(Tool.BRUSH, 1, ((10.0, 10.0), (3990.0, 2990.0)), 9)
    rects = [covered.rect for covered in tiles(line, (3000, 4000))]
    assert sum(rect.width * rect.height for rect in rects) < 600_000
    assert len(rects) < 60


def test_a_short_stroke_stays_whole() -> None:
    assert len(list(tiles(Stroke(Tool.BRUSH, 1, ((10.0, 10.0), (60.0, 90.0)), 9), LARGE))) == 1


def test_more_intervals_than_are_filled_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    tangle = Stroke(Tool.POLYGON, 1, tuple(map(tuple, (rng.random((60, 2)) * (900, 600)).tolist())))
    one_by_one = full(coverage(tangle, LARGE), LARGE)
    monkeypatch.setattr(stroke_room, "_FEW_INTERVALS", 100)
    assert np.array_equal(full(coverage(tangle, LARGE), LARGE), one_by_one)


def test_bands_hold_the_same_pixels_in_small_rectangles() -> None:
    inside = np.random.default_rng(1).random((900, 1200)) < 0.0001
    covered = Coverage(Rect(7, 9, 1207, 909), inside)
    shape, found = (1000, 1300), np.zeros((1000, 1300), bool)
    parts = list(bands(covered))
    for part in parts:
        found[part.rect.slices] |= part.inside
    assert np.array_equal(found, full(covered, shape)) and len(parts) > 2
