"""Labels and probabilities → RGBA to lay over a photograph, and the photograph under them.

All go through look-up tables and work on any part of an image. RGBA is straight (not premultiplied) uint8.
"""

from collections.abc import Set

import cv2
import numpy as np
from numpy.typing import NDArray

from fcn_gui.core.palette import Colors
from fcn_gui.core.raster import VOID, Image, Mask

Rgba = NDArray[np.uint8]

FILL_OPACITY, HEAT_OPACITY = 0.45, 0.80
HEAT_HIDE_BELOW, HEAT_FULL_AT = 0.05, 0.50
ROSE_COLOR, FELL_COLOR = (255, 190, 60), (90, 170, 255)
MUTED_SATURATION, MUTED_BRIGHTNESS = 0.25, 0.78
HATCH_COLOR, HATCH_EVERY_PX, HATCH_WIDTH_PX, HATCH_SHADE = (236, 236, 214), 7, 2, 0.38
_LUMINANCE = (0.299, 0.587, 0.114)  # Rec. 601, for sRGB values as they are


def mask_rgba(
    labels: Mask,
    colors: Colors,
    opacity: float = FILL_OPACITY,
    hidden: Set[int] = frozenset(),
    background_index: int | None = 0,
    origin_xy: tuple[int, int] = (0, 0),
) -> Rgba:
    """H×W×4: each class in its colour (`colors` K×3 uint8) at `opacity`; background and `hidden` classes are clear.

    Void is hatched: light lines at 45° over a shade; `origin_xy` is where `labels` begins in the image, so that the
    lines of neighbouring rectangles meet. Indices without a class are clear.
    """
    table = np.zeros((256, 4), np.uint8)
    table[: len(colors), :3] = colors
    table[: len(colors), 3] = _alpha(opacity)
    clear = [label for label in (*hidden, background_index) if label is not None]
    table[clear] = 0
    out: NDArray[np.uint32] = np.asarray(table.view(np.uint32).ravel()[labels])
    if VOID not in hidden:
        _hatch(out, labels == VOID, origin_xy)
    return np.asarray(out.view(np.uint8).reshape(*labels.shape, 4))


def _hatch(out: NDArray[np.uint32], void: NDArray[np.bool_], origin_xy: tuple[int, int]) -> None:
    if not void.any():
        return
    rows, cols = np.nonzero(void)
    on_line = (rows + cols + origin_xy[0] + origin_xy[1]) % HATCH_EVERY_PX < HATCH_WIDTH_PX
    kinds = np.array([(0, 0, 0, _alpha(HATCH_SHADE)), (*HATCH_COLOR, 255)], np.uint8).view(np.uint32).ravel()
    out[rows, cols] = kinds[on_line.astype(np.intp)]


def heatmap_rgba(
    probability: NDArray[np.floating], opacity: float = HEAT_OPACITY, hide_below: float = HEAT_HIDE_BELOW
) -> Rgba:
    """H×W probabilities 0…1 → H×W×4 in magma; alpha rises smoothly from `hide_below` to `opacity` at 0.5."""
    index = np.clip(probability * 255 + 0.5, 0, 255).astype(np.uint8)
    table = np.empty((256, 4), np.uint8)
    table[:, :3] = magma()
    full_at = max(HEAT_FULL_AT, hide_below + 0.05)
    part = np.clip((np.arange(256) / 255 - hide_below) / (full_at - hide_below), 0, 1)
    table[:, 3] = np.rint(255 * opacity * part * part * (3 - 2 * part))
    out: NDArray[np.uint32] = np.asarray(table.view(np.uint32).ravel()[index])
    return np.asarray(out.view(np.uint8).reshape(*index.shape, 4))


def change_rgba(change: NDArray[np.floating], full_at: float = 1.0, opacity: float = HEAT_OPACITY) -> Rgba:
    """H×W changes of a probability, −1…1 → H×W×4: amber where it rose, blue where it fell, clear where it stayed.

    A change of `full_at` has the whole `opacity`.
    """
    table = np.empty((511, 4), np.uint8)
    table[:255, :3], table[255:, :3] = FELL_COLOR, ROSE_COLOR
    size = np.abs(np.arange(511) - 255) / 255
    part = np.clip(size / max(full_at, 1 / 255), 0, 1)
    table[:, 3] = np.rint(255 * opacity * part)
    index = np.rint(np.clip(change, -1, 1) * 255).astype(np.int16) + 255
    out: Rgba = table[index]
    return out


def magma() -> Colors:
    """256×3 uint8 RGB, dark to bright: the scale of heatmaps."""
    steps = np.arange(256, dtype=np.uint8)[None]
    return np.ascontiguousarray(np.asarray(cv2.applyColorMap(steps, cv2.COLORMAP_MAGMA), np.uint8)[0, :, ::-1])


def muted_photo(image: Image, saturation: float = MUTED_SATURATION, brightness: float = MUTED_BRIGHTNESS) -> Image:
    """The image with less colour and less light, for what is laid over it to stand out; 1 and 1 leave it as it is."""
    grey = np.tile(np.array(_LUMINANCE), (3, 1))
    matrix = brightness * (saturation * np.eye(3) + (1 - saturation) * grey)
    return np.asarray(cv2.transform(np.ascontiguousarray(image), matrix), np.uint8)


def laid_over(image: Image, rgba: Rgba) -> Image:
    """H×W×3: `rgba` (H×W×4) over `image`."""
    alpha = rgba[:, :, 3:].astype(np.uint16)
    mixed = rgba[:, :, :3] * alpha + image * (255 - alpha)
    return np.asarray((mixed + 127) // 255, np.uint8)


def _alpha(part: float) -> int:
    return round(255 * min(max(part, 0.0), 1.0))
