"""The page Measures in the real window: from the matrix to the images behind a cell, by mouse and by keys."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from fcn_gui.core.stroke import Stroke, Tool
from fcn_gui.session.engine import SegmenterFactory
from fcn_gui.session.measuring import Scope, Source
from fcn_gui.widgets.bottom_dock import MEASURES
from fcn_gui.widgets.main_window import MainWindow
from fcn_gui.widgets.measures_panel import MeasuresPanel
from tests.fakes.segmenter import WithoutRefit
from tests.gui.conftest import at_rest
from tests.gui.test_keyboard_only import walk, wanted
from tests.unit.session.workshop import corrections, photo

GRASS_AS_COW = (0, 1)
"""What the start of the workshop gets wrong."""


@pytest.fixture
def segmenter() -> SegmenterFactory:
    """One that learns nothing from a stroke, so that there is something left to measure."""
    return WithoutRefit


@pytest.fixture
def verified(qtbot: QtBot, opened: MainWindow) -> MainWindow:
    """Three images with their true masks, and p3 on the screen."""
    for number in (0, 1, 2):
        show(qtbot, opened, f"p{number}.png")
        for stroke in corrections(photo(number)[1], every=1):
            opened.model.apply_stroke(stroke)
        opened.model.verify_and_next()
        at_rest(qtbot, opened)
    show(qtbot, opened, "p3.png")
    return opened


def show(qtbot: QtBot, window: MainWindow, key: str) -> None:
    window.model.select(key)
    qtbot.waitUntil(lambda: key_of(window) == key, timeout=10_000)
    at_rest(qtbot, window)


def key_of(window: MainWindow) -> str:
    document = window.model.document
    return document.key if document is not None else ""


def panel_of(window: MainWindow) -> MeasuresPanel:
    return window.interior.bench.measures


def open_panel(qtbot: QtBot, window: MainWindow) -> MeasuresPanel:
    """As its key does, with the verified images measured."""
    window.canvas.setFocus()
    QTest.keyClick(window.canvas, Qt.Key.Key_F8, Qt.KeyboardModifier.ShiftModifier)
    panel = panel_of(window)
    qtbot.waitUntil(lambda: len(panel.matrix.labels) == 3, timeout=10_000)
    at_rest(qtbot, window)
    return panel


def click_cell(panel: MeasuresPanel, cell: tuple[int, int]) -> None:
    QTest.mouseClick(panel.matrix, Qt.MouseButton.LeftButton, pos=panel.matrix.rect_of(cell).center().toPoint())


def test_the_panel_measures_when_it_opens(qtbot: QtBot, verified: MainWindow) -> None:
    panel = open_panel(qtbot, verified)
    assert verified.interior.bench.bottom.page == MEASURES
    assert panel.scope.value == Scope.VERIFIED
    qtbot.waitUntil(lambda: verified.model.measurements.count(Scope.VERIFIED) == 3)
    grass = sum(int((photo(n)[1] == 0).sum()) for n in (0, 1, 2))
    assert panel.matrix.words(GRASS_AS_COW) == f"background called cow: {grass:,} px, 100.0 % of background"
    assert panel.table.texts(1)[1] == panel.table.texts(1)[2]  # nothing was learned since the first look
    assert panel.classes.names[-1] == "tree"  # the only one that it knows: highest IU


def test_a_click_on_a_cell_lists_its_images_and_a_click_on_one_opens_it_there(
    qtbot: QtBot, verified: MainWindow
) -> None:
    panel = open_panel(qtbot, verified)
    qtbot.waitUntil(lambda: verified.model.measurements.count(Scope.VERIFIED) == 3)
    click_cell(panel, GRASS_AS_COW)
    by_size = sorted((0, 1, 2), key=lambda n: -int((photo(n)[1] == 0).sum()))
    qtbot.waitUntil(lambda: panel.feeding.keys == [f"p{n}.png" for n in by_size])
    click_cell(panel, (1, 0))  # a cow called grass: each has 81 pixels of it
    wanted = panel.feeding.keys[1]
    QTest.mouseClick(panel.feeding.viewport(), Qt.MouseButton.LeftButton, pos=spot_of(panel, 1))
    qtbot.waitUntil(lambda: key_of(verified) == wanted, timeout=10_000)
    marks = verified.interior.bench.marks
    qtbot.waitUntil(lambda: marks.places is not None)
    cow = np.argwhere(photo(int(wanted[1]))[1] == 1)
    places = marks.places
    assert places is not None
    assert (places.largest.y0, places.largest.x0) == tuple(cow.min(0))
    assert (places.largest.y1, places.largest.x1) == tuple(cow.max(0) + 1)
    assert verified.canvas.stage is not None
    middle = verified.canvas.stage.viewport.to_image((verified.canvas.width() / 2, verified.canvas.height() / 2))
    assert places.largest.x0 <= middle[0] <= places.largest.x1 and places.largest.y0 <= middle[1] <= places.largest.y1


def test_what_is_outlined_goes_with_the_next_stroke(qtbot: QtBot, verified: MainWindow) -> None:
    panel, marks = open_panel(qtbot, verified), verified.interior.bench.marks
    qtbot.waitUntil(lambda: verified.model.measurements.count(Scope.VERIFIED) == 3)
    click_cell(panel, (1, 0))
    QTest.mouseClick(panel.feeding.viewport(), Qt.MouseButton.LeftButton, pos=spot_of(panel, 0))
    qtbot.waitUntil(lambda: marks.places is not None, timeout=10_000)
    at_rest(qtbot, verified)
    assert marks.isVisible()
    verified.model.apply_stroke(Stroke(Tool.BRUSH, 2, ((3.0, 3.0),), 3.0))
    qtbot.waitUntil(lambda: not marks.isVisible())


def test_all_of_it_can_be_done_with_keys(qtbot: QtBot, verified: MainWindow) -> None:
    panel = open_panel(qtbot, verified)
    qtbot.waitUntil(lambda: verified.model.measurements.count(Scope.VERIFIED) == 3)
    panel.matrix.setFocus(Qt.FocusReason.TabFocusReason)
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Right):
        QTest.keyClick(panel.matrix, key)
    assert panel.matrix.cell == GRASS_AS_COW
    panel.feeding.setFocus(Qt.FocusReason.TabFocusReason)
    first, second, _ = panel.feeding.keys
    QTest.keyClick(panel.feeding, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: key_of(verified) == first, timeout=10_000)
    QTest.keyClick(panel.feeding, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: key_of(verified) == second, timeout=10_000)
    at_rest(qtbot, verified)
    verified.model.unverify()
    QTest.keyClick(QApplication.focusWidget() or panel.feeding, Qt.Key.Key_Return)
    at_rest(qtbot, verified)
    # Return opens the image here; only elsewhere it verifies.
    project = verified.model.project
    assert project is not None and project.item(second).status != "verified"


def test_tab_reaches_every_part_of_the_page(qtbot: QtBot, verified: MainWindow) -> None:
    panel = open_panel(qtbot, verified)
    click_cell(panel, GRASS_AS_COW)
    there = set(walk(verified))
    assert {str(part) for part in wanted(verified, [verified.interior.bench.bottom]) - there} == set()
    assert {panel.matrix, panel.feeding, panel.scope, panel.again} <= there


def test_another_source_and_the_other_rule_show_at_once(qtbot: QtBot, verified: MainWindow) -> None:
    model, panel = verified.model, open_panel(qtbot, verified)
    qtbot.waitUntil(lambda: model.measurements.count(Scope.VERIFIED) == 3)
    model.retrain()
    qtbot.waitUntil(lambda: any(entry.is_live and entry.number for entry in model.checkpoints), timeout=20_000)
    at_rest(qtbot, verified)
    qtbot.waitUntil(lambda: panel.matrix.words((0, 0)).endswith("100.0 % of it"), timeout=10_000)
    first, now = panel.table.texts(1)[1:3]
    assert float(now) > float(first)
    QTest.mouseClick(panel.source, Qt.MouseButton.LeftButton, pos=panel.source.rect_of(Source.FIRST).center())
    assert "100.0 %" in panel.matrix.words(GRASS_AS_COW)
    panel.union.click()
    assert panel.table.texts(1)[1:3] == [first, now]  # every class is in the truth
    assert model.not_measured == 0


def test_what_changed_since_is_said_and_measured_again(qtbot: QtBot, verified: MainWindow) -> None:
    model, panel = verified.model, open_panel(qtbot, verified)
    qtbot.waitUntil(lambda: model.measurements.count(Scope.VERIFIED) == 3)
    show(qtbot, verified, "p1.png")
    model.apply_stroke(Stroke(Tool.POLYGON, 2, ((1, 1), (9, 1), (9, 9), (1, 9))))
    at_rest(qtbot, verified)
    assert model.not_measured == 1
    QTest.mouseClick(panel.again, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: model.not_measured == 0, timeout=10_000)


def test_without_a_verified_image_it_says_what_to_do(qtbot: QtBot, opened: MainWindow) -> None:
    opened.trigger("view.measures")
    panel = panel_of(opened)
    assert not panel.matrix.isVisible()
    assert "Verify an image" in panel.empty_text


def test_the_page_folds_opens_and_gives_its_room_back(qtbot: QtBot, opened: MainWindow) -> None:
    height = opened.learning.height()
    opened.trigger("view.measures")
    bottom = opened.interior.bench.bottom
    qtbot.waitUntil(lambda: bottom.height() > height + 50)
    opened.workbench.toggle_learning_body()
    qtbot.waitUntil(lambda: bottom.height() == 36)
    opened.trigger("view.measures")
    qtbot.waitUntil(lambda: bottom.height() > height + 50)
    bottom.tabs.choose("learning")
    qtbot.waitUntil(lambda: abs(opened.learning.height() - height) <= 1)


@pytest.mark.parametrize("size", [(1024, 700), (1280, 800), (1440, 900)])
def test_nothing_of_the_measured_classes_is_cut_off(qtbot: QtBot, verified: MainWindow, size: tuple[int, int]) -> None:
    verified.resize(*size)
    verified.trigger("view.measures")
    panel = panel_of(verified)
    at_rest(qtbot, verified)
    qtbot.waitUntil(lambda: panel.classes.isVisible() and panel.classes.topLevelItemCount() > 0)
    qtbot.waitUntil(lambda: panel.classes.horizontalScrollBar().maximum() == 0)
    row = panel.classes.topLevelItem(0)
    assert row is not None and "accuracy" in row.toolTip(0)
    assert panel.classes.columnWidth(0) > panel.classes.fontMetrics().horizontalAdvance(row.text(0)) + 12


def spot_of(panel: MeasuresPanel, row: int) -> QPoint:
    return panel.feeding.visualRect(panel.feeding.model().index(row, 0)).center()
