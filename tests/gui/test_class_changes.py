"""Removing, merging and moving classes, and cleaning a mask up, with real keys and clicks."""

import numpy as np
import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from fcn_gui.core.label_map import own_label_map
from fcn_gui.core.prediction import Prediction
from fcn_gui.core.raster import VOID, Image, Mask
from fcn_gui.core.refinement import Refinement
from fcn_gui.core.stroke import Stroke, Tool
from fcn_gui.widgets.main_window import MainWindow
from tests.fakes.segmenter import FakeSegmenter
from tests.gui.conftest import at_rest

LEFT = Qt.MouseButton.LeftButton


def names(window: MainWindow) -> tuple[str, ...]:
    assert window.model.label_map is not None
    return window.model.label_map.names


def wait_for(qtbot: QtBot, window: MainWindow, *expected: str) -> None:
    qtbot.waitUntil(lambda: names(window) == expected, timeout=20_000)
    at_rest(qtbot, window)


def test_remove_asks_what_the_pixels_become_and_undo_brings_the_class_back(qtbot: QtBot, opened: MainWindow) -> None:
    document = opened.model.document
    assert document is not None
    opened.view.choose_label(1)
    opened.view.toggle_hidden(2)
    opened.trigger("class.remove")
    sheet = opened.sheets.class_removal
    assert "cow" in sheet.question.text()
    assert [sheet.rows.index(n).data() for n in range(sheet.rows.rowCount())] == [
        "background",
        "void, in no class",
        "tree",
    ]
    qtbot.keyClicks(sheet.field, "void")
    qtbot.keyClick(sheet.field, Qt.Key.Key_Return)
    wait_for(qtbot, opened, "background", "tree")
    assert opened.view.hidden == {1}, "tree has another number now"
    assert opened.messages.current is not None
    assert opened.messages.current.text.startswith(
        "cow was removed: what you vouched for is void now, the rest is predicted anew."
    )
    assert not (document.masked.mask == VOID).any(), "nothing was vouched for here"
    button = next(b for b in opened.messages.findChildren(QPushButton) if b.text() == "Undo")
    qtbot.mouseClick(button, LEFT)
    wait_for(qtbot, opened, "background", "cow", "tree")
    assert opened.view.hidden == {2}


def test_esc_removes_nothing(qtbot: QtBot, opened: MainWindow) -> None:
    opened.view.choose_label(2)
    opened.trigger("class.remove")
    qtbot.keyClick(opened.sheets.class_removal.field, Qt.Key.Key_Escape)
    assert not opened.sheets.class_removal.isVisible()
    assert names(opened) == ("background", "cow", "tree")


def test_merge_offers_no_void(qtbot: QtBot, opened: MainWindow) -> None:
    opened.view.choose_label(2)
    opened.trigger("class.merge")
    sheet = opened.sheets.class_removal
    assert [sheet.rows.index(n).data() for n in range(sheet.rows.rowCount())] == ["background", "cow"]
    qtbot.keyClicks(sheet.field, "cow")
    qtbot.keyClick(sheet.field, Qt.Key.Key_Return)
    wait_for(qtbot, opened, "background", "cow")
    assert opened.view.label == 1, "the class in hand is what it went to"


def test_a_class_moves_by_key_and_ctrl_z_moves_it_back(qtbot: QtBot, opened: MainWindow) -> None:
    opened.view.choose_label(1)
    opened.refresh()
    qtbot.keyClick(opened.canvas, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    wait_for(qtbot, opened, "background", "tree", "cow")
    assert opened.view.label == 2
    opened.refresh()
    assert not opened.actions_set.action("class.down").isEnabled()
    assert "last" in opened.actions_set.reason("class.down")
    qtbot.keyClick(opened.canvas, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    wait_for(qtbot, opened, "background", "cow", "tree")
    assert opened.view.label == 1


def test_a_dragged_row_moves_its_class(qtbot: QtBot, opened: MainWindow) -> None:
    rows = opened.classes.rows
    data = rows.mimeData([rows.index(2)])
    assert not rows.dropMimeData(data, Qt.DropAction.MoveAction, 0, 0, QModelIndex())
    wait_for(qtbot, opened, "background", "tree", "cow")
    data = rows.mimeData([rows.index(1)])
    rows.dropMimeData(data, Qt.DropAction.MoveAction, 3, 0, QModelIndex())
    wait_for(qtbot, opened, "background", "cow", "tree")


def test_background_and_void_can_not_be_dragged_or_removed(opened: MainWindow) -> None:
    rows = opened.classes.rows
    for row, can in ((0, False), (1, True), (2, True), (3, False)):
        assert bool(rows.flags(rows.index(row)) & Qt.ItemFlag.ItemIsDragEnabled) is can
    for label in (0, VOID):
        opened.view.choose_label(label)
        opened.refresh()
        for action in ("class.remove", "class.merge", "class.up", "class.down"):
            assert opened.actions_set.reason(action)


def test_the_row_menu_offers_all_of_it(opened: MainWindow) -> None:
    opened.view.choose_label(1)
    opened.refresh()
    popup = opened.classes.made_menu()
    ids = [action.objectName() for action in popup.actions() if isinstance(action, QAction)]
    assert {"class.up", "class.down", "class.merge", "class.remove"} <= set(ids)
    popup.deleteLater()


def test_the_clean_up_buttons_do_what_their_actions_do(qtbot: QtBot, opened: MainWindow) -> None:
    document = opened.model.document
    assert document is not None
    masked = document.masked
    document.prediction, document.first_look = None, masked.mask.copy()
    masked.mask[...] = 0
    masked.mask[4:9, 4:9] = 1
    masked.mask[6, 6] = 2
    masked.mask[15, 20] = 2
    panel = opened.interior.bench.clean_up
    opened.view.most_percent = 0.2
    assert panel.up_to.text == "2 px"
    opened.view.choose_label(VOID)
    opened.refresh()
    assert not panel.fill_holes.isEnabled() and panel.remove_specks.isEnabled()
    opened.view.choose_label(1)
    opened.refresh()
    qtbot.mouseClick(panel.fill_holes, LEFT)
    assert masked.mask[6, 6] == 1 and masked.mask[15, 20] == 2
    qtbot.mouseClick(panel.remove_specks, LEFT)
    assert masked.mask[15, 20] == 0
    qtbot.mouseClick(panel.remove_specks, LEFT)
    assert opened.messages.current is not None and "No speck" in opened.messages.current.text
    opened.trigger("edit.undo")
    opened.trigger("edit.undo")
    assert masked.mask[15, 20] == 2 or not masked.vouch[15, 20]


def trees(_: FakeSegmenter, prediction: Prediction, image: Image, way: Refinement, vouched: Mask | None = None) -> Mask:
    """A refinement that is seen at once, also on photographs of a few pixels."""
    return np.full(image.shape[:2], 2, np.uint8)


def test_borders_are_refined_and_come_back_while_vouched_pixels_stay(
    qtbot: QtBot, opened: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakeSegmenter, "refine", trees)
    document, box = opened.model.document, opened.interior.bench.clean_up.borders
    assert document is not None
    at_rest(qtbot, opened)
    opened.model.apply_stroke(Stroke(Tool.BRUSH, 1, ((3.5, 3.5),), 1.5, False))
    at_rest(qtbot, opened)
    stroke, before = document.masked.vouch > 0, document.masked.mask.copy()
    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: bool((document.masked.mask[~stroke] == 2).all()), timeout=20_000)
    assert opened.model.refinement is Refinement.FAST
    assert (document.masked.mask[stroke] == 1).all()
    at_rest(qtbot, opened)
    opened.trigger("mask.refine")
    assert box.currentIndex() == 0
    qtbot.waitUntil(lambda: np.array_equal(document.masked.mask, before), timeout=20_000)
    at_rest(qtbot, opened)
    opened.trigger("mask.refine")
    assert box.currentIndex() == 1
    qtbot.waitUntil(lambda: bool((document.masked.mask[~stroke] == 2).all()), timeout=20_000)
    at_rest(qtbot, opened)


def test_with_many_classes_both_halves_of_the_dock_can_be_used(qtbot: QtBot, opened: MainWindow) -> None:
    for name in own_label_map([f"c{n}" for n in range(22)]).names[1:]:
        opened.model.add_class(name)
    opened.view.choose_label(20)
    for width, height in ((1440, 900), (1280, 800), (1024, 700)):
        opened.resize(width, height)
        qtbot.waitUntil(lambda w=width: opened.width() == w)
        panel = opened.classes
        qtbot.waitUntil(lambda: opened.classes.height() >= 150)
        shown = opened.interior.bench.dock.widget(1)
        assert shown.height() >= 150
        assert panel.height() + shown.height() <= opened.interior.bench.dock.height()
        rows = panel.list
        row = rows.visualRect(panel.rows.index(panel.rows.row_of(20)))
        assert rows.viewport().rect().contains(row), "the class in hand is in sight"
