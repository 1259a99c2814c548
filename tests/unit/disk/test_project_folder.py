"""The files of a project."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fcn_gui.core.errors import LockedError, MaskError, NewerFormatError, ProjectError, SaveError
from fcn_gui.core.label_map import own_label_map, voc_label_map
from fcn_gui.disk.project_folder import ProjectFolder
from fcn_gui.disk.project_header import ProjectHeader
from fcn_gui.disk.state_log import StateRow

VOC = voc_label_map()
ODD_KEYS = [
    "a b.jpg",
    "ü/写真.png",
    "new\nline.jpg",
    "x" * 251 + ".jpg",
    "ä" * 125 + ".jpg",
    "case.jpg",
    "CASE.jpg",
    "case.png",
    "case.jpg.png/in.jpg",
    "caf\udce9.jpg",
]


def mask_of(number: int) -> np.ndarray:
    return np.array([[number, 255], [0, number]], np.uint8)


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_looking_makes_nothing(tmp_path: Path) -> None:
    project = ProjectFolder.open(tmp_path)
    assert project.header == ProjectHeader()
    assert project.read_states() == {}
    assert project.read_mask("a.jpg") is None
    assert project.read_vouch("a.jpg") is None
    assert project.read_first_look("a.jpg") is None
    assert not project.has_mask("a.jpg")
    assert project.journal("a.jpg").read() == []
    assert project.journalled_keys() == []
    project.compact()
    assert list(tmp_path.iterdir()) == []


def test_files_have_their_places(tmp_path: Path) -> None:
    project = ProjectFolder.open(tmp_path)
    project.save_header(ProjectHeader(label_map=VOC))
    project.write_mask("day 1/a.jpg", mask_of(3), VOC)
    project.write_vouch("day 1/a.jpg", np.array([[2, 0], [1, 0]], np.uint8))
    project.write_first_look("day 1/a.jpg", mask_of(4), VOC)
    project.journal("day 1/a.jpg").append({"stroke": 1})
    project.append_state(StateRow("day 1/a.jpg", "corrected"))
    assert files(tmp_path) == {
        ".fcn-gui/project.json",
        ".fcn-gui/masks/day 1/a.jpg.png",
        ".fcn-gui/vouch/day 1/a.jpg.png",
        ".fcn-gui/first/day 1/a.jpg.png",
        ".fcn-gui/journal/day 1/a.jpg.jsonl",
        ".fcn-gui/state.jsonl",
    }


def test_everything_comes_back_in_another_session(tmp_path: Path) -> None:
    first = ProjectFolder.open(tmp_path)
    first.save_header(ProjectHeader(label_map=VOC, live_checkpoint="abc", split_seed=3, settings={"x": 1}))
    states = {}
    for number, key in enumerate(ODD_KEYS):
        first.write_mask(key, mask_of(number), VOC)
        first.write_vouch(key, np.full((2, 2), number % 3, np.uint8))
        first.journal(key).append({"stroke": number})
        states[key] = StateRow(key, "corrected", strokes=number)
        first.append_state(states[key])
    first.sync_states()
    first.compact()
    again = ProjectFolder.open(tmp_path)
    assert again.header == first.header
    assert again.read_states() == states
    assert sorted(again.journalled_keys()) == sorted(ODD_KEYS)
    for number, key in reversed(list(enumerate(ODD_KEYS))):
        assert np.array_equal(again.read_mask(key, (2, 2)), mask_of(number))
        assert np.array_equal(again.read_vouch(key, (2, 2)), np.full((2, 2), number % 3))
        assert again.journal(key).read() == [{"stroke": number}]


def test_stored_names_hold_even_if_the_process_dies_before_a_state_row(tmp_path: Path) -> None:
    first = ProjectFolder.open(tmp_path)
    first.append_state(StateRow("a.jpg", "corrected"))
    first.write_mask("a.jpg", mask_of(1), VOC)
    first.write_mask("A.jpg", mask_of(2), VOC)
    again = ProjectFolder.open(tmp_path)
    assert np.array_equal(again.read_mask("A.jpg"), mask_of(2))
    assert np.array_equal(again.read_mask("a.jpg"), mask_of(1))


def test_the_first_look_stays_for_ever(tmp_path: Path) -> None:
    project = ProjectFolder.open(tmp_path)
    project.write_first_look("a.jpg", mask_of(1), VOC)
    project.write_first_look("a.jpg", mask_of(2), VOC)
    assert np.array_equal(project.read_first_look("a.jpg"), mask_of(1))


def test_a_mask_of_another_size_or_with_an_unknown_index_is_refused(tmp_path: Path) -> None:
    project = ProjectFolder.open(tmp_path)
    project.write_mask("a.jpg", mask_of(20), VOC)
    with pytest.raises(MaskError, match="2 × 2 pixels, its image 4 × 3"):
        project.read_mask("a.jpg", (3, 4))
    project.save_header(ProjectHeader(label_map=own_label_map(["fly"])))
    with pytest.raises(MaskError, match=r"a\.jpg\.png has the unknown value 20 in 2 pixels"):
        project.read_mask("a.jpg")


@pytest.mark.parametrize("key", ["../a.jpg", "/tmp/a.jpg", "x/../../a.jpg", ""])
def test_keys_that_lead_out_touch_nothing(tmp_path: Path, key: str) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    project = ProjectFolder.open(photos)
    for act in (
        lambda: project.read_mask(key),
        lambda: project.write_mask(key, mask_of(1), VOC),
        lambda: project.write_vouch(key, mask_of(1) * 0),
        lambda: project.journal(key),
        lambda: project.append_state(StateRow(key)),
        lambda: project.image_path(key),
    ):
        with pytest.raises(ProjectError, match="leads out"):
            act()
    assert files(tmp_path) == set()


@pytest.mark.parametrize("kind", ["masks", "vouch", "first", "journal", "checkpoints", "cache"])
def test_links_inside_the_project_lead_nowhere(tmp_path: Path, kind: str) -> None:
    photos, outside = tmp_path / "photos", tmp_path / "outside"
    (photos / ".fcn-gui").mkdir(parents=True)
    outside.mkdir()
    (outside / "a.jpg.png").write_bytes(b"theirs")
    (photos / ".fcn-gui" / kind).symlink_to(outside)
    acts: dict[str, Callable[[ProjectFolder], object]] = {
        "masks": lambda project: project.write_mask("a.jpg", mask_of(1), VOC),
        "vouch": lambda project: project.write_vouch("a.jpg", mask_of(1) * 0),
        "first": lambda project: project.write_first_look("a.jpg", mask_of(1), VOC),
        "journal": lambda project: project.journal("a.jpg"),
        "checkpoints": lambda project: project.checkpoints_dir,
        "cache": lambda project: project.cache_dir,
    }
    with pytest.raises(ProjectError, match="leads out of the project"):
        acts[kind](ProjectFolder.open(photos))
    assert files(outside) == {"a.jpg.png"}
    assert (outside / "a.jpg.png").read_bytes() == b"theirs"


def test_a_header_or_state_log_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    photos, outside = tmp_path / "photos", tmp_path / "outside"
    (photos / ".fcn-gui").mkdir(parents=True)
    outside.write_text('{"version": 1}')
    (photos / ".fcn-gui" / "state.jsonl").symlink_to(outside)
    with pytest.raises(ProjectError, match="link"):
        ProjectFolder.open(photos).append_state(StateRow("a.jpg"))
    (photos / ".fcn-gui" / "project.json").symlink_to(outside)
    with pytest.raises(ProjectError, match="link"):
        ProjectFolder.open(photos)
    assert outside.read_text() == '{"version": 1}'


def test_a_photograph_that_is_a_link_out_is_not_opened(tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    (tmp_path / "secret.jpg").write_bytes(b"")
    (photos / "a.jpg").symlink_to(tmp_path / "secret.jpg")
    with pytest.raises(ProjectError, match="not opened"):
        ProjectFolder.open(photos).image_path("a.jpg")


def test_a_newer_project_is_refused_whole(tmp_path: Path) -> None:
    (tmp_path / ".fcn-gui").mkdir()
    (tmp_path / ".fcn-gui" / "project.json").write_text('{"version": 99}')
    with pytest.raises(NewerFormatError):
        ProjectFolder.open(tmp_path)
    assert files(tmp_path) == {".fcn-gui/project.json"}


def test_a_drive_that_was_pulled_out_does_not_come_back_as_a_folder(tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    project = ProjectFolder.open(photos)
    photos.rename(tmp_path / "elsewhere")
    for act in (
        lambda: project.write_mask("a.jpg", mask_of(1), VOC),
        lambda: project.append_state(StateRow("a.jpg")),
        lambda: project.save_header(ProjectHeader()),
        project.lock,
    ):
        with pytest.raises(SaveError, match="is gone"):
            act()
    assert not photos.exists()
    (tmp_path / "elsewhere").rename(photos)
    project.write_mask("a.jpg", mask_of(1), VOC)
    assert np.array_equal(project.read_mask("a.jpg"), mask_of(1))


def test_a_failed_save_of_the_header_keeps_the_old_one(tmp_path: Path) -> None:
    project = ProjectFolder.open(tmp_path)
    project.save_header(ProjectHeader(label_map=VOC))
    (tmp_path / ".fcn-gui" / "project.json").unlink()
    (tmp_path / ".fcn-gui" / "project.json").mkdir()
    with pytest.raises((SaveError, ProjectError)):
        project.save_header(replace(project.header, split_seed=5))
    assert project.header.split_seed == 0


def test_the_lock_is_the_projects(tmp_path: Path) -> None:
    project = ProjectFolder.open(tmp_path)
    with project.lock(), pytest.raises(LockedError):
        ProjectFolder.open(tmp_path).lock()


def test_closing_leaves_one_row_an_image_and_no_half_file(tmp_path: Path) -> None:
    project = ProjectFolder.open(tmp_path)
    for strokes in range(5):
        project.append_state(StateRow("a.jpg", "corrected", strokes=strokes))
    half = tmp_path / ".fcn-gui" / "masks" / ".0123.fcn-tmp"
    half.parent.mkdir()
    half.write_bytes(b"half")
    project.compact()
    assert not half.exists()
    assert project.read_states() == {"a.jpg": StateRow("a.jpg", "corrected", strokes=4)}
    assert len((tmp_path / ".fcn-gui" / "state.jsonl").read_bytes().splitlines()) == 2


def test_one_image_has_one_journal_while_it_is_held(tmp_path: Path) -> None:
    project = ProjectFolder.open(tmp_path)
    journal = project.journal("a.jpg")
    assert project.journal("a.jpg") is journal


def test_photographs_are_listed_without_the_projects_own_files(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"")
    project = ProjectFolder.open(tmp_path, project_dir=tmp_path / "work")
    project.write_mask("a.jpg", mask_of(1), VOC)
    assert list(project.scan()) == ["a.jpg"]
    assert files(tmp_path / "work") == {"masks/a.jpg.png"}


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(st.sampled_from("aA.é /1"), min_size=1, max_size=4), unique=True, max_size=6))
def test_any_names_keep_masks_of_their_own(tmp_path_factory: pytest.TempPathFactory, names: list[str]) -> None:
    project = ProjectFolder.open(tmp_path_factory.mktemp("photos"))
    keys = [f"{name.replace('/', '_')}.jpg" for name in names]
    wanted = dict(zip(keys, range(len(keys)), strict=True))
    for key, number in wanted.items():
        project.write_mask(key, mask_of(number), VOC)
    for key, number in wanted.items():
        assert np.array_equal(ProjectFolder.open(project.folder).read_mask(key), mask_of(number))
