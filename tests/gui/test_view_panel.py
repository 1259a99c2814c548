"""Sliders and switches of the view: they set the view state and follow it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QWidget
from pytestqt.qtbot import QtBot

from fcn_gui.core.stroke import Tool
from fcn_gui.qt.view_state import CursorFacts
from fcn_gui.widgets.appearance import Appearance
from fcn_gui.widgets.controls import Segments, Switch, ThinSlider, ValueSlider
from fcn_gui.widgets.tool_section import ToolSection
from fcn_gui.widgets.view_panel import HeatTitle, PhotoTones, ViewPanel, ViewSection
from tests.gui.canvas_room import Room, room_over


@pytest.fixture
def room(qtbot: QtBot, tmp_path: Path, appearance: Appearance) -> Iterator[Room]:
    with room_over(qtbot, tmp_path, appearance) as made:
        yield made


@pytest.fixture
def panel(room: Room, appearance: Appearance) -> Iterator[ViewPanel]:
    page = QWidget()
    page.resize(300, 620)
    made = ViewPanel(room.model, room.view, appearance)
    made.setParent(page)
    made.resize(280, 600)
    room.qtbot.addWidget(page)
    page.show()
    room.qtbot.waitExposed(page)
    yield made


def section(panel: ViewPanel) -> ViewSection:
    return panel.findChild(ViewSection)


def click_slider(slider: ThinSlider, share: float) -> None:
    x = round(7 + share * (slider.width() - 14))
    QTest.mouseClick(slider, Qt.MouseButton.LeftButton, pos=QPoint(x, slider.height() // 2))


def test_a_click_on_a_segment_changes_the_mode_and_its_rows(room: Room, panel: ViewPanel) -> None:
    view = section(panel)
    QTest.mouseClick(view.segments, Qt.MouseButton.LeftButton, pos=view.segments.rect_of("heatmap").center())
    assert room.view.mode == "heatmap"
    assert view.scale.isVisible() and view.grey.isVisible() and not view.sliders["opacity"].isVisible()


def test_the_segments_follow_the_view(room: Room, panel: ViewPanel) -> None:
    room.view.mode = "difference"
    assert section(panel).segments.value == "difference"


@pytest.mark.parametrize(("mode", "segment"), [("doubts", "uncertainty"), ("comparison", "difference")])
def test_a_mode_without_a_segment_says_what_it_shows_and_can_be_left(
    room: Room, panel: ViewPanel, mode: str, segment: str
) -> None:
    room.view.mode = mode
    words = [label.text() for label in section(panel).findChildren(QLabel) if label.isVisible()]
    assert any("something else" in text for text in words)
    segments = section(panel).segments
    QTest.mouseClick(segments, Qt.MouseButton.LeftButton, pos=segments.rect_of(segment).center())
    assert room.view.mode == segment


def test_a_long_name_of_the_heatmaps_class_leaves_the_probability_legible(room: Room, panel: ViewPanel) -> None:
    room.view.choose_label(1)
    room.view.mode = "heatmap"
    title = section(panel).findChild(HeatTitle)

    def end_of_the_row(name: str) -> QImage:
        room.model.rename_class(1, name)
        room.qtbot.waitUntil(lambda: room.model.label_map is not None and room.model.label_map.names[1] == name)
        title.show_value(0.87)
        return title.grab(title.rect().adjusted(title.width() - 44, 0, 0, 0)).toImage()

    assert end_of_the_row("cow") == end_of_the_row("Straßenbahnhaltestellenüberdachung mit Fahrgästen")


def test_arrow_keys_move_along_the_segments(room: Room, panel: ViewPanel) -> None:
    segments = section(panel).segments
    QTest.keyClick(segments, Qt.Key.Key_Right)
    assert room.view.mode == "heatmap"
    QTest.keyClick(segments, Qt.Key.Key_Left)
    assert room.view.mode == "mask"


def test_a_slider_jumps_to_where_it_is_clicked(room: Room, panel: ViewPanel) -> None:
    row = section(panel).sliders["opacity"]
    click_slider(row.slider, 0.75)
    assert room.view.opacity == pytest.approx(0.75, abs=0.02) and row.text.endswith(" %")


def test_sliders_follow_the_view(room: Room, panel: ViewPanel) -> None:
    room.view.outline_px = 3.0
    assert section(panel).sliders["outline_px"].text == "3 px"
    room.view.outline_px = 0.0
    assert section(panel).sliders["outline_px"].text == "off"


def test_outlines_go_in_half_pixels(room: Room, panel: ViewPanel) -> None:
    click_slider(section(panel).sliders["outline_px"].slider, 0.57)
    assert room.view.outline_px == 3.5


def test_the_switch_sets_the_grey_photo(room: Room, panel: ViewPanel) -> None:
    room.view.mode = "heatmap"
    QTest.mouseClick(section(panel).grey, Qt.MouseButton.LeftButton)
    assert not room.view.grey_photo


def test_the_scale_marks_the_probability_under_the_cursor(room: Room, panel: ViewPanel) -> None:
    room.view.mode = "heatmap"
    room.view.cursor_moved.emit(CursorFacts(1, 2, 0, 0, ((1, 0.43), (0, 0.4)), 0.43))
    assert section(panel).scale.value == 0.43 and panel.findChild(HeatTitle).text == "0.43"
    room.view.cursor_moved.emit(None)
    assert section(panel).scale.value is None and panel.findChild(HeatTitle).text == ""


def test_photo_tones_unfold_set_and_reset(room: Room, panel: ViewPanel) -> None:
    tones = panel.findChild(PhotoTones)
    assert not tones.sliders["gamma"].isVisible()
    tones.fold.click()
    click_slider(tones.sliders["brightness"].slider, 0.8)
    assert room.view.brightness == pytest.approx(0.6, abs=0.03) and tones.reset.isVisible()
    tones.reset.click()
    assert room.view.brightness == 0 and not tones.reset.isVisible()


@pytest.mark.parametrize("tool", list(Tool))
def test_the_tool_section_shows_what_its_tool_has(room: Room, panel: ViewPanel, tool: Tool) -> None:
    room.view.tool = tool
    part = panel.findChild(ToolSection)
    assert part.brush_size.isVisible() is (tool in (Tool.BRUSH, Tool.ERASER))
    assert part.hint.isVisible() is (tool is not Tool.BRUSH)


def test_the_size_is_the_diameter(room: Room, panel: ViewPanel) -> None:
    room.view.radius_px = 9.0
    assert panel.findChild(ToolSection).brush_size.text == "18 px"


def test_sliders_move_by_keyboard_and_tell_their_value(room: Room, panel: ViewPanel) -> None:
    row = section(panel).sliders["opacity"]
    before = room.view.opacity
    QTest.keyClick(row.slider, Qt.Key.Key_Right)
    assert room.view.opacity > before and row.slider.accessibleDescription() == row.text


def test_every_control_has_an_accessible_name(panel: ViewPanel) -> None:
    for kind in (ThinSlider, Switch, Segments):
        for control in panel.findChildren(kind):
            assert control.accessibleName()


def test_segments_without_room_become_a_combo_box(qtbot: QtBot, appearance: Appearance) -> None:
    segments = Segments(appearance, [("a", "A rather long word"), ("b", "Another long word")], "Choice")
    qtbot.addWidget(segments)
    segments.resize(90, 28)
    segments.show()
    combo = segments.findChild(QComboBox)
    assert combo.isVisible()
    chosen: list[str] = []
    segments.chosen.connect(chosen.append)
    combo.setFocus()
    QTest.keyClick(combo, Qt.Key.Key_Down)
    assert chosen == ["b"] and segments.value == "b"


def test_showing_a_value_is_not_moving_it(qtbot: QtBot, appearance: Appearance) -> None:
    row = ValueSlider(appearance, "Size", (0.0, 10.0), "{:.1f}".format, curve=2.0)
    qtbot.addWidget(row)
    moved: list[float] = []
    row.moved.connect(moved.append)
    row.show_value(2.5)
    assert not moved and row.text == "2.5" and row.slider.value() == 500
