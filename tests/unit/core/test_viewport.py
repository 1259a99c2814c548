"""Zoom and pan: the point under the cursor stays, and the image never gets lost."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fcn_gui.core.raster import Rect
from fcn_gui.core.viewport import KEPT_IN_SIGHT_PX, LARGEST_ZOOM, SMALLEST_ZOOM, Viewport

sizes = st.tuples(st.integers(1, 9000), st.integers(1, 9000))
widgets = st.tuples(st.integers(64, 3000), st.integers(64, 2000))
spots = st.tuples(st.floats(0, 1), st.floats(0, 1))


def view(image: tuple[int, int] = (500, 375), widget: tuple[int, int] = (920, 658)) -> Viewport:
    return Viewport(image, widget).fit()


def test_fit_shows_all_centred_with_16_around() -> None:
    fitted = view()
    assert fitted.zoom == pytest.approx((658 - 32) / 375)
    assert fitted.to_screen((0, 0))[1] == pytest.approx(16)
    assert fitted.to_screen((250, 187.5)) == pytest.approx((460, 329))
    assert fitted.visible_rect() == Rect(0, 0, 500, 375)


def test_actual_size_is_one_to_one_around_the_middle_or_a_point() -> None:
    fitted = view((4000, 3000))
    assert fitted.actual_size().zoom == 1.0
    assert fitted.actual_size().to_image((460, 329)) == pytest.approx((2000, 1500))
    under = fitted.to_image((300, 200))
    assert fitted.actual_size((300, 200)).to_screen(under) == pytest.approx((300, 200))


@settings(max_examples=50, deadline=None)
@given(image=sizes, widget=widgets, spot=spots)
def test_screen_and_image_are_each_others_inverse(image: tuple, widget: tuple, spot: tuple) -> None:
    fitted = view(image, widget)
    xy = (spot[0] * image[0], spot[1] * image[1])
    assert fitted.to_image(fitted.to_screen(xy)) == pytest.approx(xy, abs=1e-6 * max(image))


@settings(max_examples=50, deadline=None)
@given(image=sizes, widget=widgets, spot=spots, factors=st.lists(st.floats(0.5, 2), max_size=6))
def test_zooming_over_the_image_keeps_the_point_under_the_cursor(
    image: tuple, widget: tuple, spot: tuple, factors: list[float]
) -> None:
    now = view(image, widget)
    xy = now.to_screen((spot[0] * image[0], spot[1] * image[1]))
    for factor in factors:
        after = now.zoomed_at(factor, xy)
        if SMALLEST_ZOOM < after.zoom < LARGEST_ZOOM:
            assert after.zoom == pytest.approx(now.zoom * factor)
        if min(image[0] * after.zoom, image[1] * after.zoom) > 2 * KEPT_IN_SIGHT_PX:
            margin = KEPT_IN_SIGHT_PX
            if margin <= xy[0] <= widget[0] - margin and margin <= xy[1] <= widget[1] - margin:
                x, y = after.to_image(xy)
                assert (x, y) == pytest.approx(now.to_image(xy), abs=1e-6 * max(image) + 1e-6)
        now = after


@settings(max_examples=50, deadline=None)
@given(
    image=sizes, widget=widgets, moves=st.lists(st.tuples(st.floats(-9000, 9000), st.floats(-9000, 9000)), max_size=5)
)
def test_no_pan_loses_the_image(image: tuple, widget: tuple, moves: list[tuple[float, float]]) -> None:
    now = view(image, widget).zoomed_at(2, (10, 10))
    for move in moves:
        now = now.panned(*move)
        assert not now.visible_rect().is_empty


def test_zoom_stops_at_its_ends() -> None:
    assert view().zoomed_at(1e9, (400, 300)).zoom == LARGEST_ZOOM
    assert view().zoomed_at(1e-9, (400, 300)).zoom == SMALLEST_ZOOM
    assert view((1, 1)).zoom == LARGEST_ZOOM


def test_the_visible_rectangle_holds_partly_shown_pixels() -> None:
    seen = Viewport((100, 100), (50, 40), zoom=4.0, offset_xy=(-10.0, -6.0)).visible_rect()
    assert seen == Rect(2, 1, 15, 12)


def test_resizing_keeps_the_middle() -> None:
    before = view((4000, 3000)).zoomed_at(6, (460, 329)).panned(-35, 80)
    after = before.resized((700, 500))
    assert after.zoom == before.zoom
    assert after.to_image((350, 250)) == pytest.approx(before.to_image((460, 329)))


def test_a_point_can_be_brought_to_the_middle() -> None:
    shown = view((4000, 3000)).actual_size().centred_on((1234.5, 777.5))
    assert shown.to_image((460, 329)) == pytest.approx((1234.5, 777.5))


def test_a_widget_without_room_is_no_reason_to_fail() -> None:
    for widget in ((0, 0), (1, 1), (20, 5)):
        assert view((500, 375), widget).zoom >= SMALLEST_ZOOM
