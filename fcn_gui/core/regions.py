"""Parts of an image that belong together: connected regions of one label, holes and specks in them."""

import heapq
from collections.abc import Iterator, Set
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from fcn_gui.core.raster import VOID, Inside, Mask, Rect
from fcn_gui.core.stroke import Coverage

Numbers = NDArray[np.signedinteger[Any]]


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


def specks(mask: Mask, most_px: int, locked: Set[int] = frozenset()) -> list[tuple[int, Coverage]]:
    """What regions of at most `most_px` pixels become: labels, and the pixels that get each.

    A speck takes the label of the neighbour with which it has the longest border; where that joins it to something
    still small, that goes on, smallest first. Void is no class: it neither is a speck nor takes one in. Regions of
    `locked` classes stay, but take others in.
    """
    numbers, labels, sizes = _small_regions(mask, most_px)
    at = np.flatnonzero(numbers)
    if not at.size:
        return []
    joined = _joined(labels, sizes, _borders(numbers, mask, at), most_px, {*locked, VOID})
    after = labels[joined][numbers.ravel()[at]]
    found = []
    for label in np.unique(after).tolist():
        pixels = at[(after == label) & (mask.ravel()[at] != label)]
        if pixels.size:
            inside = np.zeros(mask.shape, bool)
            inside.ravel()[pixels] = True
            rows = pixels // mask.shape[1]
            band = inside[rows[0] : rows[-1] + 1]  # `at` goes row by row
            around = Rect.around(band)
            assert around is not None
            rect = Rect(around.x0, around.y0 + int(rows[0]), around.x1, around.y1 + int(rows[0]))
            found.append((int(label), Coverage(rect, inside[rect.slices])))
    return found


def smallest_region(mask: Mask, least_px: int) -> int | None:
    """Pixels of the smallest 4-connected region of `least_px` or more whose class is not 0; None without any."""
    found = []
    for label in np.flatnonzero(np.bincount(mask.ravel(), minlength=256)[1:VOID]) + 1:
        stats = cv2.connectedComponentsWithStats((mask == label).view(np.uint8), connectivity=4)[2]
        area = stats[1:, cv2.CC_STAT_AREA]
        found += area[area >= least_px].tolist()
    return min(found, default=None)


LARGE = 256
"""Regions 0 … 255 stand for all that is no speck, one a label."""


def _small_regions(mask: Mask, most_px: int) -> tuple[Numbers, Numbers, list[int]]:
    """Numbers of the small regions, from 256 on, per pixel (H×W, 0 elsewhere); by number the label, and the size."""
    numbers = np.zeros(mask.shape, np.int32)
    labels = list(range(LARGE))
    sizes = [most_px + 1] * LARGE
    for label in np.flatnonzero(np.bincount(mask.ravel(), minlength=256)).tolist():
        for part, rect, _ in _parts(mask == label, most_px):
            numbers[rect.slices][part] = len(labels)
            labels.append(label)
            sizes.append(int(part.sum()))
    return numbers, np.array(labels, np.int32), sizes


def _borders(numbers: Numbers, mask: Mask, at: Numbers) -> dict[int, dict[int, int]]:
    """By region, how many pixel edges it shares with each other one; `at` are the places of all small ones."""
    height, width = mask.shape
    rows, cols = at // width, at % width
    here = numbers.ravel()[at].astype(np.int64)
    pairs = []
    for step, is_there in ((-1, cols > 0), (1, cols < width - 1), (-width, rows > 0), (width, rows < height - 1)):
        beside = at[is_there] + step
        others = numbers.ravel()[beside]
        others = np.where(others == 0, mask.ravel()[beside], others).astype(np.int64)
        differs = others != here[is_there]
        pairs.append(here[is_there][differs] << 32 | others[differs])
    found: dict[int, dict[int, int]] = {}
    keys, lengths = np.unique(np.concatenate(pairs), return_counts=True)
    for a, b, length in zip((keys >> 32).tolist(), (keys & 0xFFFFFFFF).tolist(), lengths.tolist(), strict=True):
        found.setdefault(a, {})[b] = length
        found.setdefault(b, {})[a] = length
    return found


def _joined(
    labels: Numbers, sizes: list[int], borders: dict[int, dict[int, int]], most_px: int, kept: Set[int]
) -> Numbers:
    """By region, the one that it is part of in the end, whose label it has; `kept` labels don't change."""
    into = np.arange(len(labels))
    heap = [(sizes[n], n) for n in range(LARGE, len(labels)) if int(labels[n]) not in kept]
    heapq.heapify(heap)
    while heap:
        area, small = heapq.heappop(heap)
        if into[small] != small or area != sizes[small]:
            continue  # joined to another meanwhile, or grown and in the heap again
        length_of: dict[int, int] = {}
        for n, length in borders.get(small, {}).items():
            if labels[n] != VOID:
                length_of[int(labels[n])] = length_of.get(int(labels[n]), 0) + length
        if not length_of:
            continue
        best = max(length_of, key=lambda label: (length_of[label], -label))
        whole, *parts = sorted(n for n in borders[small] if labels[n] == best)
        for part in (small, *parts):
            _join(part, whole, into, sizes, borders)
        if sizes[whole] <= most_px and best not in kept:
            heapq.heappush(heap, (sizes[whole], whole))
    return _roots(into)


def _roots(into: Numbers) -> Numbers:
    """Where each chain ends."""
    while not np.array_equal(further := into[into], into):
        into = further
    return into


def _join(part: int, whole: int, into: Numbers, sizes: list[int], borders: dict[int, dict[int, int]]) -> None:
    """Make region `part` one with `whole`, its borders too."""
    into[part] = whole
    sizes[whole] += sizes[part]
    ends = borders.setdefault(whole, {})
    for n, length in borders.pop(part, {}).items():
        if n != whole:
            ends[n] = ends.get(n, 0) + length
            borders[n][whole] = ends[n]
        borders.get(n, {}).pop(part, None)
    ends.pop(part, None)


def _parts(wanted: Inside, most_px: int) -> Iterator[tuple[Inside, Rect, bool]]:
    """Each 4-connected part of at most `most_px` pixels, its rectangle, and whether it touches the border."""
    around = Rect.around(wanted)
    if around is None:
        return
    _, parts, stats, _ = cv2.connectedComponentsWithStats(wanted[around.slices].view(np.uint8), connectivity=4)
    height, width = wanted.shape
    for number in (np.flatnonzero(stats[1:, cv2.CC_STAT_AREA] <= most_px) + 1).tolist():
        x, y, w, h = (int(v) for v in stats[number][:4])
        part = parts[y : y + h, x : x + w] == number
        x, y = x + around.x0, y + around.y0
        yield part, Rect(x, y, x + w, y + h), x == 0 or y == 0 or x + w == width or y + h == height


def _covered(inside: Inside) -> Coverage | None:
    rect = Rect.around(inside)
    return None if rect is None else Coverage(rect, inside[rect.slices])
