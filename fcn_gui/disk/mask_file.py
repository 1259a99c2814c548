"""Masks as files: PNG of mode P, 8 bit, 256 palette entries, the pixels being the indices themselves.

Indices never go through a colour conversion; every mask that is written is read back from the disk and compared.
"""

import io
import struct
import warnings
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage
from PIL import UnidentifiedImageError

from fcn_gui.core.errors import MaskError, SaveError
from fcn_gui.core.image_io import MAX_PIXELS
from fcn_gui.core.label_map import LabelMap
from fcn_gui.core.palette import VOID_COLOR, Color
from fcn_gui.core.raster import CORRECTED, VOID, Mask, Vouch, check_mask
from fcn_gui.disk.atomic import write_bytes

_FORMATS = ("PNG", "TIFF", "BMP", "GIF", "PPM")  # those that lose nothing
_DAMAGE = (OSError, SyntaxError, ValueError, TypeError, LookupError, EOFError, RuntimeError, struct.error, zlib.error)
_VOUCH_PALETTE = bytes((40, 40, 40, 64, 160, 96, 240, 176, 64)) + bytes(3 * 253)


class UnknownLabelError(MaskError):
    """A mask has values or colours that no class has; `counts` says how many pixels of each."""

    def __init__(self, message: str, counts: Mapping[int | Color, int]) -> None:
        super().__init__(message)
        self.counts = dict(counts)


def encode_mask(mask: Mask, palette: bytes) -> bytes:
    """PNG bytes of an H×W uint8 mask with a palette of 768 bytes; decoded once to see that they hold it."""
    check_mask(mask)
    if len(palette) != 768:
        raise ValueError(f"a palette has 768 bytes, not {len(palette)}")
    picture = PillowImage.fromarray(np.ascontiguousarray(mask))
    picture.putpalette(palette)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=6)
    return buffer.getvalue()


def write_mask(path: Path, mask: Mask, label_map: LabelMap) -> None:
    """Write an H×W uint8 mask in the label map's palette, as a whole, and read it back.

    Raises SaveError, and then the file is what it was, and MaskError for an index that no class has.
    """
    check_labels(mask, label_map, path)
    _write(path, mask, label_map.palette())


def write_vouch(path: Path, vouch: Vouch) -> None:
    """Write an H×W uint8 vouch map of 0, 1, 2, as a whole, and read it back. Raises SaveError."""
    if vouch.size and vouch.max() > CORRECTED:
        raise ValueError(f"a vouch map holds 0, 1, 2, not {vouch.max()}")
    _write(path, vouch, _VOUCH_PALETTE)


def read_voc_mask(path: Path, label_map: LabelMap, shape: tuple[int, ...] | None = None) -> Mask:
    """H×W uint8 class indices of a mask file, 255 void.

    Palette and grey masks hold the indices, RGB masks are mapped by exact colour. Raises MaskError for a file that is
    no mask or has another size than `shape`, UnknownLabelError for a value or colour without a class.
    """
    pixels = _read_pixels(path, shape)
    if pixels.ndim == 3:
        return _labels_of_colors(pixels, label_map, path)
    check_labels(pixels, label_map, path)
    return pixels


def read_indices(path: Path, label_map: LabelMap | None, shape: tuple[int, ...] | None = None) -> Mask:
    """`read_voc_mask` of a file of our own: colours are refused, and indices checked if there is a label map."""
    mask = _read_pixels(path, shape)
    if mask.ndim != 2:
        raise MaskError(f"{path} holds colours instead of indices; move it away or save it as a palette PNG.")
    if label_map is not None:
        check_labels(mask, label_map, path)
    return mask


def read_vouch(path: Path, shape: tuple[int, ...] | None = None) -> Vouch:
    """H×W uint8 vouch map. Raises MaskError."""
    vouch = _read_pixels(path, shape)
    if vouch.ndim != 2 or (vouch.size and vouch.max() > CORRECTED):
        raise MaskError(f"{path} is not a vouch map of 0, 1 and 2; move it away, the mask itself stays.")
    return vouch


def check_labels(mask: Mask, label_map: LabelMap, path: Path) -> None:
    """Raise UnknownLabelError, naming `path`, if a pixel of `mask` is neither void nor the index of a class."""
    check_mask(mask)
    lost = (mask >= len(label_map)) & (mask != VOID)
    if not lost.any():
        return
    values, counts = np.unique(mask[lost], return_counts=True)
    unknown: dict[int | Color, int] = {int(v): int(n) for v, n in zip(values, counts, strict=True)}
    raise UnknownLabelError(_unknown(path, unknown, "value", f"0 … {len(label_map) - 1} and 255"), unknown)


def _write(path: Path, mask: Mask, palette: bytes) -> None:
    data = encode_mask(mask, palette)
    if not np.array_equal(_decoded(data, path), mask):
        raise SaveError(f"{path} was not saved: the image library changed its values; report this.")
    write_bytes(path, data)
    try:
        is_same = path.read_bytes() == data
    except OSError as error:
        raise SaveError(f"{path} can't be read back after saving ({error.strerror}); check the drive.") from error
    if not is_same:
        raise SaveError(f"{path} holds something else than was saved; check the drive, then save again.")


def _read_pixels(path: Path, shape: tuple[int, ...] | None) -> Mask:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise MaskError(f"{path} can't be read: {error.strerror or error}; look whether it is still there.") from error
    return _decoded(data, path, shape)


def _decoded(data: bytes, path: Path, shape: tuple[int, ...] | None = None) -> Mask:
    """H×W uint8 indices or H×W×3 uint8 colours."""
    warnings.filterwarnings("ignore", module=r"PIL\.")  # sizes are checked here, damage is an error
    try:
        with PillowImage.open(io.BytesIO(data), formats=_FORMATS) as opened:
            _check_size(opened.size, shape, path)
            return _pixels(opened, path)
    except UnidentifiedImageError as error:
        reason = "the file is empty" if not data else "it is no PNG, TIFF or BMP (JPEG changes values)"
        raise MaskError(f"{path} is no mask: {reason}; replace or remove it.") from error
    except (*_DAMAGE, PillowImage.DecompressionBombError) as error:
        raise MaskError(f"{path} is damaged ({error}); replace or remove it.") from error


def _check_size(size: tuple[int, int], shape: tuple[int, ...] | None, path: Path) -> None:
    width, height = size
    if shape is not None and (height, width) != tuple(shape[:2]):
        raise MaskError(
            f"{path} is {width} × {height} pixels, its image {shape[1]} × {shape[0]}; "
            "a mask is never resized, so replace one of the two."
        )
    if width * height > MAX_PIXELS:
        raise MaskError(f"{path} has {width} × {height} pixels, more than {MAX_PIXELS // 10**6} megapixels; cut it.")


def _pixels(opened: PillowImage.Image, path: Path) -> Mask:
    if opened.mode in ("P", "L"):
        return np.array(opened, np.uint8)
    if opened.mode in ("RGB", "RGBA"):
        return np.ascontiguousarray(np.asarray(opened, np.uint8)[..., :3])
    if opened.mode in ("1", "LA", "PA", "I", "I;16", "I;16B", "I;16L"):
        values = np.asarray(opened)
        return _as_indices(values[..., 0] if values.ndim == 3 else values, path)
    raise MaskError(f"{path} is a picture of mode {opened.mode}, no mask; save it as palette, grey or RGB PNG.")


def _as_indices(values: NDArray[Any], path: Path) -> Mask:
    """H×W of any number type → uint8, if every value fits."""
    lost = (values < 0) | (values > VOID)
    if lost.any():
        found, counts = np.unique(values[lost], return_counts=True)
        unknown: dict[int | Color, int] = {int(v): int(n) for v, n in zip(found, counts, strict=True)}
        raise UnknownLabelError(_unknown(path, unknown, "value", "0 … 255"), unknown)
    return np.asarray(values, np.uint8)


def _labels_of_colors(colors: NDArray[np.uint8], label_map: LabelMap, path: Path) -> Mask:
    packed = (colors[..., 0].astype(np.uint32) << 16) | (colors[..., 1].astype(np.uint32) << 8) | colors[..., 2]
    table = np.full(1 << 24, -1, np.int16)
    table[_packed(VOID_COLOR)] = VOID
    for index, color in enumerate(label_map.colors):
        table[_packed(color)] = index
    labels: NDArray[np.int16] = table[packed]
    lost = labels < 0
    if lost.any():
        values, counts = np.unique(packed[lost], return_counts=True)
        unknown: dict[int | Color, int] = {
            (int(v) >> 16, int(v) >> 8 & 255, int(v) & 255): int(n) for v, n in zip(values, counts, strict=True)
        }
        raise UnknownLabelError(_unknown(path, unknown, "colour", "those of the label map"), unknown)
    return np.asarray(labels, np.uint8)


def _packed(color: Color) -> int:
    return color[0] << 16 | color[1] << 8 | color[2]


def _unknown(path: Path, counts: Mapping[int | Color, int], word: str, known: str) -> str:
    ordered = sorted(counts.items(), key=lambda item: -item[1])
    shown = ", ".join(f"{value} in {count} pixel{'s' if count != 1 else ''}" for value, count in ordered[:5])
    more = f" and {len(ordered) - 5} more" if len(ordered) > 5 else ""
    return f"{path} has the unknown {word} {shown}{more} (known: {known}); add the class or repair the mask."
