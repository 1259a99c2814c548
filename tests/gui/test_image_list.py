"""The image list: states, filter, order, groups."""

from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QRect, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication, QStyle, QStyleOptionComboBox
from pytestqt.qtbot import QtBot

from fcn_gui.core.stroke import Stroke, Tool
from fcn_gui.session.project import Status
from fcn_gui.widgets.fitted_labels import ElidedLabel
from fcn_gui.widgets.image_rows import Sort
from fcn_gui.widgets.main_window import MainWindow
from fcn_gui.widgets.theme import Height
from tests.gui.conftest import at_rest
from tests.unit.session.workshop import make_folder


def names(window: MainWindow) -> list[str]:
    rows = window.images.rows
    return [rows.item_at(rows.index(row)).key for row in range(rows.rowCount())]


def test_the_filter_keeps_what_has_the_letters(qtbot: QtBot, opened: MainWindow) -> None:
    qtbot.keyClicks(opened.images.filter, "P3")
    assert names(opened) == ["p3.png"]
    opened.images.filter.clear()
    assert len(names(opened)) == 6


def test_an_empty_result_says_so_and_offers_the_way_out(qtbot: QtBot, opened: MainWindow) -> None:
    images = opened.images
    images.filter.setText("barn")
    qtbot.waitUntil(images.empty.isVisible)
    assert images.empty.text == "No name has 'barn' in it."
    images.empty.clicked.emit()
    assert len(names(opened)) == 6


def test_an_empty_folder_says_what_to_do(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    window.model.open_folder(tmp_path / "empty")
    qtbot.waitUntil(window.images.empty.isVisible, timeout=10_000)
    assert window.images.empty.text.startswith("No photos in this folder.")


def test_an_empty_folder_says_so_where_the_list_is_too_narrow_for_words(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    window.resize(1024, 700)
    (tmp_path / "empty").mkdir()
    window.model.open_folder(tmp_path / "empty")

    def has_words() -> bool:
        image = window.canvas.grab().toImage()
        return len({image.pixelColor(x, image.height() // 2).rgb() for x in range(image.width())}) > 2

    qtbot.waitUntil(has_words, timeout=10_000)
    window.images.filter.setText("barn")
    assert not window.images.empty.isVisible()


def test_the_key_of_the_filter_finds_it_wherever_it_is(qtbot: QtBot, opened: MainWindow) -> None:
    opened.resize(1024, 700)
    qtbot.waitUntil(lambda: opened.images.width() == 64)
    assert not opened.images.filter.isVisible()
    for before in (lambda: None, lambda: opened.trigger("view.images")):
        before()
        opened.canvas.setFocus()
        qtbot.keyClick(opened.canvas, Qt.Key.Key_Slash)
        qtbot.keyClicks(QApplication.focusWidget(), "p1")
        qtbot.waitUntil(lambda: names(opened) == ["p1.png"])
        assert opened.images.filter.isVisible()
        opened.images.filter.clear()


def test_esc_leaves_the_filter_and_return_goes_to_what_it_found(qtbot: QtBot, opened: MainWindow) -> None:
    opened.canvas.setFocus()
    for last, there, left in (
        (Qt.Key.Key_Escape, opened.canvas, 6),
        (Qt.Key.Key_Return, opened.images.view, 1),
    ):
        qtbot.keyClick(opened.canvas, Qt.Key.Key_Slash)
        qtbot.keyClicks(QApplication.focusWidget(), "p1")
        assert names(opened) == ["p1.png"]
        qtbot.keyClick(QApplication.focusWidget(), last)
        assert opened.focusWidget() is there and len(names(opened)) == left
    assert opened.model.project is not None and opened.model.project.item("p0.png").status != "verified"


def test_a_narrow_list_shows_thumbnails_only_in_a_window_of_any_size(qtbot: QtBot, opened: MainWindow) -> None:
    assert opened.images.filter.isVisible()
    opened.workbench.setSizes([80, 1000, 280])
    qtbot.waitUntil(lambda: not opened.images.filter.isVisible())
    opened.workbench.setSizes([240, 900, 280])
    qtbot.waitUntil(opened.images.filter.isVisible)


def test_groups_follow_the_states(qtbot: QtBot, opened: MainWindow) -> None:
    opened.trigger("mask.verify_next")
    at_rest(qtbot, opened)
    images = opened.images
    images.tabs.choose("verified")
    assert names(opened) == ["p0.png"]
    images.tabs.choose("todo")
    assert "p0.png" not in names(opened) and len(names(opened)) == 5
    qtbot.waitUntil(lambda: images.verified_text == "1 of 6 verified")


def test_every_order_is_legible(opened: MainWindow) -> None:
    sort = opened.images.sort
    option = QStyleOptionComboBox()
    sort.initStyleOption(option)
    field = sort.style().subControlRect(
        QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, sort
    )
    widest = max(sort.fontMetrics().horizontalAdvance(sort.itemText(row)) for row in range(sort.count()))
    assert widest <= field.width()


def test_order_by_change_brings_the_most_painted_first(qtbot: QtBot, opened: MainWindow) -> None:
    opened.model.select("p4.png")
    qtbot.waitUntil(lambda: opened.model.document is not None and opened.model.document.key == "p4.png")
    opened.model.apply_stroke(Stroke(Tool.BRUSH, 1, ((4.5, 4.5),), 2.0))
    opened.images.sort.setCurrentIndex(opened.images.sort.findData(Sort.CHANGED))
    assert names(opened)[0] == "p4.png"


def test_a_row_says_its_state_to_a_screen_reader(qtbot: QtBot, opened: MainWindow) -> None:
    opened.model.apply_stroke(Stroke(Tool.BRUSH, 1, ((4.5, 4.5),), 2.0))
    index = opened.images.rows.index_of("p0.png")
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "p0.png, Corrected · 1 stroke"


def test_choosing_a_row_opens_the_image(qtbot: QtBot, opened: MainWindow) -> None:
    view = opened.images.view
    index = opened.images.rows.index_of("p2.png")
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=view.visualRect(index).center())
    qtbot.waitUntil(lambda: opened.model.document is not None and opened.model.document.key == "p2.png")


def test_a_file_that_is_no_image_is_listed_with_its_reason(qtbot: QtBot, window: MainWindow, folder: Path) -> None:
    (folder / "p1.png").write_bytes(b"\x89PNG\r\n")
    window.model.open_folder(folder)
    qtbot.waitUntil(lambda: window.model.document is not None, timeout=10_000)
    window.model.select("p1.png")
    project = window.model.project
    assert project is not None
    qtbot.waitUntil(lambda: bool(project.item("p1.png").problem), timeout=10_000)
    window.images.tabs.choose("problems")
    assert names(window) == ["p1.png"]


def test_long_lists_are_shown_at_once(qtbot: QtBot, window: MainWindow) -> None:
    """Uniform rows: the view asks for what it shows, not for all."""
    assert window.images.view.uniformItemSizes()


class PaintedRows(QObject):
    """How many rows of a list each of its paint events covers."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__()
        self.view, self.counts = window.images.view, [0]
        self.view.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QPaintEvent):
            tops = range(0, self.view.viewport().height(), Height.IMAGE_ROW)
            self.counts.append(sum(event.region().intersects(QRect(0, y + 4, 40, 40)) for y in tops))
        return False


def test_another_image_repaints_its_rows_and_not_the_list(qtbot: QtBot, opened: MainWindow) -> None:
    at_rest(qtbot, opened)
    # Thumbnails come one after the other, but several may be painted together.
    qtbot.waitUntil(lambda: all(opened.model.thumbnail(key) is not None for key in names(opened)), timeout=10_000)
    QApplication.processEvents()
    rows = PaintedRows(opened)
    opened.model.select("p2.png")
    at_rest(qtbot, opened)
    qtbot.waitUntil(lambda: len(rows.counts) > 2)
    assert max(rows.counts) < opened.images.rows.rowCount() - 1
    shown = opened.images.view.currentIndex()
    assert opened.images.rows.item_at(shown).key == "p2.png"
    assert opened.images.view.selectionModel().isSelected(shown)


def test_a_name_with_a_line_break_stays_in_its_line(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    make_folder(tmp_path / "photos", 2)
    (tmp_path / "photos/p0.png").rename(tmp_path / "photos/new\nline.png")
    window.model.open_folder(tmp_path / "photos")
    qtbot.waitUntil(lambda: window.images.rows.rowCount() == 2, timeout=10_000)
    rows = window.images.rows
    assert rows.index_of("new\nline.png").data() == "new line.png"
    label = ElidedLabel("new\nline.png")
    qtbot.addWidget(label)
    label.resize(400, 20)
    assert label.text() == "new line.png" and label.full_text == "new\nline.png"


def test_where_there_is_no_room_the_icon_says_the_state_and_the_words_what_there_is_to_it(
    qtbot: QtBot, opened: MainWindow
) -> None:
    opened.trigger("mask.verify_next")
    at_rest(qtbot, opened)
    images = opened.images
    item = images.rows.item_at(images.rows.index_of("p0.png"))
    item.doubted_px = 1_234_567
    view, index = images.view, images.rows.index_of("p0.png")
    text = images.rows.state_text(item)
    assert text == "Verified · 1234567 px in doubt"
    row = view.visualRect(index)
    wide = view.viewport().grab(row).toImage()
    item.status = Status.CORRECTED  # the same words after it, so that but for the icon the row is the same
    assert images.rows.state_text(item) == "Corrected · 1234567 px in doubt"
    other = view.viewport().grab(row).toImage()
    words = QRect(row.width() // 2, row.height() // 2, row.width() // 2, row.height() // 2)
    assert wide.copy(words) == other.copy(words)
