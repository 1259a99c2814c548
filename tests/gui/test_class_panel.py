"""The class panel with real clicks and keys."""

from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from fcn_gui.core.raster import VOID
from fcn_gui.core.stroke import Stroke, Tool
from fcn_gui.widgets.class_rows import shares
from fcn_gui.widgets.main_window import MainWindow

LEFT = Qt.MouseButton.LeftButton


def click(qtbot: QtBot, window: MainWindow, label: int, from_right_px: int = 0) -> None:
    view = window.classes.list
    rect = view.visualRect(window.classes.rows.index(window.classes.rows.row_of(label)))
    at = QPoint(rect.right() - from_right_px, rect.center().y()) if from_right_px else rect.center()
    qtbot.mouseClick(view.viewport(), LEFT, pos=at)


def test_rows_are_the_classes_and_void(opened: MainWindow) -> None:
    rows = opened.classes.rows
    assert [rows.at(n).name for n in range(rows.rowCount())] == ["background", "cow", "tree", "void"]
    assert [rows.at(n).key for n in range(rows.rowCount())] == ["0", "1", "2", "`"]


def test_a_click_takes_the_class_in_hand(qtbot: QtBot, opened: MainWindow) -> None:
    click(qtbot, opened, 2)
    assert opened.view.label == 2
    click(qtbot, opened, VOID)
    assert opened.view.label == VOID


def test_the_eye_hides_and_the_flame_shows_a_heatmap(qtbot: QtBot, opened: MainWindow) -> None:
    click(qtbot, opened, 1, from_right_px=18)
    assert opened.view.hidden == {1}
    click(qtbot, opened, 1, from_right_px=18)
    assert opened.view.hidden == frozenset()
    click(qtbot, opened, 2, from_right_px=44)
    assert opened.view.mode == "heatmap" and opened.view.shown_heatmap_label == 2
    click(qtbot, opened, 2, from_right_px=44)
    assert opened.view.mode == "mask"


def test_arrow_keys_walk_through_the_classes(qtbot: QtBot, opened: MainWindow) -> None:
    click(qtbot, opened, 0)
    opened.classes.list.setFocus()
    qtbot.keyClick(opened.classes.list, Qt.Key.Key_Down)
    assert opened.view.label == 1


def test_pointing_at_a_row_dims_the_others(qtbot: QtBot, opened: MainWindow) -> None:
    view = opened.classes.list
    qtbot.mouseMove(view.viewport(), view.visualRect(opened.classes.rows.index(1)).center())
    qtbot.waitUntil(lambda: opened.view.hovered_label == 1)


def test_a_class_is_added_by_name_and_a_known_name_is_refused(qtbot: QtBot, opened: MainWindow) -> None:
    panel = opened.classes
    opened.trigger("class.add")
    qtbot.keyClicks(panel.new_name, "Cow")
    qtbot.keyClick(panel.new_name, Qt.Key.Key_Return)
    assert panel.error_text == "There is a class 'Cow' already."
    panel.new_name.clear()
    qtbot.keyClicks(panel.new_name, "fence")
    qtbot.keyClick(panel.new_name, Qt.Key.Key_Return)
    assert opened.model.label_map is not None and opened.model.label_map.names[-1] == "fence"
    assert opened.view.label == 3
    assert not panel.new_name.isVisible()


def test_the_ring_stays_on_the_field_when_that_moves(qtbot: QtBot, opened: MainWindow) -> None:
    opened.resize(1024, 700)
    opened.trigger("class.add")
    field, ring = opened.classes.new_name, opened.focus_ring
    qtbot.waitUntil(ring.isVisible)
    qtbot.keyClicks(field, "cow")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert opened.classes.error_text
    qtbot.waitUntil(lambda: ring.geometry().center() == field.mapTo(opened, field.rect().center()))


def test_esc_ends_adding(qtbot: QtBot, opened: MainWindow) -> None:
    opened.trigger("class.add")
    qtbot.keyClicks(opened.classes.new_name, "half a na")
    qtbot.keyClick(opened.classes.new_name, Qt.Key.Key_Escape)
    assert not opened.classes.new_name.isVisible()
    assert opened.model.label_map is not None and len(opened.model.label_map) == 3


def test_the_field_for_a_new_class_gives_the_focus_back(qtbot: QtBot, opened: MainWindow) -> None:
    opened.canvas.setFocus()
    for last in (Qt.Key.Key_Escape, Qt.Key.Key_Return):
        opened.trigger("class.add")
        opened.trigger("class.add")
        qtbot.keyClicks(opened.classes.new_name, f"fence {last.value}")
        qtbot.keyClick(opened.classes.new_name, last)
        assert opened.focusWidget() is opened.canvas


def test_a_folded_dock_comes_back_for_a_new_name(qtbot: QtBot, opened: MainWindow) -> None:
    opened.trigger("view.classes")
    opened.canvas.setFocus()
    qtbot.keyClick(opened.canvas, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert opened.classes.new_name.hasFocus()
    opened.trigger("view.classes")
    opened.view.choose_label(1)
    opened.trigger("class.rename")
    assert opened.classes.list.findChild(QLineEdit) is not None


def test_without_classes_the_panel_says_what_to_do_in_full(qtbot: QtBot, window: MainWindow, folder: Path) -> None:
    window.resize(1024, 700)
    window.model.open_folder(folder)
    qtbot.waitUntil(lambda: window.model.document is not None, timeout=10_000)
    hint = next(label for label in window.classes.findChildren(QLabel) if label.text().startswith("Add the first"))
    qtbot.waitUntil(hint.isVisible)
    qtbot.waitUntil(lambda: hint.height() >= hint.heightForWidth(hint.width()))


def test_a_class_is_renamed_in_its_row(qtbot: QtBot, opened: MainWindow) -> None:
    opened.view.choose_label(1)
    opened.trigger("class.rename")
    editor = opened.classes.list.findChild(QLineEdit)
    assert editor is not None
    editor.selectAll()
    qtbot.keyClicks(editor, "calf")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: opened.model.label_map is not None and opened.model.label_map.names[1] == "calf")


def test_a_locked_class_shows_its_lock(opened: MainWindow) -> None:
    opened.view.choose_label(1)
    opened.trigger("class.lock")
    assert opened.classes.rows.at(1).is_locked
    opened.trigger("class.lock")
    assert not opened.classes.rows.at(1).is_locked


def test_a_name_takes_the_room_of_a_share_that_is_not_there(qtbot: QtBot, opened: MainWindow) -> None:
    def grabbed(name: str) -> QImage:
        opened.model.rename_class(2, name)
        qtbot.waitUntil(lambda: opened.classes.rows.at(2).name == name)
        rows = opened.classes.list
        return rows.viewport().grab(rows.visualRect(opened.classes.rows.index(2))).toImage()

    qtbot.waitUntil(lambda: opened.classes.rows.at(2).share is not None)
    stroke = Stroke(Tool.POLYGON, 0, ((-1, -1), (99, -1), (99, 99), (-1, 99)))
    opened.model.apply_stroke(stroke)
    qtbot.waitUntil(lambda: not opened.classes.rows.at(2).share)
    assert grabbed("class nbmber 3") != grabbed("class ndmber 3"), "whole, not elided in the middle"


def test_recolouring_changes_the_swatch(opened: MainWindow) -> None:
    before = opened.classes.rows.at(1).color
    opened.model.recolour_class(1, (207, 86, 4))
    assert opened.classes.rows.at(1).color == (207, 86, 4) != before


def test_shares_add_up_and_large_masks_are_sampled() -> None:
    import numpy as np

    mask = np.zeros((2000, 2000), np.uint8)
    mask[:1000] = 3
    assert shares(mask) == {0: 0.5, 3: 0.5}
