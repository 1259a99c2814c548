import numpy as np
import pytest

from fcn_gui.core.raster import VOID
from fcn_gui.core.refinement import Refinement, coherent, kept
from fcn_gui.core.scores import Axis, ScoreGrid
from fcn_gui.net.refine import refined


@pytest.mark.parametrize("way", list(Refinement))
def test_the_quick_argmax_gives_what_the_plain_one_gives(way: Refinement):
    rng = np.random.default_rng(2)
    values = rng.normal(0, 2, (5, 12, 15)).repeat(4, 1).repeat(4, 2).astype(np.float32)
    image = rng.integers(0, 256, (95, 119, 3), np.uint8)
    grid = ScoreGrid(values, (95, 119), Axis(0.1, 0.5), Axis(0.1, 0.5))
    vouched = np.full((95, 119), VOID, np.uint8)
    vouched[40:50, 40:50] = 4
    found = coherent(grid, image, way, vouched)
    plain = kept(found.named(found.grid.labels()), vouched)
    assert (refined(grid, image, way, vouched) == plain).mean() > 0.9999
