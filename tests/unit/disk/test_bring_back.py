"""Work that had to go elsewhere comes home."""

import os
from pathlib import Path

import numpy as np
import pytest

from fcn_gui.core.errors import LockedError
from fcn_gui.core.label_map import voc_label_map
from fcn_gui.disk.bring_back import bring_back
from fcn_gui.disk.project_folder import ProjectFolder
from fcn_gui.disk.project_header import ProjectHeader
from fcn_gui.disk.state_log import StateRow

VOC = voc_label_map()
ONE = np.array([[1, 2]], np.uint8)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    (tmp_path / "photos").mkdir()
    return tmp_path / "photos"


def age(path: Path, seconds: float) -> None:
    os.utime(path, (path.stat().st_mtime - seconds,) * 2)


def paint(project: ProjectFolder, key: str, mask: np.ndarray, status: str = "corrected") -> None:
    project.write_mask(key, mask, VOC)
    project.write_vouch(key, np.full_like(mask, 2))
    project.append_state(StateRow(key, status))


def test_newer_masks_come_back_older_ones_do_not(photos: Path, tmp_path: Path) -> None:
    home = ProjectFolder.open(photos, user_dir=tmp_path)
    paint(home, "a.jpg", ONE)
    paint(home, "b.jpg", ONE)
    away = home.in_user_data(tmp_path)
    paint(away, "a.jpg", ONE + 4, "verified")
    paint(away, "b.jpg", ONE + 4, "verified")
    paint(away, "new\n ö.jpg", ONE + 4, "verified")
    age(home.mask_path("a.jpg"), 10)
    age(away.mask_path("b.jpg"), 10)
    again = ProjectFolder.open(photos, user_dir=tmp_path)
    assert again.dir == photos / ".fcn-gui"
    assert "2 images" in again.notice
    assert np.array_equal(again.read_mask("a.jpg"), ONE + 4)
    assert np.array_equal(again.read_mask("b.jpg"), ONE)
    assert np.array_equal(again.read_mask("new\n ö.jpg"), ONE + 4)
    assert np.array_equal(again.read_vouch("a.jpg"), ONE * 0 + 2)
    assert {key: row.status for key, row in again.read_states().items()} == {
        "a.jpg": "verified",
        "b.jpg": "corrected",
        "new\n ö.jpg": "verified",
    }


def test_it_happens_once_and_what_was_away_is_kept(photos: Path, tmp_path: Path) -> None:
    away = ProjectFolder.open(photos, user_dir=tmp_path).in_user_data(tmp_path)
    paint(away, "a.jpg", ONE)
    assert ProjectFolder.open(photos, user_dir=tmp_path).notice
    assert not ProjectFolder.open(photos, user_dir=tmp_path).notice
    (kept,) = (tmp_path / "projects").iterdir()
    assert (kept / "masks" / "a.jpg.png").is_file()


def test_strokes_follow_those_at_home(photos: Path, tmp_path: Path) -> None:
    home = ProjectFolder.open(photos, user_dir=tmp_path)
    home.journal("a.jpg").append({"stroke": 1})
    home.in_user_data(tmp_path).journal("a.jpg").append({"stroke": 2})
    again = ProjectFolder.open(photos, user_dir=tmp_path)
    assert again.journal("a.jpg").read() == [{"stroke": 1}, {"stroke": 2}]


def test_header_checkpoints_and_first_looks_only_fill_gaps(photos: Path, tmp_path: Path) -> None:
    home = ProjectFolder.open(photos, user_dir=tmp_path)
    home.save_header(ProjectHeader(label_map=VOC, split_seed=1))
    home.write_first_look("a.jpg", ONE, VOC)
    away = home.in_user_data(tmp_path)
    away.save_header(ProjectHeader(label_map=VOC, split_seed=2))
    away.write_first_look("a.jpg", ONE + 1, VOC)
    paint(away, "a.jpg", ONE)
    away.checkpoints_dir.mkdir()
    (away.checkpoints_dir / "0123.safetensors").write_bytes(b"weights")
    again = ProjectFolder.open(photos, user_dir=tmp_path)
    assert again.header.split_seed == 1
    assert np.array_equal(again.read_first_look("a.jpg"), ONE)
    assert (again.checkpoints_dir / "0123.safetensors").read_bytes() == b"weights"


def test_a_pulled_drive_does_not_keep_work_from_the_users_folder(photos: Path, tmp_path: Path) -> None:
    home = ProjectFolder.open(photos, user_dir=tmp_path)
    photos.rmdir()
    paint(home.in_user_data(tmp_path), "a.jpg", ONE)
    assert not photos.exists()
    photos.mkdir()
    assert np.array_equal(ProjectFolder.open(photos, user_dir=tmp_path).read_mask("a.jpg"), ONE)


def test_while_somebody_has_it_open_it_waits(photos: Path, tmp_path: Path) -> None:
    home = ProjectFolder.open(photos, user_dir=tmp_path)
    away = home.in_user_data(tmp_path)
    paint(away, "a.jpg", ONE)
    with home.lock():
        with pytest.raises(LockedError):
            bring_back(away.dir, home.dir)
        assert "could not be brought back yet" in ProjectFolder.open(photos, user_dir=tmp_path).notice
    assert "1 image," in ProjectFolder.open(photos, user_dir=tmp_path).notice
