"""Place, sizes and folded panels are as they were when the program starts again."""

import json
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QSplitterHandle
from pytestqt.qtbot import QtBot

from fcn_gui.disk.user_data import UserData
from fcn_gui.widgets.main_window import MainWindow
from fcn_gui.widgets.view_panel import PhotoTones
from tests.gui.conftest import MakeWindow
from tests.unit.session.workshop import MAP


def open_folder(qtbot: QtBot, window: MainWindow, folder: Path) -> MainWindow:
    window.show()
    qtbot.waitExposed(window)
    window.model.open_folder(folder)
    qtbot.waitUntil(lambda: window.model.document is not None, timeout=10_000)
    window.model.choose_label_map(MAP)
    return window


def close(qtbot: QtBot, window: MainWindow) -> None:
    window.close()
    qtbot.waitUntil(lambda: not window.isVisible())


def photo_fold(window: MainWindow) -> QAbstractButton:
    tones = window.findChild(PhotoTones)
    assert isinstance(tones, PhotoTones)
    return tones.fold


def drag(handle: QSplitterHandle, by: QPoint) -> None:
    middle = handle.rect().center()
    QTest.mousePress(handle, Qt.MouseButton.LeftButton, pos=middle)
    QTest.mouseMove(handle, middle + by)
    QTest.mouseRelease(handle, Qt.MouseButton.LeftButton, pos=middle + by)


def test_the_window_comes_back_where_it_was(qtbot: QtBot, make_window: MakeWindow) -> None:
    screen = QGuiApplication.primaryScreen().availableGeometry()
    first = make_window()
    width, height = max(1024, screen.width() - 20), max(700, screen.height() - 30)
    where = QRect(screen.x() + 5, screen.y() + 7, width, height)
    first.setGeometry(where)
    first.show()
    qtbot.waitExposed(first)
    close(qtbot, first)
    again = make_window().geometry()
    assert again.size() == where.size()
    if screen.contains(where):
        assert again == where


def test_a_dragged_dock_and_folded_panels_come_back(qtbot: QtBot, make_window: MakeWindow, folder: Path) -> None:
    first = make_window()
    first.resize(1440, 900)
    open_folder(qtbot, first, folder)
    first.resize(1440, 900)
    drag(first.workbench.handle(1), QPoint(60, 0))
    qtbot.mouseClick(photo_fold(first), Qt.MouseButton.LeftButton)
    qtbot.keyClick(first.canvas, Qt.Key.Key_F9)
    first.workbench.toggle_learning_body()
    left = first.images.width()
    assert left == pytest.approx(300, abs=2) and not first.workbench.is_shown("classes")
    close(qtbot, first)
    again = make_window()
    again.resize(1440, 900)
    open_folder(qtbot, again, folder)
    again.resize(1440, 900)
    assert again.images.width() == pytest.approx(left, abs=2)
    assert not again.workbench.is_shown("classes") and again.workbench.is_shown("images")
    assert again.learning.height() == pytest.approx(36, abs=1)
    assert photo_fold(again).isChecked()
    qtbot.keyClick(again.canvas, Qt.Key.Key_F9)
    assert again.workbench.is_shown("classes")


def test_a_small_window_keeps_sizes_of_its_own(qtbot: QtBot, opened: MainWindow) -> None:
    drag(opened.workbench.handle(1), QPoint(60, 0))
    wide = opened.images.width()
    opened.resize(1024, 700)
    qtbot.waitUntil(lambda: opened.images.width() < 100)
    opened.resize(1440, 900)
    qtbot.waitUntil(lambda: opened.images.width() == pytest.approx(wide, abs=2))


@pytest.mark.parametrize(
    "text",
    [
        "not json",
        json.dumps({"version": 1, "window": []}),
        json.dumps({"version": 1, "window": {"x": "left", "panels": [1]}}),
        json.dumps({"version": 1, "window": {"panels": {"sizes": {"normal": 3}, "hidden": 7, "open_sections": {}}}}),
        json.dumps({"version": 99, "window": {"x": 1, "y": 1, "width": 2000, "height": 900}}),
    ],
)
def test_a_damaged_file_is_as_none(
    qtbot: QtBot, make_window: MakeWindow, user_data: UserData, folder: Path, text: str
) -> None:
    user_data.config_dir.mkdir(parents=True, exist_ok=True)
    (user_data.config_dir / "window.json").write_text(text)
    window = open_folder(qtbot, make_window(), folder)
    assert window.images.width() >= 64 and all(window.workbench.is_shown(n) for n in ("images", "classes", "learning"))


def test_a_place_that_cannot_be_written_is_no_reason_to_stay(
    qtbot: QtBot, make_window: MakeWindow, user_data: UserData
) -> None:
    user_data.config_dir.write_text("a file in the place of the folder")
    window = make_window()
    window.show()
    qtbot.waitExposed(window)
    close(qtbot, window)
