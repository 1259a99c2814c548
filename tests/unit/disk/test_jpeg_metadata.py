"""A JPEG loses what is said about it and none of its pixels."""

import io

import numpy as np
import pytest
from PIL import Image, ImageCms

from fcn_gui.disk.jpeg_metadata import without_metadata

PICTURE = np.random.default_rng(0).integers(0, 256, (40, 60, 3), dtype=np.uint8)
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def jpeg(mode: str = "RGB", **options: object) -> bytes:
    exif = Image.Exif()
    exif[0x010F] = "SECRET CAMERA"
    exif.get_ifd(0x8825)[1] = "N"
    buffer = io.BytesIO()
    picture = Image.fromarray(PICTURE).convert(mode)
    picture.save(
        buffer, "JPEG", exif=exif, comment=b"SECRET COMMENT", xmp=b"SECRET XMP", icc_profile=PROFILE, **options
    )
    return buffer.getvalue()


def pixels(data: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(data)) as opened:
        return np.asarray(opened)


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"restart_marker_blocks": 2}, {"subsampling": 0}])
def test_everything_said_goes_and_every_pixel_stays(mode: str, options: dict[str, object]) -> None:
    data = jpeg(mode, **options)
    assert b"SECRET" in data
    bare = without_metadata(data)
    assert b"SECRET" not in bare
    assert np.array_equal(pixels(bare), pixels(data))
    with Image.open(io.BytesIO(bare)) as opened:
        assert not opened.getexif()
        assert opened.info["icc_profile"] == PROFILE


def test_what_follows_the_picture_goes_too() -> None:
    data = jpeg()
    assert without_metadata(data + jpeg() + b"SECRET") == without_metadata(data)


def test_doing_it_twice_changes_nothing() -> None:
    once = without_metadata(jpeg())
    assert without_metadata(once) == once


def test_what_is_cut_short_or_no_jpeg_is_an_error() -> None:
    data = jpeg()
    for cut in range(0, len(data) - 1, 13):
        with pytest.raises(ValueError):
            without_metadata(data[:cut])
    with pytest.raises(ValueError, match="not a JPEG"):
        without_metadata(b"\x89PNG")
