"""Colours of classes: VOC's own, colours for new classes, and what is drawn over a photograph.

On disk and in exports a class keeps its colour; over the photograph and in swatches dark palettes are lifted.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from fcn_gui.core.oklab import Floats, oklab_as_seen, oklch, rgb_of_oklch

Color = tuple[int, int, int]
Colors = NDArray[np.uint8]

BACKGROUND_COLOR: Color = (0, 0, 0)
VOID_COLOR: Color = (224, 224, 192)
DARKEST, LIGHTEST = 0.60, 0.90  # OKLCH lightness that reads over a photograph
VOC_DARKEST, VOC_SPAN = 0.23, 0.514  # VOC's own colours have lightness 0.23 … 0.744


class Colored(Protocol):
    """Anything with one colour per class, such as a label map."""

    @property
    def colors(self) -> Sequence[Color]: ...


def hex_color(color: Color) -> str:
    """`#RRGGBB`."""
    return "#{:02X}{:02X}{:02X}".format(*color)


def color_of_hex(text: str) -> Color:
    """The colour of `#RRGGBB` (or `RRGGBB`); ValueError for anything else."""
    digits = text.strip().removeprefix("#")
    if len(digits) != 6:
        raise ValueError(f"{text!r} is no colour of the form #RRGGBB")
    red, green, blue = bytes.fromhex(digits)
    return red, green, blue


OWN_COLORS: tuple[Color, ...] = tuple(
    color_of_hex(text)
    for text in ("#FFB224", "#8B7CFF", "#CF5604", "#93EFFF", "#06BFA8", "#D6E7A4", "#9F6C9A", "#C4A4FE")
)


def voc_color(index: int) -> Color:
    """VOC's colour of a class 0…255: the bits of the index, lowest first, go to the top bits of R, G, B in turn."""
    red = green = blue = 0
    for shift in range(8):
        bits = index >> (3 * shift)
        red |= (bits & 1) << (7 - shift)
        green |= (bits >> 1 & 1) << (7 - shift)
        blue |= (bits >> 2 & 1) << (7 - shift)
    return red, green, blue


def least_distance(color: Color, others: Iterable[Color]) -> float:
    """Least OKLab distance to any of `others`, as seen normally and by protan, deutan, tritan people; inf for none."""
    known = list(others)
    if not known:
        return float("inf")
    return float(_distances(oklab_as_seen(np.array([color], np.uint8)), known).min())


def next_own_color(taken: Iterable[Color]) -> Color:
    """A colour for a new class: the first that `own_colors` gives."""
    return next(own_colors(taken))


def own_colors(taken: Iterable[Color]) -> Iterator[Color]:
    """Colours for new classes without end: `OWN_COLORS`, then each the farthest from all before (OKLab distance)."""
    known = {(int(r), int(g), int(b)) for r, g, b in taken}
    for color in OWN_COLORS:
        if color not in known:
            known.add(color)
            yield color
    candidates, seen = _candidates()
    far = _distances(seen, [*known, VOID_COLOR])
    while True:
        red, green, blue = (int(v) for v in candidates[int(far.argmax())])
        yield red, green, blue
        far = np.minimum(far, _distances(seen, [(red, green, blue)]))


def overlay_colors(label_map: Colored) -> Colors:
    """K×3 uint8 colours to draw with: the map's own, or all lifted where one (but the background) is too dark.

    Lifted in OKLCH: lightness 0.23 … 0.744 goes to 0.60 … 0.90 (what lies outside is held at the ends), chroma is at
    least 0.07, greys stay grey, the hue is kept and chroma is cut to what sRGB has.
    """
    return _overlay_colors(tuple(label_map.colors)).copy()


@cache
def _overlay_colors(colors: tuple[Color, ...]) -> Colors:
    own = np.array(colors, np.uint8).reshape(-1, 3)
    # Class 0 is background by convention: it isn't filled, and its black says nothing of the others.
    if not len(own) or (oklch(own[1:])[:, 0] >= DARKEST).all():
        return own
    return np.array([_lifted(*lch) for lch in oklch(own)], np.uint8)


def _lifted(lightness: float, chroma: float, hue: float) -> Color:
    part = min(max((lightness - VOC_DARKEST) / VOC_SPAN, 0.0), 1.0)
    return rgb_of_oklch(
        DARKEST + (LIGHTEST - DARKEST) * part, 0.0 if chroma < 0.02 else max(float(chroma), 0.07), float(hue)
    )


def _distances(seen: Floats, others: Sequence[Color]) -> Floats:
    """N least distances of N colours (4×N×3 as seen) to any of `others`."""
    least = np.full(seen.shape[1], np.inf)
    for other in oklab_as_seen(np.array(others, np.uint8)).transpose(1, 0, 2):
        gaps = np.sqrt(((seen - other[:, None]) ** 2).sum(2).min(0))
        np.minimum(least, gaps, out=least)
    return least


@cache
def _candidates() -> tuple[Colors, Floats]:
    """M×3 colours of a grid that read over a photograph, and 4×M×3 how they are seen."""
    steps = np.arange(0, 256, 15, dtype=np.uint8)
    grid = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), -1).reshape(-1, 3)
    lightness = oklch(grid)[:, 0]
    kept = grid[(lightness >= DARKEST) & (lightness <= LIGHTEST)]
    return kept, oklab_as_seen(kept)
