"""What is told of an image stride by stride, by the fake, which looks at every fourth, every other and every pixel."""

from pathlib import Path

import numpy as np
import pytest

from fcn_gui.core.progress import run_to_end
from fcn_gui.core.raster import VOID
from fcn_gui.session.skips import LONG_SIDE_PX, MOST_VALUES, Skips, look_by_stride
from tests.unit.session.workshop import at_work, make_folder, photo


@pytest.fixture
def looked(tmp_path: Path) -> Skips:
    with at_work(make_folder(tmp_path / "photos", 1), tmp_path / "scratch") as (session, engine):
        request = session.predict_request()
        assert request is not None
        truth = np.where(photo(0)[1] == 2, 2, VOID).astype(np.uint8)
        return run_to_end(look_by_stride(engine, request, truth))


def test_strides_come_coarsest_first_and_the_last_is_the_prediction(looked: Skips) -> None:
    assert [look.stride for look in looked.looks] == [4, 2, 1]
    assert looked.key == "p0.png" and looked.photo.shape == (24, 32, 3)
    last, truth = looked.looks[-1], photo(0)[1]
    assert np.array_equal(last.labels == 2, truth == 2)  # grass and cow are exchanged, trees are known
    assert last.mean_iu == 1.0
    assert last.probabilities.shape == (3, 24, 32)
    assert np.allclose(last.probabilities.astype(np.float32).sum(0), 1, atol=2e-3)


def test_what_a_skip_added_is_where_the_label_is_another_one(looked: Skips) -> None:
    coarse, middle, _ = looked.looks
    assert coarse.changed_share == 0 and not looked.changed(0).any()
    changed = looked.changed(1)
    assert np.array_equal(changed, coarse.labels != middle.labels) and changed.any()
    assert middle.changed_share == pytest.approx(changed.mean())


def test_heat_and_what_was_added_to_it(looked: Skips) -> None:
    heats = [looked.heat(number, 2) for number in range(3)]
    assert np.allclose(looked.added_heat(1, 2), heats[1] - heats[0])
    assert not looked.added_heat(0, 2).any()
    assert heats[2][photo(0)[1] == 2].min() > 0.5
    assert not looked.heat(0, 99).any()


def test_a_large_photograph_is_looked_at_small(tmp_path: Path) -> None:
    from PIL import Image as PillowImage

    folder = tmp_path / "photos"
    folder.mkdir()
    PillowImage.new("RGB", (1600, 900), (60, 150, 60)).save(folder / "p0.png")
    with at_work(folder, tmp_path / "scratch") as (session, engine):
        request = session.predict_request()
        assert request is not None
        found = run_to_end(look_by_stride(engine, request, np.full((900, 1600), VOID, np.uint8)))
    assert found.photo.shape == (288, LONG_SIDE_PX, 3)
    assert all(look.probabilities.size <= MOST_VALUES and look.mean_iu is None for look in found.looks)
