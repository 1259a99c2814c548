"""A whole window over a folder of coloured squares; no torch, nothing of the user's own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from fcn_gui.core.settings import Settings
from fcn_gui.disk.bundled import icons_dir
from fcn_gui.disk.user_data import UserData
from fcn_gui.qt.session_model import SessionModel
from fcn_gui.qt.view_state import ViewState
from fcn_gui.session.engine import SegmenterFactory
from fcn_gui.widgets.appearance import Appearance
from fcn_gui.widgets.icons import IconStore
from fcn_gui.widgets.interior import Interior
from fcn_gui.widgets.main_window import MainWindow
from tests.fakes.segmenter import FakeSegmenter
from tests.unit.session.workshop import MAP, make_folder, new_session


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_folder(tmp_path / "photos", 6)


@pytest.fixture
def user_data(tmp_path: Path) -> UserData:
    return UserData(tmp_path / "config", tmp_path / "data", tmp_path / "log")


@pytest.fixture(scope="session")
def only_appearance(qapp: QApplication) -> Appearance:
    """Style and stylesheet belong to the application, of which a test run has one."""
    return Appearance(qapp, IconStore(icons_dir()), "dark")


@pytest.fixture
def appearance(only_appearance: Appearance) -> Appearance:
    only_appearance.set_preference("dark")
    return only_appearance


MakeWindow = Callable[[], MainWindow]


@pytest.fixture
def segmenter() -> SegmenterFactory:
    """What answers in the window."""
    return FakeSegmenter


@pytest.fixture
def make_window(
    qtbot: QtBot, tmp_path: Path, appearance: Appearance, user_data: UserData, segmenter: SegmenterFactory
) -> Iterator[Callable[[], MainWindow]]:
    """Another start of the program, as far as the window goes: not shown yet."""
    made: list[MainWindow] = []

    def make() -> MainWindow:
        session = new_session(tmp_path / "scratch")
        settings: Settings = session.settings
        settings.set("learn.retrain_after", 0)  # nothing is learned by itself but where a test wants that
        for name, value in user_data.load_settings().items():
            settings.set(name, value)
        model = SessionModel(session, segmenter)
        window = MainWindow(appearance, settings, user_data, tmp_path / "sample")
        window.join(Interior(window.front, model, ViewState(settings), window.memory))
        made.append(window)
        return window

    yield make
    for window in made:
        window.close()
        window.model.shutdown()
        window.deleteLater()
    # Without an event loop running nothing else would delete it, and every window watches the keys of all.
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def window(qtbot: QtBot, make_window: MakeWindow) -> MainWindow:
    made = make_window()
    made.resize(1440, 900)
    made.show()
    qtbot.waitExposed(made)
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    return made


@pytest.fixture
def opened(qtbot: QtBot, window: MainWindow, folder: Path) -> MainWindow:
    """The window with the folder open, classes chosen, the first image predicted, everything at rest."""
    model = window.model
    model.open_folder(folder)
    qtbot.waitUntil(lambda: model.document is not None, timeout=10_000)
    window.label_map_bar.hide()
    model.choose_label_map(MAP)
    at_rest(qtbot, window)
    window.refresh()
    return window


def at_rest(qtbot: QtBot, window: MainWindow) -> None:
    """Wait until nothing runs and the open image has its prediction."""

    def is_quiet() -> bool:
        document = window.model.document
        return not window.model.is_busy and document is not None and document.prediction is not None

    qtbot.waitUntil(is_quiet, timeout=20_000)
