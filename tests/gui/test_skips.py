"""The page Skips in the real window: a picture a stride, four ways to look, the part that the canvas shows."""

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from fcn_gui.core.raster import Rect
from fcn_gui.core.stroke import Stroke, Tool
from fcn_gui.qt.images import to_array
from fcn_gui.widgets.main_window import MainWindow
from fcn_gui.widgets.skips_panel import SkipsPanel
from tests.gui.conftest import at_rest


def open_panel(qtbot: QtBot, window: MainWindow) -> SkipsPanel:
    window.canvas.setFocus()
    QTest.keyClick(window.canvas, Qt.Key.Key_F8, Qt.KeyboardModifier.ControlModifier)
    panel = window.interior.bench.skips
    qtbot.waitUntil(lambda: len(panel.pictures) == 3, timeout=10_000)
    at_rest(qtbot, window)
    return panel


def shown(panel: SkipsPanel) -> list[np.ndarray]:
    return [to_array(picture.image) for picture in panel.pictures]


def choose(panel: SkipsPanel, mode: str) -> None:
    QTest.mouseClick(panel.modes, Qt.MouseButton.LeftButton, pos=panel.modes.rect_of(mode).center())


def test_each_stride_has_its_picture(qtbot: QtBot, opened: MainWindow) -> None:
    panel = open_panel(qtbot, opened)
    assert [picture.accessibleName().split(":")[0] for picture in panel.pictures] == ["4s", "2s", "1s"]
    coarse, middle, fine = shown(panel)
    assert coarse.shape == fine.shape == (24, 32, 3)
    assert (coarse != middle).any() and (middle != fine).any()
    assert panel.pictures[0].words == "" and "% changed" in panel.pictures[1].words


def test_changed_pixels_and_heat_are_other_pictures(qtbot: QtBot, opened: MainWindow) -> None:
    panel = open_panel(qtbot, opened)
    labels = shown(panel)
    choose(panel, "changed")
    skips, changed = opened.model.skips, shown(panel)
    assert skips is not None and np.array_equal(changed[0], labels[0])
    where = skips.changed(1)
    grey = changed[1][~where].astype(int)
    assert (grey.max(1) - grey.min(1)).max() < 60  # the muted photo, but for what changed
    choose(panel, "heat")
    opened.view.choose_label(2)
    tree = shown(panel)[2]
    opened.view.choose_label(1)
    assert (shown(panel)[2] != tree).any()
    choose(panel, "added")
    assert np.array_equal(shown(panel)[0], shown_heat(panel))
    assert "amber more" in panel.legend


def shown_heat(panel: SkipsPanel) -> np.ndarray:
    choose(panel, "heat")
    first = shown(panel)[0]
    choose(panel, "added")
    return first


def test_the_next_image_is_looked_at_and_strokes_are_measured_against(qtbot: QtBot, opened: MainWindow) -> None:
    panel = open_panel(qtbot, opened)
    before, model = shown(panel)[2], opened.model
    model.select("p3.png")
    qtbot.waitUntil(lambda: model.skips is not None and model.skips.key == "p3.png", timeout=10_000)
    assert (shown(panel)[2] != before).any()
    assert "mean IU" not in panel.pictures[2].words and panel.legend == ""
    model.apply_stroke(Stroke(Tool.POLYGON, 2, ((1, 1), (9, 1), (9, 9), (1, 9))))
    qtbot.waitUntil(lambda: "mean IU" in panel.pictures[2].words, timeout=10_000)


def test_pictures_show_the_part_that_the_canvas_shows(qtbot: QtBot, opened: MainWindow) -> None:
    panel = open_panel(qtbot, opened)
    assert panel.part.width() == panel.part.height() == 1
    opened.canvas.show_rect(Rect(2, 2, 6, 6))
    assert panel.part.width() < 1 and panel.part.contains(4 / 32, 4 / 24)
    opened.canvas.fit()
    assert panel.part.width() == 1


def test_nothing_is_looked_at_while_the_page_is_away(qtbot: QtBot, opened: MainWindow) -> None:
    opened.model.select("p2.png")
    at_rest(qtbot, opened)
    assert opened.model.skips is None
