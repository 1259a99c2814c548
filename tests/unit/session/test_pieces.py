from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from fcn_gui.core.stroke import Stroke, Tool, coverage
from fcn_gui.session.pieces import LARGE_PX, pieces

SHAPE = (600, 900)
POINTS = st.lists(st.tuples(st.floats(-50, 950), st.floats(-50, 650)), min_size=1, max_size=6)


def united(stroke: Stroke) -> np.ndarray:
    inside = np.zeros(SHAPE, bool)
    for covered in pieces(stroke, SHAPE):
        inside[covered.rect.slices] |= covered.inside
    return inside


@settings(max_examples=12, deadline=None)
@given(POINTS, st.floats(0.3, 60))
def test_the_pieces_together_are_the_stroke(points: list[tuple[float, float]], radius: float) -> None:
    stroke = Stroke(Tool.BRUSH, 1, tuple(points), radius)
    whole = coverage(stroke, SHAPE)
    expected = np.zeros(SHAPE, bool)
    expected[whole.rect.slices] = whole.inside
    # Rounding may turn a pixel whose centre lies on the very edge; only there may they differ.
    differ = united(stroke) != expected
    nearly = [coverage(replace(stroke, radius_px=r), SHAPE) for r in (radius - 1e-6, radius + 1e-6)]
    sure, possible = np.zeros(SHAPE, bool), np.zeros(SHAPE, bool)
    sure[nearly[0].rect.slices], possible[nearly[1].rect.slices] = nearly[0].inside, nearly[1].inside
    assert not (differ & ~(possible & ~sure)).any()


def test_a_line_across_a_large_photograph_has_small_rectangles() -> None:
    stroke = Stroke(Tool.BRUSH, 1, ((10.0, 10.0), (3990.0, 2990.0)), 9)
    rects = [covered.rect for covered in pieces(stroke, (3000, 4000))]
    assert sum(rect.width * rect.height for rect in rects) < 2_000_000
    assert len(rects) < 60


def test_a_short_stroke_and_a_polygon_stay_whole() -> None:
    short = Stroke(Tool.BRUSH, 1, ((10.0, 10.0), (60.0, 90.0)), 9)
    assert len(list(pieces(short, SHAPE))) == 1
    polygon = Stroke(Tool.POLYGON, 1, ((0.0, 0.0), (900.0, 0.0), (900.0, 600.0)))
    assert len(list(pieces(polygon, SHAPE))) == 1
    assert SHAPE[0] * SHAPE[1] > LARGE_PX
