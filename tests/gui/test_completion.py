"""A stroke that completes itself, in the window: seen a moment later, gone with `Ctrl+Z`, back with
`Ctrl+Shift+Z`, said in the status bar."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from fcn_gui.session.engine import SegmenterFactory
from fcn_gui.widgets.main_window import MainWindow
from tests.gui.conftest import at_rest
from tests.unit.session.test_completion import ROW, Completing

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def segmenter() -> SegmenterFactory:
    return Completing


def shown_row(window: MainWindow) -> np.ndarray:
    """What the canvas shows there."""
    shown = window.canvas.grab_shown_mask()
    assert shown is not None
    return np.asarray(shown[ROW])


def test_a_stroke_is_completed_undone_and_done_again_on_the_canvas(qtbot: QtBot, opened: MainWindow) -> None:
    window, document = opened, opened.model.document
    assert document is not None
    before = document.masked.mask.copy()
    QTest.keyClick(window.canvas, Qt.Key.Key_B)
    QTest.keyClick(window.canvas, Qt.Key.Key_2)
    stage = window.canvas.stage
    assert stage is not None
    x, y = stage.viewport.to_screen((5.5, 5.5))
    QTest.mouseClick(window.canvas, Qt.MouseButton.LeftButton, pos=QPoint(round(x), round(y)))
    at_rest(qtbot, window)
    qtbot.waitUntil(lambda: bool((document.masked.mask[ROW] == 2).all()))
    assert np.all(shown_row(window) == 2)
    assert not document.masked.vouch[ROW].any()
    QTest.keyClick(window.canvas, Qt.Key.Key_Z, CONTROL)
    at_rest(qtbot, window)
    assert np.array_equal(document.masked.mask, before)
    assert np.array_equal(shown_row(window), before[ROW])
    QTest.keyClick(window.canvas, Qt.Key.Key_Z, CONTROL | Qt.KeyboardModifier.ShiftModifier)
    at_rest(qtbot, window)
    assert np.all(shown_row(window) == 2)
