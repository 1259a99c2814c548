"""Which images a folder has, under which keys."""

import os
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fcn_gui.core.errors import ProjectError
from fcn_gui.disk.image_keys import check_key, is_inside, is_safe_key, natural_order, scan_images


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"")


def test_numbers_sort_by_value_and_case_does_not_matter(tmp_path: Path) -> None:
    touch(tmp_path, "a10.jpg", "a2.jpg", "A1.jpg", "b.PNG")
    assert list(scan_images(tmp_path)) == ["A1.jpg", "a2.jpg", "a10.jpg", "b.PNG"]


def test_sub_folders_give_keys_with_slashes_in_their_place(tmp_path: Path) -> None:
    touch(tmp_path, "day 10/x.jpg", "day 2/deep/y.tif", "a.jpg", "z.jpg")
    assert list(scan_images(tmp_path)) == ["a.jpg", "day 2/deep/y.tif", "day 10/x.jpg", "z.jpg"]


def test_other_files_hidden_ones_and_our_own_are_left_out(tmp_path: Path) -> None:
    touch(tmp_path, "notes.txt", ".hidden.jpg", "._mac.jpg", ".fcn-gui/masks/a.jpg.png", "a.jpg", "jpg", "x.jpg/b.png")
    assert list(scan_images(tmp_path)) == ["a.jpg", "x.jpg/b.png"]


def test_a_project_kept_among_the_photographs_is_left_out(tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg", "work/masks/a.jpg.png")
    assert list(scan_images(tmp_path, left_out=tmp_path / "work")) == ["a.jpg"]


def test_masks_of_a_data_set_are_no_photographs(tmp_path: Path) -> None:
    touch(tmp_path, "JPEGImages/a.jpg", "SegmentationClass/a.png", "SegmentationObject/a.png")
    touch(tmp_path, "pairs/images/b.png", "pairs/masks/b.png", "masks/c.png")
    assert list(scan_images(tmp_path)) == ["JPEGImages/a.jpg", "masks/c.png", "pairs/images/b.png"]


@pytest.mark.parametrize(
    "name", ["with space.jpg", "ümläut 写真.jpg", "new\nline.jpg", "a.jpg.png", "x" * 251 + ".jpg"]
)
def test_odd_names_are_found_as_they_are(tmp_path: Path, name: str) -> None:
    touch(tmp_path, name)
    assert list(scan_images(tmp_path)) == [name]


@pytest.mark.skipif(os.name != "posix", reason="other systems have no such names")
def test_names_that_are_no_unicode_are_found(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"caf\xe9.jpg")).write_bytes(b"")
    (key,) = scan_images(tmp_path)
    assert os.fsencode(key) == b"caf\xe9.jpg"


def test_links_out_of_the_folder_and_links_to_folders_are_left_out(tmp_path: Path) -> None:
    photos, outside = tmp_path / "photos", tmp_path / "outside"
    touch(photos, "a.jpg", "sub/b.jpg")
    touch(outside, "secret.jpg")
    (photos / "out.jpg").symlink_to(outside / "secret.jpg")
    (photos / "folder.jpg").symlink_to(outside)
    (photos / "ring").symlink_to(photos)
    (photos / "broken.jpg").symlink_to(photos / "gone.jpg")
    (photos / "loop.jpg").symlink_to(photos / "loop.jpg")
    (photos / "same.jpg").symlink_to(photos / "a.jpg")
    assert "out.jpg" not in set(scan_images(photos))
    assert {"a.jpg", "sub/b.jpg", "same.jpg"} <= set(scan_images(photos))
    assert not {"folder.jpg", "ring/a.jpg", "loop.jpg"} & set(scan_images(photos))


def test_a_folder_that_is_gone_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="choose a folder"):
        list(scan_images(tmp_path / "gone"))


def test_an_empty_folder_has_no_images(tmp_path: Path) -> None:
    assert list(scan_images(tmp_path)) == []


def test_images_come_as_they_are_found(tmp_path: Path) -> None:
    touch(tmp_path, *(f"{folder}/image {number}.jpg" for folder in ("a", "b") for number in range(1000)))
    scan = scan_images(tmp_path)
    assert next(scan) == "a/image 0.jpg"
    touch(tmp_path, "b/image 1000.jpg")  # a folder is looked at when its turn comes
    assert list(scan)[-1] == "b/image 1000.jpg"


@pytest.mark.parametrize(
    "key", ["../a.jpg", "/etc/a.jpg", "a/../../b.jpg", "a//b.jpg", "./a.jpg", "", "a\0.jpg", "a/.."]
)
def test_keys_that_lead_elsewhere_are_refused(key: str) -> None:
    assert not is_safe_key(key)
    with pytest.raises(ProjectError, match="leads out"):
        check_key(key)


@pytest.mark.parametrize("key", ["a.jpg", "a b/ö.png", "..a/b..jpg", "a\\b.jpg", "new\nline.jpg"])
def test_other_keys_are_fine(key: str) -> None:
    assert check_key(key) == key


def test_inside_follows_links(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "link").symlink_to(tmp_path)
    assert is_inside(tmp_path / "in" / "missing" / "x", tmp_path / "in")
    assert not is_inside(tmp_path / "in" / "link" / "x", tmp_path / "in")
    assert not is_inside(tmp_path / "in" / ".." / "x", tmp_path / "in")


@settings(max_examples=50)
@given(st.lists(st.text(st.characters(exclude_characters="\0"), min_size=1), max_size=20))
def test_any_names_can_be_put_in_order(names: list[str]) -> None:
    ordered = sorted(names, key=natural_order)
    assert all(natural_order(a) <= natural_order(b) for a, b in pairwise(ordered))
    assert sorted(set(names), key=natural_order) == list(dict.fromkeys(ordered))
