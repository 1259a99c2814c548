"""Gestures with real mouse and key events: what each does to mask and vouch map."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QInputDevice, QPointingDevice, QTabletEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from fcn_gui.core.raster import VOID
from fcn_gui.core.stroke import Stroke, Tool, coverage
from fcn_gui.widgets.appearance import Appearance
from tests.gui.canvas_room import ALT, LEFT, MIDDLE, RIGHT, SHIFT, Room, room_over


@pytest.fixture
def room(qtbot: QtBot, tmp_path: Path, appearance: Appearance) -> Iterator[Room]:
    with room_over(qtbot, tmp_path, appearance) as made:
        made.view.radius_px = 4.0
        made.view.label = 1
        yield made


def painted(room: Room, label: int) -> np.ndarray:
    """Pixels that were given `label` against the prediction."""
    return (room.mask == label) & (room.truth != label)


def test_a_brush_stroke_paints_on_release_what_it_showed_before(room: Room) -> None:
    room.press((10, 10))
    room.move((30, 12))
    shown = room.canvas.grab_shown_mask()
    assert shown is not None and shown[11, 20] == 1
    assert (room.mask == room.truth).all(), "the document waits for the release"
    room.release((30, 12))
    assert (room.mask == shown).all()
    assert (room.vouch[painted(room, 1)] == 2).all()


def test_a_brush_covers_exactly_what_lies_within_its_radius(room: Room) -> None:
    stage = room.canvas.stage
    assert stage is not None
    room.drag((12, 12), (40, 15), (50, 8))
    points = tuple(stage.viewport.to_image((p.x(), p.y())) for p in map(room.at, [(12, 12), (40, 15), (50, 8)]))
    covered = coverage(Stroke(Tool.BRUSH, 1, points, 4.0), room.mask.shape)
    inside = np.zeros(room.mask.shape, bool)
    inside[covered.rect.slices] = covered.inside
    assert (painted(room, 1) == (inside & (room.truth != 1))).all()


def test_one_press_without_a_move_is_a_dab(room: Room) -> None:
    room.click((15, 10))
    assert 40 < painted(room, 1).sum() < 60, "about pi times 4 squared"


def test_a_right_drag_gives_pixels_back_to_the_prediction(room: Room) -> None:
    room.drag((10, 10), (30, 10))
    room.drag((10, 10), (30, 10), button=RIGHT)
    assert (room.mask == room.truth).all() and not room.vouch.any()


@pytest.mark.parametrize("tool", [Tool.POLYGON, Tool.FILL, Tool.SMART])
def test_a_right_drag_erases_with_any_tool(room: Room, tool: Tool) -> None:
    room.drag((10, 10), (30, 10))
    room.view.tool = tool
    room.drag((10, 10), (30, 10), button=RIGHT)
    assert (room.mask == room.truth).all() and not room.vouch.any()


def test_the_eraser_takes_the_vouch_back(room: Room) -> None:
    room.drag((10, 10), (30, 10))
    room.view.tool = Tool.ERASER
    room.drag((10, 10), (30, 10))
    assert not room.vouch.any() and (room.mask == room.truth).all()


def test_the_eraser_shows_the_prediction_before_the_release(room: Room) -> None:
    room.drag((10, 10), (30, 10))
    room.view.tool = Tool.ERASER
    room.press((10, 10))
    room.move((30, 10))
    shown = room.canvas.grab_shown_mask()
    assert shown is not None and shown[10, 20] == 0 and room.mask[10, 20] == 1
    room.release((30, 10))


def test_escape_aborts_the_open_stroke(room: Room) -> None:
    room.press((10, 10))
    room.move((40, 10))
    assert room.canvas.abort()
    room.release((40, 10))
    shown = room.canvas.grab_shown_mask()
    assert shown is not None and (shown == room.truth).all() and (room.mask == room.truth).all()
    assert not room.canvas.abort(), "there is none any more"


def test_an_aborted_stroke_leaves_nothing_on_the_screen(room: Room) -> None:
    before = room.color_at((25, 10))
    room.press((10, 10))
    room.move((40, 10))
    room.canvas.grab()
    room.canvas.abort()
    room.release((40, 10))
    room.hover((100, 80))
    assert room.color_at((25, 10)) == before


def test_shift_click_draws_a_straight_line_from_the_last_point(room: Room) -> None:
    room.click((10, 10))
    room.click((50, 10), keys=SHIFT)
    assert (room.mask[10, 10:51] == 1).all()


def test_shift_click_without_a_last_point_is_a_dab(room: Room) -> None:
    room.click((50, 10), keys=SHIFT)
    assert room.mask[10, 20] == 0 and room.mask[10, 50] == 1


def test_a_second_button_changes_nothing_in_an_open_stroke(room: Room) -> None:
    room.press((10, 10))
    room.press((20, 10), button=RIGHT)
    room.release((20, 10), button=RIGHT)
    room.move((30, 10))
    room.release((30, 10))
    assert (room.mask[10, 10:31] == 1).all()


def test_a_polygon_closes_at_its_first_corner(room: Room) -> None:
    room.view.tool = Tool.POLYGON
    for xy in ((5, 5), (25, 5), (25, 20), (5, 20), (5, 5)):
        room.click(xy)
    assert room.mask[12, 15] == 1 and room.mask[12, 30] == 0
    assert (room.vouch[6:19, 6:24] == 2).all()


def test_return_closes_a_polygon(room: Room) -> None:
    room.view.tool = Tool.POLYGON
    for xy in ((5, 5), (25, 5), (25, 20)):
        room.click(xy)
    QTest.keyClick(room.canvas, Qt.Key.Key_Return)
    assert room.mask[8, 20] == 1


def test_a_double_click_closes_a_polygon(room: Room) -> None:
    room.view.tool = Tool.POLYGON
    for xy in ((5, 5), (25, 5), (25, 20)):
        room.click(xy)
    QTest.mouseDClick(room.canvas, LEFT, pos=room.at((25, 20)))
    assert room.mask[8, 20] == 1


def test_backspace_takes_the_last_corner_back(room: Room) -> None:
    room.view.tool = Tool.POLYGON
    for xy in ((5, 5), (25, 5), (25, 20), (60, 25)):
        room.click(xy)
    QTest.keyClick(room.canvas, Qt.Key.Key_Backspace)
    QTest.keyClick(room.canvas, Qt.Key.Key_Return)
    assert room.mask[8, 20] == 1 and room.mask[18, 40] == 0


def test_escape_throws_a_polygon_away(room: Room) -> None:
    room.view.tool = Tool.POLYGON
    for xy in ((5, 5), (25, 5), (25, 20)):
        room.click(xy)
    assert room.canvas.abort()
    QTest.keyClick(room.canvas, Qt.Key.Key_Return)
    assert (room.mask == room.truth).all()


def test_two_corners_are_no_polygon(room: Room) -> None:
    room.view.tool = Tool.POLYGON
    for xy in ((5, 5), (25, 5)):
        room.click(xy)
    QTest.keyClick(room.canvas, Qt.Key.Key_Return)
    assert (room.mask == room.truth).all() and not room.canvas.hand.is_busy


def test_fill_takes_the_whole_region_under_the_click(room: Room) -> None:
    room.view.tool, room.view.label = Tool.FILL, 2
    room.click((30, 45))
    assert (room.mask[room.truth == 1] == 2).all()
    assert (room.mask[room.truth != 1] == room.truth[room.truth != 1]).all()


def test_smart_region_paints_a_superpixel(room: Room) -> None:
    room.view.tool, room.view.label = Tool.SMART, 2
    room.click((30, 45))
    room.qtbot.waitUntil(lambda: bool((room.mask != room.truth).any()), timeout=20_000)
    regions = room.document.superpixels
    assert regions is not None
    assert (room.mask[regions == regions[45, 30]] == 2).all()
    assert (room.mask == room.truth)[regions != regions[45, 30]].all()


def test_hovering_shows_what_a_click_takes(room: Room) -> None:
    room.view.tool = Tool.FILL
    room.hover((30, 45))
    stage = room.canvas.stage
    assert stage is not None
    before = room.color_at((20, 40))
    room.qtbot.waitUntil(lambda: room.color_at((20, 40)) != before, timeout=5_000)


def test_alt_click_picks_the_class_under_the_cursor(room: Room) -> None:
    room.click((85, 45), keys=ALT)
    assert room.view.label == 2 and room.view.last_label == 1
    assert not room.vouch.any()


def test_void_can_be_painted_and_picked(room: Room) -> None:
    room.view.choose_label(VOID)
    room.click((10, 10))
    assert room.mask[10, 10] == VOID
    room.view.choose_label(1)
    room.click((10, 10), keys=ALT)
    assert room.view.label == VOID


def test_a_locked_class_is_not_painted_over_nor_shown_so(room: Room) -> None:
    room.model.set_locked(2, True)
    room.press((70, 45))
    room.move((100, 45))
    shown = room.canvas.grab_shown_mask()
    assert shown is not None and (shown[room.truth == 2] == 2).all() and shown[45, 72] == 1
    room.release((100, 45))
    assert (room.mask[room.truth == 2] == 2).all() and room.mask[45, 72] == 1


def test_a_held_e_erases_and_gives_the_tool_back(room: Room) -> None:
    room.drag((10, 10), (30, 10))
    QTest.keyPress(room.canvas, Qt.Key.Key_E)
    assert room.view.tool is Tool.ERASER
    room.drag((10, 10), (30, 10))
    QTest.keyRelease(room.canvas, Qt.Key.Key_E)
    assert room.view.tool is Tool.BRUSH and not room.vouch.any()


def test_a_tap_of_e_chooses_the_eraser(room: Room) -> None:
    QTest.keyClick(room.canvas, Qt.Key.Key_E)
    assert room.view.tool is Tool.ERASER and room.view.chosen_tool is Tool.ERASER


def test_a_held_h_shows_the_bare_image(room: Room) -> None:
    covered = room.color_at((30, 45))
    QTest.keyPress(room.canvas, Qt.Key.Key_H)
    assert room.view.bare and room.color_at((30, 45)) != covered
    QTest.keyRelease(room.canvas, Qt.Key.Key_H)
    assert not room.view.bare and room.color_at((30, 45)) == covered


def test_letters_in_a_text_field_stay_letters(room: Room) -> None:
    field = QLineEdit(room.canvas)
    field.show()
    field.setFocus()
    room.qtbot.waitUntil(field.hasFocus)
    QTest.keyClicks(field, "eh ")
    assert field.text() == "eh " and room.view.tool is Tool.BRUSH and not room.view.bare


def test_space_and_drag_pans_without_painting(room: Room) -> None:
    stage = room.canvas.stage
    assert stage is not None
    before = stage.viewport.offset_xy
    QTest.keyPress(room.canvas, Qt.Key.Key_Space)
    start = room.at((30, 30))
    QTest.mousePress(room.canvas, LEFT, pos=start)
    room.move((40, 35))
    QTest.mouseRelease(room.canvas, LEFT, pos=start)
    QTest.keyRelease(room.canvas, Qt.Key.Key_Space)
    assert stage.viewport.offset_xy != before and (room.mask == room.truth).all()
    room.click((10, 10))
    assert room.mask[10, 10] == 1, "the brush is back"


def test_a_middle_drag_pans(room: Room) -> None:
    stage = room.canvas.stage
    assert stage is not None
    before = stage.viewport.offset_xy
    start, end = room.at((30, 30)), room.at((50, 40))
    room.drag((30, 30), (50, 40), button=MIDDLE)
    moved = (stage.viewport.offset_xy[0] - before[0], stage.viewport.offset_xy[1] - before[1])
    assert moved == pytest.approx((end.x() - start.x(), end.y() - start.y()))


def test_a_lost_focus_ends_the_stroke_as_if_the_button_went_up(room: Room) -> None:
    room.press((10, 10))
    room.move((30, 10))
    QApplication.sendEvent(room.canvas, QEvent(QEvent.Type.WindowDeactivate))
    room.canvas.hide()
    assert (room.mask[10, 10:31] == 1).all() and not room.canvas.hand.is_busy


def test_a_release_that_never_came_ends_the_stroke_at_the_next_move(room: Room) -> None:
    room.press((10, 10))
    room.move((30, 10))
    room.hover((60, 20))
    assert not room.canvas.hand.is_busy and room.mask[10, 20] == 1 and room.mask[20, 60] == 0


def test_a_pen_paints_and_its_other_end_erases(room: Room) -> None:
    pens = {}
    for kind in ("Pen", "Eraser"):
        pens[kind] = QPointingDevice(
            kind,
            hash(kind) & 0xFF,
            QInputDevice.DeviceType.Stylus,
            QPointingDevice.PointerType[kind],
            QInputDevice.Capability.Position | QInputDevice.Capability.Pressure,
            1,
            1,
        )

    def send(kind: str, what: str, xy: tuple[float, float], pressure: float) -> None:
        at = QPointF(room.at(xy))
        button = Qt.MouseButton.NoButton if what == "TabletMove" else LEFT
        held = Qt.MouseButton.NoButton if what == "TabletRelease" else LEFT
        event = QTabletEvent(
            QEvent.Type[what],
            pens[kind],
            at,
            room.canvas.mapToGlobal(at),
            pressure,
            0.0,
            0.0,
            0.0,
            0.0,
            0.0,
            Qt.KeyboardModifier.NoModifier,
            button,
            held,
        )
        QApplication.sendEvent(room.canvas, event)

    for kind, expected in (("Pen", 1), ("Eraser", 0)):
        send(kind, "TabletPress", (10, 10), 0.2)
        send(kind, "TabletMove", (30, 10), 0.9)
        send(kind, "TabletRelease", (30, 10), 0.0)
        assert (room.mask[10, 10:31] == expected).all()


def test_nothing_of_a_gesture_goes_along_to_the_next_image(
    qtbot: QtBot, tmp_path: Path, appearance: Appearance
) -> None:
    with room_over(qtbot, tmp_path, appearance, count=2) as room:
        room.view.tool, room.view.label, room.view.radius_px = Tool.POLYGON, 2, 7.0
        for xy in ((5, 5), (25, 5), (25, 20)):
            room.click(xy)
        key = room.document.key
        room.model.go(1)
        qtbot.waitUntil(lambda: room.document.key != key, timeout=20_000)
        QTest.keyClick(room.canvas, Qt.Key.Key_Return)
        assert not room.canvas.hand.is_busy and not room.vouch.any()
        room.view.tool = Tool.BRUSH
        room.click((50, 10), keys=SHIFT)
        assert room.mask[10, 30] == 0, "no line from a point of the image before"
        assert (room.view.label, room.view.radius_px) == (2, 7.0)


def test_a_read_only_project_is_not_painted_on(room: Room) -> None:
    room.model.session.is_read_only = True
    room.drag((10, 10), (30, 10))
    room.hover((20, 20))
    assert (room.mask == room.truth).all()
    assert room.canvas.cursor().shape() == Qt.CursorShape.ForbiddenCursor
    room.click((85, 45), keys=ALT)
    assert room.view.label == 2, "picking only looks"
