"""A session model over a folder of coloured squares; shut down, with all its threads, when the test ends."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from fcn_gui.qt.session_model import SessionModel
from tests.fakes.segmenter import FakeSegmenter, WithoutRefit
from tests.unit.session.workshop import make_folder, new_session

MakeModel = Callable[..., SessionModel]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_folder(tmp_path / "photos", 6)


@pytest.fixture
def make_model(tmp_path: Path, qtbot: QtBot) -> Iterator[MakeModel]:
    made: list[SessionModel] = []

    def make(factory: Callable[[], FakeSegmenter] = FakeSegmenter, retrain_after: int = 0) -> SessionModel:
        """Nothing is learned by itself but where a test wants that."""
        session = new_session(tmp_path / "scratch")
        session.settings.set("learn.retrain_after", retrain_after)
        made.append(SessionModel(session, factory))
        return made[-1]

    yield make
    for model in made:
        model.shutdown()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("fcn-gui")]


@pytest.fixture
def model(make_model: MakeModel) -> SessionModel:
    return make_model()


@pytest.fixture
def model_without_refit(make_model: MakeModel) -> SessionModel:
    """By colour a refit knows at once all that there is to learn, and a fine-tune could not be better."""
    return make_model(WithoutRefit)
