"""Masks from elsewhere, brought in by the action of the menu: proposals in the open image and in the others."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog, QLabel
from pytestqt.qtbot import QtBot

from fcn_gui.session.project import Status
from fcn_gui.widgets.main_window import MainWindow
from tests.gui.conftest import at_rest
from tests.unit.session.test_importing import ALL_TREE, put
from tests.unit.session.workshop import dab


@pytest.fixture
def masks(tmp_path: Path) -> Path:
    """For p0…p4 of six photographs, all of it tree; p5 has none, and p4's is of another size."""
    for number in range(5):
        put(tmp_path / "from elsewhere" / f"p{number}.png", ALL_TREE)
    put(tmp_path / "from elsewhere" / "p4.png", ALL_TREE[:10, :20])
    return tmp_path / "from elsewhere"


def bring_in(qtbot: QtBot, window: MainWindow, source: Path | str, monkeypatch: pytest.MonkeyPatch) -> None:
    """File > Import masks…, a folder chosen, the end awaited."""
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(source))
    window.trigger("file.import_masks")
    qtbot.waitUntil(lambda: not window.model.is_busy, timeout=20_000)


def show(qtbot: QtBot, window: MainWindow, key: str) -> np.ndarray:
    window.model.select(key)
    qtbot.waitUntil(lambda: window.model.document is not None and window.model.document.key == key, timeout=10_000)
    at_rest(qtbot, window)
    assert window.model.document is not None
    return window.model.document.masked.mask


def texts(window: MainWindow) -> list[str]:
    return [entry.text for entry in window.messages.history]


def test_masks_of_a_folder_become_proposals_and_what_was_refused_is_told(
    qtbot: QtBot, opened: MainWindow, masks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened.model.apply_stroke(dab(10, 10, label=1))
    at_rest(qtbot, opened)
    document = opened.model.document
    assert document is not None
    vouched = document.masked.vouch > 0
    bring_in(qtbot, opened, masks, monkeypatch)
    assert (document.masked.mask[~vouched] == 2).all()
    assert (document.masked.mask[vouched] == 1).all()
    said = texts(opened)[-1]
    assert said.startswith("4 masks imported as proposals; 1 refused: p4.png is 20 × 10 pixels, its image 32 × 24")
    for key in ("p1.png", "p2.png", "p3.png"):
        assert (show(qtbot, opened, key) == 2).all(), key
    for key in ("p4.png", "p5.png"):
        assert (show(qtbot, opened, key) != 2).any(), key
    project = opened.model.project
    assert project is not None
    assert not any(item.status is Status.VERIFIED for item in project.items)


def test_the_import_shows_after_the_window_was_closed_until_r_is_pressed(
    qtbot: QtBot, opened: MainWindow, masks: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring_in(qtbot, opened, masks, monkeypatch)
    opened.model.close_project()
    opened.model.open_folder(folder)
    qtbot.waitUntil(lambda: opened.model.document is not None, timeout=10_000)
    at_rest(qtbot, opened)
    for key in ("p1.png", "p0.png"):
        assert (show(qtbot, opened, key) == 2).all(), key
    opened.refresh()
    opened.canvas.setFocus()
    qtbot.keyClick(opened.canvas, Qt.Key.Key_R)
    document = opened.model.document
    assert document is not None
    qtbot.waitUntil(lambda: bool((document.masked.mask != 2).any()), timeout=10_000)
    at_rest(qtbot, opened)
    assert (show(qtbot, opened, "p1.png") == 2).all(), "the others keep theirs"


def test_nothing_happens_where_no_folder_is_chosen(
    qtbot: QtBot, opened: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = texts(opened)
    bring_in(qtbot, opened, "", monkeypatch)
    assert texts(opened) == before


def test_a_folder_in_which_nothing_fits_says_so(
    qtbot: QtBot, opened: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / "others" / "holiday.png", ALL_TREE)
    bring_in(qtbot, opened, tmp_path / "others", monkeypatch)
    assert texts(opened)[-1].startswith("No photo here has a mask in others")


def test_a_cancelled_import_keeps_what_is_in(
    qtbot: QtBot, opened: MainWindow, masks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened.model.item_changed.connect(lambda _key: opened.model.cancel_job())
    bring_in(qtbot, opened, masks, monkeypatch)
    project = opened.model.project
    assert project is not None
    count = sum(item.is_imported for item in project.items)
    noun = "mask" if count == 1 else "masks"
    assert count >= 1
    assert texts(opened)[-1].startswith((f"Cancelled: {count} {noun}", f"{count} {noun}")), "it may have been quicker"


def test_it_waits_for_photos_and_classes(qtbot: QtBot, window: MainWindow) -> None:
    action = window.actions_set.action("file.import_masks")
    assert not action.isEnabled()


def test_classes_and_a_second_import_wait_for_the_end(qtbot: QtBot, opened: MainWindow, masks: Path) -> None:
    told: list[str] = []
    opened.model.message_posted.connect(lambda message: told.append(message.text))
    opened.model.import_masks(masks)
    opened.model.remove_class(1, 0)
    opened.model.import_masks(masks)
    assert "wait for its end or cancel it, then change the classes" in told[0]
    assert told[1] == "Masks are being imported: wait for the end, or cancel it."
    at_rest(qtbot, opened)
    assert told[2].startswith("4 masks imported")
    assert opened.model.label_map is not None
    assert opened.model.label_map.names == ("background", "cow", "tree")


def test_the_folder_can_be_closed_meanwhile(qtbot: QtBot, opened: MainWindow, masks: Path, folder: Path) -> None:
    opened.model.import_masks(masks)
    opened.model.open_folder(folder)
    qtbot.waitUntil(lambda: opened.model.document is not None, timeout=10_000)
    at_rest(qtbot, opened)
    assert not opened.model.jobs


def test_the_list_says_which_masks_were_imported(
    qtbot: QtBot, opened: MainWindow, masks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def said(key: str, role: Qt.ItemDataRole = Qt.ItemDataRole.AccessibleTextRole) -> str:
        return str(opened.images.rows.index_of(key).data(role))

    def row_of(key: str) -> QImage:
        view = opened.images.view
        return view.viewport().grab(view.visualRect(opened.images.rows.index_of(key))).toImage()

    show(qtbot, opened, "p5.png")
    show(qtbot, opened, "p0.png")
    before = row_of("p0.png")
    bring_in(qtbot, opened, masks, monkeypatch)
    assert said("p0.png") == "p0.png, Imported" and said("p1.png") == "p1.png, Imported"
    assert "stays until you repaint" in said("p0.png", Qt.ItemDataRole.ToolTipRole)
    assert said("p5.png") == "p5.png, Predicted"
    assert row_of("p0.png") != before
    opened.model.apply_stroke(dab(10, 10, label=1))
    qtbot.waitUntil(lambda: said("p0.png") == "p0.png, Corrected · 1 stroke, imported mask")
    opened.trigger("learn.repaint")
    qtbot.waitUntil(lambda: said("p0.png") == "p0.png, Corrected · 1 stroke", timeout=10_000)
    assert "stays until" not in said("p0.png", Qt.ItemDataRole.ToolTipRole)


def test_the_status_bar_says_of_imported_masks_what_they_are_until_they_are_verified_or_repainted(
    qtbot: QtBot, opened: MainWindow, masks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def bottom() -> str:
        return " ".join(label.text() for label in opened.status.findChildren(QLabel) if label.isVisible())

    bring_in(qtbot, opened, masks, monkeypatch)
    show(qtbot, opened, "p1.png")
    qtbot.waitUntil(lambda: "Imported mask" in bottom())
    opened.trigger("mask.verify_next")
    qtbot.waitUntil(lambda: opened.model.document is not None and opened.model.document.key == "p2.png")
    at_rest(qtbot, opened)
    opened.model.close_project()
    opened.model.open_folder(masks.parent / "photos")
    qtbot.waitUntil(lambda: opened.model.document is not None, timeout=10_000)
    show(qtbot, opened, "p2.png")
    qtbot.waitUntil(lambda: "Imported mask" in bottom())
    assert "Imported mask" in bottom(), "a refit that left the image alone takes nothing back"
    show(qtbot, opened, "p1.png")
    assert "Imported mask" not in bottom()
    show(qtbot, opened, "p2.png")
    assert "Imported mask" in bottom(), "also of an image that was in memory still"
    opened.trigger("learn.repaint")
    qtbot.waitUntil(lambda: "Imported mask" not in bottom(), timeout=10_000)
