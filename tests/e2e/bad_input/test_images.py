"""What lies in a folder beside good photographs: damaged files, odd kinds and odd sizes."""

import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage

from fcn_gui.session.project import Status
from tests.e2e.bad_input.conftest import MakeDesk
from tests.e2e.bad_input.disks import permissions_bite
from tests.e2e.desk import Desk
from tests.unit.session.workshop import make_folder, photo

Save = Callable[[PillowImage.Image, Path], None]


def test_damaged_files_are_listed_with_the_reason_and_the_rest_works(desk: Desk, photos: Path) -> None:
    good = (photos / "p0.png").read_bytes()
    (photos / "a_cut.png").write_bytes(good[: len(good) // 2])
    (photos / "b_empty.jpg").write_bytes(b"")
    (photos / "c_text.jpg").write_text("no picture at all")
    (photos / "d_folder.png").mkdir()
    desk.open(photos)
    assert desk.document.key == "p0.png", "the first usable image is shown"
    for key in ("a_cut.png", "b_empty.jpg", "c_text.jpg"):
        desk.model.select(key)
        desk.rest()
        assert desk.item(key).status is Status.PROBLEM
        assert f"{key} can't be read: " in desk.told[-1].text
        assert desk.item(key).problem.partition(": ")[2] in desk.row(key)
    desk.show("p1.png")
    desk.paint((10.5, 10.5), label=2)
    assert desk.document.masked.mask[10, 10] == 2
    assert (photos / "a_cut.png").read_bytes() == good[: len(good) // 2]


def test_a_file_that_may_not_be_read_is_listed_with_the_reason(make_desk: MakeDesk, photos: Path) -> None:
    (photos / "p1.png").chmod(0)
    with permissions_bite():
        desk = make_desk().open(photos)
        desk.model.select("p1.png")
        desk.rest()
        assert "p1.png can't be read: Permission denied" in desk.told[-1].text
        assert desk.item("p1.png").status is Status.PROBLEM
        desk.model.go(1)
        desk.until(lambda: desk.document.key == "p2.png")
        desk.close()


def test_what_bears_the_name_of_an_image_and_is_no_file_does_not_stop_the_rest(desk: Desk, photos: Path) -> None:
    os.mkfifo(photos / "a_pipe.png")  # who opens it waits for ever
    (photos / "b_loop.png").symlink_to(photos / "b_loop.png")
    (photos / "c_nowhere.png").symlink_to(photos / "gone.png")
    desk.open(photos)
    assert desk.document.key == "p0.png"
    for item in list(desk.model.project.items):
        desk.model.select(item.key)
        desk.rest()
        assert item.problem or desk.document.key == item.key
    desk.show("p3.png")
    desk.paint((10.5, 10.5), label=2)
    assert desk.document.masked.mask[10, 10] == 2


KINDS: dict[str, tuple[str, Save]] = {
    "deep.png": ("percentiles", lambda image, path: PillowImage.fromarray(_deep(image)).save(path)),
    "grey.png": ("grey", lambda image, path: image.convert("L").save(path)),
    "clear.png": ("transparent", lambda image, path: _half_clear(image).save(path)),
    "print.jpg": ("CMYK", lambda image, path: image.convert("CMYK").save(path)),
    "few.png": ("palette", lambda image, path: image.quantize(16).save(path)),
    "turned.jpg": ("EXIF", lambda image, path: image.save(path, exif=_turned())),
    "moves.gif": (
        "first",
        lambda image, path: image.save(path, save_all=True, append_images=[image.rotate(90), image.rotate(180)]),
    ),
    "pages.tif": ("first", lambda image, path: image.save(path, save_all=True, append_images=[image])),
}


def _deep(image: PillowImage.Image) -> np.ndarray:
    return np.asarray(image.convert("L"), np.uint16) * 200 + 3000


def _half_clear(image: PillowImage.Image) -> PillowImage.Image:
    image = image.convert("RGBA")
    image.paste((0, 0, 0, 0), (0, 0, 8, 8))
    return image


def _turned() -> PillowImage.Exif:
    exif = PillowImage.Exif()
    exif[0x0112] = 6
    return exif


def test_odd_kinds_are_opened_right_and_said(desk: Desk, tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "photos", 1)
    plain = PillowImage.fromarray(photo(7)[0])
    for key, (_, save) in KINDS.items():
        save(plain, folder / key)
    desk.open(folder)
    for key, (said, _) in KINDS.items():
        document = desk.show(key)
        assert document.shape == ((32, 24) if key == "turned.jpg" else (24, 32))
        assert document.prediction is not None
        assert said.casefold() in " ".join(document.picture.notes).casefold(), key
        assert all(note in desk.row(key) for note in document.picture.notes), "the tooltip says what was done"
        desk.paint((5.5, 5.5), (8.5, 5.5), label=2)
        assert document.masked.mask[5, 5] == 2
        if key == "turned.jpg":
            upright = np.rot90(photo(7)[0], -1)
            assert np.abs(document.picture.image.astype(int) - upright).mean() < 20
    assert not [message for message in desk.told if message.kind in ("warn", "error")]


@pytest.mark.parametrize("size", [(1, 1), (3, 5000), (8000, 6000)])
def test_odd_sizes_work(desk: Desk, tmp_path: Path, size: tuple[int, int]) -> None:
    folder = make_folder(tmp_path / "photos", 1)
    PillowImage.new("RGB", size, (130, 80, 40)).save(folder / "a_odd.png", compress_level=1)
    desk.open(folder)
    document = desk.show("a_odd.png")
    assert document.shape == (size[1], size[0])
    assert document.prediction is not None
    at = (size[0] / 2, size[1] / 2)
    desk.paint(at, label=2, radius_px=1.0)
    assert document.masked.mask[int(at[1]), int(at[0])] == 2
    desk.model.save_now()
    desk.rest()
    saved = desk.model.project.folder.read_mask("a_odd.png")
    assert np.array_equal(saved, document.masked.mask)
    assert not [message for message in desk.told if message.kind in ("warn", "error")]


def huge_png(path: Path, width: int, height: int) -> None:
    """A few bytes that say they are a picture of so many pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b""))


def test_more_than_250_megapixels_are_refused_with_the_limit(desk: Desk, photos: Path) -> None:
    huge_png(photos / "a_large.png", 16_000, 15_626)
    huge_png(photos / "b_bomb.png", 200_000, 200_000)
    desk.open(photos)
    assert desk.document.key == "p0.png"
    for key in ("a_large.png", "b_bomb.png"):
        desk.model.select(key)
        desk.rest()
        assert key in desk.told[-1].text
        assert "limit of 250 megapixels" in desk.told[-1].text
        assert "250 megapixels" in desk.row(key)
