"""Keys and orders that lead to where help is needed, in the real window."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from fcn_gui.core.stroke import Stroke, Tool
from fcn_gui.session.engine import SegmenterFactory
from fcn_gui.widgets.image_rows import Sort
from fcn_gui.widgets.main_window import MainWindow
from tests.fakes.segmenter import WithoutRefit
from tests.gui.conftest import at_rest
from tests.unit.session.workshop import COW, GRASS, SIZE, corrections, make_folder, photo

SHIFT = Qt.KeyboardModifier.ShiftModifier
BETWEEN = tuple((np.array(GRASS) + np.array(COW)) // 2)
PATCH = (slice(6, 14), slice(18, 28))


@pytest.fixture
def segmenter() -> SegmenterFactory:
    """One that learns nothing from a stroke, so that there is something left for a fine-tune to learn."""
    return WithoutRefit


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """p3 has a patch that is neither grass nor cow, and p4 two of them."""
    made = make_folder(tmp_path / "photos", 6)
    image = np.zeros((*SIZE, 3), np.uint8)
    image[:] = GRASS
    image[PATCH] = BETWEEN
    PillowImage.fromarray(image).save(made / "p3.png")
    image[16:22, 2:12] = BETWEEN
    PillowImage.fromarray(image).save(made / "p4.png")
    return made


def press(window: MainWindow, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    window.canvas.setFocus()
    QTest.keyClick(window.canvas, key, modifier)


def key_of(window: MainWindow) -> str:
    document = window.model.document
    return document.key if document is not None else ""


def test_where_next_goes_to_the_image_that_is_most_in_doubt(qtbot: QtBot, opened: MainWindow) -> None:
    press(opened, Qt.Key.Key_D, SHIFT)
    at_rest(qtbot, opened)
    assert key_of(opened) == "p1.png"  # nothing is known yet: the next that is not verified
    press(opened, Qt.Key.Key_D, SHIFT)
    qtbot.waitUntil(lambda: key_of(opened) == "p4.png")
    assert opened.messages.current is not None
    assert "p4.png: " in opened.messages.current.text and "uncertain" in opened.messages.current.text
    press(opened, Qt.Key.Key_D, SHIFT)
    qtbot.waitUntil(lambda: key_of(opened) == "p3.png")


def test_the_list_can_be_in_the_order_of_where_next(qtbot: QtBot, opened: MainWindow) -> None:
    combo = opened.images.sort
    combo.setCurrentIndex(combo.findData(Sort.WHERE_NEXT))
    rows = opened.images.rows

    def keys() -> list[str]:
        return [rows.item_at(rows.index(row)).key for row in range(rows.rowCount())]

    qtbot.waitUntil(lambda: keys()[:2] == ["p4.png", "p3.png"], timeout=20_000)
    at_rest(qtbot, opened)
    opened.model.select("p4.png")
    qtbot.waitUntil(lambda: key_of(opened) == "p4.png")
    opened.model.verify_and_next()
    qtbot.waitUntil(lambda: keys()[-1] == "p4.png")
    assert opened.model.project is not None
    assert [item.key for item in opened.model.project.items if rows.is_next(item)] == ["p3.png"]


def test_verify_can_go_where_next_instead_of_down_the_list(qtbot: QtBot, opened: MainWindow) -> None:
    opened.model.session.settings.set("images.where_next", True)
    opened.model.rank_items()
    at_rest(qtbot, opened)
    press(opened, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: key_of(opened) == "p4.png")


def test_next_uncertain_region_brings_it_to_the_middle(qtbot: QtBot, opened: MainWindow) -> None:
    opened.model.select("p4.png")
    qtbot.waitUntil(lambda: key_of(opened) == "p4.png")
    at_rest(qtbot, opened)
    middles = []
    for _ in range(3):
        press(opened, Qt.Key.Key_N)
        assert opened.canvas.stage is not None
        middle = opened.canvas.width() / 2, opened.canvas.height() / 2
        middles.append(opened.canvas.stage.viewport.to_image(middle))
    (x, y), second, third = middles
    assert 18 <= x < 28 and 6 <= y < 14
    assert 2 <= second[0] < 12 and 16 <= second[1] < 22
    assert third == pytest.approx((x, y))


def test_nothing_uncertain_is_said(qtbot: QtBot, opened: MainWindow) -> None:
    press(opened, Qt.Key.Key_N)
    assert opened.messages.current is not None
    assert "uncertain" in opened.messages.current.text


def test_images_that_a_new_checkpoint_changed_come_first_in_their_order(qtbot: QtBot, opened: MainWindow) -> None:
    model = opened.model
    model.select("p5.png")
    qtbot.waitUntil(lambda: key_of(opened) == "p5.png")
    at_rest(qtbot, opened)
    for number in (0, 1, 2):
        model.select(f"p{number}.png")
        qtbot.waitUntil(lambda key=f"p{number}.png": key_of(opened) == key)
        at_rest(qtbot, opened)
        for stroke in corrections(photo(number)[1], every=1):
            model.apply_stroke(stroke)
        model.verify_and_next()
        at_rest(qtbot, opened)
    model.retrain()
    qtbot.waitUntil(lambda: any(entry.is_live and entry.number for entry in model.checkpoints), timeout=20_000)
    at_rest(qtbot, opened)
    assert model.project is not None
    changed = model.project.item("p5.png").changed_px
    assert changed > SIZE[0] * SIZE[1] / 2  # the start took grass for a cow
    combo, rows = opened.images.sort, opened.images.rows
    combo.setCurrentIndex(combo.findData(Sort.CHANGED))
    first = rows.item_at(rows.index(0))
    assert first.changed_px == max(item.changed_px for item in model.project.items) >= changed
    assert f"{changed} px changed" in rows.state_text(model.project.item("p5.png"))


def test_what_was_vouched_for_wrongly_is_offered_again_after_a_checkpoint_went_live(
    qtbot: QtBot, opened: MainWindow
) -> None:
    model = opened.model
    for number in (0, 1, 2, 5):
        model.select(f"p{number}.png")
        qtbot.waitUntil(lambda key=f"p{number}.png": key_of(opened) == key)
        at_rest(qtbot, opened)
        for stroke in corrections(photo(number)[1], every=1):
            model.apply_stroke(stroke)
        if number == 5:  # a tree that is none
            model.apply_stroke(Stroke(Tool.POLYGON, 2, ((1, 1), (7, 1), (7, 7), (1, 7))))
        else:
            model.verify_and_next()
        at_rest(qtbot, opened)
    model.retrain()
    qtbot.waitUntil(lambda: any(entry.is_live and entry.number for entry in model.checkpoints), timeout=20_000)
    at_rest(qtbot, opened)
    assert model.project is not None and model.document is not None
    assert key_of(opened) == "p5.png"
    item, before = model.project.item("p5.png"), model.document.masked.mask.copy()
    assert item.doubted_px >= 9
    assert model.project.item("p0.png").doubted_px == 0
    assert f"{item.doubted_px} px in doubt" in opened.images.rows.state_text(item)
    press(opened, Qt.Key.Key_N)
    assert opened.messages.current is not None
    assert "the network is sure that it is background" in opened.messages.current.text
    assert np.array_equal(model.document.masked.mask, before)
