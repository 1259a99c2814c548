"""Pixels as text: what a stroke made of them for the journal, which ones verify raised for `state.jsonl`.

Of a rectangle only the changed pixels are kept: it is packed on the main thread while the next stroke begins.
"""

import base64
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fcn_gui.core.errors import ProjectError
from fcn_gui.core.raster import CORRECTED, Inside, Mask, Rect, Vouch

_QUICK = 1  # zlib level
Touched = Sequence[tuple[Rect, Inside]]
"""Rectangles, and which of their pixels (h×w bool) were changed."""


def pack_pixels(mask: Mask, vouch: Vouch, touched: Touched) -> dict[str, Any]:
    """What the touched pixels of the H×W arrays `mask` and `vouch` are now, as JSON."""
    bits = np.packbits(np.concatenate([inside.ravel() for _, inside in touched]))
    return {
        "rects": [[rect.x0, rect.y0, rect.x1, rect.y1] for rect, _ in touched],
        "changed": _text(bits),
        "mask": _values([mask[rect.slices][inside] for rect, inside in touched]),
        "vouch": _values([vouch[rect.slices][inside] for rect, inside in touched]),
    }


def unpack_pixels(entry: Mapping[str, Any], mask: Mask, vouch: Vouch) -> None:
    """Set those pixels in the H×W arrays `mask` and `vouch`; doing it twice changes nothing more.

    Raises ProjectError for an entry that isn't one or does not fit the image; the arrays are then as they were.
    """
    try:
        rects = [Rect(*(int(edge) for edge in edges)) for edges in entry["rects"]]
        if any(rect != rect.clipped(mask.shape) for rect in rects):
            raise ValueError("it does not fit the image")
        sizes = [rect.width * rect.height for rect in rects]
        bits = np.frombuffer(_bytes(entry["changed"]), np.uint8)
        if bits.size != -(-sum(sizes) // 8):
            raise ValueError("its rectangles and its pixels don't fit")
        flat = np.unpackbits(bits, count=sum(sizes)).astype(bool)
        count = int(flat.sum())
        labels, vouched = _array(entry["mask"], count), _array(entry["vouch"], count)
    except (KeyError, TypeError, ValueError, OverflowError, zlib.error) as error:
        raise ProjectError(f"A stroke of the journal is damaged ({error}); the others are back.") from error
    pixel = value = 0
    for rect, size in zip(rects, sizes, strict=True):
        inside = flat[pixel : pixel + size].reshape(rect.height, rect.width)
        here = slice(value, value + int(inside.sum()))
        mask[rect.slices][inside] = labels[here]
        vouch[rect.slices][inside] = np.minimum(vouched[here], CORRECTED)
        pixel, value = pixel + size, here.stop


def pack_bits(inside: Inside) -> str:
    """An H×W bool array as text."""
    return _text(np.packbits(inside))


def unpack_bits(text: str, shape: tuple[int, int]) -> Inside | None:
    """The array of `shape` again; None for a text that isn't one or is of another size."""
    try:
        bits = np.frombuffer(_bytes(text), np.uint8)
    except (ValueError, zlib.error):
        return None
    pixels = shape[0] * shape[1]
    if bits.size != -(-pixels // 8):
        return None
    inside: Inside = np.unpackbits(bits, count=pixels).astype(bool).reshape(shape)
    return inside


def _values(parts: Sequence[NDArray[np.uint8]]) -> int | str:
    """All values in a row; as one number where they are equal, as most of a stroke is."""
    values = np.concatenate(parts)
    return int(values[0]) if values.size and values.min() == values.max() else _text(values)


def _array(packed: object, count: int) -> NDArray[np.uint8]:
    if isinstance(packed, int):
        return np.full(count, packed, np.uint8)
    values = np.frombuffer(_bytes(str(packed)), np.uint8)
    if values.size != count:
        raise ValueError(f"{values.size} values for {count} pixels")
    return values


def _text(data: NDArray[np.uint8]) -> str:
    return base64.b64encode(zlib.compress(data.tobytes(), _QUICK)).decode("ascii")


def _bytes(text: str) -> bytes:
    return zlib.decompress(base64.b64decode(text, validate=True))
