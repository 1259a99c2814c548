"""A folder in VOC's form."""

from pathlib import Path

import numpy as np
import pytest

from fcn_gui.core.errors import DatasetError, LabelMapError
from fcn_gui.core.label_map import voc_label_map
from fcn_gui.disk.mask_file import write_mask
from fcn_gui.disk.voc import VocFolder, read_ids

VOC = voc_label_map()


def make(folder: Path, **splits: str) -> Path:
    for name in ("JPEGImages", "SegmentationClass", "ImageSets/Segmentation"):
        (folder / name).mkdir(parents=True)
    for name in ("a2", "a10", "only image"):
        (folder / "JPEGImages" / f"{name}.jpg").write_bytes(b"")
    for name in ("a2", "a10", "only mask"):
        write_mask(folder / "SegmentationClass" / f"{name}.png", np.zeros((1, 1), np.uint8), VOC)
    for name, text in splits.items():
        (folder / "ImageSets" / "Segmentation" / f"{name}.txt").write_bytes(text.encode())
    return folder


def test_other_folders_are_none(tmp_path: Path) -> None:
    (tmp_path / "JPEGImages").mkdir()
    assert VocFolder.find(tmp_path) is None


def test_images_masks_and_lists_are_found(tmp_path: Path) -> None:
    found = VocFolder.find(make(tmp_path, train="a2\n", val="a10\r\n\r\n", trainval="a2\na10"))
    assert found is not None
    assert list(found.images) == ["a2", "a10", "only image"]
    assert list(found.masks) == ["a2", "a10", "only mask"]
    assert found.splits == {"train": ("a2",), "val": ("a10",), "trainval": ("a2", "a10")}
    assert found.label_map == VOC


def test_an_image_of_a_project_finds_its_mask_and_side(tmp_path: Path) -> None:
    found = VocFolder.find(make(tmp_path, train="a2\n", val="a10\n"))
    assert found is not None
    assert found.mask_path("JPEGImages/a2.jpg") == tmp_path / "SegmentationClass" / "a2.png"
    assert [found.held_out(f"JPEGImages/{name}.jpg") for name in ("a2", "a10", "only image")] == [False, True, None]
    assert found.mask_path("JPEGImages/only image.jpg") is None
    assert found.mask_path("a2.jpg") is None


def test_a_devkit_is_found_by_its_root(tmp_path: Path) -> None:
    make(tmp_path / "VOCdevkit" / "VOC2012", val="a2\n")
    found = VocFolder.find(tmp_path)
    assert found is not None
    assert found.path == tmp_path / "VOCdevkit" / "VOC2012"
    assert found.mask_path("VOCdevkit/VOC2012/JPEGImages/a2.jpg") is not None
    assert found.held_out("VOCdevkit/VOC2012/JPEGImages/a2.jpg") is True


def test_its_own_classes_are_read_and_errors_name_the_line(tmp_path: Path) -> None:
    make(tmp_path)
    (tmp_path / "class_names.txt").write_text("_background_\nfly\n")
    found = VocFolder.find(tmp_path)
    assert found is not None
    assert found.label_map.names == ("background", "fly")
    (tmp_path / "labelmap.txt").write_text("a:0,0,0::\nb:0,0,0::\n")
    with pytest.raises(LabelMapError, match="line 2"):
        VocFolder.find(tmp_path)


@pytest.mark.parametrize("line", ["../../outside/x", "/etc/passwd", "a/../../x"])
def test_lists_that_lead_out_are_refused_with_the_line(tmp_path: Path, line: str) -> None:
    make(tmp_path, train=f"a2\n{line}\n")
    with pytest.raises(DatasetError, match=r"train\.txt, line 2.*leads out"):
        VocFolder.find(tmp_path)


def test_links_that_lead_out_are_left_out(tmp_path: Path) -> None:
    folder = make(tmp_path / "set", train="a2\n")
    secret = tmp_path / "secret.jpg"
    secret.write_bytes(b"")
    (folder / "JPEGImages" / "x.jpg").symlink_to(secret)
    (folder / "SegmentationClass" / "x.png").symlink_to(secret)
    (tmp_path / "lists").mkdir()
    found = VocFolder.find(folder)
    assert found is not None
    assert "x" not in found.images
    assert "x" not in found.masks


def test_folders_that_are_links_out_are_refused(tmp_path: Path) -> None:
    outside = make(tmp_path / "outside")
    (tmp_path / "set" / "SegmentationClass").mkdir(parents=True)
    (tmp_path / "set" / "JPEGImages").symlink_to(outside / "JPEGImages")
    with pytest.raises(DatasetError, match="leads out"):
        VocFolder.find(tmp_path / "set")


def test_sub_folders_and_quoted_names_have_ids(tmp_path: Path) -> None:
    make(tmp_path)
    (tmp_path / "JPEGImages" / "sub").mkdir()
    (tmp_path / "JPEGImages" / "sub" / "x y.PNG").write_bytes(b"")
    (tmp_path / "list.txt").write_text('\ufeff"sub/x y"\nä\n', "utf-8")
    found = VocFolder.find(tmp_path)
    assert found is not None
    assert "sub/x y" in found.images
    assert read_ids(tmp_path / "list.txt") == ("sub/x y", "ä")


def test_a_list_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DatasetError, match=r"list\.txt"):
        read_ids(tmp_path / "list.txt")


@pytest.mark.parametrize("name", ["voc21", "camvid", "nuclei"])
def test_real_data_sets_are_read(shared: Path, name: str) -> None:
    found = VocFolder.find(shared / "data" / name)
    assert found is not None
    assert set(found.splits["train"]) | set(found.splits["val"]) <= set(found.images)
    assert set(found.images) == set(found.masks)
