"""What moves shows only what has happened already: nothing waits for it, and it can be switched off."""

import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from fcn_gui.core.stroke import Tool
from fcn_gui.session.messages import Message
from fcn_gui.widgets.main_window import MainWindow
from fcn_gui.widgets.motion import DockSlide, system_reduces_motion

DOCKS = [(Qt.Key.Key_F7, "images"), (Qt.Key.Key_F8, "learning"), (Qt.Key.Key_F9, "classes")]


@pytest.fixture
def moving(opened: MainWindow) -> MainWindow:
    opened.appearance.has_motion = True
    return opened


def slides(window: MainWindow) -> list[DockSlide]:
    return window.findChildren(DockSlide)


@pytest.mark.parametrize(("key", "name"), DOCKS)
def test_the_canvas_has_its_new_size_before_the_dock_has_slid_away(
    qtbot: QtBot, moving: MainWindow, key: Qt.Key, name: str
) -> None:
    area = moving.workbench.area
    before = area.width() * area.height()
    qtbot.keyClick(moving.canvas, key)
    assert slides(moving) and not moving.workbench.is_shown(name)
    larger = area.width() * area.height()
    assert larger > before
    qtbot.keyClick(moving.canvas, Qt.Key.Key_P)
    assert moving.view.tool is Tool.POLYGON
    qtbot.waitUntil(lambda: not slides(moving))
    assert area.width() * area.height() == pytest.approx(larger, rel=0.005)  # a handle of 1 px
    qtbot.keyClick(moving.canvas, key)
    assert area.width() * area.height() == pytest.approx(before, rel=0.005)
    qtbot.waitUntil(lambda: not slides(moving))


def test_what_slides_takes_no_mouse(qtbot: QtBot, moving: MainWindow) -> None:
    moving.workbench.toggle("images")
    moving.workbench.toggle("images")
    (slide, *_) = slides(moving)
    under = moving.childAt(slide.geometry().center())
    assert under is not slide and moving.images.isAncestorOf(under)
    qtbot.waitUntil(lambda: not slides(moving))


def test_the_learning_panel_slides_when_its_body_folds(qtbot: QtBot, moving: MainWindow) -> None:
    moving.workbench.toggle_learning_body()
    assert slides(moving) and moving.learning.height() == 36
    qtbot.waitUntil(lambda: not slides(moving))


def test_a_messages_button_works_while_it_comes_and_it_leaves_by_itself(qtbot: QtBot, moving: MainWindow) -> None:
    bar = moving.messages
    moving.show_message(Message("ok", "Done.", (("Show uncertainty", "view.uncertainty"),)))
    assert bar.isVisible() and bar.graphicsEffect() is not None
    button = next(each for each in bar.findChildren(QPushButton) if each.text())
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert moving.view.mode == "uncertainty" and bar.current is None
    qtbot.waitUntil(lambda: not bar.isVisible())


def test_a_message_stands_at_its_place_when_it_has_come_also_after_a_resize(qtbot: QtBot, moving: MainWindow) -> None:
    bar = moving.messages
    moving.show_message(Message("error", "It went wrong."))
    moving.resize(1300, 900)
    qtbot.waitUntil(lambda: bar.graphicsEffect() is None)
    place = bar.pos()
    bar.place()
    assert bar.pos() == place and bar.isVisible()
    moving.show_message(Message("error", "And again."))
    bar.dismiss()
    moving.show_message(Message("error", "A newer one stays."))
    qtbot.waitUntil(lambda: bar.graphicsEffect() is None)
    assert bar.isVisible() and bar.current is not None


def test_letters_typed_while_the_palette_comes_go_into_it(qtbot: QtBot, moving: MainWindow) -> None:
    qtbot.keyClick(moving.canvas, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    palette = moving.sheets.palette
    assert palette.graphicsEffect() is not None
    qtbot.keyClicks(QApplication.focusWidget(), "poly")
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    assert moving.view.tool is Tool.POLYGON and not palette.isVisible()


@pytest.mark.parametrize(("key", "name"), DOCKS)
def test_nothing_moves_when_it_is_switched_off(qtbot: QtBot, moving: MainWindow, key: Qt.Key, name: str) -> None:
    moving.settings.set("view.motion", "off")
    moving.sheets.settings.changed.emit("view.motion")
    qtbot.keyClick(moving.canvas, key)
    assert not slides(moving)
    moving.show_message(Message("ok", "Done."))
    assert moving.messages.graphicsEffect() is None
    moving.messages.dismiss()
    assert not moving.messages.isVisible()


def test_fitting_the_photo_is_done_at_once(moving: MainWindow) -> None:
    fitted = moving.canvas.zoom
    moving.canvas.zoom_by(3.0)
    moving.canvas.fit()
    assert moving.canvas.zoom == fitted


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="files of Linux desktops")
@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("gtk-3.0/settings.ini", "[Settings]\ngtk-enable-animations=0\n", True),
        ("gtk-4.0/settings.ini", "[Settings]\ngtk-enable-animations=false\n", True),
        ("gtk-3.0/settings.ini", "[Settings]\ngtk-enable-animations=1\n", False),
        ("kdeglobals", "[KDE]\nAnimationDurationFactor=0\n", True),
        ("kdeglobals", "[KDE]\nAnimationDurationFactor=1.5\n", False),
        ("kdeglobals", "\0\1not a file of settings", False),
    ],
)
def test_the_systems_wish_is_read(own_home: Path, name: str, text: str, expected: bool) -> None:
    assert not system_reduces_motion()
    path = own_home / "xdg_config_home" / name
    path.parent.mkdir(parents=True)
    path.write_text(text)
    assert system_reduces_motion() is expected
