"""Parts of an image that belong together: connected regions of one label, holes and specks in them."""

from collections.abc import Iterator

import cv2
import numpy as np

from fcn_gui.core.raster import Inside, Mask, Rect
from fcn_gui.core.stroke import Coverage


def region_at(mask: Mask, rc: tuple[int, int]) -> Coverage:
    """The 4-connected pixels of one label around pixel (row, column); IndexError for one outside of the mask."""
    height, width = mask.shape
    row, col = rc
    if not (0 <= row < height and 0 <= col < width):
        raise IndexError(f"pixel {rc} is not in a mask of {mask.shape}")
    # OpenCV marks the region in an array one pixel larger on each side, and leaves the mask itself alone.
    marked = np.zeros((height + 2, width + 2), np.uint8)
    flags = 4 | cv2.FLOODFILL_MASK_ONLY | (1 << 8)
    x, y, w, h = cv2.floodFill(np.ascontiguousarray(mask), marked, (col, row), 0, 0, 0, flags)[3]
    rect = Rect(x, y, x + w, y + h)
    return Coverage(rect, marked[1:-1, 1:-1][rect.slices].astype(bool))


def holes(mask: Mask, label: int, most_px: int) -> Coverage | None:
    """The pixels of all holes of a class: at most `most_px` pixels of others that it encloses; None without any."""
    inside = np.zeros(mask.shape, bool)
    for part, rect, touches_border in _parts(mask != label, most_px):
        if not touches_border:
            inside[rect.slices] |= part
    return _covered(inside)


def specks(mask: Mask, label: int, most_px: int) -> Coverage | None:
    """The pixels of all regions of a class with at most `most_px` pixels; None without any."""
    inside = np.zeros(mask.shape, bool)
    for part, rect, _ in _parts(mask == label, most_px):
        inside[rect.slices] |= part
    return _covered(inside)


def _parts(wanted: Inside, most_px: int) -> Iterator[tuple[Inside, Rect, bool]]:
    """Each 4-connected part of at most `most_px` pixels, its rectangle, and whether it touches the border."""
    count, parts, stats, _ = cv2.connectedComponentsWithStats(wanted.astype(np.uint8), connectivity=4)
    height, width = wanted.shape
    for number in range(1, count):
        x, y, w, h, area = (int(v) for v in stats[number])
        if area <= most_px:
            rect = Rect(x, y, x + w, y + h)
            yield parts[rect.slices] == number, rect, x == 0 or y == 0 or x + w == width or y + h == height


def _covered(inside: Inside) -> Coverage | None:
    rect = Rect.around(inside)
    return None if rect is None else Coverage(rect, inside[rect.slices])
