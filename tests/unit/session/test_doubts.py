"""Which vouched pixels are offered for another look, by value; none is ever changed."""

from pathlib import Path

import numpy as np
import pytest

from fcn_gui.core.prediction import Prediction
from fcn_gui.core.progress import run_to_end
from fcn_gui.core.raster import VOID, Rect
from fcn_gui.core.scores import Axis, ScoreGrid
from fcn_gui.session.doubts import Doubted, doubted_pixels, doubted_regions, recheck
from tests.unit.session.workshop import at_work, dab, finish, make_folder, photo


def predicted(labels: np.ndarray, likely: float = 0.95) -> Prediction:
    """Three classes; each pixel's own has probability `likely`, on a grid of every other pixel."""
    odds = np.log(likely / ((1 - likely) / 2))
    scores = np.stack([np.where(labels == k, odds, 0.0) for k in range(3)]).astype(np.float32)
    grid = ScoreGrid(scores, (2 * labels.shape[0], 2 * labels.shape[1]), Axis(0.0, 0.5), Axis(0.0, 0.5))
    return Prediction(np.repeat(np.repeat(labels, 2, 0), 2, 1), grid, "x")


def scene() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What the network says on 50×50, and mask and vouch map of 100×100: a tree in all that is called background."""
    said = np.zeros((50, 50), np.uint8)
    said[10:30, 10:20] = 2
    return said, np.zeros((100, 100), np.uint8), np.ones((100, 100), np.uint8)


def test_what_is_surely_something_else_is_doubted() -> None:
    said, mask, vouch = scene()
    before = mask.copy(), vouch.copy()
    assert doubted_regions(predicted(said), mask, vouch) == [Doubted(Rect(20, 20, 39, 59), 800, 2)]
    assert np.array_equal(mask, before[0]) and np.array_equal(vouch, before[1])


@pytest.mark.parametrize("why", ["unsure", "unvouched", "void", "the same", "a speck", "at a border"])
def test_other_pixels_are_not(why: str) -> None:
    said, mask, vouch = scene()
    likely = 0.8 if why == "unsure" else 0.95
    if why == "unvouched":
        vouch[20:60, 20:40] = 0
    elif why == "void":
        mask[:] = VOID
    elif why == "the same":
        mask[20:60, 20:40] = 2
    elif why == "a speck":
        said[:] = 0
        said[25, 25] = 2
    elif why == "at a border":
        said[:] = 0
        said[:, 24:] = 1
        mask[:, 50:] = 1
    assert doubted_regions(predicted(said, likely), mask, vouch) == []


def test_images_are_checked_again_by_the_live_network(tmp_path: Path) -> None:
    with at_work(make_folder(tmp_path / "photos", 3), tmp_path / "scratch") as (session, engine):
        for number in (0, 1):
            finish(session, engine, f"p{number}.png", photo(number)[1])
        session.apply_stroke(dab(5.5, 5.5, 2))
        told: dict[str, int] = {}
        live, images = session.live, session.to_recheck()
        assert live is not None
        assert [image.key for image in images] == ["p0.png", "p1.png"]
        before = [image.read()[1].copy() for image in images]
        assert run_to_end(recheck(engine, live, images, told.__setitem__)) == 2
        # the start takes grass for a cow and a cow for grass
        assert all(told[key] > 300 for key in ("p0.png", "p1.png"))
        for image, mask in zip(images, before, strict=True):
            assert np.array_equal(image.read()[1], mask)


def test_the_pixels_of_the_regions_are_those_that_show() -> None:
    labels = np.zeros((24, 32), np.uint8)
    values = np.stack([np.full((24, 32), 5.0), np.zeros((24, 32))]).astype(np.float32)
    grid = ScoreGrid(values, (24, 32), Axis(0.0, 1.0), Axis(0.0, 1.0))
    mask, vouch = labels.copy(), np.zeros_like(labels)
    mask[4:20, 6:26] = 1
    vouch[4:20, 6:16] = 2
    inside = doubted_pixels(Prediction(labels, grid, "id"), mask, vouch)
    assert inside[10, 12] and not inside[10, 20], "nobody vouched for the right half"
    assert not (inside & (vouch == 0)).any()
    assert not inside[:4].any() and not inside[4].any(), "at the border nobody is sure"
    regions = doubted_regions(Prediction(labels, grid, "id"), mask, vouch)
    assert sum(region.area_px for region in regions) == inside.sum()
