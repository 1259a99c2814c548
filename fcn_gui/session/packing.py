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
from fcn_gui.core.runs import run_lengths, run_starts

_QUICK = 1  # zlib level
Touched = Sequence[tuple[Rect, Inside]]
"""Rectangles, and which of their pixels (h×w bool) were changed."""
Packed = int | str | dict[str, str]


def pack_pixels(mask: Mask, vouch: Vouch, touched: Touched) -> dict[str, Any]:
    """What the touched pixels of the H×W arrays `mask` and `vouch` are now, as JSON."""
    bits = np.packbits(np.concatenate([inside.ravel() for _, inside in touched]))
    is_all = [bool(inside.all()) for _, inside in touched]
    return {
        "rects": [[rect.x0, rect.y0, rect.x1, rect.y1] for rect, _ in touched],
        "changed": _text(bits),
        "mask": _values(mask, touched, is_all),
        "vouch": _values(vouch, touched, is_all),
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


def _values(array: NDArray[np.uint8], touched: Touched, is_all: Sequence[bool]) -> Packed:
    """All values in a row; one number where they are equal, as most of a stroke is, else runs where they are long."""
    parts = [
        array[rect.slices].ravel() if whole else array[rect.slices][inside]
        for (rect, inside), whole in zip(touched, is_all, strict=True)
    ]
    values, lengths = [], []
    for part in parts:
        starts = run_starts(part)
        values.append(part[starts])
        lengths.append(run_lengths(starts, part.size))
    runs, counts = np.concatenate(values), np.concatenate(lengths)
    if runs.size and (runs == runs[0]).all():
        return int(runs[0])
    if 5 * runs.size < sum(part.size for part in parts):
        return {"runs": _text(runs), "lengths": _text(counts.astype("<u4").view(np.uint8))}
    return _text(np.concatenate(parts))


def _array(packed: object, count: int) -> NDArray[np.uint8]:
    if isinstance(packed, int):
        return np.full(count, packed, np.uint8)
    if isinstance(packed, dict):
        runs = np.frombuffer(_bytes(packed["runs"]), np.uint8)
        lengths = np.frombuffer(_bytes(packed["lengths"]), "<u4").astype(np.int64)
        if lengths.sum() != count:
            raise ValueError(f"{lengths.sum()} values for {count} pixels")
        return np.repeat(runs, lengths)
    values = np.frombuffer(_bytes(str(packed)), np.uint8)
    if values.size != count:
        raise ValueError(f"{values.size} values for {count} pixels")
    return values


def _text(data: NDArray[np.uint8]) -> str:
    return base64.b64encode(zlib.compress(data.tobytes(), _QUICK)).decode("ascii")


def _bytes(text: str) -> bytes:
    return zlib.decompress(base64.b64decode(text, validate=True))
