"""A folder that can't be written to and a disk that is full: said, nothing is lost, saved again when it can be."""

from pathlib import Path

import numpy as np
import pytest

from fcn_gui.disk.project_place import user_place
from tests.e2e.bad_input.conftest import MakeDesk
from tests.e2e.bad_input.disks import fill, read_only, small_disk
from tests.e2e.desk import Desk
from tests.unit.session.workshop import make_folder


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def labels(desk: Desk, key: str, *points: tuple[int, int]) -> list[int]:
    """The labels at (row, col) points, all of which must be vouched."""
    masked = desk.show(key).masked
    assert all(masked.vouch[point] for point in points), (key, points)
    return [int(masked.mask[point]) for point in points]


def test_a_folder_that_is_read_only_is_worked_on_in_the_user_s_data_folder(make_desk: MakeDesk, photos: Path) -> None:
    before, away = contents(photos), user_place(photos)
    with read_only(photos):
        desk = make_desk().open(photos)
        assert f"{photos} can't be written to: this project is kept in {away}." in desk.texts()
        assert not desk.model.is_read_only
        desk.paint((10.5, 10.5), label=2)
        desk.model.verify_and_next()
        desk.paint((20.5, 10.5), label=1)
        desk.model.retrain()
        desk.until(lambda: not desk.model.is_retraining)
        desk.rest()
        assert not [message for message in desk.told if message.kind == "error"]
        desk.close()
        again = make_desk().open(photos)
        assert labels(again, "p0.png", (10, 10)) == [2]
        assert labels(again, "p1.png", (10, 20)) == [1]
        again.close()
    assert contents(photos) == before
    home = make_desk().open(photos)
    assert "Work on 2 images, kept in the user's data folder meanwhile, was brought back." in home.texts()
    assert labels(home, "p0.png", (10, 10)) == [2], "it came back"
    assert labels(home, "p1.png", (10, 20)) == [1]
    assert (photos / ".fcn-gui" / "masks" / "p1.png.png").is_file()


def test_a_project_in_a_read_only_folder_goes_on_from_where_it_was(make_desk: MakeDesk, photos: Path) -> None:
    desk = make_desk().open(photos)
    desk.paint((10.5, 10.5), label=2)
    desk.close()
    before = contents(photos)
    with read_only(photos):
        again = make_desk().open(photos)
        assert labels(again, "p0.png", (10, 10)) == [2]
        again.paint((20.5, 20.5), label=1)
        again.close()
    assert contents(photos) == before
    assert labels(make_desk().open(photos), "p0.png", (10, 10), (20, 20)) == [2, 1]


@pytest.mark.parametrize("when", ["saved again", "closed meanwhile"])
def test_a_folder_that_becomes_read_only_costs_no_stroke(make_desk: MakeDesk, photos: Path, when: str) -> None:
    desk = make_desk().open(photos)
    desk.paint((10.5, 10.5), label=2)
    desk.model.save_now()
    desk.rest()
    with read_only(photos, is_open=True):
        desk.paint((20.5, 10.5), label=1)
        desk.model.save_now()
        desk.rest()
        assert str(photos / ".fcn-gui") in desk.texts()
        assert "in memory and in your data folder; they are saved again when it can be" in desk.texts()
        assert desk.document.is_dirty
        desk.paint((20.5, 20.5), label=2)
        if when == "closed meanwhile":
            desk.close()
    if when == "saved again":
        desk.model.save_now()
        desk.rest()
        assert not desk.document.is_dirty
        desk.close()
    again = make_desk().open(photos)
    assert labels(again, "p0.png", (10, 10), (10, 20), (20, 20)) == [2, 1, 2]


@pytest.mark.parametrize("when", ["saved again", "closed meanwhile"])
def test_a_full_disk_costs_no_stroke(make_desk: MakeDesk, tmp_path: Path, when: str) -> None:
    photos = tmp_path / "disk"
    with small_disk(photos, 40_000):
        make_folder(photos, 4)
        desk = make_desk().open(photos)
        desk.paint((10.5, 10.5), label=2)
        desk.model.save_now()
        desk.rest()
        filler = fill(photos)
        for number in range(30):  # the block that the journal has begun takes a few more
            desk.paint((number + 0.5, 20.5), label=1 + number % 2, radius_px=0.6)
        desk.model.save_now()
        desk.rest()
        assert "the disk is full; free some space" in desk.texts()
        assert "they are saved again when it can be" in desk.texts()
        desk.show("p1.png")
        desk.paint((7.5, 7.5), label=1)
        desk.close() if when == "closed meanwhile" else desk.rest()
        for path in (photos / ".fcn-gui").rglob("*"):
            assert not path.name.endswith(".fcn-tmp"), "no half file"
        filler.unlink()
        desk.model.save_now()
        if when == "saved again":
            desk.rest()
            desk.close()
        again = make_desk().open(photos)
        assert labels(again, "p0.png", (10, 10)) == [2]
        painted = again.document.masked
        assert painted.vouch[20, :30].all()
        assert np.array_equal(painted.mask[20, :30], 1 + np.arange(30) % 2)
        assert labels(again, "p1.png", (7, 7)) == [1]
        again.close()


def test_an_export_to_a_full_disk_leaves_nothing_half_written(
    make_desk: MakeDesk, photos: Path, tmp_path: Path
) -> None:
    desk = make_desk().open(photos)
    desk.paint((10.5, 10.5), label=2)
    desk.model.verify_and_next()
    desk.rest()
    with small_disk(tmp_path / "stick", 64):
        fill(tmp_path / "stick")
        desk.model.export(tmp_path / "stick" / "voc", {})
        desk.rest()
        assert str(tmp_path / "stick") in desk.told[-1].text
        assert "full" in desk.told[-1].text
        assert sorted(path.name for path in (tmp_path / "stick").iterdir()) == ["filler.bin"]
