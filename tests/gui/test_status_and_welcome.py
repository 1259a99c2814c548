"""The status bar's facts and jobs; the welcome page's folders; the theme of the system; the way Tab goes."""

import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFrame, QLabel, QWidget
from pytestqt.qtbot import QtBot

from fcn_gui.disk.lock import ProjectLock
from fcn_gui.disk.user_data import UserData
from fcn_gui.qt.job_board import JobStatus
from fcn_gui.qt.view_state import CursorFacts
from fcn_gui.widgets.appearance import Appearance
from fcn_gui.widgets.main_window import MainWindow
from fcn_gui.widgets.recent_facts import recent_facts
from fcn_gui.widgets.recent_pictures import pictures_of
from fcn_gui.widgets.recent_row import RecentRow
from fcn_gui.widgets.theme import DARK, LIGHT


def texts(widget: QWidget) -> str:
    return " | ".join(label.text() for label in widget.findChildren(QLabel) if label.isVisible())


def test_the_status_bar_says_what_lies_under_the_cursor(opened: MainWindow) -> None:
    opened.view.cursor_moved.emit(CursorFacts(381, 290, 1, 2, ((0, 0.52), (1, 0.43))))
    said = texts(opened.status)
    assert "x 381, y 290" in said
    assert "<b>cow</b>, corrected" in said
    assert "prediction: background 0.52, cow 0.43" in said
    opened.view.cursor_moved.emit(None)
    assert "x 381" not in texts(opened.status)


def test_long_names_leave_the_rest_of_the_status_bar_its_room(qtbot: QtBot, opened: MainWindow) -> None:
    opened.resize(1024, 700)
    qtbot.waitUntil(lambda: opened.width() == 1024)
    opened.model.rename_class(1, "Straßenbahnhaltestellenüberdachung mit Fahrgästen und Gepäck <b>&amp;")
    opened.model.rename_class(2, "Straßenbahnhaltestellenüberdachung ohne Fahrgäste und ohne Gepäck")
    qtbot.waitUntil(lambda: opened.model.label_map is not None and len(opened.model.label_map.names[2]) > 60)
    opened.model.saved.emit("14:26")
    opened.view.cursor_moved.emit(CursorFacts(3812, 2901, 1, 2, ((1, 0.52), (2, 0.43))))
    saved = next(each for each in opened.status.findChildren(QLabel) if each.text() == "Saved 14:26")
    qtbot.waitUntil(lambda: saved.mapTo(opened.status, QPoint(saved.width(), 0)).x() <= 1024)
    assert "&lt;b&gt;&amp;amp;" in texts(opened.status)
    opened.model.device_changed.emit("CPU, 1 thread, float32, channels last, and what else there is to say")
    opened.model.job_progressed.emit(JobStatus(987654, "retrain", "Fine-tuning on 4 images", 0.33, True))
    qtbot.waitUntil(lambda: saved.mapTo(opened.status, QPoint(saved.width(), 0)).x() <= 1024)
    opened.model.job_ended.emit(987654, "retrain", "cancelled", "")


def test_a_class_under_a_cursor_at_rest_is_called_what_it_is_called_now(qtbot: QtBot, opened: MainWindow) -> None:
    canvas = opened.canvas
    assert canvas.stage is not None
    at = QPoint(*(round(v) for v in canvas.stage.viewport.to_screen((16.5, 12.5))))
    QTest.mouseMove(canvas, at + QPoint(3, 3))
    QTest.mouseMove(canvas, at)
    document = opened.model.document
    assert document is not None
    label = int(document.masked.mask[12, 16])

    assert opened.model.label_map is not None
    qtbot.waitUntil(lambda: f"<b>{opened.model.label_map.names[label]}</b>" in texts(opened.status))
    opened.model.rename_class(label, "otter")
    qtbot.waitUntil(lambda: "<b>otter</b>" in texts(opened.status) and "otter 1.00" in texts(opened.status))


def test_without_classes_nothing_is_said_to_stand_under_the_cursor(
    qtbot: QtBot, window: MainWindow, folder: Path
) -> None:
    window.model.open_folder(folder)
    qtbot.waitUntil(lambda: window.model.document is not None, timeout=10_000)
    window.view.cursor_moved.emit(CursorFacts(3, 2, 0, 0, ()))
    assert "x 3, y 2" in texts(window.status) and "unvouched" not in texts(window.status)


def test_a_folder_that_another_window_has_is_said_to_be_read_only_all_the_time(
    qtbot: QtBot, window: MainWindow, folder: Path
) -> None:
    (folder / ".fcn-gui").mkdir()
    with ProjectLock.acquire(folder / ".fcn-gui"):
        window.model.open_folder(folder)
        qtbot.waitUntil(lambda: window.model.project is not None, timeout=10_000)
        window.messages.dismiss()
        assert "Read-only" in texts(window.status)


def test_a_running_job_shows_its_words_and_can_be_cancelled(qtbot: QtBot, opened: MainWindow) -> None:
    opened.model.job_progressed.emit(JobStatus(987654, "export", "Exporting: 3 of 9", 0.33, True))
    assert "Exporting: 3 of 9" in texts(opened.status)
    cancel = opened.status.job.cancel
    qtbot.waitUntil(
        lambda: cancel.mapTo(opened.status, cancel.rect().center()).y() == opened.status.rect().center().y()
    )
    qtbot.waitUntil(lambda: opened.actions_set.action("learn.cancel").isEnabled())
    opened.model.job_ended.emit(987654, "export", "cancelled", "")
    assert "Exporting" not in texts(opened.status)
    qtbot.waitUntil(lambda: not opened.actions_set.action("learn.cancel").isEnabled())


def test_a_recent_folder_is_opened_by_a_click_or_a_key(
    qtbot: QtBot, window: MainWindow, folder: Path, user_data: UserData
) -> None:
    user_data.remember_folder(folder, {"images": 6, "verified": 2})
    window.welcome.reread()
    row = window.welcome.findChild(RecentRow)
    assert row is not None and row.accessibleName() == "photos, 2 of 6 verified"
    row.setFocus()
    qtbot.keyClick(row, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.model.folder == folder, timeout=10_000)


def test_a_folder_that_is_gone_is_shown_and_can_be_taken_off(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, user_data: UserData
) -> None:
    user_data.remember_folder(tmp_path / "usb", {"images": 6})
    window.welcome.reread()
    row = window.welcome.findChild(RecentRow)
    assert row is not None
    qtbot.mouseClick(row, Qt.MouseButton.LeftButton)
    assert window.model.project is None
    row.forgotten.emit(str(tmp_path / "usb"))
    qtbot.waitUntil(lambda: not window.welcome.shown)


def test_the_first_button_of_the_welcome_page_answers_to_return(qtbot: QtBot, window: MainWindow) -> None:
    heard: list[str] = []
    action = window.actions_set.action("file.open_folder")
    window.actions_set.blockSignals(True)
    action.triggered.connect(lambda: heard.append("open"))
    button = window.welcome.buttons[0]
    button.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(button, Qt.Key.Key_Return)
    window.actions_set.blockSignals(False)
    assert heard == ["open"]


def test_pictures_of_a_recent_folder_come_back_as_they_were(qtbot: QtBot, opened: MainWindow) -> None:
    qtbot.waitUntil(lambda: all(opened.model.thumbnail(f"p{n}.png") is not None for n in range(2)), timeout=10_000)
    facts = recent_facts(opened.model)
    assert facts["images"] == 6
    assert len(pictures_of(facts)) == 2


def test_an_open_folder_is_remembered_without_the_main_thread(
    qtbot: QtBot, window: MainWindow, folder: Path, user_data: UserData, monkeypatch: pytest.MonkeyPatch
) -> None:
    remember, threads = user_data.remember_folder, []
    monkeypatch.setattr(
        user_data, "remember_folder", lambda *about: (threads.append(threading.current_thread()), remember(*about))
    )
    window.model.open_folder(folder)
    qtbot.waitUntil(lambda: bool(user_data.recent_folders()), timeout=10_000)
    assert user_data.recent_folders()[0].facts["images"] == 6
    assert threads and threading.main_thread() not in threads


@pytest.mark.parametrize("pictures", [None, "x", ["not base64 at all", 7], [""]])
def test_damaged_pictures_are_left_out(qapp: QApplication, pictures: object) -> None:
    assert pictures_of({"pictures": pictures}) == []
    assert QImage().isNull()


def test_the_theme_follows_the_system_unless_one_was_chosen(
    qtbot: QtBot, qapp: QApplication, appearance: Appearance
) -> None:
    switched = qapp.styleHints().colorSchemeChanged
    appearance.set_preference("system")
    switched.emit(Qt.ColorScheme.Light)
    assert appearance.theme is LIGHT
    with qtbot.waitSignal(appearance.changed):
        switched.emit(Qt.ColorScheme.Dark)
    assert appearance.theme is DARK and DARK.hex("panel") in qapp.styleSheet()
    appearance.set_preference("light")
    switched.emit(Qt.ColorScheme.Dark)
    assert appearance.theme is LIGHT


def test_tab_goes_from_bar_to_list_to_canvas_to_classes_to_learning(opened: MainWindow) -> None:
    zones = {
        "top": opened.top_bar,
        "list": opened.images,
        "canvas": opened.canvas,
        "classes": opened.classes,
        "learning": opened.learning,
    }
    order: list[str] = []
    at = opened.top_bar.findChild(QWidget)
    for _ in range(1000):
        assert at is not None
        name = next((n for n, zone in zones.items() if zone is at or zone.isAncestorOf(at)), "")
        takes_tab = at.focusPolicy() & Qt.FocusPolicy.TabFocus and at.isVisible()
        if name and takes_tab and name not in order:
            order.append(name)
        at = at.nextInFocusChain()
    assert order == ["top", "list", "canvas", "classes", "learning"]


def test_the_time_so_far_stands_in_the_learning_panel_until_something_learns(qtbot: QtBot, opened: MainWindow) -> None:
    panel = opened.learning
    assert panel.time.isVisible() and not panel.run_plot.isVisible()
    assert opened.model.project is not None
    opened.model.project.item("p0.png").seconds = 7520
    opened.model.item_changed.emit("p0.png")
    qtbot.waitUntil(lambda: panel.time.total.text() == "2 h 5 min")
    opened.model.job_progressed.emit(JobStatus(7, "retrain", "Fine-tuning on 3 images", None, True))
    assert not panel.time.isVisible()
    opened.model.job_ended.emit(7, "retrain", "cancelled", "")
    assert panel.time.isVisible()
    opened.workbench.toggle_learning_body()
    assert "2 h 5 min so far" in texts(panel)


def test_a_recent_folder_says_the_time_and_the_day(window: MainWindow, folder: Path, user_data: UserData) -> None:
    user_data.remember_folder(folder, {"images": 6, "verified": 2, "seconds": 4500})
    window.welcome.reread()
    row = window.welcome.findChild(RecentRow)
    assert row is not None and row.second_line() == "1 h 15 min so far · today"


def test_the_name_of_a_recent_folder_takes_one_line(window: MainWindow, tmp_path: Path, user_data: UserData) -> None:
    for name in ("two\nlines", "two lines"):
        (tmp_path / name).mkdir()
        user_data.remember_folder(tmp_path / name, {"images": 6, "verified": 2, "seconds": 4500})
    window.welcome.reread()
    newer, older = window.welcome.findChildren(RecentRow)[-2:]
    assert newer.toolTip() != older.toolTip()
    assert newer.grab().toImage() == older.grab().toImage()


def lines_of(window: MainWindow) -> int:
    return sum(line.isVisible() for line in window.status.findChildren(QFrame) if line.width() == 1)


def test_a_line_in_the_status_bar_stands_between_two_things_that_are_said(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    (tmp_path / "no photos").mkdir()
    window.model.open_folder(tmp_path / "no photos")
    qtbot.waitUntil(lambda: window.model.project is not None, timeout=10_000)
    assert not window.status.hint.isVisible() and lines_of(window) == 0
    window.model.device_changed.emit("CPU, 2 threads")
    window.model.saved.emit("14:26")
    assert lines_of(window) == 1 and "Saved 14:26" in texts(window.status)
    window.trigger("file.close_folder")
    assert window.status.hint.isVisible() and "Saved" not in texts(window.status)
