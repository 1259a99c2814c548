"""While the hand rests the window solves what a verify would teach, so that the next image need not wait for it."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from fcn_gui.core.progress import Job
from fcn_gui.core.refit import Refit
from fcn_gui.session.engine import SegmenterFactory
from fcn_gui.session.ports import RefitRequest
from fcn_gui.widgets.main_window import MainWindow
from tests.fakes.segmenter import FakeSegmenter
from tests.gui.conftest import at_rest

ASKED: list[RefitRequest] = []


class Noting(FakeSegmenter):
    """Notes what it was asked to learn from."""

    def refit(self, request: RefitRequest) -> Job[Refit | None]:
        ASKED.append(request)
        return (yield from super().refit(request))


@pytest.fixture
def segmenter() -> SegmenterFactory:
    return Noting


@pytest.fixture(autouse=True)
def nothing_asked() -> Iterator[None]:
    ASKED.clear()
    yield
    ASKED.clear()


def states(request: RefitRequest) -> list[tuple[str, str]]:
    return [(image.key, image.version) for image in request.images]


def dab(window: MainWindow, x: int) -> None:
    place = window.canvas.rect().center()
    QTest.mouseClick(window.canvas, Qt.MouseButton.LeftButton, pos=QPoint(place.x() + x, place.y()))


def wait_for_ahead(qtbot: QtBot, window: MainWindow) -> RefitRequest:
    qtbot.waitUntil(lambda: bool(ASKED) and ASKED[-1].is_ahead, timeout=10_000)
    at_rest(qtbot, window)
    return ASKED[-1]


def test_a_verify_asks_for_what_was_solved_while_the_hand_rested(qtbot: QtBot, opened: MainWindow) -> None:
    dab(opened, 0)
    dab(opened, 40)
    ahead = wait_for_ahead(qtbot, opened)
    assert ahead.is_thorough
    qtbot.keyClick(opened.canvas, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not ASKED[-1].is_ahead and ASKED[-1].is_thorough, timeout=10_000)
    assert states(ASKED[-1]) == states(ahead)


def test_a_stroke_is_followed_by_another_look_forward(qtbot: QtBot, opened: MainWindow) -> None:
    dab(opened, 0)
    first = states(wait_for_ahead(qtbot, opened))
    ASKED.clear()
    dab(opened, 40)
    assert states(wait_for_ahead(qtbot, opened)) != first


def test_an_image_that_needs_no_stroke_is_looked_forward_to_as_well(qtbot: QtBot, opened: MainWindow) -> None:
    key = opened.model.document.key if opened.model.document else ""
    assert [image.key for image in wait_for_ahead(qtbot, opened).images] == [key]
    assert opened.model.project is not None
    assert opened.model.project.item(key).held_out is None, "nothing was vouched for"
