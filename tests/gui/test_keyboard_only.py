"""Everything but painting can be reached with Tab, shows that it has the focus, and lets go of it again."""

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from fcn_gui.widgets.main_window import MainWindow

SIZES = [(1024, 700), (1440, 900)]
MOST_STEPS = 200


def walk(window: MainWindow, back: bool = False) -> list[QWidget]:
    """What Tab comes to, once around."""
    seen: list[QWidget] = []
    key = Qt.Key.Key_Backtab if back else Qt.Key.Key_Tab
    modifier = Qt.KeyboardModifier.ShiftModifier if back else Qt.KeyboardModifier.NoModifier
    for _ in range(MOST_STEPS):
        QTest.keyClick(QApplication.focusWidget() or window, key, modifier)
        at = QApplication.focusWidget()
        assert at is not None and at.isVisible() and at.window() is window
        ring = window.focus_ring
        assert ring.isVisible() or at.property("drawsFocus") or at.property("keyFocus"), f"no focus is seen on {at}"
        if ring.isVisible():
            assert ring.geometry().intersects(window.rect())
        if at in seen:
            return seen
        seen.append(at)
    raise AssertionError("Tab never came back to where it began")


def wanted(window: MainWindow, zones: list[QWidget]) -> set[QWidget]:
    """What takes the focus by Tab in these, as it shows now."""
    return {
        part
        for zone in zones
        for part in (zone, *zone.findChildren(QWidget))
        if part.focusPolicy() & Qt.FocusPolicy.TabFocus
        and part.isVisible()
        and part.isEnabled()
        and part.focusProxy() is None
        and part.window() is window
    }


@pytest.mark.parametrize("size", SIZES)
def test_tab_reaches_everything_on_the_page_of_a_folder(
    qtbot: QtBot, opened: MainWindow, size: tuple[int, int]
) -> None:
    opened.resize(*size)
    qtbot.waitUntil(lambda: opened.width() == size[0])
    opened.canvas.setFocus(Qt.FocusReason.OtherFocusReason)
    there = set(walk(opened))
    missed = {str(part) for part in wanted(opened, [opened.top_bar, opened.workbench]) - there}
    assert missed == set()
    assert opened.canvas in there and opened.images.view in there
    opened.canvas.setFocus(Qt.FocusReason.OtherFocusReason)
    assert set(walk(opened, back=True)) == there


def test_tab_goes_through_the_right_dock_from_above(opened: MainWindow) -> None:
    opened.canvas.setFocus(Qt.FocusReason.OtherFocusReason)
    dock = opened.interior.bench.dock
    heights = [part.mapTo(dock, QPoint(0, 0)).y() for part in walk(opened) if dock.isAncestorOf(part)]
    classes = [y for y in heights if y < opened.classes.height()]
    assert classes and heights[: len(classes)] == classes, "the classes come first"


@pytest.mark.parametrize("size", SIZES)
def test_tab_reaches_everything_on_the_welcome_page(qtbot: QtBot, window: MainWindow, size: tuple[int, int]) -> None:
    window.resize(*size)
    qtbot.waitUntil(lambda: window.width() == size[0])
    there = set(walk(window))
    assert window.welcome.buttons[0] in there and window.welcome.start.change in there
    assert wanted(window, [window.welcome]) - there == set()


def test_a_folder_dropped_anywhere_on_an_open_one_takes_its_place(
    qtbot: QtBot, opened: MainWindow, tmp_path: Path
) -> None:
    other = tmp_path / "more photos ü"
    other.mkdir()
    (other / "one.png").write_bytes((opened.model.folder / "p0.png").read_bytes())  # type: ignore[operator]
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(other))])
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    for target in (opened.canvas, opened.images.view.viewport(), opened.learning):
        middle = target.mapTo(opened, target.rect().center())
        assert not target.acceptDrops(), "a drop must reach the window"
        enter = QDragEnterEvent(middle, Qt.DropAction.CopyAction, data, left, none)
        QApplication.sendEvent(opened, enter)
        assert enter.isAccepted()
    QApplication.sendEvent(opened, QDropEvent(QPointF(QPoint(400, 300)), Qt.DropAction.CopyAction, data, left, none))
    qtbot.waitUntil(lambda: opened.model.folder == other, timeout=10_000)


def test_what_is_no_folder_is_not_taken(window: MainWindow) -> None:
    data = QMimeData()
    data.setText("some words")
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(9, 9), Qt.DropAction.CopyAction, data, left, none)
    enter.ignore()
    QApplication.sendEvent(window, enter)
    assert not enter.isAccepted()
