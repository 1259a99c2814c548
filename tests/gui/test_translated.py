"""A window in another language: every word on it went through the translator, and it still fits."""

import re
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject, QTranslator
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from fcn_gui.widgets.action_rows import ACTIONS
from fcn_gui.widgets.main_window import MainWindow
from tests.gui.conftest import MakeWindow

DATA = re.compile(r"^(fcn-gui|start|photos|p\d\.png|background|cow|tree|\d+ × \d+|0 s|Ctrl .*|CPU.*)$")


class Marked(QTranslator):
    """Another language: what was translated stands in ⟦brackets⟧."""

    def translate(  # type: ignore[override]
        self, context: str, text: str, disambiguation: str | None = None, n: int = -1
    ) -> str:
        return text if context.startswith("Q") or not text else f"⟦{text}⟧"


@pytest.fixture
def translator(qapp: QApplication) -> Iterator[QTranslator]:
    made = Marked(qapp)
    qapp.installTranslator(made)
    yield made
    qapp.removeTranslator(made)


def words_of(widget: QWidget) -> list[str]:
    """Everything that a widget says, on screen and to a screen reader."""
    said = [widget.toolTip(), widget.accessibleName()]
    if isinstance(widget, QLabel | QAbstractButton):
        said.append(widget.text())
    if isinstance(widget, QLineEdit):
        said.append(widget.placeholderText())
    if isinstance(widget, QComboBox):
        said += [widget.itemText(number) for number in range(widget.count())]
    return said


def passed_over(root: QWidget) -> set[str]:
    parts: list[QWidget] = [root, *root.findChildren(QWidget)]
    said = {text.strip() for part in parts if not _is_qts_own(part) for text in words_of(part)}
    return {text for text in said if re.search(r"[A-Za-z]{3}", text) and "⟦" not in text and not DATA.match(text)}


def _is_qts_own(part: QObject) -> bool:
    return part.objectName().startswith("qt_")


def test_every_word_of_the_welcome_page_is_translated(
    qtbot: QtBot, translator: QTranslator, make_window: MakeWindow
) -> None:
    window = make_window()
    window.show()
    qtbot.waitExposed(window)
    assert passed_over(window.welcome) == set()


def test_every_word_of_an_open_folder_is_translated(qtbot: QtBot, translator: QTranslator, opened: MainWindow) -> None:
    assert passed_over(opened.workbench) == set()
    assert passed_over(opened.top_bar) == set()


@pytest.mark.parametrize("group", ["view", "brush", "learn", "export", "net", "keys"])
def test_every_word_of_the_settings_is_translated(
    qtbot: QtBot, translator: QTranslator, window: MainWindow, group: str
) -> None:
    window.trigger("file.settings")
    window.sheets.settings.tabs.choose(group)
    assert passed_over(window.sheets.settings) == set()


def test_every_action_is_translated(translator: QTranslator, window: MainWindow) -> None:
    assert [row.id for row in ACTIONS if "⟦" not in window.actions_set.action(row.id).text()] == []


def test_the_keys_page_names_the_held_keys(translator: QTranslator, window: MainWindow) -> None:
    window.trigger("help.keys")
    said = {label.text() for label in window.sheets.key_help.findChildren(QLabel)}
    assert {"⟦Bare image while held⟧", "⟦Eraser⟧", "⟦Mouse⟧"} <= said


def test_every_word_of_fcn_inside_is_translated(qtbot: QtBot, translator: QTranslator, opened: MainWindow) -> None:
    opened.trigger("help.inside")
    page = opened.sheets.inside
    qtbot.waitUntil(lambda: page.is_live, timeout=10_000)
    assert passed_over(page) == set()
