"""Pixels that stay good when the picture is only moved."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fcn_gui.core.raster import Rect


def scroll(pixels: NDArray[np.uint8], shift: tuple[int, int], before: Rect, now: Rect) -> list[Rect]:
    """Move `pixels` (H×W×4, in place) by `shift` (x, y); what of `now` was not part of `before`, in up to four pieces.

    Everything outside of what was kept is cleared.
    """
    dx, dy = shift
    x0, y0 = max(before.x0 + dx, now.x0), max(before.y0 + dy, now.y0)
    kept = Rect(x0, y0, min(before.x1 + dx, now.x1), min(before.y1 + dy, now.y1))
    if kept.is_empty:
        pixels[:] = 0
        return [now]
    source = pixels[kept.y0 - dy : kept.y1 - dy, kept.x0 - dx : kept.x1 - dx].copy()
    pixels[:] = 0
    pixels[kept.slices] = source
    pieces = (
        Rect(now.x0, now.y0, now.x1, kept.y0),
        Rect(now.x0, kept.y1, now.x1, now.y1),
        Rect(now.x0, kept.y0, kept.x0, kept.y1),
        Rect(kept.x1, kept.y0, now.x1, kept.y1),
    )
    return [piece for piece in pieces if not piece.is_empty]
