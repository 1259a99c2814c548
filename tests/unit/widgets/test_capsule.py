"""The preview's brush covers what the stroke will cover."""

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fcn_gui.core.stroke import Stroke, Tool, coverage
from fcn_gui.widgets.capsule import capsule

SIDE = 24
POINTS = st.tuples(st.floats(-6, SIDE + 6), st.floats(-6, SIDE + 6))


@settings(max_examples=50, deadline=None)
@given(POINTS, POINTS, st.floats(1.0, 12.0))
@example((0.0, 0.0), (0.0, 5e-324), 1.0)
def test_a_capsule_is_what_a_stroke_of_two_points_covers(
    start: tuple[float, float], end: tuple[float, float], radius: float
) -> None:
    centres = np.arange(SIDE) + 0.5
    covered = coverage(Stroke(Tool.BRUSH, 1, (start, end), radius), (SIDE, SIDE))
    whole = np.zeros((SIDE, SIDE), bool)
    whole[covered.rect.slices] = covered.inside
    differing = capsule(start, end, radius, centres, centres) != whole
    assert differing.sum() == 0 or (np.abs(_distances(start, end)[differing] - radius) < 1e-6).all()


def _distances(start: tuple[float, float], end: tuple[float, float]) -> np.ndarray:
    y, x = np.mgrid[:SIDE, :SIDE] + 0.5
    ax, ay = start
    dx, dy = end[0] - ax, end[1] - ay
    part = np.clip(((x - ax) * dx + (y - ay) * dy) / max(dx * dx + dy * dy, 1e-300), 0, 1)
    return np.hypot(x - ax - part * dx, y - ay - part * dy)


def test_one_point_is_a_disc() -> None:
    centres = np.arange(9) + 0.5
    disc = capsule((4.5, 4.5), (4.5, 4.5), 2.0, centres, centres)
    assert disc.sum() == 13 and disc[4, 2] and not disc[3, 2]
