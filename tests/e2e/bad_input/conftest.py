"""A desk with a window and folders of photographs on it; all threads are gone when the test ends."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.e2e.desk import ByColour, Desk
from tests.unit.session.workshop import make_folder

MakeDesk = Callable[..., Desk]


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Four good photographs p0.png … p3.png of 24×32."""
    return make_folder(tmp_path / "photos", 4)


@pytest.fixture
def make_desk(qtbot: QtBot, tmp_path: Path) -> Iterator[MakeDesk]:
    desks: list[Desk] = []

    def make(factory: Callable[[], object] = ByColour, home: Path | None = None) -> Desk:
        desks.append(Desk(qtbot, home or tmp_path / "home", factory))  # type: ignore[arg-type]
        return desks[-1]

    yield make
    for desk in desks:
        desk.close()


@pytest.fixture
def desk(make_desk: MakeDesk) -> Desk:
    return make_desk()
