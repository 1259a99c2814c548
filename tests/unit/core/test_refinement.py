import numpy as np
import pytest

from fcn_gui.core.raster import VOID, Image, Mask
from fcn_gui.core.refinement import FIELDS, Refinement, averaged, coherent, kept
from fcn_gui.core.scores import Axis, ScoreGrid
from fcn_gui.core.setting_rows import SETTINGS

WAYS = tuple(way for way in Refinement if way is not Refinement.OFF)


def refined(grid: ScoreGrid, image: Image, way: Refinement, vouched: Mask | None = None) -> Mask:
    found = coherent(grid, image, way, vouched)
    return kept(found.named(found.grid.labels()), vouched)


def disc(side: int = 160, radius: int = 45) -> tuple[Image, Mask]:
    """A red disc on green grass."""
    rows, cols = np.indices((side, side))
    truth = (np.hypot(rows - side / 2, cols - side / 2) < radius).astype(np.uint8)
    noise = np.random.default_rng(1).normal(0, 4, (side, side, 3))
    image = np.where(truth[..., None] == 1, (180, 60, 50), (70, 130, 60)) + noise
    return np.clip(image, 0, 255).astype(np.uint8), truth


def scores_beside(truth: Mask, stride: int = 2, shift: int = 4, sure: float = 3, classes: int = 4) -> ScoreGrid:
    """Soft scores on a grid, with class 2 where the truth is 1, and the whole some pixels beside where it should be."""
    moved = np.roll(truth, (shift, shift), (0, 1)).astype(np.float32)
    values = np.full((classes, *moved[::stride, ::stride].shape), -6, np.float32)
    soft = (moved[::stride, ::stride] - 0.5) * sure
    values[0], values[2] = -soft, soft
    axis = Axis(0.0, 1 / stride)
    return ScoreGrid(values, (truth.shape[0], truth.shape[1]), axis, axis)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("stride", [1, 2, 8])
def test_borders_move_to_those_of_the_photograph(way: Refinement, stride: int):
    image, truth = disc()
    # A patch goes as a whole: one that the scores miss by more than half of its width stays wrong.
    shift = 2 if way is Refinement.SUPERPIXELS else 4
    grid = scores_beside(truth, stride, shift, sure=1 if way is Refinement.LOOKS else 3)
    before = (grid.labels() != 2 * truth).sum()
    after = (refined(grid, image, way) != 2 * truth).sum()
    assert after < 0.9 * before


@pytest.mark.parametrize("way", list(Refinement))
def test_what_is_vouched_stays_whatever_the_network_says(way: Refinement):
    image, truth = disc()
    vouched = np.full(truth.shape, VOID, np.uint8)
    vouched[10:20, 10:60] = 3
    vouched[75:80, 75:80] = 0
    found = refined(scores_beside(truth), image, way, vouched)
    assert np.array_equal(found[vouched != VOID], vouched[vouched != VOID])


@pytest.mark.parametrize("way", list(FIELDS))
def test_a_vouched_stroke_is_heard_by_alike_neighbours_and_not_beyond_the_border(way: Refinement):
    image, truth = disc()
    values = np.zeros((2, 80, 80), np.float32)  # the network does not know at all
    values[0] = 0.2
    axis = Axis(0.0, 0.5)
    grid = ScoreGrid(values, (160, 160), axis, axis)
    vouched = np.full(truth.shape, VOID, np.uint8)
    vouched[60:100, 60:100] = 1
    found = refined(grid, image, way, vouched)
    assert (found[truth == 1] == 1).sum() > (vouched == 1).sum()
    assert (found[truth == 0] == 1).mean() < 0.01


@pytest.mark.parametrize("way", list(Refinement))
def test_other_arguments_are_left_as_they_are(way: Refinement):
    image, truth = disc(60, 20)
    grid, vouched = scores_beside(truth), np.full(truth.shape, VOID, np.uint8)
    vouched[30, 30] = 1
    before = grid.values.copy(), image.copy(), vouched.copy()
    refined(grid, image, way, vouched)
    assert all(np.array_equal(a, b) for a, b in zip(before, (grid.values, image, vouched), strict=True))


def test_off_is_the_argmax():
    image, truth = disc()
    grid = scores_beside(truth)
    assert np.array_equal(refined(grid, image, Refinement.OFF), grid.labels())


@pytest.mark.parametrize("way", list(Refinement))
@pytest.mark.parametrize("shape", [(1, 1), (3, 700), (2, 2)])
def test_tiny_and_narrow_images_work(way: Refinement, shape: tuple[int, int]):
    values = np.random.default_rng(0).normal(size=(3, *(-(-side // 2) for side in shape))).astype(np.float16)
    grid = ScoreGrid(values, shape, Axis(0.0, 0.5), Axis(0.0, 0.5))
    found = refined(grid, np.zeros((*shape, 3), np.uint8), way)
    assert found.shape == shape
    assert found.max() < 3


@pytest.mark.parametrize("way", list(Refinement))
def test_one_class_alone_is_everywhere(way: Refinement):
    values = np.zeros((5, 10, 12), np.float32)
    values[3] = 50
    grid = ScoreGrid(values, (20, 24), Axis(0.0, 0.5), Axis(0.0, 0.5))
    assert (refined(grid, np.zeros((20, 24, 3), np.uint8), way) == 3).all()


def test_an_image_twice_as_large_is_refined_alike():
    image, truth = disc(520, 150)
    large = image.repeat(2, 0).repeat(2, 1)
    grid = scores_beside(truth, shift=6)
    small = refined(grid, image, Refinement.FAST)
    found = refined(grid.at_size((1040, 1040)), large, Refinement.FAST)
    assert (found[::2, ::2] != small).mean() < 0.01


def test_looks_on_grids_of_their_own_are_averaged_point_by_point():
    rows, cols = np.mgrid[0:300, 0:400].astype(np.float32)
    fine = ScoreGrid(np.stack([rows[::2, ::2], cols[::2, ::2]]), (300, 400), Axis(0.0, 0.5), Axis(0.0, 0.5))
    coarse = ScoreGrid(-np.stack([rows[::5, ::5], 0 * rows[::5, ::5]]), (300, 400), Axis(0.0, 0.2), Axis(0.0, 0.2))
    found = averaged([fine, coarse, coarse]).scores()[:, 20:280, 20:380]
    assert found[0] == pytest.approx(-rows[20:280, 20:380] / 3, abs=1e-3)
    assert found[1] == pytest.approx(cols[20:280, 20:380] / 3, abs=1e-3)


def test_the_mean_of_looks_at_a_large_image_stays_small():
    axis = Axis(0.0, 0.1)
    look = ScoreGrid(np.zeros((3, 300, 400), np.float32), (3000, 4000), axis, axis)
    assert averaged([look, look]).values.shape == (3, 384, 512)


def test_a_setting_names_every_way():
    row = next(row for row in SETTINGS if row.id == "learn.refine")
    assert row.choices == tuple(way.value for way in Refinement)
    assert row.default == Refinement.OFF
