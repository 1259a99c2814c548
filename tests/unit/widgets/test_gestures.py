"""What a press means, and what gestures gather: no Qt."""

from dataclasses import replace

import pytest

from fcn_gui.core.stroke import Tool
from fcn_gui.widgets.cursors import Shape, Situation, shape_for
from fcn_gui.widgets.tools import BrushGesture, Intent, PanGesture, PolygonGesture, Press, intent_of


@pytest.mark.parametrize(
    ("press", "tool", "has_last", "intent"),
    [
        (Press("left"), Tool.BRUSH, False, Intent.PAINT),
        (Press("left"), Tool.POLYGON, True, Intent.PAINT),
        (Press("left", has_shift=True), Tool.BRUSH, True, Intent.LINE),
        (Press("left", has_shift=True), Tool.ERASER, True, Intent.LINE),
        (Press("left", has_shift=True), Tool.BRUSH, False, Intent.PAINT),
        (Press("left", has_shift=True), Tool.FILL, True, Intent.PAINT),
        (Press("left", has_alt=True), Tool.BRUSH, True, Intent.PICK),
        (Press("left", has_space=True, has_alt=True), Tool.BRUSH, True, Intent.PAN),
        (Press("middle"), Tool.SMART, False, Intent.PAN),
        (Press("right"), Tool.FILL, False, Intent.ERASE),
        (Press("eraser"), Tool.BRUSH, False, Intent.ERASE),
        (Press(""), Tool.BRUSH, False, Intent.NONE),
    ],
)
def test_what_a_press_means(press: Press, tool: Tool, has_last: bool, intent: Intent) -> None:
    assert intent_of(press, is_read_only=False, has_last_point=has_last, tool=tool) is intent


@pytest.mark.parametrize(
    ("press", "intent"),
    [
        (Press("left"), Intent.FORBIDDEN),
        (Press("right"), Intent.FORBIDDEN),
        (Press("left", has_alt=True), Intent.PICK),
        (Press("middle"), Intent.PAN),
    ],
)
def test_a_read_only_project_can_be_looked_at(press: Press, intent: Intent) -> None:
    assert intent_of(press, is_read_only=True, has_last_point=True, tool=Tool.BRUSH) is intent


def test_a_resting_hand_adds_no_points() -> None:
    gesture = BrushGesture(1, 5.0, [(3.0, 4.0)])
    assert gesture.move((3.05, 4.0)) == [] and gesture.move((5.0, 4.0)) == [((3.0, 4.0), (5.0, 4.0))]
    assert gesture.end().points == ((3.0, 4.0), (5.0, 4.0))


def test_a_brush_without_a_label_is_the_eraser() -> None:
    stroke = BrushGesture(None, 5.0, [(3.0, 4.0)]).end()
    assert stroke.tool is Tool.ERASER and stroke.is_erasing and stroke.label is None


def test_a_polygon_closes_only_with_three_corners() -> None:
    polygon = PolygonGesture(1)
    assert not polygon.add((0, 0), 2.0) and not polygon.add((1, 0), 2.0), "near the first, but no area yet"
    assert not polygon.add((9, 0), 2.0) and not polygon.add((9, 9), 2.0)
    assert polygon.add((1, 1), 2.0)
    stroke = polygon.end()
    assert stroke is not None and stroke.points == ((0, 0), (1, 0), (9, 0), (9, 9))


def test_a_double_click_sets_no_corner_twice() -> None:
    polygon = PolygonGesture(1)
    polygon.add((4, 4), 0.5)
    polygon.add((4, 4), 0.5)
    assert polygon.points == [(4, 4)] and not polygon.remove_last() and polygon.end() is None


def test_a_pan_goes_with_the_hand() -> None:
    pan = PanGesture((10.0, 10.0))
    assert pan.move((13.0, 8.0)) == (3.0, -2.0) and pan.move((14.0, 8.0)) == (1.0, 0.0)


@pytest.mark.parametrize(
    ("changed", "shape"),
    [
        ({}, Shape.RING),
        ({"tool": Tool.ERASER}, Shape.DASHED_RING),
        ({"erases": True}, Shape.DASHED_RING),
        ({"tool": Tool.POLYGON}, Shape.CROSS),
        ({"is_picking": True}, Shape.PICK),
        ({"is_hand": True}, Shape.OPEN_HAND),
        ({"is_hand": True, "is_panning": True}, Shape.CLOSED_HAND),
        ({"is_read_only": True}, Shape.FORBIDDEN),
        ({"is_read_only": True, "is_picking": True}, Shape.PICK),
        ({"has_image": False}, Shape.ARROW),
    ],
)
def test_the_cursor_of_a_situation(changed: dict[str, object], shape: Shape) -> None:
    assert shape_for(replace(Situation(Tool.BRUSH), **changed)) is shape  # type: ignore[arg-type]
