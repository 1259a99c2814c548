"""The window learns by itself: one image verified by key, and a receipt comes; the hand is never kept waiting."""

import threading

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from fcn_gui.core.checkpoint import Checkpoint
from fcn_gui.core.progress import Job, Progress
from fcn_gui.session.engine import SegmenterFactory
from fcn_gui.session.messages import became_live, can_go_back
from fcn_gui.session.ports import FineTuneRequest
from fcn_gui.widgets.main_window import MainWindow
from tests.fakes.segmenter import WithoutRefit
from tests.gui.conftest import at_rest
from tests.unit.session.workshop import corrections, photo

IS_ENOUGH = threading.Event()


class Patient(WithoutRefit):
    """Learns step after step until it is allowed to end."""

    def fine_tune(self, request: FineTuneRequest) -> Job[Checkpoint]:
        step = 0
        while not IS_ENOUGH.wait(0.01):  # as long as a step of a small network takes
            step += 1
            yield Progress(step, 0, "Learning", {"loss": 1.0})
        return (yield from super().fine_tune(request))


@pytest.fixture
def segmenter() -> SegmenterFactory:
    return Patient


@pytest.fixture(autouse=True)
def learning_by_itself() -> None:
    IS_ENOUGH.clear()


def texts(widget: QWidget) -> str:
    return " | ".join(label.text() for label in widget.findChildren(QLabel) if label.isVisible())


def verify(qtbot: QtBot, window: MainWindow, number: int) -> None:
    """Paint all of an image and press Return."""
    model, key = window.model, f"p{number}.png"
    model.select(key)
    qtbot.waitUntil(lambda: model.document is not None and model.document.key == key)
    for stroke in corrections(photo(number)[1], every=1):
        model.apply_stroke(stroke)
    qtbot.keyClick(window.canvas, Qt.Key.Key_Return)


def test_one_image_verified_by_key_ends_in_a_receipt(qtbot: QtBot, opened: MainWindow) -> None:
    opened.settings.set("learn.retrain_after", 4)
    IS_ENOUGH.set()
    verify(qtbot, opened, 0)
    qtbot.waitUntil(lambda: len(opened.model.checkpoints) == 2, timeout=20_000)
    at_rest(qtbot, opened)
    assert opened.model.checkpoints[1].receipt["waiting"]
    assert opened.messages.current is None, "of what nobody asked for only the panel tells"
    assert "Receipt of checkpoint 1" in texts(opened.learning)


def test_a_stroke_while_it_learns_is_there_at_once(qtbot: QtBot, opened: MainWindow) -> None:
    opened.settings.set("learn.retrain_after", 4)
    model = opened.model
    verify(qtbot, opened, 0)
    qtbot.waitUntil(lambda: len(model.learning.losses) > 3 and model.document is not None)
    opened.view.choose_label(2)
    assert opened.canvas.stage is not None and model.document is not None
    x, y = opened.canvas.stage.viewport.to_screen((12.5, 10.5))
    QTest.mouseClick(opened.canvas, Qt.MouseButton.LeftButton, pos=QPoint(round(x), round(y)))
    assert model.document.masked.mask[10, 12] == 2
    assert model.document.masked.vouch[10, 12]
    assert model.is_retraining
    steps = len(model.learning.losses)
    qtbot.waitUntil(lambda: len(model.learning.losses) > steps)


def test_pause_resume_and_cancel_by_key_and_the_status_bar_says_so(qtbot: QtBot, opened: MainWindow) -> None:
    opened.settings.set("learn.retrain_after", 4)
    model, strip = opened.model, opened.status.job
    assert opened.actions_set.reason("learn.pause") == "no fine-tune is running"
    verify(qtbot, opened, 0)
    qtbot.waitUntil(lambda: len(model.learning.losses) > 3)
    qtbot.waitUntil(opened.actions_set.action("learn.pause").isEnabled)
    qtbot.keyClick(opened.canvas, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: strip.isVisible() and ", paused" in texts(opened.status))
    assert ", paused" in texts(opened.learning)
    model.repaint()
    qtbot.waitUntil(lambda: [job.kind for job in model.jobs] == ["retrain"])
    assert strip.isVisible(), "what is paused is shown again when something shorter has ended"
    qtbot.mouseClick(strip.pause, Qt.MouseButton.LeftButton)
    steps = len(model.learning.losses)
    qtbot.waitUntil(lambda: len(model.learning.losses) > steps)
    qtbot.keyClick(opened.canvas, Qt.Key.Key_Period, Qt.KeyboardModifier.ControlModifier)
    at_rest(qtbot, opened)
    assert [entry.number for entry in model.checkpoints] == [0]
    assert not strip.isVisible()


def test_one_that_goes_live_says_how_to_go_back(qtbot: QtBot, opened: MainWindow) -> None:
    opened.settings.set("learn.retrain_after", 4)
    IS_ENOUGH.set()
    for number in range(3):
        verify(qtbot, opened, number)
        at_rest(qtbot, opened)
    assert opened.messages.current is not None
    assert "Checkpoint 1 is live" in opened.messages.current.text
    words = [button.text() for button in opened.messages.findChildren(QPushButton) if button.isVisible()]
    assert words[0].startswith("Go back (") and words[0].endswith("R)")
    qtbot.keyClick(opened.canvas, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    at_rest(qtbot, opened)
    assert [entry.number for entry in opened.model.checkpoints if entry.is_live] == [0]


def test_the_words_of_a_success_fit_the_bar(opened: MainWindow) -> None:
    opened.show_message(can_go_back(became_live(3, 0.712, 0.748, "4 folds of 7 verified images", "id")))
    assert opened.messages.width() <= opened.canvas.width()
