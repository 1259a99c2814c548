"""The window as a person meets it: pages, keys, palette, docks, messages."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QMimeData, QObject, QPoint, QPointF, QRect, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from fcn_gui.core.progress import Job
from fcn_gui.core.raster import VOID
from fcn_gui.core.stroke import Stroke, Tool
from fcn_gui.session.checkpoints import CheckpointEntry
from fcn_gui.session.messages import Message
from fcn_gui.session.opening import Loaded, LoadRequest, load
from fcn_gui.session.project import Status
from fcn_gui.widgets.action_rows import ACTIONS
from fcn_gui.widgets.main_window import MainWindow
from fcn_gui.widgets.theme import DARK, LIGHT
from tests.gui.conftest import at_rest
from tests.unit.session.workshop import MAP, make_folder

NONE = Qt.KeyboardModifier.NoModifier
CONTROL = Qt.KeyboardModifier.ControlModifier


def press(qtbot: QtBot, window: MainWindow, key: Qt.Key, modifier: Qt.KeyboardModifier = NONE) -> None:
    qtbot.keyClick(QApplication.focusWidget() or window, key, modifier)


def stroke(window: MainWindow) -> None:
    window.model.apply_stroke(Stroke(Tool.BRUSH, 1, ((4.5, 4.5),), 2.0))


def test_it_starts_on_the_welcome_page_where_painting_is_off(window: MainWindow) -> None:
    assert window.pages.currentWidget() is window.welcome
    assert window.actions_set.reason("tool.brush") == "no folder is open"
    assert not window.actions_set.action("tool.brush").isEnabled()
    assert window.actions_set.action("file.open_folder").isEnabled()


def test_every_action_of_the_table_has_a_command(window: MainWindow) -> None:
    assert set(window.commands) == {row.id for row in ACTIONS}


def test_opening_a_folder_shows_the_list_and_the_first_image(opened: MainWindow) -> None:
    assert opened.pages.currentWidget() is opened.workbench
    assert opened.images.rows.rowCount() == 6
    assert opened.model.document is not None and opened.model.document.key == "p0.png"
    assert opened.images.view.currentIndex().row() == 0
    assert opened.windowTitle().startswith("photos")


def test_a_plain_folder_asks_for_its_classes_once(qtbot: QtBot, window: MainWindow, folder: Path) -> None:
    window.model.open_folder(folder)
    qtbot.waitUntil(window.label_map_bar.isVisible, timeout=10_000)
    qtbot.mouseClick(window.label_map_bar.voc, Qt.MouseButton.LeftButton)
    assert window.model.label_map is not None and len(window.model.label_map) == 21
    assert not window.label_map_bar.isVisible()


def test_classes_of_ones_own_are_typed_one_a_line(qtbot: QtBot, window: MainWindow, folder: Path) -> None:
    window.model.open_folder(folder)
    qtbot.waitUntil(window.label_map_bar.isVisible, timeout=10_000)
    bar = window.label_map_bar
    qtbot.mouseClick(bar.own, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(bar.use, Qt.MouseButton.LeftButton)
    assert bar.isVisible()
    qtbot.keyClicks(bar.names, "coin")
    qtbot.keyClick(bar.names, Qt.Key.Key_Return)
    qtbot.keyClicks(bar.names, "scratch")
    qtbot.mouseClick(bar.use, Qt.MouseButton.LeftButton)
    assert window.model.label_map is not None
    assert window.model.label_map.names == ("background", "coin", "scratch")


def test_before_the_classes_are_chosen_nothing_can_be_verified(qtbot: QtBot, window: MainWindow, folder: Path) -> None:
    window.model.open_folder(folder)
    qtbot.waitUntil(lambda: window.model.document is not None, timeout=10_000)
    qtbot.waitUntil(lambda: window.actions_set.reason("mask.verify_next") == "no class yet")
    assert window.model.document is not None
    key = window.model.document.key
    window.canvas.setFocus()
    press(qtbot, window, Qt.Key.Key_Return)
    assert window.model.document.key == key
    window.model.apply_stroke(Stroke(Tool.POLYGON, 1, ((1, 1), (9, 1), (9, 9), (1, 9))))
    qtbot.waitUntil(lambda: window.messages.current is not None)
    qtbot.mouseClick(window.label_map_bar.voc, Qt.MouseButton.LeftButton)
    assert window.messages.current is None, "that was done now"


def test_the_field_for_ones_own_classes_looks_like_a_field(qtbot: QtBot, window: MainWindow, folder: Path) -> None:
    window.model.open_folder(folder)
    qtbot.waitUntil(window.label_map_bar.isVisible, timeout=10_000)
    qtbot.mouseClick(window.label_map_bar.own, Qt.MouseButton.LeftButton)
    field = window.label_map_bar.names
    shown = field.grab().toImage()
    assert shown.pixelColor(shown.width() // 2, shown.height() - 6).name() == DARK.hex("field").lower()
    qtbot.mouseClick(window.label_map_bar.use, Qt.MouseButton.LeftButton)
    assert field.grab().toImage().pixelColor(0, shown.height() // 2).name() == DARK.hex("err").lower()


@pytest.mark.parametrize(
    ("key", "tool"),
    [(Qt.Key.Key_P, Tool.POLYGON), (Qt.Key.Key_F, Tool.FILL), (Qt.Key.Key_S, Tool.SMART), (Qt.Key.Key_B, Tool.BRUSH)],
)
def test_a_letter_takes_a_tool(qtbot: QtBot, opened: MainWindow, key: Qt.Key, tool: Tool) -> None:
    press(qtbot, opened, key)
    assert opened.view.tool is tool
    assert opened.actions_set.action(f"tool.{tool.value}").isChecked()


def test_class_keys_choose_the_class_in_hand(qtbot: QtBot, opened: MainWindow) -> None:
    press(qtbot, opened, Qt.Key.Key_2)
    assert opened.view.label == 2
    press(qtbot, opened, Qt.Key.Key_QuoteLeft)
    assert opened.view.label == VOID
    press(qtbot, opened, Qt.Key.Key_X)
    assert opened.view.label == 2
    press(qtbot, opened, Qt.Key.Key_9)
    assert opened.view.label == 2


def test_letters_go_into_a_text_field_and_nowhere_else(qtbot: QtBot, opened: MainWindow) -> None:
    press(qtbot, opened, Qt.Key.Key_P)
    press(qtbot, opened, Qt.Key.Key_Slash)
    assert QApplication.focusWidget() is opened.images.filter
    qtbot.keyClicks(opened.images.filter, "bf2")
    press(qtbot, opened, Qt.Key.Key_Backspace)
    assert opened.images.filter.text() == "bf"
    assert opened.view.tool is Tool.POLYGON and opened.view.label != 2
    before = opened.model.document
    press(qtbot, opened, Qt.Key.Key_Return)
    assert opened.model.document is before
    assert opened.model.project is not None
    assert all(item.status is not Status.VERIFIED for item in opened.model.project.items)


def test_return_verifies_and_goes_on(qtbot: QtBot, opened: MainWindow) -> None:
    press(qtbot, opened, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: opened.model.document is not None and opened.model.document.key == "p1.png")
    assert opened.model.project is not None
    assert opened.model.project.item("p0.png").status is Status.VERIFIED


def test_d_and_a_walk_through_the_list(qtbot: QtBot, opened: MainWindow) -> None:
    model = opened.model
    press(qtbot, opened, Qt.Key.Key_D)
    qtbot.waitUntil(lambda: model.document is not None and model.document.key == "p1.png")
    assert opened.images.view.currentIndex().row() == 1
    press(qtbot, opened, Qt.Key.Key_A)
    qtbot.waitUntil(lambda: model.document is not None and model.document.key == "p0.png")


def test_undo_is_on_only_after_a_stroke(qtbot: QtBot, opened: MainWindow) -> None:
    assert opened.actions_set.reason("edit.undo") == "nothing to undo"
    stroke(opened)
    qtbot.waitUntil(lambda: opened.actions_set.action("edit.undo").isEnabled())
    press(qtbot, opened, Qt.Key.Key_Z, CONTROL)
    qtbot.waitUntil(lambda: opened.actions_set.action("edit.redo").isEnabled())


@pytest.mark.parametrize("images", [6, 45])
def test_actions_know_at_once_what_can_be_done_however_many_images_there_are(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, images: int
) -> None:
    window.model.open_folder(make_folder(tmp_path / "many", images))
    qtbot.waitUntil(lambda: window.model.document is not None, timeout=10_000)
    window.label_map_bar.hide()
    window.model.choose_label_map(MAP)
    at_rest(qtbot, window)
    for step, action in ((lambda: stroke(window), "edit.undo"), (window.model.undo, "edit.redo")):
        step()
        QApplication.processEvents()
        QApplication.processEvents()
        assert window.actions_set.action(action).isEnabled()


class Paints(QObject):
    """Tells of each paint event of what it watches."""

    def __init__(self, watched: QWidget, tell: Callable[[], None]) -> None:
        super().__init__(watched)
        self._tell = tell
        watched.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            self._tell()
        return False


def test_an_image_is_painted_before_the_next_ones_are_read(
    qtbot: QtBot, opened: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[str] = []

    def seen(request: LoadRequest) -> Job[Loaded]:
        events.append("read")
        return load(request)

    monkeypatch.setattr("fcn_gui.qt.image_flow.load", seen)
    monkeypatch.setattr("fcn_gui.qt.image_flow.AHEAD_AFTER_MS", 2000)  # a busy machine paints late
    Paints(opened.canvas, lambda: events.append("paint"))
    press(qtbot, opened, Qt.Key.Key_D)
    at_rest(qtbot, opened)
    assert opened.model.document is not None and opened.model.document.key == "p1.png"
    qtbot.waitUntil(lambda: "read" in events)
    assert events[0] == "paint"


def test_nothing_is_drawn_where_two_scroll_bars_meet(qtbot: QtBot, window: MainWindow) -> None:
    window.set_theme("light")
    area, inside = QScrollArea(window), QLabel()
    inside.setFixedSize(500, 500)
    area.setWidget(inside)
    area.resize(120, 120)
    area.show()
    area.raise_()
    bars = area.verticalScrollBar(), area.horizontalScrollBar()
    qtbot.waitUntil(lambda: all(bar.isVisible() for bar in bars))
    at = area.mapTo(window, QPoint(0, 0))
    corner = QRect(area.width() - 11, area.height() - 11, 10, 10).translated(at)
    picture = window.grab(corner).toImage()
    assert len({picture.pixel(x, y) for x in range(10) for y in range(10)}) == 1


def test_the_palette_finds_runs_and_says_why_not(qtbot: QtBot, opened: MainWindow) -> None:
    press(qtbot, opened, Qt.Key.Key_K, CONTROL)
    popup = opened.sheets.palette
    assert popup.isVisible() and QApplication.focusWidget() is popup.field
    qtbot.keyClicks(popup.field, "fill reg")
    press(qtbot, opened, Qt.Key.Key_Return)
    assert not popup.isVisible() and opened.view.tool is Tool.FILL
    press(qtbot, opened, Qt.Key.Key_K, CONTROL)
    qtbot.keyClicks(popup.field, "retrain")
    press(qtbot, opened, Qt.Key.Key_Return)
    assert popup.isVisible()
    assert "correct or verify a photo first" in opened.actions_set.tooltip("learn.retrain")
    press(qtbot, opened, Qt.Key.Key_Escape)
    assert not popup.isVisible()


def test_a_message_after_another_leaves_its_button_its_room(opened: MainWindow) -> None:
    bar = opened.messages
    for number in (2, 3):
        text = f"Checkpoint {number} was refused: " + "horse fell by 0.041, 0.030 is allowed; " * 5
        bar.post(Message("warn", text, (("Open receipt", lambda: None),)))
    button = next(each for each in bar.findChildren(QPushButton) if each.text() == "Open receipt" and each.isVisible())
    words = next(each for each in bar.findChildren(QLabel) if each.text() == text)
    end_of_words = words.mapTo(bar, words.rect().topRight()).x()
    assert end_of_words < button.mapTo(bar, button.rect().topLeft()).x()
    assert words.heightForWidth(words.width()) <= words.height()


@pytest.mark.parametrize("typed", ["barn", "Straßenbahnhaltestellenüberdachung" * 8])
def test_the_palette_says_in_words_that_nothing_matches(qtbot: QtBot, opened: MainWindow, typed: str) -> None:
    press(qtbot, opened, Qt.Key.Key_K, CONTROL)
    popup = opened.sheets.palette
    popup.field.setText(f"{typed} qqq")
    assert popup.none.isVisible() and not popup.list.isVisible()
    assert popup.none.text().startswith(f"Nothing matches '{typed[:4]}") and popup.none.text().endswith("qqq'.")
    assert popup.field.accessibleDescription() == popup.none.text()
    assert popup.none.sizeHint().width() <= popup.none.width(), "all of it is legible"
    assert not any(label.text().startswith("0 of") for label in popup.findChildren(QLabel))
    press(qtbot, opened, Qt.Key.Key_Return)
    assert popup.isVisible(), "there is nothing to run"
    popup.field.setText("fit")
    assert popup.list.isVisible() and not popup.none.isVisible() and popup.field.accessibleDescription() == ""
    press(qtbot, opened, Qt.Key.Key_Escape)


def test_the_class_list_at_the_cursor_is_typed_into(qtbot: QtBot, opened: MainWindow) -> None:
    press(qtbot, opened, Qt.Key.Key_C)
    assert opened.sheets.class_finder.isVisible()
    qtbot.keyClicks(opened.sheets.class_finder.field, "tre")
    press(qtbot, opened, Qt.Key.Key_Return)
    assert opened.view.label == 2


def test_a_long_class_name_leaves_its_key_legible(qtbot: QtBot, opened: MainWindow) -> None:
    def end_of_the_row(name: str) -> QImage:
        opened.model.rename_class(1, name)
        qtbot.waitUntil(lambda: opened.model.label_map is not None and opened.model.label_map.names[1] == name)
        press(qtbot, opened, Qt.Key.Key_C)
        rows = opened.sheets.class_finder.list
        row = rows.visualRect(rows.model().index(1, 0))
        row.setLeft(row.right() - 40)
        picture = rows.viewport().grab(row).toImage()
        assert rows.model().index(1, 0).data(Qt.ItemDataRole.ToolTipRole) == name
        press(qtbot, opened, Qt.Key.Key_Escape)
        return picture

    assert end_of_the_row("calf") == end_of_the_row("Straßenbahnhaltestellenüberdachung mit Fahrgästen")


@pytest.mark.parametrize(
    ("key", "name"), [(Qt.Key.Key_F7, "images"), (Qt.Key.Key_F8, "learning"), (Qt.Key.Key_F9, "classes")]
)
def test_docks_fold_and_come_back_as_they_were(qtbot: QtBot, opened: MainWindow, key: Qt.Key, name: str) -> None:
    sizes = [opened.images.width(), opened.learning.height()]
    press(qtbot, opened, key)
    assert not opened.workbench.is_shown(name)
    press(qtbot, opened, key)
    assert opened.workbench.is_shown(name)
    assert [opened.images.width(), opened.learning.height()] == pytest.approx(sizes, abs=2)


@pytest.mark.parametrize(
    ("size", "left", "learning"),
    [((1024, 700), 64, 36), ((1280, 800), 240, 172), ((1440, 900), 240, 172), ((2560, 1440), 280, 220)],
)
def test_the_layout_follows_the_windows_size(
    qtbot: QtBot, opened: MainWindow, size: tuple[int, int], left: int, learning: int
) -> None:
    opened.resize(*size)
    qtbot.waitUntil(lambda: opened.width() == size[0])
    assert opened.images.width() == pytest.approx(left, abs=1)
    assert opened.learning.height() == pytest.approx(learning, abs=1)
    assert opened.width() == size[0] and opened.height() == size[1]
    for area in opened.findChildren(QScrollArea):
        if area.isVisible():
            assert area.widget().width() <= area.viewport().width(), "nothing is cut off at the right"


def test_the_open_learning_panel_leaves_the_right_dock_its_width(qtbot: QtBot, opened: MainWindow) -> None:
    opened.resize(1024, 700)
    qtbot.waitUntil(lambda: opened.width() == 1024)
    entries = [CheckpointEntry(f"id{n}", n, n == 3, n % 2 == 1, {}) for n in range(14)]
    opened.learning.chips.show_entries(entries)
    opened.workbench.toggle_learning_body()
    qtbot.waitUntil(lambda: opened.learning.height() >= 172)
    qtbot.waitUntil(lambda: opened.classes.width() == 240)
    shown = [chip.entry.number for chip in opened.learning.chips.chips if chip.isVisible()]
    assert {3, 12, 13} < set(shown) and 2 not in shown, "the live one, and of the rest the newest"
    last = opened.learning.chips.chips[-1]
    last.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(last, Qt.Key.Key_Left)
    assert opened.focusWidget() is opened.learning.chips.chips[-2]
    for _ in range(20):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Left)
    assert opened.focusWidget() is next(chip for chip in opened.learning.chips.chips if chip.isVisible())


def test_where_the_panel_is_folded_a_chip_opens_the_long_receipt_and_arrow_keys_only_move(
    qtbot: QtBot, opened: MainWindow
) -> None:
    opened.resize(1024, 700)
    qtbot.waitUntil(lambda: opened.width() == 1024)
    first = opened.learning.chips.chips[0]
    QTest.mouseClick(first, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(opened.sheets.receipt.isVisible)
    opened.sheets.receipt.close_sheet()
    first.setFocus(Qt.FocusReason.TabFocusReason)
    press(qtbot, opened, Qt.Key.Key_Right)
    assert not opened.sheets.receipt.isVisible()
    press(qtbot, opened, Qt.Key.Key_Space)
    assert opened.sheets.receipt.isVisible()
    opened.sheets.receipt.close_sheet()
    opened.resize(1440, 900)
    qtbot.waitUntil(lambda: opened.width() == 1440)
    QTest.mouseClick(opened.learning.chips.chips[0], Qt.MouseButton.LeftButton)
    assert not opened.sheets.receipt.isVisible(), "its short form shows in the column"


def test_a_newer_message_replaces_the_older_which_waits_in_the_list(opened: MainWindow) -> None:
    opened.show_message(Message("error", "The first thing went wrong."))
    opened.show_message(Message("ok", "The second is done."))
    assert opened.messages.current is not None and opened.messages.current.text == "The second is done."
    assert [m.text for m in opened.messages.history][:2] == ["The second is done.", "The first thing went wrong."]
    assert opened.messages.width() <= 680 + 2 * 14
    opened.trigger("help.messages")
    assert opened.sheets.messages.isVisible()


def test_a_message_of_many_lines_has_its_ground_below_it(opened: MainWindow) -> None:
    opened.show_message(Message("error", "A fine-tune reads the masks: wait for its end, or cancel it. " * 5))
    bar = opened.messages
    words = next(each for each in bar.findChildren(QLabel) if each.text().startswith("A fine-tune"))
    assert words.height() > 2 * words.fontMetrics().height()
    assert words.mapTo(bar, words.rect().bottomLeft()).y() <= bar.height() - 14


def test_a_file_may_be_called_like_a_tag(opened: MainWindow) -> None:
    opened.show_message(Message("error", "<b>x & <i>y.jpg can't be read."))
    words = next(each for each in opened.messages.findChildren(QLabel) if each.text().startswith("<b>"))
    assert words.textFormat() == Qt.TextFormat.PlainText


def test_the_list_of_messages_says_that_there_is_none(opened: MainWindow) -> None:
    opened.trigger("help.messages")
    sheet = opened.sheets.messages
    words = next(label for label in sheet.findChildren(QLabel) if label.isVisible())
    assert words.text() == "No message yet."
    assert words.mapTo(sheet, words.contentsRect().topLeft()).x() >= 14 + 12, "not in the corner"
    assert sheet.height() < 100, "no more than its one sentence"


def test_a_long_file_name_is_elided_over_its_note(qtbot: QtBot, opened: MainWindow) -> None:
    opened.sheets.note.ask("Überlanger_Dateiname_" * 5 + ".jpg", "")
    title = opened.sheets.note.title
    qtbot.waitUntil(lambda: "…" in title.text())
    assert title.text().endswith(".jpg") and title.toolTip().startswith("Note on Überlanger")


def test_a_messages_button_does_its_action(opened: MainWindow) -> None:
    opened.view.mode = "mask"
    opened.show_message(Message("ok", "Done.", (("Show uncertainty", "view.uncertainty"),)))
    opened.run_message_action("view.uncertainty")
    assert opened.view.mode == "uncertainty"


def test_a_dropped_folder_is_opened(qtbot: QtBot, window: MainWindow, folder: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(folder))])
    enter = QDragEnterEvent(QPoint(9, 9), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, NONE)
    window.dragEnterEvent(enter)
    assert enter.isAccepted()
    drop = QDropEvent(QPointF(9, 9), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, NONE)
    window.dropEvent(drop)
    qtbot.waitUntil(lambda: window.model.project is not None, timeout=10_000)


def test_the_theme_switches_while_it_runs(opened: MainWindow) -> None:
    opened.trigger("view.theme_light")
    assert opened.appearance.theme is LIGHT
    assert LIGHT.hex("panel") in QApplication.instance().styleSheet()  # type: ignore[union-attr]
    opened.trigger("view.theme_dark")
    assert opened.appearance.theme is DARK


def test_closing_the_folder_brings_the_welcome_page_with_it_listed(
    qtbot: QtBot, opened: MainWindow, folder: Path
) -> None:
    opened.trigger("file.close_folder")
    qtbot.waitUntil(lambda: opened.pages.currentWidget() is opened.welcome)
    assert [recent.path for recent in opened.welcome.shown] == [folder]
    assert opened.welcome.shown[0].facts["images"] == 6


def test_what_was_set_survives(qtbot: QtBot, opened: MainWindow, user_data: object) -> None:
    opened.trigger("view.theme_light")
    opened.close()
    assert user_data.load_settings()["view.theme"] == "light"  # type: ignore[attr-defined]


def test_retraining_shows_its_job_its_curve_and_a_receipt(qtbot: QtBot, opened: MainWindow) -> None:
    for _ in range(3):
        stroke(opened)
        press(qtbot, opened, Qt.Key.Key_Return)
        at_rest(qtbot, opened)
    with qtbot.waitSignal(opened.model.learning_changed, timeout=20_000):
        press(qtbot, opened, Qt.Key.Key_R, CONTROL)
    qtbot.waitUntil(lambda: len(opened.learning.chips.chips) == 2, timeout=20_000)
    at_rest(qtbot, opened)
    qtbot.waitUntil(lambda: bool(opened.learning.run_plot.series))
    assert opened.messages.current is not None and "Checkpoint 1" in opened.messages.current.text
    newest = opened.learning.chips.chips[-1]
    qtbot.mouseClick(newest, Qt.MouseButton.LeftButton)
    opened.run_message_action(f"learn.receipt:{newest.entry.id}")
    assert opened.sheets.receipt.isVisible()


def test_the_focus_ring_comes_with_tab_and_goes_with_the_mouse(qtbot: QtBot, opened: MainWindow) -> None:
    opened.images.filter.setFocus(Qt.FocusReason.MouseFocusReason)
    assert not opened.focus_ring.isVisible()
    press(qtbot, opened, Qt.Key.Key_Tab)
    assert opened.focus_ring.isVisible()
    opened.images.filter.setFocus(Qt.FocusReason.MouseFocusReason)
    assert not opened.focus_ring.isVisible()


def test_every_control_has_a_name_and_is_large_enough(opened: MainWindow) -> None:
    from PySide6.QtWidgets import QAbstractButton, QComboBox, QLineEdit

    for kind in (QAbstractButton, QComboBox, QLineEdit):
        for control in opened.findChildren(kind):
            is_part_of_a_field = isinstance(control.parentWidget(), QLineEdit | QComboBox)
            if not control.isVisible() or control.objectName().startswith("qt_") or is_part_of_a_field:
                continue
            name = control.accessibleName() or (control.text() if isinstance(control, QAbstractButton) else "")
            assert name, f"{control} in {control.parent()} has no name"
            assert min(control.width(), control.height()) >= 24, f"{name}: {control.size()}"
