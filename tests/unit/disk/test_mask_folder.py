"""Masks of another place: found by the name of the photograph, read in the classes of the project."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage

from fcn_gui.core.errors import DatasetError, LabelMapError, MaskError
from fcn_gui.core.label_map import own_label_map, voc_label_map
from fcn_gui.disk.mask_file import UnknownLabelError
from fcn_gui.disk.mask_folder import MaskFolder

OURS = own_label_map(["background", "cow", "tree"])


def put(path: Path, rows: list[list[int]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    PillowImage.fromarray(np.array(rows, np.uint8)).save(path)
    return path


@pytest.mark.parametrize("inside", ["", "masks", "SegmentationClass", "VOCdevkit/VOC2012/SegmentationClass"])
def test_the_masks_lie_in_the_folder_or_where_data_sets_have_them(tmp_path: Path, inside: str) -> None:
    path = put(tmp_path / "set" / inside / "sub" / "a.png", [[1]])
    found = MaskFolder.find(tmp_path / "set")
    assert found.mask_of("sub/a.jpg") == path
    assert found.mask_of("images/sub/a.jpg") == found.mask_of("JPEGImages/sub/a.png") == path
    assert found.mask_of("a.jpg") is None
    assert found.mask_of("sub/b.jpg") is None


@pytest.mark.parametrize("name", ["class_names.txt", "labels.txt", "labelmap.txt"])
@pytest.mark.parametrize("chosen", ["", "SegmentationClass"])
def test_a_list_beside_or_above_says_what_the_indices_mean(tmp_path: Path, name: str, chosen: str) -> None:
    path = put(tmp_path / "SegmentationClass" / "a.png", [[0, 1, 2, 255]])
    text = "background:0,0,0::\ntree:9,9,9::\ncow:7,7,7::\n" if name == "labelmap.txt" else "_background_\ntree\ncow"
    (tmp_path / name).write_text(text)
    assert MaskFolder.find(tmp_path / chosen).read(path, OURS, (1, 4)).tolist() == [[0, 2, 1, 255]]


def test_a_list_above_a_folder_of_another_name_is_not_its(tmp_path: Path) -> None:
    path = put(tmp_path / "mine" / "a.png", [[1]])
    (tmp_path / "class_names.txt").write_text("background\ntree\ncow")
    assert MaskFolder.find(tmp_path / "mine").read(path, OURS, (1, 1)).tolist() == [[1]]


def test_background_is_class_0_whatever_it_is_called(tmp_path: Path) -> None:
    path = put(tmp_path / "a.png", [[0, 1]])
    (tmp_path / "labelmap.txt").write_text("tree:1,1,1::\nbackground:0,0,0::\n")
    assert MaskFolder.find(tmp_path).read(path, OURS, (1, 2)).tolist() == [[2, 0]]


def test_synonyms_of_voc_are_the_same_class(tmp_path: Path) -> None:
    path = put(tmp_path / "a.png", [[1]])
    (tmp_path / "class_names.txt").write_text("background\ntv")
    voc = voc_label_map()
    assert MaskFolder.find(tmp_path).read(path, voc, (1, 1)).tolist() == [[voc.names.index("tvmonitor")]]


def test_a_class_that_only_they_have_is_an_error_where_it_is_used(tmp_path: Path) -> None:
    (tmp_path / "class_names.txt").write_text("background\ndog\ncow")
    used, unused = put(tmp_path / "a.png", [[1, 1, 2]]), put(tmp_path / "b.png", [[0, 2, 255]])
    found = MaskFolder.find(tmp_path)
    assert found.read(unused, OURS, (1, 3)).tolist() == [[0, 1, 255]]
    with pytest.raises(UnknownLabelError, match="the class dog in 2 pixels") as told:
        found.read(used, OURS, (1, 3))
    assert told.value.counts == {1: 2}


def test_what_is_no_folder_of_masks_is_refused(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.jpg").write_bytes(b"")
    with pytest.raises(DatasetError, match="holds no masks"):
        MaskFolder.find(tmp_path / "photos")
    with pytest.raises(DatasetError, match="is no folder"):
        MaskFolder.find(tmp_path / "gone")


def test_a_list_that_is_none_is_told_with_its_line(tmp_path: Path) -> None:
    put(tmp_path / "a.png", [[1]])
    (tmp_path / "class_names.txt").write_text("background\ncow\ncow")
    with pytest.raises(LabelMapError, match="line 3"):
        MaskFolder.find(tmp_path)


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    outside = put(tmp_path / "outside" / "a.png", [[1]])
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "a.png").symlink_to(outside)
    with pytest.raises(DatasetError, match="holds no masks"):
        MaskFolder.find(tmp_path / "set")
    with pytest.raises(MaskError, match="its image 9 × 9"):
        MaskFolder.find(tmp_path / "outside").read(outside, OURS, (9, 9))
