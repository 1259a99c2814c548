"""The window of cells around a stroke: inside the image whatever its size, and each cell a pixel of it."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from fcn_gui.core.surroundings import AROUND_PX, CELL_PX, Surroundings

SIZES = st.tuples(st.integers(1, 90), st.integers(1, 90)) | st.tuples(st.integers(500, 1500), st.integers(1, 700))


def around(shape: tuple[int, int], rows: slice, cols: slice) -> Surroundings:
    """A stroke of class 1 over a rectangle of an image of class 0."""
    stroke = np.zeros(shape, bool)
    stroke[rows, cols] = True
    shown, vouch = stroke.astype(np.uint8), stroke * np.uint8(2)
    return Surroundings(np.zeros((*shape, 3), np.uint8), shown, vouch, stroke, 1, (0,))


@given(SIZES, st.data())
def test_every_cell_of_the_window_is_a_pixel_of_the_image(shape: tuple[int, int], data: st.DataObject) -> None:
    top = data.draw(st.integers(0, shape[0] - 1))
    left = data.draw(st.integers(0, shape[1] - 1))
    stroke = around(shape, slice(top, top + 1 + shape[0] // 3), slice(left, left + 1 + shape[1] // 4))
    window = stroke.window
    assert 0 <= window.x0 < window.x1 <= stroke.size[1]
    assert 0 <= window.y0 < window.y1 <= stroke.size[0]
    pixels = np.arange(shape[0] * shape[1]).reshape(shape)
    cells = stroke.at_cells(pixels)
    assert cells.shape == (window.height, window.width)
    assert np.array_equal(cells.ravel(), stroke.pixels_of(np.arange(cells.size)))
    assert np.all(stroke.pixels.clipped(shape) == stroke.pixels)


def test_the_window_reaches_as_far_in_a_large_image_as_in_the_same_image_small() -> None:
    small = around((384, 512), slice(100, 200), slice(200, 300))
    large = around((1536, 2048), slice(400, 800), slice(800, 1200))
    assert small.size == large.size == (384 // CELL_PX, 512 // CELL_PX)
    assert small.window == large.window
    assert small.pixels.x0 == 200 - AROUND_PX


def test_only_unvouched_pixels_of_replaced_labels_may_be_replaced() -> None:
    stroke = around((20, 20), slice(0, 5), slice(0, 5))
    stroke.shown[10] = 2
    stroke.shown[11] = 1
    stroke.vouch[12] = 1
    may = stroke.replaceable()
    assert not may[[10, 11, 12]].any()
    assert not may[:5, :5].any()
    assert may[13:].all()
