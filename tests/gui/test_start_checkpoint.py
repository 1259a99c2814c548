"""Which checkpoint new folders start with: chosen on the welcome page, tried, kept, refused with the reason."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from fcn_gui.core.setting_rows import START_CHECKPOINT
from fcn_gui.disk.checkpoint_file import read_checkpoint_info, write_checkpoint
from fcn_gui.disk.user_data import UserData
from fcn_gui.widgets.main_window import MainWindow
from tests.fakes.segmenter import colour_checkpoint
from tests.gui.conftest import MakeWindow, at_rest
from tests.unit.session.workshop import MAP, make_folder


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A checkpoint of one's own that is not the one of the program."""
    path = tmp_path / "mine.safetensors"
    write_checkpoint(path, colour_checkpoint(MAP, np.full((3, 3), 7, np.float32)))
    return path


def choose(qtbot: QtBot, window: MainWindow, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    qtbot.mouseClick(window.welcome.start.change, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(window.welcome.start.change.isEnabled, timeout=10_000)


def open_folder(qtbot: QtBot, window: MainWindow, folder: Path) -> None:
    window.model.open_folder(folder)
    qtbot.waitUntil(lambda: window.model.document is not None, timeout=10_000)
    if window.model.label_map is None:
        window.model.choose_label_map(MAP)
    at_rest(qtbot, window)


def test_the_welcome_page_names_the_programs_own(qtbot: QtBot, window: MainWindow) -> None:
    row = window.welcome.start
    qtbot.waitUntil(lambda: row.name.full_text == "start")
    assert row.facts.full_text == "3 classes, comes with the program"
    assert not row.bundled.isVisible()


def test_a_file_that_can_be_used_is_kept_and_new_folders_start_with_it(
    qtbot: QtBot,
    window: MainWindow,
    folder: Path,
    own: Path,
    user_data: UserData,
    make_window: MakeWindow,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    choose(qtbot, window, own, monkeypatch)
    row = window.welcome.start
    assert row.name.full_text == "mine" and str(own.parent) in row.facts.full_text and row.bundled.isVisible()
    assert user_data.load_settings()[START_CHECKPOINT] == str(own)
    open_folder(qtbot, window, folder)
    live = [entry.id for entry in window.model.checkpoints if entry.is_live]
    assert live == [read_checkpoint_info(own).id]
    window.close()
    again = make_window()
    assert again.welcome.start.name.full_text == "mine"


def test_the_programs_own_can_be_taken_again(
    qtbot: QtBot, window: MainWindow, own: Path, user_data: UserData, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(qtbot, window, own, monkeypatch)
    qtbot.mouseClick(window.welcome.start.bundled, Qt.MouseButton.LeftButton)
    assert window.welcome.start.name.full_text == "start"
    assert START_CHECKPOINT not in user_data.load_settings()


def bad_files(tmp_path: Path, own: Path) -> dict[str, tuple[Path, str]]:
    """What a person might choose that is none, with a part of what they are told."""
    text, short, other = (tmp_path / f"{name}.safetensors" for name in ("text", "short", "other"))
    text.write_text("this is no checkpoint")
    short.write_bytes(own.read_bytes()[:-5])
    write_checkpoint(other, replace(colour_checkpoint(MAP), trunk="another"))
    return {
        "text": (text, "is no checkpoint"),
        "short": (short, "is no checkpoint, or only a part of one"),
        "gone": (tmp_path / "gone.safetensors", "can't be read"),
        "other trunk": (other, "not a checkpoint of colours"),
    }


@pytest.mark.parametrize("kind", ["text", "short", "gone", "other trunk"])
def test_a_bad_file_is_refused_with_the_reason_and_nothing_changes(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, own: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, reason = bad_files(tmp_path, own)[kind]
    choose(qtbot, window, path, monkeypatch)
    row = window.welcome.start
    assert row.error.isVisible() and reason in row.error.text()
    assert row.name.full_text == "start" and window.settings.is_default(START_CHECKPOINT)


def test_a_folder_that_has_begun_keeps_what_it_began_with(
    qtbot: QtBot, window: MainWindow, folder: Path, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_folder(qtbot, window, folder)
    before = [(entry.id, entry.is_live) for entry in window.model.checkpoints]
    window.trigger("file.close_folder")
    choose(qtbot, window, own, monkeypatch)
    open_folder(qtbot, window, folder)
    assert [(entry.id, entry.is_live) for entry in window.model.checkpoints] == before
    window.trigger("file.close_folder")
    window.model.choose_start_checkpoint(None)
    open_folder(qtbot, window, folder)
    assert [(entry.id, entry.is_live) for entry in window.model.checkpoints] == before


def test_a_folder_begun_with_ones_own_keeps_it_when_the_choice_is_taken_back(
    qtbot: QtBot, window: MainWindow, folder: Path, own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(qtbot, window, own, monkeypatch)
    open_folder(qtbot, window, folder)
    window.trigger("file.close_folder")
    window.model.choose_start_checkpoint(None)
    open_folder(qtbot, window, folder)
    entries = [(entry.id, entry.is_live) for entry in window.model.checkpoints]
    assert entries == [(read_checkpoint_info(own).id, True)]
    open_folder(qtbot, window, make_folder(tmp_path / "others", 2))
    assert [entry.id for entry in window.model.checkpoints] != [read_checkpoint_info(own).id]


def test_a_choice_that_is_gone_is_told_and_the_programs_own_is_used(
    qtbot: QtBot, window: MainWindow, folder: Path, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(qtbot, window, own, monkeypatch)
    own.unlink()
    open_folder(qtbot, window, folder)
    told = [message.text for message in window.messages.history]
    assert any("mine.safetensors" in text and text.endswith("This folder starts with start.") for text in told)
    assert len(window.model.checkpoints) == 1 and window.model.checkpoints[0].is_live
