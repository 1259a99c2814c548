"""Photograph and mask on the device's pixels."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fcn_gui.core.raster import Rect
from fcn_gui.core.viewport import Viewport
from fcn_gui.widgets.placement import Placement


def placement(
    zoom: float, offset: tuple[float, float], ratio: float = 1.0, image: tuple[int, int] = (80, 60)
) -> Placement:
    return Placement.of(Viewport(image, (200, 150), zoom, offset), ratio)


@settings(max_examples=50, deadline=None)
@given(st.floats(0.1, 20), st.floats(-300, 150), st.floats(-300, 120), st.sampled_from([1.0, 1.5, 2.0]))
def test_cells_lie_where_their_pixels_are_shown(zoom: float, x: float, y: float, ratio: float) -> None:
    place = placement(zoom, (x, y), ratio)
    grid, shown = place.grid, place.shown
    if shown.is_empty:
        return
    cells = grid.cells_under(shown)
    cols = grid.pixel_cols(cells.x0, cells.x1)
    assert cols.min() >= 0 and cols.max() < 80
    middles = grid.left + (np.arange(cells.x0, cells.x1) + 0.5) * grid.scale
    expected = place.left + (cols + 0.5) * place.scale
    assert (np.abs(middles - expected) <= max(0.5, place.scale / 2) + 1e-6).all()


def test_shrunk_images_are_sampled_once_a_device_pixel() -> None:
    place = placement(0.5, (10.0, 10.0))
    assert place.grid.scale == 1.0 and place.grid.step == 2.0 and place.shown == Rect(10, 10, 50, 40)


def test_enlarged_images_are_sampled_once_an_image_pixel() -> None:
    place = placement(4.0, (-40.0, -40.0))
    assert place.grid.step == 1.0 and place.grid.scale == 4.0
    assert place.image_rect() == Rect(10, 10, 60, 48)


@pytest.mark.parametrize(("zoom", "is_crisp"), [(1.0, False), (2.99, False), (3.0, True), (12.0, True)])
def test_pixels_are_squares_from_300_percent_at_any_ratio(zoom: float, is_crisp: bool) -> None:
    assert placement(zoom, (0, 0), 1.0).is_crisp is is_crisp
    assert placement(zoom, (0, 0), 2.0).is_crisp is is_crisp


def test_an_image_out_of_sight_shows_nothing() -> None:
    assert placement(1.0, (-500.0, 0.0)).shown.is_empty
