"""Settings count at once, keys are checked for clashes, export asks for what it needs."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QAbstractSpinBox, QApplication, QComboBox, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from fcn_gui.core.setting_rows import SETTINGS
from fcn_gui.core.settings import Settings
from fcn_gui.core.stroke import Tool
from fcn_gui.widgets.appearance import Appearance
from fcn_gui.widgets.fitted_labels import ElidedLabel
from fcn_gui.widgets.key_editor import KeyEditor
from fcn_gui.widgets.main_window import MainWindow
from fcn_gui.widgets.own_keys import key_overrides, store_overrides
from fcn_gui.widgets.theme import LIGHT
from tests.gui.conftest import at_rest


def test_a_key_of_another_action_is_refused_with_its_name(qtbot: QtBot, appearance: Appearance) -> None:
    editor = KeyEditor(appearance, {})
    heard: list[object] = []
    editor.changed.connect(heard.append)
    assert not editor.set_key("tool.fill", "B")
    assert editor.error.text() == "B is the key of 'Brush' already."
    page = QWidget()
    qtbot.addWidget(page)
    editor.setParent(page)
    editor.resize(600, 2000)
    page.show()
    field = editor.fields["tool.fill"]
    qtbot.waitUntil(lambda: 0 <= editor.error.y() - field.geometry().bottom() < 30)
    assert heard == []
    assert editor.set_key("tool.fill", "Y")
    assert heard == [{"tool.fill": ("Y",)}]
    assert editor.set_key("tool.brush", "F")


def test_changed_keys_work_at_once(qtbot: QtBot, opened: MainWindow) -> None:
    store_overrides(opened.settings, {"tool.fill": ("Y",), "tool.smart": ()})
    opened.sheets.settings.changed.emit("keys")
    qtbot.keyClick(opened.canvas, Qt.Key.Key_Y)
    assert opened.view.tool is Tool.FILL
    qtbot.keyClick(opened.canvas, Qt.Key.Key_S)
    assert opened.view.tool is Tool.FILL
    assert opened.actions_set.action("tool.fill").toolTip().startswith("Fill region (Y)")


def test_keys_survive_as_settings() -> None:
    settings = Settings()
    store_overrides(settings, {"edit.redo": ("Ctrl+Y", "F4"), "tool.smart": ()})
    again = Settings(settings.changed("user"))
    assert key_overrides(again) == {"edit.redo": ("Ctrl+Y", "F4"), "tool.smart": ()}
    store_overrides(again, {})
    assert key_overrides(again) == {}


def test_an_unknown_action_in_the_file_is_left_out() -> None:
    assert key_overrides(Settings({"keys.tool.laser": "B"})) == {}


@pytest.mark.parametrize("group", ["view", "brush", "images", "learn", "export", "net", "keys"])
def test_every_group_of_settings_can_be_shown(qtbot: QtBot, window: MainWindow, group: str) -> None:
    window.trigger("file.settings")
    window.sheets.settings.tabs.choose(group)
    assert window.sheets.settings.tabs.current == group
    qtbot.keyClick(window.sheets.settings, Qt.Key.Key_Escape)
    assert not window.sheets.settings.isVisible()


def test_every_setting_has_its_field_somewhere(window: MainWindow) -> None:
    dialog = window.sheets.settings
    window.trigger("file.settings")
    found: set[str] = set()
    for group in ("view", "brush", "images", "learn", "export", "net"):
        dialog.tabs.choose(group)
        kinds = (QAbstractSpinBox, QComboBox, QAbstractButton)
        found |= {field.accessibleName() for kind in kinds for field in dialog.findChildren(kind) if field.isVisible()}
    assert {row.text for row in SETTINGS if row.type is not str or row.choices} <= found


def test_fields_say_their_unit_and_abbreviations_stay_abbreviations(window: MainWindow) -> None:
    dialog = window.sheets.settings
    window.trigger("file.settings")
    dialog.tabs.choose("brush")
    boxes = {box.accessibleName(): box.text() for box in dialog.findChildren(QAbstractSpinBox)}
    assert boxes["Brush radius"].endswith(" px") and boxes["Largest hole or speck"] == "0.100 %"
    dialog.tabs.choose("net")
    device = next(box for box in dialog.findChildren(QComboBox) if box.accessibleName() == "Device")
    assert [device.itemText(row) for row in range(device.count())] == ["Auto", "CPU", "CUDA", "MPS"]


def test_the_groups_are_walked_through_by_keys(qtbot: QtBot, window: MainWindow) -> None:
    window.trigger("file.settings")
    tabs = window.sheets.settings.tabs
    focused = QApplication.focusWidget()
    assert focused is not tabs and tabs.isAncestorOf(focused)
    qtbot.keyClick(focused, Qt.Key.Key_Right)
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Space)
    assert tabs.current == "brush"


def test_the_theme_of_the_settings_is_used_at_once(window: MainWindow) -> None:
    window.settings.set("view.theme", "light")
    window.sheets.settings.changed.emit("view.theme")
    assert window.appearance.theme is LIGHT


def test_export_refuses_a_file_and_asks_before_it_replaces(qtbot: QtBot, opened: MainWindow, tmp_path: Path) -> None:
    dialog = opened.sheets.export
    (tmp_path / "file").write_text("x")
    dialog.ask(tmp_path / "file", 0, 6)
    assert not dialog.export.isEnabled()
    full = tmp_path / "full"
    full.mkdir()
    (full / "old.txt").write_text("x")
    dialog.target.setText(str(full))
    assert dialog.export.isEnabled() and dialog.overwrite.isVisible() and not dialog.overwrite.isChecked()
    qtbot.mouseClick(dialog.export, Qt.MouseButton.LeftButton)
    assert dialog.isVisible() and "Choose an empty folder" in dialog.problem
    dialog.overwrite.setChecked(True)
    assert not dialog.problem
    dialog.overwrite.setChecked(False)
    dialog.target.setText(str(tmp_path / "new"))
    assert dialog.export.isEnabled() and not dialog.overwrite.isVisible()
    dialog.target.setText("~nobody-of-this-name-here/out")
    assert dialog.export.isEnabled()


def test_what_is_exported_is_told_with_a_way_to_it(qtbot: QtBot, opened: MainWindow, tmp_path: Path) -> None:
    opened.trigger("mask.verify_next")
    at_rest(qtbot, opened)
    opened.trigger("file.export")
    dialog = opened.sheets.export
    dialog.target.setText(str(tmp_path / "out"))
    qtbot.mouseClick(dialog.export, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(
        lambda: opened.messages.current is not None and "Exported 1" in opened.messages.current.text, timeout=20_000
    )
    assert opened.messages.current is not None
    assert opened.messages.current.actions[0][0] == "Open folder"
    assert (tmp_path / "out" / "SegmentationClass" / "p0.png").is_file()


def test_the_key_sheet_shows_every_group(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.keyClick(window, Qt.Key.Key_F1)
    assert window.sheets.key_help.isVisible()
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert not window.sheets.key_help.isVisible()


@pytest.mark.parametrize("width", [1024, 1440])
def test_long_names_of_classes_push_no_column_out_of_the_key_sheet(
    qtbot: QtBot, opened: MainWindow, width: int
) -> None:
    opened.resize(width, 700)
    opened.model.rename_class(1, "Straßenbahnhaltestellenüberdachung mit Fahrgästen und Gepäck und Regenschirmen")
    qtbot.waitUntil(lambda: opened.width() == width)
    opened.refresh()
    qtbot.keyClick(opened, Qt.Key.Key_F1)
    sheet = opened.sheets.key_help
    area = sheet.findChild(QScrollArea)
    assert area is not None
    qtbot.waitUntil(lambda: sheet.isVisible() and area.verticalScrollBar().maximum() > 0)
    assert area.horizontalScrollBar().maximum() == 0
    elided = [label.full_text for label in sheet.findChildren(ElidedLabel) if label.text() != label.full_text]
    assert len(elided) == 1 and "Regenschirmen" in elided[0]
    qtbot.keyClick(opened, Qt.Key.Key_Escape)
