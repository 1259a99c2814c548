"""Moving what is drawn already."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from fcn_gui.core.raster import Rect
from fcn_gui.widgets.scroll_cache import scroll

SHIFTS = st.integers(-14, 14)


@settings(max_examples=50, deadline=None)
@given(SHIFTS, SHIFTS)
def test_kept_pixels_and_new_pieces_make_the_whole(dx: int, dy: int) -> None:
    plane = np.random.default_rng(1).integers(1, 255, (40, 40, 4)).astype(np.uint8)
    size, before = 12, Rect(2, 3, 10, 11)
    now = Rect(max(0, 2 + dx), max(0, 3 + dy), min(size, 10 + dx), min(size, 11 + dy))
    if now.x0 >= now.x1 or now.y0 >= now.y1:
        return
    pixels = np.zeros((size, size, 4), np.uint8)
    pixels[before.slices] = plane[14:22, 14:22]
    pieces = scroll(pixels, (dx, dy), before, now)
    for piece in pieces:
        pixels[piece.slices] = plane[
            14 + piece.y0 - 3 - dy : 14 + piece.y1 - 3 - dy, 14 + piece.x0 - 2 - dx : 14 + piece.x1 - 2 - dx
        ]
    expected = plane[14 + now.y0 - 3 - dy : 14 + now.y1 - 3 - dy, 14 + now.x0 - 2 - dx : 14 + now.x1 - 2 - dx]
    assert (pixels[now.slices] == expected).all()
    assert sum(p.width * p.height for p in pieces) <= now.width * now.height


def test_a_pan_out_of_sight_keeps_nothing() -> None:
    pixels = np.full((10, 10, 4), 9, np.uint8)
    assert scroll(pixels, (50, 0), Rect(0, 0, 5, 5), Rect(5, 5, 9, 9)) == [Rect(5, 5, 9, 9)] and not pixels.any()
