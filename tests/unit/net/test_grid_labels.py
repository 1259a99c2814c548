import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from fcn_gui.core.scores import Axis, ScoreGrid
from fcn_gui.net.grid_labels import grid_labels


@settings(max_examples=50, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    points=st.tuples(st.integers(1, 9), st.integers(1, 9)),
    pixels=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    classes=st.integers(1, 6),
)
def test_labels_equal_the_argmax_of_interpolated_scores(
    seed: int, points: tuple[int, int], pixels: tuple[int, int], classes: int
) -> None:
    rng = np.random.default_rng(seed)
    values = rng.standard_normal((classes, *points)).astype(np.float32)
    rows, cols = (Axis(rng.uniform(-1, 1), rng.uniform(0.05, 1.5)) for _ in range(2))
    grid = ScoreGrid(values, pixels, rows, cols)

    labels = grid_labels(grid)

    scores = np.sort(grid.scores(), 0)
    clear = np.ones(pixels, bool) if classes == 1 else scores[-1] - scores[-2] > 1e-5
    assert labels.shape == pixels and labels.dtype == np.uint8
    assert np.array_equal(labels[clear], grid.labels()[clear])


def test_half_precision_scores_are_taken_too() -> None:
    values = np.random.default_rng(0).standard_normal((5, 7, 6)).astype(np.float16)
    grid = ScoreGrid(values, (13, 11), Axis(0, 0.5), Axis(0, 0.5))
    scores = np.sort(grid.scores(), 0)
    clear = scores[-1] - scores[-2] > 1e-5
    assert np.array_equal(grid_labels(grid)[clear], grid.labels()[clear])
