"""Fine-tunes that begin by themselves: when, one at a time, with pause, resume and cancel, and never in the way."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from fcn_gui.core.checkpoint import Checkpoint
from fcn_gui.core.errors import LearningError
from fcn_gui.core.progress import Job, Progress
from fcn_gui.qt.job_board import JobStatus
from fcn_gui.qt.session_model import SessionModel
from fcn_gui.session.ports import FineTuneRequest
from tests.fakes.segmenter import WithoutRefit
from tests.unit.qt.test_session_model import Told, correct, open_folder, rest, the
from tests.unit.session.workshop import dab, photo

MakeModel = Callable[..., SessionModel]


class Endless(WithoutRefit):
    """Learns until it is told to end; `is_enough` lets it."""

    is_enough = threading.Event()

    def fine_tune(self, request: FineTuneRequest) -> Job[Checkpoint]:
        step = 0
        while not self.is_enough.is_set():
            step += 1
            time.sleep(0.002)  # steps of no time at all would pile up before a window that draws each of them
            yield Progress(step, 0, "Learning", {"loss": 1.0})
        return (yield from super().fine_tune(request))


class Hopeless(WithoutRefit):
    """Finds nothing to learn."""

    def fine_tune(self, request: FineTuneRequest) -> Job[Checkpoint]:
        yield Progress(text="Learning")
        raise LearningError("The loss is no longer a finite number.")


@pytest.fixture(autouse=True)
def not_enough() -> None:
    Endless.is_enough.clear()


def verify(qtbot: QtBot, model: SessionModel, number: int) -> None:
    correct(qtbot, model, f"p{number}.png", photo(number)[1], every=1)
    model.verify_and_next()


def is_learning(model: SessionModel) -> bool:
    return any(job.kind == "retrain" for job in model.jobs)


def learning(model: SessionModel) -> JobStatus:
    return next(job for job in model.jobs if job.kind == "retrain")


def look_again(qtbot: QtBot, model: SessionModel) -> None:
    """Let the network's thread answer something: what it did before is told by then."""
    with qtbot.waitSignal(model.job_ended, check_params_cb=lambda _, kind, how, text: kind == "predict"):
        model.repaint()


def numbers(model: SessionModel) -> list[int]:
    return [entry.number for entry in model.checkpoints]


def test_the_first_verified_image_starts_one_and_the_next_four_another(
    qtbot: QtBot, make_model: MakeModel, folder: Path
) -> None:
    model = make_model(WithoutRefit, retrain_after=4)
    open_folder(qtbot, model, folder)
    told = Told(model)
    verify(qtbot, model, 0)
    rest(qtbot, model)
    assert numbers(model) == [0, 1]
    assert model.checkpoints[1].is_waiting
    for number in (1, 2, 3):
        verify(qtbot, model, number)
        rest(qtbot, model)
        assert numbers(model) == [0, 1]
    assert model.checkpoints[1].is_live, "judged when there were three"
    verify(qtbot, model, 4)
    rest(qtbot, model)
    assert numbers(model) == [0, 1, 2]
    assert "Checkpoint 1 is live" in told.texts()
    assert "waits" not in told.texts()
    assert "refused" not in told.texts()


def test_a_stroke_is_answered_while_it_learns(qtbot: QtBot, make_model: MakeModel, folder: Path) -> None:
    model = make_model(Endless, retrain_after=4)
    open_folder(qtbot, model, folder)
    verify(qtbot, model, 0)
    qtbot.waitUntil(lambda: len(model.learning.losses) > 3)
    told = Told(model)
    steps = len(model.learning.losses)
    before = the(model).edition
    model.apply_stroke(dab(10.5, 10.5, 2))
    assert the(model).masked.mask[10, 10] == 2
    assert told.rects and the(model).edition > before
    for key in ("p3.png", "p5.png"):
        model.select(key)
        qtbot.waitUntil(lambda key=key: the(model).key == key and the(model).prediction is not None)
    qtbot.waitUntil(lambda: len(model.learning.losses) > steps)
    assert is_learning(model)


def test_it_pauses_and_goes_on_from_there(qtbot: QtBot, make_model: MakeModel, folder: Path) -> None:
    model = make_model(Endless, retrain_after=4)
    open_folder(qtbot, model, folder)
    verify(qtbot, model, 0)
    qtbot.waitUntil(lambda: len(model.learning.losses) > 3)
    model.pause_or_resume()
    assert learning(model).is_paused
    look_again(qtbot, model)
    steps = len(model.learning.losses)
    for number in (1, 2, 4, 5):
        verify(qtbot, model, number)
    look_again(qtbot, model)
    assert len(model.learning.losses) == steps, "nothing learns, and nothing else was begun"
    Endless.is_enough.set()
    model.pause_or_resume()
    assert not learning(model).is_paused
    qtbot.waitUntil(lambda: 1 in numbers(model))
    rest(qtbot, model)


def test_one_that_is_paused_can_be_cancelled_and_does_not_come_back_at_the_next_image(
    qtbot: QtBot, make_model: MakeModel, folder: Path
) -> None:
    model = make_model(Endless, retrain_after=4)
    open_folder(qtbot, model, folder)
    told = Told(model)
    verify(qtbot, model, 0)
    qtbot.waitUntil(lambda: len(model.learning.losses) > 3)
    model.pause_or_resume()
    model.cancel_job()
    qtbot.waitUntil(lambda: ("retrain", "cancelled") in told.ended)
    for number in (1, 2, 3):
        verify(qtbot, model, number)
        rest(qtbot, model)
        assert not model.is_retraining
    verify(qtbot, model, 4)
    qtbot.waitUntil(lambda: is_learning(model))
    assert numbers(model) == [0]


def test_what_it_could_not_learn_is_no_message_but_a_person_who_asks_is_told(
    qtbot: QtBot, make_model: MakeModel, folder: Path
) -> None:
    model = make_model(Hopeless, retrain_after=4)
    open_folder(qtbot, model, folder)
    told = Told(model)
    verify(qtbot, model, 0)
    qtbot.waitUntil(lambda: ("retrain", "failed") in told.ended)
    rest(qtbot, model)
    assert told.texts() == ""
    verify(qtbot, model, 1)
    rest(qtbot, model)
    assert told.ended.count(("retrain", "failed")) == 1
    model.retrain()
    qtbot.waitUntil(lambda: "no longer a finite number" in told.texts())


def test_closing_ends_it_and_the_next_verify_begins_it_again(qtbot: QtBot, make_model: MakeModel, folder: Path) -> None:
    model = make_model(Endless, retrain_after=4)
    open_folder(qtbot, model, folder)
    verify(qtbot, model, 0)
    qtbot.waitUntil(lambda: len(model.learning.losses) > 3)
    model.shutdown()
    again = make_model(Endless, retrain_after=4)
    open_folder(qtbot, again, folder, "p1.png")
    rest(qtbot, again)
    assert not again.is_retraining
    verify(qtbot, again, 1)
    qtbot.waitUntil(lambda: is_learning(again))
    again.pause_or_resume()
    again.shutdown()
    assert numbers(again) == []


def test_changing_the_classes_does_not_wait_for_what_nobody_asked_for(
    qtbot: QtBot, make_model: MakeModel, folder: Path
) -> None:
    model = make_model(Endless, retrain_after=4)
    open_folder(qtbot, model, folder)
    told = Told(model)
    verify(qtbot, model, 0)
    qtbot.waitUntil(lambda: len(model.learning.losses) > 3)
    with qtbot.waitSignal(model.relabelled):
        model.move_class(1, 2)
    qtbot.waitUntil(lambda: ("retrain", "cancelled") in told.ended)
    qtbot.waitUntil(lambda: is_learning(model))  # begun again with the classes of now
    assert "wait for its end" not in told.texts()


def test_a_checkpoint_put_live_by_hand_ends_it(qtbot: QtBot, make_model: MakeModel, folder: Path) -> None:
    model = make_model(Endless, retrain_after=0)
    Endless.is_enough.set()
    open_folder(qtbot, model, folder)
    for number in range(3):
        verify(qtbot, model, number)
    model.retrain()
    qtbot.waitUntil(lambda: any(entry.is_live and entry.number == 1 for entry in model.checkpoints))
    rest(qtbot, model)
    Endless.is_enough.clear()
    model.session.settings.set("learn.retrain_after", 1)
    verify(qtbot, model, 3)
    qtbot.waitUntil(lambda: is_learning(model))
    model.rollback()
    qtbot.waitUntil(lambda: any(entry.is_live and entry.number == 0 for entry in model.checkpoints))
    rest(qtbot, model)
    assert numbers(model) == [0, 1]
