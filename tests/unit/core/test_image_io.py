"""Pictures of every kind, real files of each, and what the damaged and the enormous get."""

import io
import struct
import warnings
import zlib
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image as PillowImage
from PIL import ImageCms

from fcn_gui.core.errors import ImageError
from fcn_gui.core.image_io import (
    IMAGE_SUFFIXES,
    MAX_PIXELS,
    digest,
    exif_orientation,
    read_image,
    read_size,
    read_small,
    thumbnail,
)


def photo(height: int = 40, width: int = 60) -> np.ndarray:
    """Red grows to the right, green downwards, blue stays: every turn and flip shows."""
    rows, cols = np.mgrid[0:height, 0:width]
    return np.dstack([cols * 255 // width, rows * 255 // height, np.full_like(rows, 90)]).astype(np.uint8)


def written(path: Path, image: PillowImage.Image, **options: object) -> Path:
    image.save(path, **options)
    return path


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".tif", ".ppm", ".tga", ".webp", ".jp2", ".gif", ".jpg", ".avif"])
def test_an_ordinary_photograph_of_each_format(tmp_path: Path, suffix: str) -> None:
    path = written(tmp_path / f"a{suffix}", PillowImage.fromarray(photo()))
    picture = read_image(path)
    assert picture.image.shape == (40, 60, 3)
    assert picture.image.dtype == np.uint8
    assert picture.image.flags.c_contiguous
    assert np.abs(picture.image.astype(int) - photo()).mean() < 8
    assert picture.notes == (("palette",) if suffix == ".gif" else ())
    assert read_size(path) == (40, 60)
    assert suffix in IMAGE_SUFFIXES


@pytest.mark.parametrize("size", [(1, 1), (3, 5000), (1, 7), (5000, 3)])
def test_odd_sizes(tmp_path: Path, size: tuple[int, int]) -> None:
    path = written(tmp_path / "a.png", PillowImage.fromarray(photo(*size)))
    assert (read_image(path).image == photo(*size)).all()
    assert read_size(path) == size


def test_a_large_photograph_raises_no_warning(tmp_path: Path) -> None:
    path = written(tmp_path / "a.png", PillowImage.new("1", (8_000, 6_000)))
    (tmp_path / "b.png").write_bytes(png_header(16_000, 12_000))  # Pillow alone refuses from 179 megapixels
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read_small(path, 96).shape == (72, 96, 3)
        assert read_size(tmp_path / "b.png") == (12_000, 16_000)


def test_grey_and_black_and_white(tmp_path: Path) -> None:
    grey = photo()[:, :, 0]
    picture = read_image(written(tmp_path / "grey.png", PillowImage.fromarray(grey)))
    assert (picture.image == grey[:, :, None]).all()
    assert picture.notes == ("grey",)
    picture = read_image(written(tmp_path / "bw.png", PillowImage.fromarray(grey > 99)))
    assert (picture.image == 255 * (grey > 99)[:, :, None]).all()


def test_palette(tmp_path: Path) -> None:
    image = PillowImage.fromarray(np.arange(6, dtype=np.uint8).reshape(2, 3) % 3)
    image.putpalette([10, 20, 30, 40, 50, 60, 70, 80, 90])
    picture = read_image(written(tmp_path / "a.png", image))
    assert picture.image[0].tolist() == [[10, 20, 30], [40, 50, 60], [70, 80, 90]]
    assert picture.notes == ("palette",)


def test_a_transparent_palette_lies_over_white(tmp_path: Path) -> None:
    image = PillowImage.fromarray(np.zeros((2, 3), np.uint8))
    image.putpalette([10, 20, 30])
    picture = read_image(written(tmp_path / "a.png", image, transparency=b"\x00"))
    assert (picture.image == 255).all()
    assert picture.notes == ("palette", "transparent parts over white")


def test_transparent_parts_lie_over_white(tmp_path: Path) -> None:
    pixels = np.array([[[200, 100, 0, 255], [200, 100, 0, 0], [200, 100, 0, 51]]], np.uint8)
    picture = read_image(written(tmp_path / "a.png", PillowImage.fromarray(pixels)))
    assert picture.image[0].tolist() == [[200, 100, 0], [255, 255, 255], [244, 224, 204]]
    assert picture.notes == ("transparent parts over white",)


def test_an_alpha_channel_that_hides_nothing_is_left_out(tmp_path: Path) -> None:
    pixels = np.dstack([photo(), np.full((40, 60), 255, np.uint8)])
    picture = read_image(written(tmp_path / "a.png", PillowImage.fromarray(pixels)))
    assert (picture.image == photo()).all()
    assert picture.notes == ("alpha channel left out, nothing is transparent",)


def test_grey_with_alpha(tmp_path: Path) -> None:
    pixels = PillowImage.fromarray(np.dstack([photo()[:, :, 0], np.zeros((40, 60), np.uint8)]))
    assert (read_image(written(tmp_path / "a.png", pixels)).image == 255).all()


def test_cmyk(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jpg", PillowImage.fromarray(photo()).convert("CMYK"), quality=95)
    picture = read_image(path)
    assert np.abs(picture.image.astype(int) - photo()).mean() < 12
    assert picture.notes == ("CMYK brought to RGB",)


def test_a_broken_colour_profile_does_not_matter(tmp_path: Path) -> None:
    cmyk = PillowImage.fromarray(photo()).convert("CMYK")
    path = written(tmp_path / "a.tif", cmyk, icc_profile=b"no profile at all")
    assert np.abs(read_image(path).image.astype(int) - photo()).mean() < 12


def test_lab(tmp_path: Path) -> None:
    to_lab = ImageCms.buildTransform(ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB")
    lab = ImageCms.applyTransform(PillowImage.fromarray(photo()), to_lab)
    assert lab is not None
    picture = read_image(written(tmp_path / "a.tif", lab))
    assert np.abs(picture.image.astype(int) - photo()).mean() < 12


def test_16_bit_grey_is_scaled_by_its_percentiles(tmp_path: Path) -> None:
    values = np.linspace(1000, 3000, 20_000).astype(np.uint16).reshape(100, 200)
    values[0, 0], values[0, 1] = 0, 65535  # one dead and one hot pixel don't decide
    cv2.imwrite(str(tmp_path / "a.png"), values)
    picture = read_image(tmp_path / "a.png")
    low, high = np.percentile(values, [0.5, 99.5])
    expected = np.clip((values - low) / (high - low), 0, 1) * 255
    assert np.abs(picture.image[:, :, 1] - expected).max() <= 1
    assert "0.5 and 99.5 percentiles" in picture.notes[0]


@pytest.mark.parametrize("suffix", [".png", ".tif"])
@pytest.mark.parametrize("channels", [3, 4])
def test_16_bit_color_is_scaled_as_one(tmp_path: Path, suffix: str, channels: int) -> None:
    values = (photo(50, 70).astype(np.uint16) * 8) + 300
    if channels == 4:
        values = np.dstack([values, np.full((50, 70), 65535, np.uint16)])
    cv2.imwrite(str(tmp_path / f"a{suffix}"), values[:, :, [2, 1, 0, 3][:channels]])
    picture = read_image(tmp_path / f"a{suffix}")
    low, high = np.percentile(values[:, :, :3], [0.5, 99.5])
    expected = np.clip((values[:, :, :3] - low) / (high - low), 0, 1) * 255
    assert np.abs(picture.image - expected).max() <= 1
    assert "16 bits a channel" in picture.notes[0]


@pytest.mark.parametrize("kind", [np.int32, np.float32])
def test_other_numbers_are_scaled_too(tmp_path: Path, kind: type) -> None:
    values = (photo()[:, :, 0].astype(np.float64) * 1000 - 5000).astype(kind)
    if kind is np.float32:
        values[3, 3], values[4, 4], values[5, 5] = np.nan, np.inf, -np.inf
    picture = read_image(written(tmp_path / "a.tif", PillowImage.fromarray(values)))
    assert (picture.image.min(), picture.image.max()) == (0, 255)
    if kind is np.float32:
        assert (picture.image[3, 3, 0], picture.image[4, 4, 0], picture.image[5, 5, 0]) == (0, 255, 0)


@pytest.mark.parametrize("value", [0, 700])
def test_16_bits_all_the_same(tmp_path: Path, value: int) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), np.full((5, 5), value, np.uint16))
    assert len(np.unique(read_image(tmp_path / "a.png").image)) == 1


def test_16_bits_almost_all_black_still_show_the_rest(tmp_path: Path) -> None:
    values = np.zeros((100, 100), np.uint16)
    values[5, 5] = 4000
    cv2.imwrite(str(tmp_path / "a.png"), values)
    assert read_image(tmp_path / "a.png").image[5, 5].tolist() == [255, 255, 255]


TURNS: dict[int, Callable[[np.ndarray], np.ndarray]] = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: np.rot90(a, 2),
    4: lambda a: a[::-1],
    5: lambda a: a.transpose(1, 0, 2),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: np.rot90(a, 2).transpose(1, 0, 2),
    8: lambda a: np.rot90(a, 1),
}


@pytest.mark.parametrize("orientation", TURNS)
@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif", ".webp"])
def test_exif_orientation(tmp_path: Path, orientation: int, suffix: str) -> None:
    exif = PillowImage.Exif()
    exif[0x0112] = orientation
    path = tmp_path / f"a{suffix}"
    written(path, PillowImage.fromarray(photo()), exif=exif, **({} if suffix == ".tif" else {"quality": 95}))
    picture, expected = read_image(path), TURNS[orientation](photo())
    assert picture.image.shape == expected.shape
    assert np.abs(picture.image.astype(int) - expected).mean() < 8
    assert picture.notes == (() if orientation == 1 else ("turned as its EXIF says",))
    assert read_size(path) == expected.shape[:2]
    assert exif_orientation(path) == orientation
    assert np.abs(read_small(path, 60).astype(int) - expected).mean() < 8


def test_16_bit_pictures_are_turned_once(tmp_path: Path) -> None:
    values = (photo(50, 70).astype(np.uint16) * 8) + 300
    for suffix, options in ((".png", [cv2.IMWRITE_PNG_COMPRESSION, 1]), (".tif", [cv2.IMWRITE_TIFF_COMPRESSION, 1])):
        cv2.imwrite(str(tmp_path / f"flat{suffix}"), values[:, :, ::-1], options)
    data = (tmp_path / "flat.png").read_bytes()
    exif = PillowImage.Exif()
    exif[0x0112] = 6
    (tmp_path / "a.png").write_bytes(data[:33] + png_chunk(b"eXIf", exif.tobytes()[6:]) + data[33:])
    data = (tmp_path / "flat.tif").read_bytes()
    planar = struct.pack("<HHII", 284, 3, 1, 1)  # says nothing that isn't the default: its place is taken
    assert data.count(planar) == 1
    (tmp_path / "a.tif").write_bytes(data.replace(planar, struct.pack("<HHII", 0x0112, 3, 1, 6)))
    for suffix in (".png", ".tif"):
        turned, flat = (read_image(tmp_path / f"{name}{suffix}").image for name in ("a", "flat"))
        assert (turned == np.rot90(flat, -1)).all()
        assert read_size(tmp_path / f"a{suffix}") == (70, 50)


@pytest.mark.parametrize("exif", [b"Exif\x00\x00garbage", b"Exif\x00\x00II*\x00\x08\x00\x00\x00\xff\xff"])
def test_damaged_exif_is_no_reason_to_refuse(tmp_path: Path, exif: bytes) -> None:
    path = written(tmp_path / "a.jpg", PillowImage.fromarray(photo()), exif=exif)
    assert read_image(path).image.shape == (40, 60, 3)
    assert exif_orientation(path) == 1


@pytest.mark.parametrize("suffix", [".gif", ".webp", ".tif", ".png"])
def test_the_first_frame_of_several(tmp_path: Path, suffix: str) -> None:
    frames = [PillowImage.fromarray(photo()), PillowImage.new("RGB", (60, 40), "red")]
    path = written(tmp_path / f"a{suffix}", frames[0], save_all=True, append_images=frames[1:])
    picture = read_image(path)
    assert np.abs(picture.image.astype(int) - photo()).mean() < 8
    assert picture.notes[-1] == "the first of several frames"


def encoded(kind: str) -> bytes:
    out = io.BytesIO()
    noise = np.random.default_rng(1).integers(0, 256, (40, 60, 3)).astype(np.uint8)
    PillowImage.fromarray(noise).save(out, kind)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP", "TIFF", "PPM", "GIF"])
def test_a_truncated_file_is_told_with_its_name_and_a_remedy(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "IMG_0425.jpg"
    path.write_bytes(encoded(kind)[: len(encoded(kind)) // 2])
    with pytest.raises(ImageError, match=r"^IMG_0425\.jpg can't be read: .*Copy it again"):
        read_image(path)


def test_a_truncated_16_bit_png_is_not_half_a_picture(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 65536, (40, 60, 3)).astype(np.uint16)
    data = cv2.imencode(".png", noise)[1].tobytes()
    (tmp_path / "a.png").write_bytes(data[: len(data) // 2])
    with pytest.raises(ImageError, match="cut short"):
        read_image(tmp_path / "a.png")


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "the file is empty"), (b"hello, this is text", "no picture"), (b"\x89PNG\r\n\x1a\n", "a.png can't be read")],
)
def test_what_is_no_picture_is_told(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(content)
    for read in (read_image, read_size, exif_orientation):
        with pytest.raises(ImageError, match=said):
            read(path)


def test_a_file_that_would_start_another_program_is_no_picture(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\nshowpage\n%%EOF\n")
    with pytest.raises(ImageError, match="no picture"):
        read_image(path)


def test_a_missing_file_and_a_folder_are_told(tmp_path: Path) -> None:
    for path in (tmp_path / "gone.jpg", tmp_path):
        for read in (read_image, digest):
            with pytest.raises(ImageError, match="can't be read"):
                read(path)


def test_a_name_with_a_line_break_stays_one_line(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"^a\?b\.jpg can't") as caught:
        read_image(tmp_path / "a\nb.jpg")
    assert "\n" not in str(caught.value)


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_header(width: int, height: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = png_chunk(b"IHDR", header), png_chunk(b"IDAT", zlib.compress(b"\0" * 9)), png_chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@pytest.mark.parametrize("size", [(15_812, 15_812), (60_000, 60_000), (2**31 - 1, 2**31 - 1)])
def test_more_than_250_megapixels_are_refused_before_decoding(tmp_path: Path, size: tuple[int, int]) -> None:
    assert MAX_PIXELS == 250_000_000
    path = tmp_path / "huge.png"
    path.write_bytes(png_header(*size))
    for read in (read_image, read_size, lambda p: read_small(p, 96)):
        with pytest.raises(ImageError, match=r"^huge\.png can't be read:.*250 megapixels"):
            read(path)


def test_a_text_that_unpacks_to_gigabytes_is_refused(tmp_path: Path) -> None:
    chunk = png_chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"\0" * 50_000_000, 1))
    data = png_header(10, 10)
    (tmp_path / "a.png").write_bytes(data[:33] + chunk + data[33:])
    with pytest.raises(ImageError, match=r"^a\.png can't be read"):
        read_image(tmp_path / "a.png")


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kind=st.sampled_from(["JPEG", "PNG", "WEBP", "BMP", "TIFF", "PPM", "GIF", "TGA", "JPEG2000"]),
    harm=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=8),
    kept=st.floats(0, 1),
)
def test_no_damage_ends_in_anything_but_a_picture_or_an_image_error(
    tmp_path: Path, kind: str, harm: list[tuple[float, int]], kept: float
) -> None:
    data = bytearray(encoded(kind))
    for where, value in harm:
        data[min(int(where**3 * len(data)), len(data) - 1)] = value  # headers are where damage is most varied
    path = tmp_path / "a.img"
    path.write_bytes(bytes(data[: int(len(data) * max(kept, 0.3))]))
    for read in (read_image, read_size, exif_orientation):
        try:
            read(path)
        except ImageError as error:
            assert str(error).startswith("a.img can't be read")


def test_a_thumbnail_is_as_long_as_asked_and_never_larger_than_the_image() -> None:
    assert thumbnail(photo(40, 60), 30).shape == (20, 30, 3)
    assert thumbnail(photo(40, 60), 100).shape == (40, 60, 3)
    assert thumbnail(photo(2, 3000), 60).shape == (1, 60, 3)
    assert abs(int(thumbnail(photo(), 10)[..., 0].mean()) - int(photo()[..., 0].mean())) <= 1


def test_read_small_is_the_thumbnail_of_the_picture(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jpg", PillowImage.fromarray(photo(800, 1200)), quality=95)
    small = read_small(path, 120)
    assert small.shape == (80, 120, 3)
    assert np.abs(small.astype(int) - thumbnail(read_image(path).image, 120)).mean() < 3


def test_digest_is_sha_256(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    assert digest(tmp_path / "a") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
