"""What the command line takes as a data set."""

from pathlib import Path

import numpy as np
import pytest

from fcn_gui.core.errors import DatasetError, MaskError
from fcn_gui.core.label_map import own_label_map, voc_label_map
from fcn_gui.core.raster import VOID
from fcn_gui.disk.dataset import read_dataset, read_truth
from fcn_gui.disk.mask_file import write_mask
from fcn_gui.disk.project_folder import ProjectFolder
from fcn_gui.disk.project_header import ProjectHeader
from fcn_gui.disk.state_log import StateRow

VOC = voc_label_map()
MASK = np.array([[0, 3]], np.uint8)


def voc(folder: Path, *names: str) -> Path:
    (folder / "ImageSets" / "Segmentation").mkdir(parents=True)
    (folder / "JPEGImages").mkdir()
    for name in names:
        (folder / "JPEGImages" / f"{name}.jpg").write_bytes(b"")
        write_mask(folder / "SegmentationClass" / f"{name}.png", MASK, VOC)
    (folder / "ImageSets" / "Segmentation" / "train.txt").write_text("".join(f"{name}\n" for name in names[:-1]))
    (folder / "ImageSets" / "Segmentation" / "val.txt").write_text(f"{names[-1]}\n")
    return folder


def project(folder: Path) -> ProjectFolder:
    folder.mkdir(exist_ok=True)
    for name in ("a.jpg", "b.png", "c.jpg", "d.jpg"):
        (folder / name).write_bytes(b"")
    made = ProjectFolder.open(folder)
    made.save_header(ProjectHeader(label_map=VOC))
    for key, vouch in (("a.jpg", [[2, 0]]), ("b.png", [[1, 1]]), ("c.jpg", [[0, 0]])):
        made.write_mask(key, MASK, VOC)
        made.write_vouch(key, np.array(vouch, np.uint8))
    made.append_state(StateRow("a.jpg", "corrected", held_out=False))
    made.append_state(StateRow("b.png", "verified", held_out=True))
    return made


def test_a_voc_folder_by_split(tmp_path: Path) -> None:
    voc(tmp_path, "x", "y", "z")
    whole = read_dataset(tmp_path)
    assert (whole.kind, [item.id for item in whole.items]) == ("voc", ["x", "y", "z"])
    assert [item.id for item in read_dataset(tmp_path, "val").items] == ["z"]
    item = read_dataset(tmp_path, "train").items[0]
    assert item.image_path == tmp_path / "JPEGImages" / "x.jpg"
    assert np.array_equal(read_truth(item, VOC), MASK)


def test_a_split_can_be_a_file_of_ids_in_its_order(tmp_path: Path) -> None:
    voc(tmp_path / "set", "x", "y", "z")
    (tmp_path / "mine.txt").write_text("z\nx\n")
    assert [item.id for item in read_dataset(tmp_path / "set", str(tmp_path / "mine.txt")).items] == ["z", "x"]


def test_an_unknown_split_says_which_there_are(tmp_path: Path) -> None:
    voc(tmp_path, "x", "y")
    with pytest.raises(DatasetError, match=r"no split 'test' \(there are: train, val\)"):
        read_dataset(tmp_path, "test")


def test_a_listed_image_without_mask_is_named(tmp_path: Path) -> None:
    voc(tmp_path, "x", "y")
    (tmp_path / "SegmentationClass" / "y.png").unlink()
    with pytest.raises(DatasetError, match="'y', which has no image with a mask"):
        read_dataset(tmp_path, "val")


def test_a_project_says_what_people_said_and_void_elsewhere(tmp_path: Path) -> None:
    project(tmp_path)
    whole = read_dataset(tmp_path)
    assert (whole.kind, [item.id for item in whole.items]) == ("project", ["a.jpg", "b.png"])
    assert read_truth(whole.items[0], VOC).tolist() == [[0, VOID]]
    assert [item.id for item in read_dataset(tmp_path, "train").items] == ["a.jpg"]
    assert [item.id for item in read_dataset(tmp_path, "val").items] == ["b.png"]


def test_a_project_without_classes_is_refused(tmp_path: Path) -> None:
    ProjectFolder.open(tmp_path).save_header(ProjectHeader())
    with pytest.raises(DatasetError, match="without classes"):
        read_dataset(tmp_path)


def test_work_on_a_voc_folder_stands_in_for_its_masks(tmp_path: Path) -> None:
    voc(tmp_path, "x", "y")
    made = ProjectFolder.open(tmp_path)
    made.save_header(ProjectHeader(label_map=VOC))
    made.write_mask("JPEGImages/y.jpg", MASK + 1, VOC)
    made.write_vouch("JPEGImages/y.jpg", np.ones_like(MASK))
    truths = {item.id: read_truth(item, VOC).tolist() for item in read_dataset(tmp_path).items}
    assert truths == {"x": [[0, 3]], "y": [[1, 4]]}


def test_images_and_masks_of_equal_names(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    for name in ("one.tif", "two.jpg", "three.jpg"):
        (tmp_path / "images" / name).write_bytes(b"")
    for name in ("one", "two"):
        write_mask(tmp_path / "masks" / f"{name}.png", MASK[:, :1], VOC)
    (tmp_path / "class_names.txt").write_text("background\nfly")
    found = read_dataset(tmp_path)
    assert (found.kind, [item.id for item in found.items]) == ("pairs", ["one", "two"])
    assert found.label_map.names == own_label_map(["fly"]).names
    (tmp_path / "val.txt").write_text("two\n")
    assert [item.id for item in read_dataset(tmp_path, "val").items] == ["two"]


def test_other_folders_are_no_data_set(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="is no data set"):
        read_dataset(tmp_path)
    with pytest.raises(DatasetError, match="is no folder"):
        read_dataset(tmp_path / "gone")


def test_a_mask_of_another_size_is_refused_on_reading(tmp_path: Path) -> None:
    item = read_dataset(voc(tmp_path, "x", "y")).items[0]
    with pytest.raises(MaskError, match="2 × 1 pixels, its image 9 × 9"):
        read_truth(item, VOC, (9, 9))


def test_reading_a_data_set_makes_nothing(tmp_path: Path) -> None:
    voc(tmp_path, "x", "y")
    before = sorted(tmp_path.rglob("*"))
    read_dataset(tmp_path)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_project_that_was_cut_off_amid_a_change_of_its_classes_is_refused(tmp_path: Path) -> None:
    made = project(tmp_path / "p")
    (made.dir / "rewrite/new").mkdir(parents=True)
    with pytest.raises(DatasetError, match="cut off"):
        read_dataset(tmp_path / "p")
    made.recover()
    assert len(read_dataset(tmp_path / "p").items) == 2
