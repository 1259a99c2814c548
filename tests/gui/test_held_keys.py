"""Keys that act while they are down, after a person changed them; and letters that are text, not keys."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QKeySequenceEdit, QSpinBox, QWidget
from pytestqt.qtbot import QtBot

from fcn_gui.core.stroke import Tool
from fcn_gui.widgets import hold_keys
from fcn_gui.widgets.action_rows import ACTIONS
from fcn_gui.widgets.appearance import Appearance
from fcn_gui.widgets.key_editor import KeyEditor
from fcn_gui.widgets.main_window import MainWindow
from fcn_gui.widgets.settings_dialog import store_overrides

NONE, SHIFT, CONTROL = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
)
PLAIN_KEYS = sorted({key for row in ACTIONS for key in row.keys if len(key) == 1 and key.isalnum()})


def remap(window: MainWindow, keys: dict[str, tuple[str, ...]]) -> None:
    store_overrides(window.settings, keys)
    window.sheets.settings.changed.emit("keys")


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tap is a tap however busy the machine is."""
    monkeypatch.setattr(hold_keys, "TAP_S", 60.0)


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every press counts as held."""
    monkeypatch.setattr(hold_keys, "TAP_S", 0.0)


@pytest.mark.parametrize(
    ("key", "pressed", "modifier"), [("Y", Qt.Key.Key_Y, NONE), ("Ctrl+J", Qt.Key.Key_J, CONTROL), ("F4", 0, NONE)]
)
def test_another_key_holds_the_eraser_and_the_old_one_does_not(
    opened: MainWindow, hasty: None, key: str, pressed: int, modifier: Qt.KeyboardModifier
) -> None:
    remap(opened, {"tool.eraser": (key,)})
    at = Qt.Key(pressed or Qt.Key.Key_F4)
    QTest.keyPress(opened.canvas, at, modifier)
    assert opened.view.tool is Tool.ERASER
    QTest.keyRelease(opened.canvas, at, modifier)
    assert opened.view.tool is Tool.BRUSH
    QTest.keyPress(opened.canvas, Qt.Key.Key_E)
    assert opened.view.tool is Tool.BRUSH
    QTest.keyRelease(opened.canvas, Qt.Key.Key_E)
    assert opened.view.tool is Tool.BRUSH


def test_a_tap_of_another_key_switches_to_the_eraser(opened: MainWindow, patient: None) -> None:
    remap(opened, {"tool.eraser": ("Y",)})
    QTest.keyClick(opened.canvas, Qt.Key.Key_Y)
    assert opened.view.tool is Tool.ERASER and opened.view.chosen_tool is Tool.ERASER


def test_another_key_holds_for_the_bare_image(opened: MainWindow) -> None:
    remap(opened, {"view.bare": ("J",)})
    QTest.keyPress(opened.canvas, Qt.Key.Key_J)
    assert opened.view.bare
    QTest.keyRelease(opened.canvas, Qt.Key.Key_J)
    assert not opened.view.bare
    QTest.keyPress(opened.canvas, Qt.Key.Key_H)
    assert not opened.view.bare
    QTest.keyRelease(opened.canvas, Qt.Key.Key_H)


def test_the_old_letter_can_be_given_to_something_else(opened: MainWindow) -> None:
    remap(opened, {"tool.eraser": ("Y",), "tool.polygon": ("E",)})
    QTest.keyClick(opened.canvas, Qt.Key.Key_E)
    assert opened.view.tool is Tool.POLYGON


def test_a_held_key_that_is_changed_while_it_is_down_lets_go(opened: MainWindow) -> None:
    QTest.keyPress(opened.canvas, Qt.Key.Key_H)
    assert opened.view.bare
    remap(opened, {"view.bare": ("J",)})
    assert not opened.view.bare
    QTest.keyRelease(opened.canvas, Qt.Key.Key_H)


def test_modifiers_may_go_up_before_the_key(opened: MainWindow) -> None:
    remap(opened, {"view.bare": ("Shift+J",)})
    QTest.keyPress(opened.canvas, Qt.Key.Key_J, SHIFT)
    assert opened.view.bare
    QTest.keyRelease(opened.canvas, Qt.Key.Key_J, NONE)
    assert not opened.view.bare


def test_without_a_key_nothing_is_held(opened: MainWindow) -> None:
    remap(opened, {"view.bare": (), "tool.eraser": ()})
    for key in (Qt.Key.Key_H, Qt.Key.Key_E):
        QTest.keyPress(opened.canvas, key)
        assert not opened.view.bare and opened.view.tool is Tool.BRUSH
        QTest.keyRelease(opened.canvas, key)


def test_space_is_the_hand_and_goes_to_no_action(qtbot: QtBot, appearance: Appearance) -> None:
    editor = KeyEditor(appearance, {})
    qtbot.addWidget(editor)
    assert not editor.set_key("view.bare", "Space")
    assert editor.error.text() == "Space moves the photo while it is held."
    assert editor.fields["view.bare"].keySequence() == QKeySequence("H")


def test_the_key_typed_in_the_settings_is_held_at_once(qtbot: QtBot, opened: MainWindow) -> None:
    opened.trigger("file.settings")
    opened.sheets.settings.tabs.choose("keys")
    field = opened.sheets.settings.findChild(KeyEditor).fields["view.bare"]  # type: ignore[union-attr]
    field.setFocus()
    qtbot.keyClick(field, Qt.Key.Key_J)
    qtbot.waitUntil(lambda: opened.settings.keys() == {"view.bare": "J"})
    qtbot.keyClick(opened.sheets.settings, Qt.Key.Key_Escape)
    QTest.keyPress(opened.canvas, Qt.Key.Key_J)
    assert opened.view.bare
    QTest.keyRelease(opened.canvas, Qt.Key.Key_J)


def field_of(window: MainWindow, name: str) -> QWidget:
    """Open what has the text field, and put the focus into it."""
    if name == "filter":
        window.trigger("image.filter")
        return window.images.filter
    if name == "new class":
        window.trigger("class.add")
        return window.classes.new_name
    if name == "palette":
        window.trigger("help.actions")
        return window.sheets.palette.field
    if name == "class finder":
        window.trigger("class.find")
        return window.sheets.class_finder.field
    if name == "note":
        window.trigger("image.note")
        return QApplication.focusWidget()
    window.trigger("file.settings")
    window.sheets.settings.tabs.choose("export" if name == "number" else "keys")
    kind = QSpinBox if name == "number" else QKeySequenceEdit
    field = window.sheets.settings.findChild(kind)
    assert field is not None
    field.setFocus()
    return field


@pytest.mark.parametrize("name", ["filter", "new class", "palette", "class finder", "note", "number", "key"])
def test_no_letter_or_digit_fires_while_a_text_field_has_the_focus(qtbot: QtBot, opened: MainWindow, name: str) -> None:
    field = field_of(opened, name)
    assert QApplication.focusWidget() is not None and QApplication.focusWidget() is not opened.canvas
    assert QApplication.focusWidget() is field or field.isAncestorOf(QApplication.focusWidget())
    fired: list[str] = []
    opened.actions_set.triggered.connect(fired.append)
    seen = (opened.view.tool, opened.view.label, opened.view.mode, opened.model.document)
    for key in PLAIN_KEYS:
        for modifier in (NONE, SHIFT):
            target = QApplication.focusWidget()
            QTest.keyPress(target, Qt.Key(ord(key)), modifier)
            assert not opened.view.bare, key
            QTest.keyRelease(target, Qt.Key(ord(key)), modifier)
    assert fired == []
    assert (opened.view.tool, opened.view.label, opened.view.mode, opened.model.document) == seen
