"""What the canvas shows and how it moves: colours on the screen, zoom, pan, cursor, and how little is repainted."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QNativeGestureEvent, QPaintEvent, QPointingDevice
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from fcn_gui.core.raster import VOID, Rect
from fcn_gui.core.stroke import Stroke, Tool
from fcn_gui.qt.images import to_array
from fcn_gui.qt.view_state import CursorFacts
from fcn_gui.widgets.appearance import Appearance
from fcn_gui.widgets.stage import Stage
from tests.gui.canvas_room import CTRL, SHIFT, Room, room_over, settle
from tests.unit.session.workshop import COW, GRASS, MAP

IN_COW, IN_TREE, ON_GRASS = (40, 45), (90, 45), (8, 8)


@pytest.fixture
def room(qtbot: QtBot, tmp_path: Path, appearance: Appearance) -> Iterator[Room]:
    with room_over(qtbot, tmp_path, appearance) as made:
        made.view.label = 1
        made.hover((60, 5))
        yield made


@pytest.fixture
def large(qtbot: QtBot, tmp_path: Path, appearance: Appearance) -> Iterator[Room]:
    """A photograph four times as wide as the canvas."""
    with room_over(qtbot, tmp_path, appearance, size_wh=(2400, 1800)) as made:
        made.view.label = 1
        yield made


def stage_of(room: Room) -> Stage:
    assert room.canvas.stage is not None
    return room.canvas.stage


def mixed(photo: tuple[int, int, int], color: tuple[int, int, int], share: float) -> list[float]:
    return [p + (c - p) * share for p, c in zip(photo, color, strict=True)]


def apart(one: tuple[int, ...], other: list[float]) -> float:
    return sum(abs(a - b) for a, b in zip(one, other, strict=True))


def test_the_fill_is_45_percent_of_the_class_colour(room: Room) -> None:
    assert room.color_at(IN_COW) == pytest.approx(mixed(COW, MAP.colors[1], 0.45), abs=2)


def test_background_is_not_filled(room: Room) -> None:
    assert room.color_at(ON_GRASS) == GRASS


def test_opacity_is_that_of_the_view(room: Room) -> None:
    room.view.opacity = 1.0
    assert room.color_at(IN_COW) == pytest.approx(MAP.colors[1], abs=1)


def test_a_hidden_class_shows_the_photo(room: Room) -> None:
    tree = room.color_at(IN_TREE)
    room.view.toggle_hidden(1)
    assert room.color_at(IN_COW) == COW and room.color_at(IN_TREE) == tree


def test_hovering_a_class_dims_the_others(room: Room) -> None:
    cow, tree = room.color_at(IN_COW), room.color_at(IN_TREE)
    room.view.hovered_label = 1
    assert room.color_at(IN_COW) == cow and room.color_at(IN_TREE) != tree
    room.view.hovered_label = None
    assert room.color_at(IN_TREE) == tree


@pytest.mark.parametrize("zoom", [0.8, 2.0, 6.0])
def test_the_outline_lies_inside_the_border_at_every_zoom(room: Room, zoom: float) -> None:
    room.canvas.zoom_by(zoom / room.canvas.zoom, (300, 240))
    room.view.opacity = 0.0
    left_edge = room.at((20, 45))
    image = room.canvas.grab().toImage()
    inside = [image.pixelColor(left_edge.x() + dx, left_edge.y()) for dx in range(3)]
    line = [v + (255 - v) * 0.28 for v in MAP.colors[1]]
    assert min(apart(c.getRgb()[:3], line) for c in inside) < 0.4 * apart(COW, line)
    deep = image.pixelColor(left_edge + QPoint(round(8 * zoom), 0))
    assert deep.getRgb()[:3] == pytest.approx(COW, abs=4), "no wider than a few pixels of screen"


def test_an_outline_of_no_width_is_none(room: Room) -> None:
    room.view.outline_px, room.view.opacity = 0.0, 0.0
    image = room.canvas.grab().toImage()
    at = room.at((20, 45)) + QPoint(1, 0)
    assert image.pixelColor(at).getRgb()[:3] == pytest.approx(COW, abs=2)


def test_void_is_hatched(room: Room) -> None:
    room.view.label, room.view.radius_px = VOID, 12.0
    room.click((20, 15))
    room.hover((60, 85))
    image = room.canvas.grab().toImage()
    middle = room.at((20, 15))
    seen = {image.pixelColor(middle + QPoint(dx, 0)).lightness() for dx in range(-10, 11)}
    assert max(seen) > 200 and min(seen) < 80, "light lines over a shade"


def test_the_bare_image_has_no_overlay(room: Room) -> None:
    room.view.bare = True
    assert room.color_at(IN_COW) == COW


def test_the_heatmap_is_bright_where_the_class_is_likely(room: Room) -> None:
    room.view.mode = "heatmap"
    hot, cold = room.color_at(IN_COW), room.color_at(IN_TREE)
    assert sum(hot) > 400 and sum(cold) < 200


def test_the_photo_below_a_heatmap_can_keep_its_colours(room: Room) -> None:
    room.view.mode = "heatmap"
    muted = room.color_at(ON_GRASS)
    room.view.grey_photo = False
    assert room.color_at(ON_GRASS) == GRASS != muted


def test_a_stroke_shows_in_the_heatmap_too(room: Room) -> None:
    room.view.mode, room.view.radius_px = "heatmap", 6.0
    before = room.color_at((20, 12))
    room.press((10, 12))
    room.move((40, 12))
    assert room.color_at((20, 12)) != before
    room.release((40, 12))


def test_uncertainty_dots_lie_only_where_the_margin_is_small(room: Room) -> None:
    room.view.mode, room.view.dots_below = "uncertainty", 0.05
    calm = room.canvas.grab().toImage()
    room.view.dots_below = 1.0
    dotted = room.canvas.grab().toImage()
    assert calm != dotted or float(stage_margin(room)) == 1.0


def stage_margin(room: Room) -> float:
    prediction = room.document.prediction
    assert prediction is not None
    best = np.sort(prediction.scores.probabilities(), axis=0)
    return float((best[-1] - best[-2]).min())


def test_the_difference_marks_what_was_changed(room: Room) -> None:
    room.view.mode = "difference"
    before = room.color_at((20, 12))
    room.view.radius_px = 6.0
    room.click((20, 12))
    room.hover((60, 85))
    assert room.color_at((20, 12)) != before and room.color_at((70, 10)) == GRASS


@pytest.mark.parametrize(("field", "value"), [("brightness", 0.3), ("contrast", 0.5), ("gamma", 2.0)])
def test_tones_change_the_photo_and_come_back(room: Room, field: str, value: float) -> None:
    setattr(room.view, field, value)
    assert room.color_at(ON_GRASS) != GRASS
    setattr(room.view, field, 1.0 if field == "gamma" else 0.0)
    assert room.color_at(ON_GRASS) == GRASS


def test_pixels_are_squares_from_300_percent(room: Room) -> None:
    room.canvas.zoom_by(8 / room.canvas.zoom, (300, 240))
    room.canvas.show_point((20, 45))
    room.view.bare = True
    x, y = 20, 45
    for dx in (0.1, 0.5, 0.9):
        assert room.color_at((x + dx, y + 0.5)) == COW
        assert room.color_at((x - 1 + dx, y + 0.5)) == GRASS


def test_zoom_keeps_the_point_under_the_cursor(room: Room) -> None:
    at = room.at(IN_COW)
    before = stage_of(room).viewport.to_image((at.x(), at.y()))
    room.wheel(IN_COW)
    assert stage_of(room).viewport.to_image((at.x(), at.y())) == pytest.approx(before, abs=0.01)
    assert room.canvas.zoom == pytest.approx(600 / 120 * (568 / 600) * 1.2, rel=0.1)


def test_control_and_wheel_zoom_too(room: Room) -> None:
    before = room.canvas.zoom
    room.wheel(IN_COW, keys=CTRL)
    assert room.canvas.zoom > before
    room.wheel(IN_COW, angle=(0, -120), keys=CTRL)
    assert room.canvas.zoom == pytest.approx(before)


def test_pixel_precise_scrolling_pans(large: Room) -> None:
    large.canvas.actual_size()
    before, zoom = stage_of(large).viewport.offset_xy, large.canvas.zoom
    large.wheel((1200, 900), angle=(16, 40), pixels=(7, -13), phase=Qt.ScrollPhase.ScrollUpdate)
    after = stage_of(large).viewport.offset_xy
    assert (after[0] - before[0], after[1] - before[1]) == pytest.approx((7, -13)) and large.canvas.zoom == zoom


def test_a_pinch_zooms(room: Room) -> None:
    before = room.canvas.zoom
    device = QPointingDevice.primaryPointingDevice()
    at = QPointF(room.at(IN_COW))
    kind = Qt.NativeGestureType.ZoomNativeGesture
    event = QNativeGestureEvent(kind, device, 2, at, at, room.canvas.mapToGlobal(at), 0.25, QPointF())
    QApplication.sendEvent(room.canvas, event)
    assert room.canvas.zoom == pytest.approx(1.25 * before)


def test_fit_and_actual_size(large: Room) -> None:
    large.canvas.actual_size()
    assert large.canvas.zoom == 1.0
    large.canvas.fit()
    rect = stage_of(large).placement.shown
    assert rect.width <= 600 - 32 + 1 and rect.height <= 480 - 32 + 1


def test_a_fitted_image_stays_fitted_when_the_canvas_grows(room: Room) -> None:
    room.canvas.resize(900, 700)
    room.qtbot.waitUntil(lambda: room.canvas.width() == 900)
    assert room.canvas.zoom == pytest.approx((900 - 32) / 120, rel=0.01)


def test_a_pan_leaves_the_same_picture_as_drawing_anew(large: Room) -> None:
    large.canvas.zoom_by(0.5 / large.canvas.zoom, (300, 240))
    large.canvas.grab()
    large.canvas.pan_by(37, -23)
    panned = large.canvas.grab().toImage()
    stage_of(large).mark_all()
    assert large.canvas.grab().toImage() == panned


def test_shift_and_wheel_size_the_brush_and_say_so(room: Room) -> None:
    room.view.radius_px = 9.0
    room.wheel(IN_COW, keys=SHIFT)
    assert room.view.radius_px == 10.5
    room.wheel(IN_COW, angle=(0, -120), keys=SHIFT)
    room.wheel(IN_COW, angle=(0, -120), keys=SHIFT)
    assert room.view.radius_px < 9.0


def test_the_size_does_not_change_with_the_tool(room: Room) -> None:
    room.view.radius_px = 13.0
    for tool in Tool:
        room.view.tool = tool
    assert room.view.radius_px == 13.0


def test_a_note_stands_beside_the_ring_for_a_moment(room: Room) -> None:
    without = room.canvas.grab().toImage()
    room.hover(IN_COW)
    room.view.choose_label(2)
    room.view.choose_label(1)
    assert room.canvas.grab().toImage() != without
    room.qtbot.waitUntil(lambda: not room.canvas.has_note, timeout=3_000)


def test_a_note_at_the_right_edge_stands_on_the_other_side(room: Room) -> None:
    room.view.radius_px = 4.0
    room.qtbot.waitUntil(lambda: not room.canvas.has_note, timeout=3_000)
    edge = (119, 10)
    room.hover(edge)
    at = room.at(edge)
    beside = QRect(at.x() - 60, at.y() - 6, 30, 12)
    without = room.canvas.grab(beside).toImage()
    room.view.choose_label(2)
    assert room.canvas.grab(beside).toImage() != without
    room.qtbot.waitUntil(lambda: not room.canvas.has_note, timeout=3_000)
    assert room.canvas.grab(beside).toImage() == without


def test_the_ring_is_as_large_as_the_brush(room: Room) -> None:
    room.view.bare, room.view.radius_px = True, 8.0
    room.qtbot.waitUntil(lambda: not room.canvas.has_note, timeout=3_000)
    room.hover(ON_GRASS)
    image = room.canvas.grab().toImage()
    middle, radius = room.at(ON_GRASS), round(8 * room.canvas.zoom)
    rim = max(image.pixelColor(middle + QPoint(radius + dx, 0)).lightness() for dx in (-1, 0, 1))
    assert rim > 170 and image.pixelColor(middle + QPoint(radius // 2, 0)).lightness() < 150


def test_the_own_cursor_hides_the_systems(room: Room) -> None:
    assert room.canvas.cursor().shape() == Qt.CursorShape.BlankCursor
    QTest.keyPress(room.canvas, Qt.Key.Key_Space)
    assert room.canvas.cursor().shape() == Qt.CursorShape.OpenHandCursor
    QTest.keyRelease(room.canvas, Qt.Key.Key_Space)


def test_facts_under_the_cursor(room: Room) -> None:
    seen: list[CursorFacts | None] = []
    room.view.cursor_moved.connect(seen.append)
    room.hover((40.5, 45.5))
    room.qtbot.waitUntil(lambda: bool(seen) and seen[-1] is not None)
    facts = seen[-1]
    assert facts is not None
    assert (facts.x, facts.y, facts.label, facts.vouch) == (40, 45, 1, 0)
    assert facts.probabilities[0][0] == 1 and facts.probabilities[0][1] > 0.5
    assert facts.heat == pytest.approx(facts.probabilities[0][1])


def test_the_facts_follow_what_changes_under_a_cursor_at_rest(room: Room) -> None:
    seen: list[CursorFacts | None] = []
    room.view.cursor_moved.connect(seen.append)

    def said(label: int, vouch: int) -> bool:
        return bool(seen) and seen[-1] is not None and (seen[-1].label, seen[-1].vouch) == (label, vouch)

    def likeliest() -> int | None:
        facts = seen[-1]
        return facts.probabilities[0][0] if facts is not None and facts.probabilities else None

    room.hover((40.5, 45.5))
    room.qtbot.waitUntil(lambda: said(1, 0))
    model = room.model
    model.apply_stroke(Stroke(Tool.BRUSH, 2, ((40.5, 45.5),), 3.0))
    room.qtbot.waitUntil(lambda: said(2, 2))
    model.undo()
    room.qtbot.waitUntil(lambda: said(1, 0))
    model.accept_class(1)
    room.qtbot.waitUntil(lambda: said(1, 1))
    model.undo()
    model.move_class(2, 1)
    room.qtbot.waitUntil(lambda: said(2, 0), timeout=10_000)
    settle(room.qtbot, model)
    room.qtbot.waitUntil(lambda: likeliest() == 2, timeout=10_000)


def test_no_facts_beside_the_image(room: Room) -> None:
    seen: list[CursorFacts | None] = []
    room.view.cursor_moved.connect(seen.append)
    room.hover((-2, -2))
    room.qtbot.waitUntil(lambda: bool(seen))
    assert seen[-1] is None and room.canvas.cursor_xy() is None


class PaintWatch(QObject):
    """Areas that paint events asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.rects: list[QRect] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QPaintEvent):
            self.rects.append(event.rect())
        return False


def test_a_brush_move_repaints_only_around_itself(large: Room) -> None:
    large.view.radius_px = 20.0
    large.press((1000, 800))
    large.move((1010, 800))
    QApplication.processEvents()
    watch = PaintWatch()
    large.canvas.installEventFilter(watch)
    large.move((1060, 820))
    QApplication.processEvents()
    assert watch.rects and all(r.width() < 160 and r.height() < 80 for r in watch.rects)
    large.release((1060, 820))


def test_the_end_of_a_stroke_changes_nothing_on_the_screen(large: Room) -> None:
    large.view.radius_px = 30.0
    large.press((500, 400))
    for x in range(500, 1500, 40):
        large.move((x, 400 + x / 7))
    shown = to_array(large.canvas.grab().toImage())
    large.release((1460, 400 + 1460 / 7))
    assert (to_array(large.canvas.grab().toImage()) == shown).all()
    stage_of(large).mark_all()
    off = np.abs(to_array(large.canvas.grab().toImage()).astype(int) - shown)
    assert off.max() < 64 and (off > 8).mean() < 1e-3, "drawing it anew gives the same, but for rounding of the lines"


def test_another_mask_shows_at_once(room: Room) -> None:
    room.mask[:] = 2
    room.model.mask_changed.emit(Rect.of(room.mask.shape))
    assert room.color_at(ON_GRASS) == pytest.approx(mixed(GRASS, MAP.colors[2], 0.45), abs=2)


def test_undo_shows_the_mask_as_it_was(room: Room) -> None:
    room.view.radius_px = 4.0
    before = room.color_at((20, 10))
    room.drag((10, 10), (30, 10))
    room.hover((60, 85))
    assert room.color_at((20, 10)) != before
    room.model.undo()
    assert room.color_at((20, 10)) == before


def test_a_recoloured_class_shows_in_its_new_colour(room: Room) -> None:
    room.model.recolour_class(1, (250, 220, 240))
    assert room.color_at(IN_COW) == pytest.approx(mixed(COW, (250, 220, 240), 0.45), abs=2)


def test_an_empty_canvas_says_what_to_do(room: Room) -> None:
    room.model.close_project()
    assert room.canvas.stage is None and room.canvas.grab_shown_mask() is None
    room.canvas.fit()
    room.click((10, 10)) if room.canvas.stage else QTest.mouseClick(room.canvas, Qt.MouseButton.LeftButton)
    image = room.canvas.grab().toImage()
    colors = {image.pixelColor(x, image.height() // 2).rgb() for x in range(image.width())}
    assert len(colors) > 2, "words stand in the middle"


def test_the_focus_border_shows_only_when_the_window_says_so(room: Room) -> None:
    corner = room.canvas.grab().toImage().pixelColor(1, 1)
    room.canvas.setProperty("keyFocus", True)
    assert room.canvas.grab().toImage().pixelColor(1, 1) != corner


@pytest.mark.parametrize("size_wh", [(1, 1), (3, 700), (500, 2)])
def test_images_of_any_shape_show_and_take_strokes(
    qtbot: QtBot, tmp_path: Path, appearance: Appearance, size_wh: tuple[int, int]
) -> None:
    with room_over(qtbot, tmp_path, appearance, size_wh=size_wh) as room:
        room.view.label = 1
        room.click((0.5, 0.5))
        room.canvas.grab()
        room.canvas.zoom_by(3.0)
        room.canvas.grab()
        assert room.mask[0, 0] == 1


def test_an_image_opened_is_whole_whoever_asks_first(qtbot: QtBot, tmp_path: Path, appearance: Appearance) -> None:
    """Made in several turns before it shows, or at once for a paint event that comes between."""
    with room_over(qtbot, tmp_path, appearance, count=2) as room:
        qtbot.waitUntil(lambda: not room.canvas.is_getting_ready)
        QApplication.processEvents()
        expected = room.canvas.grab().toImage()
        room.canvas.show_soon()
        stage_of(room).renew_mask()
        room.canvas.repaint(QRect(0, 0, 20, 20))
        assert not room.canvas.is_getting_ready
        assert room.canvas.grab().toImage() == expected
        watch = PaintWatch()
        room.canvas.installEventFilter(watch)
        room.model.go(1)
        settle(qtbot, room.model)
        qtbot.waitUntil(lambda: not room.canvas.is_getting_ready)
        QApplication.processEvents()
        assert room.document.key == "p1.png" and room.canvas.rect() in watch.rects
        assert room.canvas.grab().toImage() == expected
