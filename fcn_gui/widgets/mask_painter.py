"""Fill, outline and hatch of a mask as device pixels: premultiplied BGRA bytes, Qt's ARGB32 on little-endian machines.

The line lies inside its region: it is drawn twice as wide along the border and cut by the region. A thin dark casing
outside keeps it visible on any photograph. From 300 % everything follows the pixels' edges exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import ceil

import cv2
import numpy as np
from numpy.typing import NDArray

from fcn_gui.core.palette import Color, Colors
from fcn_gui.core.raster import Inside, Mask, Rect
from fcn_gui.widgets import line_coverage
from fcn_gui.widgets.contours import Loops, trace
from fcn_gui.widgets.hatch import HATCH_COLOR, hatch
from fcn_gui.widgets.line_coverage import Plane
from fcn_gui.widgets.placement import Placement

Pixels = NDArray[np.uint8]
Indices = NDArray[np.intp]
CASING_COLOR: Color = (12, 12, 16)
CASING_SHARE, CASING_PX = 0.55, 1.0
WHITE_SHARE = 0.28
FOLLOWING_SHARE = 0.75
"""Width of an outline that still follows the prediction, to a vouched one: 1.5 px to 2 px."""
DIMMED = 0.22


@dataclass(frozen=True)
class MaskStyle:
    """How a mask looks: `colors` K×3 of the overlay, `opacity` 0…1 of the fill, `outline_px` of vouched ones.

    `hidden` classes don't show at all; with a `solo` class all others are dimmed. Background (0) is never filled.
    """

    colors: Colors
    opacity: float
    outline_px: float
    hidden: frozenset[int] = frozenset()
    solo: int | None = None

    @property
    def skipped(self) -> frozenset[int]:
        """Labels that leave no trace."""
        return self.hidden | {0}

    def is_hatched(self, label: int) -> bool:
        """Void, and labels that no class has."""
        return label >= len(self.colors)

    def color(self, label: int) -> Color:
        """Of the fill."""
        if self.is_hatched(label):
            return HATCH_COLOR
        red, green, blue = (int(v) for v in self.colors[label])
        return red, green, blue

    def line_color(self, label: int) -> Color:
        """Of the outline: the class's with some white in it."""
        red, green, blue = (round(v + (255 - v) * WHITE_SHARE) for v in self.color(label))
        return red, green, blue

    def strength(self, label: int) -> float:
        """Share of a label's usual opacity: less while another class is looked at."""
        return DIMMED if self.solo is not None and self.solo != label else 1.0


@dataclass(frozen=True)
class _Region:
    """One label: coverage of its shape and of the line inside its border, at `box` of the frame that is drawn."""

    label: int
    box: Rect
    shape: Plane
    line: Plane


def paint_mask(
    target: Pixels, dirty: Rect, window: tuple[Mask, Inside], cells: Rect, placement: Placement, style: MaskStyle
) -> None:
    """Replace the device pixels `dirty` of `target` (H×W×4) by the mask whose `cells` are in `window`."""
    room = ceil(max(style.outline_px, CASING_PX) * placement.ratio) + 1
    frame = dirty.grown(room)
    target[dirty.slices] = 0
    regions = list(_regions(frame, room, (window, cells), placement, style))
    drawn = Rect.union_of(region.box for region in regions)
    if drawn is None:
        return
    casing = np.zeros((drawn.height, drawn.width), np.uint8)
    fills, lines = (np.zeros((drawn.height, drawn.width, 4), np.uint8) for _ in range(2))
    for region in regions:
        strength, box = style.strength(region.label), _within(region.box, drawn)
        np.maximum(fills[box], _filled(region, frame, placement, style), out=fills[box])
        np.maximum(lines[box], tinted(region.line, style.line_color(region.label), strength), out=lines[box])
        if style.outline_px > 0:
            np.maximum(casing[box], _casing(region.shape, placement), out=casing[box])
    share = CASING_SHARE * (0.5 if style.solo is not None else 1.0)
    painted = over(lines, over(tinted(casing, CASING_COLOR, share), fills))
    # `drawn` is counted from the frame's corner, which lies `room` outside of what is dirty.
    seen = _common(Rect(room, room, room + dirty.width, room + dirty.height), drawn)
    place = Rect(frame.x0 + seen.x0, frame.y0 + seen.y0, frame.x0 + seen.x1, frame.y0 + seen.y1)
    target[place.slices] = painted[_within(seen, drawn)]


def _filled(region: _Region, frame: Rect, placement: Placement, style: MaskStyle) -> Pixels:
    strength = style.strength(region.label)
    if not style.is_hatched(region.label):
        return tinted(region.shape, style.color(region.label), style.opacity * strength)
    origin = (frame.x0 + region.box.x0 - placement.left, frame.y0 + region.box.y0 - placement.top)
    pattern = hatch(placement.ratio, origin, (region.box.height, region.box.width))
    return _share(pattern, np.asarray(cv2.convertScaleAbs(region.shape, alpha=strength), np.uint8))


def _casing(shape: Plane, placement: Placement) -> Plane:
    """What a dilation adds to a shape."""
    shrunk = _eroded(255 - shape, CASING_PX * placement.ratio, placement.is_crisp)
    outside: Plane = 255 - shrunk - shape
    return outside


def tinted(plane: Plane, color: Color, share: float) -> Pixels:
    """h×w×4 premultiplied BGRA of a colour with a coverage, times `share`."""
    red, green, blue = color
    steps = np.arange(256)[:, None] / 255 * share
    table = np.round(steps * [blue, green, red, 255]).astype(np.uint8)
    return np.asarray(cv2.LUT(cv2.merge([plane] * 4), table[None]), np.uint8)


def over(top: Pixels, bottom: Pixels) -> Pixels:
    """Premultiplied `top` on `bottom`."""
    return np.asarray(cv2.add(top, _share(bottom, 255 - top[..., 3])), np.uint8)


def _share(pixels: Pixels, coverage: Plane) -> Pixels:
    return np.asarray(cv2.multiply(pixels, cv2.merge([coverage] * 4), scale=1 / 255), np.uint8)


def _regions(
    frame: Rect, room: int, window: tuple[tuple[Mask, Inside], Rect], placement: Placement, style: MaskStyle
) -> Iterator[_Region]:
    """Each label that shows in `frame`; the line is what an erosion takes away from the shape."""
    wide = style.outline_px * placement.ratio
    narrow, is_crisp = wide * FOLLOWING_SHARE, placement.is_crisp
    is_vouched = _vouched_at(window, frame, placement)
    if is_crisp:
        shapes = _crisp_shapes(_enlarged(window[0][0], window[1], frame, placement), style)
    else:
        shapes = _smooth_shapes(*window, frame, placement, style)
    for label, shape in shapes:
        x, y, width, height = cv2.boundingRect(shape)
        if width == 0:
            continue
        box = Rect(x, y, x + width, y + height).grown(room).clipped(shape.shape)
        part = shape[box.slices]
        yield _Region(label, box, part, part - _inner(part, is_vouched(box), (narrow, wide), is_crisp))


def _inner(shape: Plane, vouched: Inside | bool, widths: tuple[float, float], is_crisp: bool) -> Plane:
    """`shape` without its line, which is the wider one of `widths` where it is vouched; all or nothing as one bool."""
    narrow, wide = widths
    if isinstance(vouched, bool):
        return _eroded(shape, wide if vouched else narrow, is_crisp)
    return np.where(vouched, _eroded(shape, wide, is_crisp), _eroded(shape, narrow, is_crisp))


def _smooth_shapes(
    window: tuple[Mask, Inside], cells: Rect, frame: Rect, placement: Placement, style: MaskStyle
) -> Iterator[tuple[int, Plane]]:
    """Antialiased shapes along the half-pixel contour."""
    loops = placed(trace(*window, skip=style.skipped), cells, placement)
    for label in np.unique(loops.labels).tolist():
        lines = line_coverage.fixed_points(loops.of_label(label), (frame.x0, frame.y0))
        yield label, line_coverage.region(lines, (frame.height, frame.width))


def _crisp_shapes(labels: NDArray[np.int16], style: MaskStyle) -> Iterator[tuple[int, Plane]]:
    """Shapes along pixel edges."""
    for label in np.unique(labels).tolist():
        if label >= 0 and label not in style.skipped:
            yield label, (labels == label).astype(np.uint8) * 255


def placed(loops: Loops, cells: Rect, placement: Placement) -> Loops:
    """Loops of a window of cells as device positions."""
    grid = placement.grid
    corner = np.array([grid.left + cells.x0 * grid.scale, grid.top + cells.y0 * grid.scale])
    return Loops(loops.points * grid.scale + corner, loops.starts, loops.labels, loops.vouched)


def _vouched_at(
    window: tuple[tuple[Mask, Inside], Rect], frame: Rect, placement: Placement
) -> Callable[[Rect], Inside | bool]:
    """Whether the device pixels of a box of `frame` are vouched; one answer where all of the window has it."""
    (_, vouched), cells = window
    if not vouched.any():
        return lambda box: False

    def at(box: Rect) -> Inside:
        device = Rect(frame.x0 + box.x0, frame.y0 + box.y0, frame.x0 + box.x1, frame.y0 + box.y1)
        rows, cols = _cells_at(vouched.shape, cells, device, placement)
        return np.pad(vouched, 1)[rows].take(cols, axis=1)

    return at


def _enlarged(labels: Mask, cells: Rect, device: Rect, placement: Placement) -> NDArray[np.int16]:
    """Labels (−1 outside of the window) at every device pixel of `device`."""
    rows, cols = _cells_at(labels.shape, cells, device, placement)
    framed = np.full((labels.shape[0] + 2, labels.shape[1] + 2), -1, np.int16)
    framed[1:-1, 1:-1] = labels
    return framed[rows].take(cols, axis=1)


def _cells_at(shape: tuple[int, ...], cells: Rect, device: Rect, placement: Placement) -> tuple[Indices, Indices]:
    """Row and column under each device pixel in a window of `shape` with one cell of frame around it."""
    grid = placement.grid
    cols = np.floor((np.arange(device.x0, device.x1) + 0.5 - grid.left) / grid.scale).astype(np.intp) - cells.x0
    rows = np.floor((np.arange(device.y0, device.y1) + 0.5 - grid.top) / grid.scale).astype(np.intp) - cells.y0
    return np.clip(rows, -1, shape[0]) + 1, np.clip(cols, -1, shape[1]) + 1


def _within(box: Rect, outer: Rect) -> tuple[slice, slice]:
    """Rows and columns of `box` in an array that begins at the corner of `outer`."""
    return Rect(box.x0 - outer.x0, box.y0 - outer.y0, box.x1 - outer.x0, box.y1 - outer.y0).slices


def _common(one: Rect, other: Rect) -> Rect:
    """What two rectangles have in common, empty where they have nothing."""
    x0, y0 = max(one.x0, other.x0), max(one.y0, other.y0)
    return Rect(x0, y0, max(x0, min(one.x1, other.x1)), max(y0, min(one.y1, other.y1)))


def _eroded(shape: Plane, by_px: float, is_crisp: bool) -> Plane:
    """`shape` without its outermost `by_px`, antialiasing kept; parts of a pixel by mixing two whole steps.

    Crosses and squares in turn make an octagon, near enough to a disc at these widths.
    """
    whole, part = int(by_px), 0.0 if is_crisp else by_px % 1
    for step in range(whole):
        shape = np.asarray(cv2.erode(shape, _SQUARE if is_crisp or step % 2 else _CROSS), np.uint8)
    if part == 0:
        return shape
    next_one = cv2.erode(shape, _SQUARE if whole % 2 else _CROSS)
    return np.asarray(cv2.addWeighted(shape, 1 - part, next_one, part, 0), np.uint8)


_SQUARE = cv2.getStructuringElement(cv2.MORPH_RECT, (3, 3))
_CROSS = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
