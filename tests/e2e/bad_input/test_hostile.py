"""Projects made to reach out of their folder: nothing outside is read, written or run."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage

from tests.e2e.bad_input.conftest import MakeDesk
from tests.e2e.desk import Desk
from tests.e2e.program import fcn_gui
from tests.unit.session.workshop import make_folder

SECRET = b"not for us"


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder of somebody else."""
    folder = make_folder(tmp_path / "outside", 1)
    (folder / "secret.txt").write_bytes(SECRET)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_links_that_leave_the_folder_are_not_followed(desk: Desk, photos: Path, outside: Path) -> None:
    (photos / "link.png").symlink_to(outside / "p0.png")
    (photos / "more").symlink_to(outside)
    before = contents(outside)
    desk.open(photos)
    assert [item.key for item in desk.model.project.items] == ["p0.png", "p1.png", "p2.png", "p3.png"]
    desk.paint((10.5, 10.5), label=2)
    desk.close()
    assert contents(outside) == before


@pytest.mark.parametrize("part", ["masks", "vouch", "journal", "checkpoints", "state.jsonl", "project.json"])
def test_a_part_of_the_project_that_is_a_link_out_is_refused(
    make_desk: MakeDesk, photos: Path, outside: Path, part: str
) -> None:
    make_desk().open(photos).close()
    place = photos / ".fcn-gui" / part
    if place.is_dir():
        for path in place.iterdir():
            path.unlink()
        place.rmdir()
    else:
        place.unlink(missing_ok=True)
    target = outside if "." not in part else outside / "secret.txt"
    place.symlink_to(target)
    before = contents(outside)
    desk = make_desk().open(photos)
    if desk.model.document is not None:
        desk.paint((10.5, 10.5), label=2)
        desk.model.save_now()
        desk.rest()
    assert "link" in desk.texts()
    assert part in desk.texts()
    desk.close()
    assert contents(outside) == before
    assert (outside / "secret.txt").read_bytes() == SECRET


def test_paths_that_leave_the_folder_in_its_files_are_passed_over(
    make_desk: MakeDesk, photos: Path, tmp_path: Path
) -> None:
    desk = make_desk().open(photos)
    desk.paint((10.5, 10.5), label=2)
    desk.close()
    victim = tmp_path / "victim.png"
    PillowImage.fromarray(np.zeros((24, 32), np.uint8)).save(victim)
    before = victim.read_bytes()
    states = photos / ".fcn-gui" / "state.jsonl"
    lines = [{"key": key, "status": "corrected", "strokes": 5} for key in ("../victim.png", str(victim), "a/../../b")]
    lines += [{"key": "p1.png", "stem": "../../victim"}]
    with states.open("a", encoding="utf-8") as file:
        file.writelines(json.dumps(line) + "\n" for line in lines)
    journal = photos / ".fcn-gui" / "journal"
    journal.mkdir(exist_ok=True)
    (journal / "..%2Fvictim.png.jsonl").write_text('{"key": "../victim.png"}\n')
    again = make_desk().open(photos)
    assert [item.key for item in again.model.project.items] == ["p0.png", "p1.png", "p2.png", "p3.png"]
    assert again.document.masked.mask[10, 10] == 2
    again.show("p1.png")
    again.paint((10.5, 10.5), label=2)
    again.close()
    assert victim.read_bytes() == before
    assert (photos / ".fcn-gui" / "masks" / "p1.png.png").is_file()
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix == ".png") == ["victim.png"]


def test_a_data_set_whose_list_leads_out_is_refused(tmp_path: Path, outside: Path) -> None:
    root = tmp_path / "voc"
    (root / "ImageSets" / "Segmentation").mkdir(parents=True)
    (root / "SegmentationClass").mkdir()
    make_folder(root / "JPEGImages", 1)
    (root / "ImageSets" / "Segmentation" / "val.txt").write_text("../../outside/p0\n")
    before = contents(outside)
    told = fcn_gui("evaluate", root, "--split", "val")
    assert told.returncode == 1
    assert len(told.stderr.strip().splitlines()) == 1
    assert "val.txt" in told.stderr
    assert contents(outside) == before
