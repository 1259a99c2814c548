"""What the person has chosen to see and to paint with."""

import pytest
from pytestqt.qtbot import QtBot

from fcn_gui.core.raster import VOID
from fcn_gui.core.settings import Settings
from fcn_gui.core.stroke import Tool
from fcn_gui.qt.view_state import ViewState


@pytest.fixture
def view(qtbot: QtBot) -> ViewState:
    return ViewState(Settings())


def test_a_change_is_told_once_with_its_name(view: ViewState) -> None:
    told: list[str] = []
    view.changed.connect(told.append)
    view.opacity = 0.7
    view.opacity = 0.7
    assert told == ["opacity"]


def test_values_are_held_in_their_range(view: ViewState) -> None:
    view.opacity, view.radius_px, view.gamma = 3.0, 0.0, 99.0
    assert (view.opacity, view.radius_px, view.gamma) == (1.0, 0.5, 5.0)


@pytest.mark.parametrize(("field", "value"), [("mode", "x-ray"), ("label", 256), ("label", -1)])
def test_what_makes_no_sense_is_refused(view: ViewState, field: str, value: object) -> None:
    with pytest.raises(ValueError):
        setattr(view, field, value)


def test_opacity_outline_and_size_are_kept_in_the_settings(qtbot: QtBot) -> None:
    settings = Settings()
    view = ViewState(settings)
    view.opacity, view.outline_px, view.radius_px = 0.3, 3.0, 12.5
    again = ViewState(settings)
    assert (again.opacity, again.outline_px, again.radius_px) == (0.3, 3.0, 12.5)


def test_a_held_tool_gives_the_chosen_one_back(view: ViewState) -> None:
    view.tool = Tool.POLYGON
    view.hold(Tool.ERASER)
    assert view.tool is Tool.ERASER and view.chosen_tool is Tool.POLYGON
    view.hold(None)
    assert view.tool is Tool.POLYGON


def test_the_last_class_comes_back(view: ViewState) -> None:
    view.choose_label(3)
    view.choose_label(VOID)
    view.swap_labels()
    assert view.label == 3
    view.swap_labels()
    assert view.label == VOID


def test_sizes_go_in_whole_pixels_and_come_back(view: ViewState) -> None:
    view.radius_px = 1.0
    view.step_radius(1)
    assert 2 * view.radius_px == 3
    view.step_radius(-1)
    assert 2 * view.radius_px == 2
    for _ in range(100):
        view.step_radius(-1)
    assert view.radius_px == 0.5
    for _ in range(100):
        view.step_radius(1)
    assert view.radius_px == 500


def test_the_heatmap_is_that_of_the_active_class_unless_another_is_chosen(view: ViewState) -> None:
    view.choose_label(4)
    assert view.shown_heatmap_label == 4
    view.heatmap_label = 2
    view.choose_label(5)
    assert view.shown_heatmap_label == 2


def test_a_mode_chosen_twice_is_the_mask_again(view: ViewState) -> None:
    view.toggle_mode("heatmap")
    assert view.mode == "heatmap"
    view.toggle_mode("heatmap")
    assert view.mode == "mask"


def test_hidden_classes_come_and_go(view: ViewState) -> None:
    view.toggle_hidden(2)
    assert view.hidden == {2}
    view.toggle_hidden(2)
    assert not view.hidden
