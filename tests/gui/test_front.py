"""The window between its first paint and the moment when the rest has joined it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from fcn_gui.disk.user_data import UserData
from fcn_gui.qt.session_model import SessionModel
from fcn_gui.qt.view_state import ViewState
from fcn_gui.session.messages import Message
from fcn_gui.session.session import Session
from fcn_gui.widgets.action_rows import ACTIONS
from fcn_gui.widgets.appearance import Appearance
from fcn_gui.widgets.interior import Interior
from fcn_gui.widgets.main_window import MainWindow
from fcn_gui.widgets.recent_row import RecentRow
from fcn_gui.widgets.theme import LIGHT
from tests.fakes.segmenter import FakeSegmenter
from tests.unit.session.workshop import new_session


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return new_session(tmp_path / "scratch")


@pytest.fixture
def front(
    qtbot: QtBot, tmp_path: Path, folder: Path, appearance: Appearance, session: Session, user_data: UserData
) -> Iterator[MainWindow]:
    """A window that shows and has no interior; `folder` is among the recent ones."""
    user_data.remember_folder(folder)
    made = MainWindow(appearance, session.settings, user_data, tmp_path / "sample")
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.close()
    made.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def join(qtbot: QtBot, front: MainWindow, session: Session) -> Iterator[Interior]:
    """Not joined until the test says `front.join(join)`."""
    model = SessionModel(session, FakeSegmenter)
    yield Interior(front.front, model, ViewState(session.settings), front.memory)
    model.shutdown()


def what_can_be_used(window: MainWindow) -> dict[str, tuple[bool, str]]:
    actions = window.actions_set
    return {row.id: (actions.action(row.id).isEnabled(), actions.reason(row.id)) for row in ACTIONS}


def test_it_paints_without_an_interior_and_says_so_once(qtbot: QtBot, front: MainWindow) -> None:
    told: list[bool] = []
    front.first_painted.connect(lambda: told.append(True))
    qtbot.waitUntil(lambda: bool(told))
    front.repaint()
    QApplication.processEvents()
    assert told == [True]
    with pytest.raises(RuntimeError, match="no interior"):
        front.model  # noqa: B018


def test_joining_changes_nothing_that_can_be_used_or_seen(
    qtbot: QtBot, front: MainWindow, request: pytest.FixtureRequest
) -> None:
    front.welcome.start.hide()  # it names the checkpoint of new folders, which is read from its file after the join
    usable, seen = what_can_be_used(front), front.grab().toImage()
    front.join(request.getfixturevalue("join"))
    front.interior.bench  # noqa: B018
    QApplication.processEvents()
    assert what_can_be_used(front) == usable
    assert front.grab().toImage() == seen


def test_a_key_pressed_too_early_is_not_lost(front: MainWindow, join: Interior) -> None:
    front.actions_set.action("view.theme_light").trigger()
    assert front.appearance.theme is not LIGHT
    front.join(join)
    assert front.appearance.theme is LIGHT


def test_a_recent_folder_clicked_too_early_opens(
    qtbot: QtBot, front: MainWindow, folder: Path, request: pytest.FixtureRequest
) -> None:
    row = front.welcome.findChild(RecentRow)
    assert row is not None
    qtbot.mouseClick(row, Qt.MouseButton.LeftButton)
    front.join(request.getfixturevalue("join"))
    qtbot.waitUntil(lambda: front.model.folder == folder, timeout=10_000)
    assert front.pages.currentWidget() is front.workbench


def test_a_folder_dropped_too_early_opens(qtbot: QtBot, front: MainWindow, folder: Path, join: Interior) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(folder))])
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    front.dropEvent(QDropEvent(QPointF(QPoint(500, 400)), Qt.DropAction.CopyAction, data, left, none))
    front.join(join)
    qtbot.waitUntil(lambda: front.model.folder == folder, timeout=10_000)


def test_a_message_shows_at_once_and_its_button_works_later(front: MainWindow, join: Interior) -> None:
    front.show_message(Message("warn", "Something is odd.", (("Light", "view.theme_light"),)))
    bar = front.front.messages
    assert bar.isVisible() and bar.current is not None
    next(b for b in bar.findChildren(QPushButton) if b.text() == "Light").click()
    front.join(join)
    assert front.appearance.theme is LIGHT


def test_it_can_be_closed_before_the_rest_has_joined(front: MainWindow) -> None:
    assert front.close() and not front.isVisible()
