"""The page FCN inside in the real window: three ways to it, pictures of the open photo or of the stored example."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QScrollArea
from pytestqt.qtbot import QtBot

from fcn_gui.qt.images import to_array
from fcn_gui.widgets.inside_page import InsidePage
from fcn_gui.widgets.main_window import MainWindow
from tests.gui.conftest import at_rest
from tests.unit.session.workshop import MAP

CONTROL = Qt.KeyboardModifier.ControlModifier
WHOLE = ["places", "answers", "heatmap"], ["says", "doubt", "unsure"]
OF_STRIDES = [f"{what}-{stride}s" for what in ("labels", "added") for stride in (4, 2, 1)]


def by_key(qtbot: QtBot, window: MainWindow) -> None:
    QTest.keyClick(window, Qt.Key.Key_F1, CONTROL)


def by_palette(qtbot: QtBot, window: MainWindow) -> None:
    QTest.keyClick(window, Qt.Key.Key_K, CONTROL)
    field = QApplication.focusWidget()
    QTest.keyClicks(field, "fcn inside")
    QTest.keyClick(field, Qt.Key.Key_Return)


def by_menu(qtbot: QtBot, window: MainWindow) -> None:
    QTest.keyClick(window, Qt.Key.Key_F10)
    menu = window.top_bar.menu
    qtbot.waitUntil(menu.isVisible)
    submenu = next(action.menu() for action in menu.actions() if action.text() == "Help")
    assert isinstance(submenu, QMenu)
    click(menu, "Help")
    qtbot.waitUntil(submenu.isVisible)
    click(submenu, "FCN inside")


def click(menu: QMenu, text: str) -> None:
    action = next(each for each in menu.actions() if each.text() == text)
    QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(action).center())


def live_page(qtbot: QtBot, window: MainWindow) -> InsidePage:
    by_key(qtbot, window)
    page = window.sheets.inside
    qtbot.waitUntil(lambda: page.is_live, timeout=10_000)
    at_rest(qtbot, window)
    return page


def shown(page: InsidePage) -> dict[str, np.ndarray]:
    return {name: to_array(picture.image) for name, picture in page.pictures.items()}


def words(page: InsidePage) -> str:
    return "\n".join(label.text() for label in page.findChildren(QLabel))


# Without a display a menu is shown, but it can't have the keyboard to itself.
MENU = pytest.param(by_menu, marks=pytest.mark.qt_log_ignore("This plugin does not support"))


@pytest.mark.parametrize("way", [by_key, by_palette, MENU])
def test_it_opens_and_esc_closes_it(qtbot: QtBot, opened: MainWindow, way: object) -> None:
    opened.canvas.setFocus()
    way(qtbot, opened)  # type: ignore[operator]
    page = opened.sheets.inside
    qtbot.waitUntil(page.isVisible)
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not page.isVisible())
    qtbot.waitUntil(opened.canvas.hasFocus)


def test_the_open_photo_has_a_named_picture_of_each_kind(qtbot: QtBot, opened: MainWindow) -> None:
    page = live_page(qtbot, opened)
    assert list(page.pictures) == [*WHOLE[0], *OF_STRIDES, *WHOLE[1]]
    assert page.facts is not None and page.facts.photo == "p0.png" and "p0.png" in words(page)
    said = [picture.accessibleName() for picture in page.pictures.values()]
    assert len(set(said)) == len(said) and all(name.partition(": ")[2] for name in said)
    assert page.pictures["places"].accessibleName() == "Places: 8 × 6"
    pictures = shown(page)
    assert all(pictures[name].shape == (24, 32, 3) for row in WHOLE for name in row)
    assert pictures["added-4s"].shape == (10, 13, 3), "the part that changes most"


def test_answers_are_blocks_of_the_class_in_hand(qtbot: QtBot, opened: MainWindow) -> None:
    opened.view.choose_label(2)
    page = live_page(qtbot, opened)
    assert page.facts is not None and page.facts.name == "tree"
    skips = opened.model.skips
    assert skips is not None
    answers = skips.places.answers(2)
    assert len(np.unique(answers[:, 14:18])) <= 2 * 6, "two places across and six down"
    tree = shown(page)
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)
    opened.view.choose_label(1)
    cow = shown(live_page(qtbot, opened))
    assert (tree["answers"] != cow["answers"]).any() and (tree["doubt"] == cow["doubt"]).all()


def test_it_follows_to_the_next_photo_and_keeps_the_place(qtbot: QtBot, opened: MainWindow) -> None:
    page = live_page(qtbot, opened)
    before, bar = shown(page), page.findChild(QScrollArea).verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 100)
    bar.setValue(90)
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_D)
    qtbot.waitUntil(lambda: page.facts is not None and page.facts.photo == "p1.png", timeout=10_000)
    assert (shown(page)["says"] != before["says"]).any()
    qtbot.waitUntil(lambda: bar.value() == 90)


def test_without_a_photo_the_stored_example_shows(qtbot: QtBot, window: MainWindow) -> None:
    by_key(qtbot, window)
    page = window.sheets.inside
    qtbot.waitUntil(page.isVisible)
    assert not page.is_live and page.facts is not None and page.facts.photo == "horses.jpg"
    pictures = shown(page)
    assert list(pictures)[:3] == WHOLE[0] and list(pictures)[-3:] == WHOLE[1]
    assert len(pictures) == 6 + 2 * len(page.facts.strides)
    assert all(picture.std() > 10 for picture in pictures.values())
    assert "open a photo" in words(page)


def test_pictures_share_the_width_in_their_proportions(qtbot: QtBot, window: MainWindow) -> None:
    window.resize(1280, 800)
    by_key(qtbot, window)
    page = window.sheets.inside
    places = page.pictures["places"]
    qtbot.waitUntil(lambda: places.height() > 190)
    assert places.width() > 280 and page.pictures["added-16s"].width() > 200
    assert page.geometry().bottom() <= window.height() and page.width() <= window.width()


def test_buttons_lead_to_the_same_on_the_canvas(qtbot: QtBot, opened: MainWindow) -> None:
    ways = {
        "view.heatmap": lambda: opened.view.mode == "heatmap",
        "view.skips": opened.interior.bench.skips.isVisible,
        "view.uncertainty": lambda: opened.view.mode == "uncertainty",
    }
    for action_id, is_there in ways.items():
        assert not is_there()
        for _ in range(2):  # what shows already stays
            page = live_page(qtbot, opened)
            page.findChild(QScrollArea).ensureWidgetVisible(page.buttons[action_id])
            QTest.mouseClick(page.buttons[action_id], Qt.MouseButton.LeftButton)
            assert is_there() and not page.isVisible()


def test_the_heatmap_on_the_canvas_is_of_the_class_on_the_page(qtbot: QtBot, opened: MainWindow) -> None:
    opened.view.choose_label(0)
    page = live_page(qtbot, opened)
    assert page.facts is not None and page.facts.name in ("cow", "tree")
    page.findChild(QScrollArea).ensureWidgetVisible(page.buttons["view.heatmap"])
    QTest.mouseClick(page.buttons["view.heatmap"], Qt.MouseButton.LeftButton)
    assert opened.view.mode == "heatmap" and opened.view.label == 0, "the class in hand stays"
    assert MAP.names[opened.view.shown_heatmap_label] == page.facts.name


def test_a_network_with_one_stride_has_no_pictures_of_skips(qtbot: QtBot, opened: MainWindow) -> None:
    page = live_page(qtbot, opened)
    assert page.facts is not None
    said = page.words.chapters(replace(page.facts, strides=(32,), changed=(0.0,)))
    assert [len(chapter.rows) for chapter in said] == [1, 0, 1] and "32s" in said[1].text
