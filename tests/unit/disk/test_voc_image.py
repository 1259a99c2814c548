"""The photograph of an export."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fcn_gui.core.errors import ImageError
from fcn_gui.core.image_io import read_image
from fcn_gui.disk.voc_image import write_voc_image

PICTURE = np.random.default_rng(0).integers(0, 256, (30, 40, 3), dtype=np.uint8)


def exported(source: Path, target: Path, keep_metadata: bool = True) -> bool:
    return write_voc_image(source, read_image(source).image, target, keep_metadata)


def save(path: Path, mode: str = "RGB", orientation: int = 1, **options: object) -> Path:
    exif = Image.Exif()
    exif[0x010F] = "SECRET CAMERA"
    exif[0x0112] = orientation
    Image.fromarray(PICTURE).convert(mode).save(path, exif=exif, **options)
    return path


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_a_jpeg_is_copied_byte_for_byte(tmp_path: Path, mode: str) -> None:
    source = save(tmp_path / "a.jpeg", mode)
    assert not exported(source, tmp_path / "out.jpg")
    assert (tmp_path / "out.jpg").read_bytes() == source.read_bytes()


def test_without_metadata_the_pixels_are_still_the_same(tmp_path: Path) -> None:
    source = save(tmp_path / "a.jpg")
    assert not exported(source, tmp_path / "out.jpg", keep_metadata=False)
    data = (tmp_path / "out.jpg").read_bytes()
    assert b"SECRET" not in data
    assert np.array_equal(read_image(tmp_path / "out.jpg").image, read_image(source).image)


@pytest.mark.parametrize("keep", [True, False])
def test_a_turned_jpeg_is_written_as_it_is_shown(tmp_path: Path, keep: bool) -> None:
    source = save(tmp_path / "a.jpg", orientation=6)
    assert exported(source, tmp_path / "out.jpg", keep)
    with Image.open(tmp_path / "out.jpg") as opened:
        assert opened.size == (30, 40)
        assert opened.getexif().get(0x0112, 1) == 1
        assert opened.getexif().get(0x010F) == ("SECRET CAMERA" if keep else None)


@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.bmp", "a.webp", "png inside.jpg"])
def test_other_kinds_are_encoded_once_and_look_the_same(tmp_path: Path, name: str) -> None:
    source = tmp_path / name
    smooth = np.broadcast_to(np.linspace(0, 255, 40).astype(np.uint8)[None, :, None], (30, 40, 3))
    Image.fromarray(smooth).save(source, "PNG" if name.endswith("jpg") else None)
    assert exported(source, tmp_path / "out.jpg")
    with Image.open(tmp_path / "out.jpg") as opened:
        assert opened.format == "JPEG"
        assert opened.mode == "RGB"
    assert np.abs(read_image(tmp_path / "out.jpg").image.astype(int) - read_image(source).image).mean() < 2


def test_transparent_palette_and_noise_pass_too(tmp_path: Path) -> None:
    for name, mode in (("noise.png", "RGB"), ("p.png", "P"), ("rgba.png", "RGBA"), ("l.png", "L")):
        Image.fromarray(PICTURE).convert(mode).save(tmp_path / name)
        assert exported(tmp_path / name, tmp_path / f"{name}.jpg")


def test_too_long_for_a_jpeg_is_said(tmp_path: Path) -> None:
    Image.new("L", (70_000, 1)).save(tmp_path / "long.png")
    with pytest.raises(ImageError, match="too long for a JPEG"):
        exported(tmp_path / "long.png", tmp_path / "out.jpg")
