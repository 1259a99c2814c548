"""Any picture → H×W×3 uint8 RGB as a person would see it, with notes on what was done to get there.

Only the formats in `FORMATS` are opened: none of them starts another program, and the size is checked before any pixel
is decoded. A picture is read as it is shown: turned as its EXIF says, its first frame, over white where it is
transparent (`pixel_modes`).
"""

import hashlib
import os
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from PIL import Image as PillowImage
from PIL import UnidentifiedImageError

from fcn_gui.core.errors import ImageError
from fcn_gui.core.pixel_modes import rgb_of
from fcn_gui.core.raster import Image

MAX_PIXELS = 250_000_000
FORMATS = ("JPEG", "PNG", "TIFF", "WEBP", "AVIF", "BMP", "DIB", "GIF", "PPM", "JPEG2000", "TGA", "PSD", "QOI")
IMAGE_SUFFIXES = frozenset(
    f".{end}"
    for end in (
        *("jpg", "jpeg", "jpe", "jfif", "mpo", "png", "tif", "tiff", "webp", "avif", "bmp", "dib", "gif"),
        *("ppm", "pgm", "pbm", "pnm", "jp2", "j2k", "tga", "psd", "qoi"),
    )
)

_ORIENTATION_TAG = 0x0112
_UPRIGHT_FORMATS = ("TIFF",)  # turned by the libraries that read them
# Pillow's own limit is lower and would refuse what is allowed here; sizes are checked before decoding.
PillowImage.MAX_IMAGE_PIXELS = MAX_PIXELS

# What Pillow, its decoders and Python's zlib raise for damaged files, besides OSError.
_DAMAGE = (
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    AttributeError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    struct.error,
    zlib.error,
)


@dataclass(frozen=True)
class Picture:
    """`image` H×W×3 uint8 RGB, and in words what had to be done to read it (empty for an ordinary photograph)."""

    image: Image
    notes: tuple[str, ...] = ()


def read_image(path: Path) -> Picture:
    """The picture in a file; ImageError, naming file, reason and remedy, where there is none or more than 250 MP."""
    with _opened(path) as opened:
        notes: list[str] = []
        orientation = _orientation(opened)
        image = _upright(opened, rgb_of(opened, notes), orientation)
        if getattr(opened, "is_animated", False):
            notes.append("the first of several frames")
    if orientation != 1:
        notes.append("turned as its EXIF says")
    return Picture(image, tuple(notes))


def read_small(path: Path, long_side: int) -> Image:
    """h×w×3 uint8 RGB, its long side at most `long_side`; quicker than `read_image`, for thumbnails. ImageError."""
    with _opened(path) as opened:
        opened.draft(None, (2 * long_side, 2 * long_side))
        orientation = _orientation(opened)
        image = _upright(opened, rgb_of(opened, []), orientation)
    return thumbnail(image, long_side)


def read_size(path: Path) -> tuple[int, int]:
    """(H, W) that `read_image` would give, from the header alone; ImageError."""
    with _opened(path) as opened:
        width, height = opened.size
        is_turned = opened.format not in _UPRIGHT_FORMATS and _orientation(opened) >= 5
    return (width, height) if is_turned else (height, width)


def exif_orientation(path: Path) -> int:
    """1…8 as EXIF has it; 1 where the picture is shown as it is stored. ImageError."""
    with _opened(path) as opened:
        return _orientation(opened)


def thumbnail(image: Image, long_side: int) -> Image:
    """The image brought down so that its long side is at most `long_side`; never brought up, never under 1 pixel."""
    height, width = image.shape[:2]
    scale = long_side / max(height, width)
    if scale >= 1:
        return image
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def digest(path: Path) -> str:
    """SHA-256 of the file's bytes, in hex; ImageError where it can't be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise _error(path, error.strerror or str(error), "Look whether it is still there; the rest works.") from error


@contextmanager
def _opened(path: Path) -> Iterator[PillowImage.Image]:
    """The file's header as Pillow read it, pixels not yet decoded; everything that goes wrong inside is told."""
    # Pillow warns of odd metadata and large pictures; neither is news: sizes are checked here, damage is an error.
    warnings.filterwarnings("ignore", module=r"PIL\.")
    try:
        file = path.open("rb")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise _error(path, reason, "Look whether it is still there and may be read; the rest works.") from error
    with file:
        try:
            with PillowImage.open(file, formats=_formats()) as opened:
                _check_size(path, opened.size)
                yield opened
        except ImageError:
            raise
        except UnidentifiedImageError as error:
            raise _unknown(path, os.fstat(file.fileno()).st_size) from error
        except PillowImage.DecompressionBombError as error:
            raise _too_large(path, "it has") from error
        except MemoryError as error:
            raise _error(path, "there is not enough memory for it", "Make it smaller; the rest works.") from error
        except (OSError, *_DAMAGE) as error:
            raise _error(path, _reason(error), "Copy it again; the rest works.") from error


@cache
def _formats() -> tuple[str, ...]:
    """Those of `FORMATS` that this build of Pillow has."""
    PillowImage.init()
    return tuple(name for name in FORMATS if name in PillowImage.OPEN)


def _check_size(path: Path, size: tuple[int, int]) -> None:
    width, height = size
    if width * height > MAX_PIXELS:
        raise _too_large(path, f"it has {width} × {height} pixels,")


def _too_large(path: Path, what: str) -> ImageError:
    reason = f"{what} more than the limit of {MAX_PIXELS // 1_000_000} megapixels"
    return _error(path, reason, "Make it smaller or cut it into parts; the rest works.")


def _unknown(path: Path, size: int) -> ImageError:
    if size == 0:
        return _error(path, "the file is empty", "Copy it again; the rest works.")
    return _error(path, "it is no picture, or damaged from its start", "Copy it again or save it as JPEG or PNG.")


def _reason(error: BaseException) -> str:
    text = str(error)
    if "truncated" in text.lower() or isinstance(error, EOFError):
        return "the file is cut short"
    return f"the file is damaged ({text or type(error).__name__})"


def _error(path: Path, reason: str, remedy: str) -> ImageError:
    name = "".join(c if c.isprintable() else "?" for c in path.name or str(path))
    return ImageError(f"{name} can't be read: {reason}. {remedy}")


def _orientation(opened: PillowImage.Image) -> int:
    """EXIF orientation 1…8. Damaged EXIF is no reason to refuse a picture, and PNG's is read only before its pixels."""
    try:
        if opened.format == "PNG":
            exif = PillowImage.Exif()
            exif.load(opened.info.get("exif", b""))
        else:
            exif = opened.getexif()
        value = exif.get(_ORIENTATION_TAG, 1)
    except (OSError, *_DAMAGE):
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _upright(opened: PillowImage.Image, image: Image, orientation: int) -> Image:
    """The image turned as EXIF says, unless Pillow and OpenCV have done that while reading."""
    if opened.format in _UPRIGHT_FORMATS:
        return np.ascontiguousarray(image)
    # Orientations 5…8 are mirrored at the diagonal first; then 2, 3, 4 and their partners mirror columns and rows.
    if orientation >= 5:
        image = image.transpose(1, 0, 2)
    flip_columns, flip_rows = orientation in (2, 3, 6, 7), orientation in (3, 4, 7, 8)
    return np.ascontiguousarray(image[:: -1 if flip_rows else 1, :: -1 if flip_columns else 1])
