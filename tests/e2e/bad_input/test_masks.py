"""Masks that don't fit their image or their classes: refused with file, value and count, never resized or guessed."""

from pathlib import Path

import numpy as np
from PIL import Image as PillowImage

from fcn_gui.core.label_map import voc_label_map
from fcn_gui.session.project import Status
from tests.e2e.bad_input.conftest import MakeDesk
from tests.e2e.desk import Desk
from tests.unit.session.workshop import photo


def put(path: Path, mask: np.ndarray, palette: bytes = bytes(768)) -> bytes:
    """Replace a mask by another one, as somebody outside does; the bytes it has now."""
    picture = PillowImage.fromarray(mask)
    picture.putpalette(palette)
    picture.save(path)
    return path.read_bytes()


def painted_and_closed(make_desk: MakeDesk, photos: Path) -> Path:
    """A project with a stroke on p0.png and p1.png; the folder of its masks."""
    desk = make_desk().open(photos)
    for key in ("p0.png", "p1.png"):
        desk.show(key)
        desk.paint((10.5, 10.5), label=2)
    desk.close()
    return photos / ".fcn-gui" / "masks"


def test_a_mask_of_another_size_is_refused_with_both_sizes(make_desk: MakeDesk, photos: Path) -> None:
    masks = painted_and_closed(make_desk, photos)
    other = put(masks / "p0.png.png", np.zeros((10, 20), np.uint8))
    desk = make_desk().open(photos)
    assert "20 × 10 pixels, its image 32 × 24" in desk.texts()
    assert str(masks / "p0.png.png") in desk.texts()
    assert desk.item("p0.png").status is Status.PROBLEM
    assert desk.show("p1.png").masked.vouch[10, 10] == 2, "the rest works"
    desk.close()
    assert (masks / "p0.png.png").read_bytes() == other, "it is neither resized nor replaced"


def test_a_mask_with_an_unknown_index_is_refused_until_the_class_is_there(make_desk: MakeDesk, photos: Path) -> None:
    masks = painted_and_closed(make_desk, photos)
    strange = np.zeros((24, 32), np.uint8)
    strange[10, 9:12] = 3
    kept = put(masks / "p0.png.png", strange)
    desk = make_desk().open(photos)
    told = next(message for message in desk.told if "unknown value" in message.text)
    assert str(masks / "p0.png.png") in told.text
    assert "3 in 3 pixels" in told.text
    assert "add the class" in told.text
    assert (masks / "p0.png.png").read_bytes() == kept
    desk.show("p1.png")
    desk.model.add_class("sheep")
    desk.rest()
    document = desk.show("p0.png")
    assert document.masked.mask[10, 9:12].tolist() == [3, 3, 3], "vouched pixels are as they were"
    assert desk.item("p0.png").status is not Status.PROBLEM


def voc_folder(root: Path, mask: np.ndarray) -> Path:
    """A VOC folder of two photographs: the first with a sound mask, the second with `mask`."""
    (root / "JPEGImages").mkdir(parents=True)
    (root / "SegmentationClass").mkdir()
    for number in (0, 1):
        PillowImage.fromarray(photo(number)[0]).save(root / "JPEGImages" / f"i{number}.png")
    put(root / "SegmentationClass" / "i0.png", photo(0)[1], voc_label_map().palette())
    PillowImage.fromarray(mask).save(root / "SegmentationClass" / "i1.png")
    return root


def test_colours_of_a_data_set_without_a_class_are_refused_with_the_count(desk: Desk, tmp_path: Path) -> None:
    colors = np.asarray(voc_label_map().colors, np.uint8)[photo(1)[1]]
    colors[3:5, 3:7] = (1, 2, 3)
    root = voc_folder(tmp_path / "voc", colors)
    desk.open(root)
    assert desk.document.key == "JPEGImages/i0.png"
    assert (desk.document.masked.mask == photo(0)[1]).all()
    assert (desk.document.masked.vouch == 1).all(), "the masks of a data set are accepted"
    desk.model.select("JPEGImages/i1.png")
    desk.rest()
    assert str(root / "SegmentationClass" / "i1.png") in desk.told[-1].text
    assert "(1, 2, 3) in 8 pixels" in desk.told[-1].text
    assert "colour" in desk.row("JPEGImages/i1.png")


def test_a_mask_of_a_data_set_of_another_size_is_refused(desk: Desk, tmp_path: Path) -> None:
    root = voc_folder(tmp_path / "voc", np.zeros((48, 64), np.uint8))
    desk.open(root)
    desk.model.select("JPEGImages/i1.png")
    desk.rest()
    assert "64 × 48 pixels, its image 32 × 24" in desk.told[-1].text
    assert desk.document.key == "JPEGImages/i0.png"


def test_a_damaged_mask_never_costs_the_strokes_of_the_others(make_desk: MakeDesk, photos: Path) -> None:
    masks = painted_and_closed(make_desk, photos)
    data = (masks / "p0.png.png").read_bytes()
    (masks / "p0.png.png").write_bytes(data[: len(data) // 2])
    desk = make_desk().open(photos)
    assert str(masks / "p0.png.png") in desk.texts()
    assert desk.show("p1.png").masked.vouch[10, 10] == 2
    desk.close()
    (masks / "p0.png.png").write_bytes(data)
    again = make_desk().open(photos)
    assert again.show("p0.png").masked.vouch[10, 10] == 2, "repaired, it is as it was"
