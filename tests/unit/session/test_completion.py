"""A stroke completed: what the segmenter holds to be meant follows, stays unvouched, and goes with the stroke."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from fcn_gui.core.raster import VOID, Inside
from fcn_gui.core.surroundings import Surroundings
from fcn_gui.session import headless
from fcn_gui.session.engine import Engine
from fcn_gui.session.session import Session
from tests.fakes.segmenter import FakeSegmenter
from tests.unit.session.workshop import MAP, dab, make_folder, new_session

ROW = 20
"""Of the image, far from all strokes of these tests: what completes them."""


class Completing(FakeSegmenter):
    """Every stroke means a row of the image as well, vouched for or not."""

    asked: list[Surroundings]

    def complete(self, around: Surroundings, name: str) -> Inside | None:
        self.asked = [*getattr(self, "asked", []), around]
        found = np.zeros(around.shown.shape, bool)
        found[ROW] = True
        return found


@contextmanager
def at_work(folder: Path, scratch: Path) -> Iterator[tuple[Session, Engine, Completing]]:
    segmenter = Completing()
    engine = Engine(lambda: segmenter)
    with headless.opened(new_session(scratch), folder, label_map=MAP) as session:
        headless.show(session, "p0.png", engine)
        yield session, engine, segmenter


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_folder(tmp_path / "photos", 2)


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    return tmp_path / "scratch"


def masks(session: Session) -> tuple[np.ndarray, np.ndarray]:
    assert session.document is not None
    return session.document.masked.mask.copy(), session.document.masked.vouch.copy()


def test_what_a_stroke_meant_as_well_shows_its_class_and_is_not_vouched_for(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, engine, segmenter):
        before = masks(session)[0]
        session.apply_stroke(dab(5, 5, 2))
        change = headless.refit(session, engine)
        mask, vouch = masks(session)
        assert np.all(mask[ROW] == 2)
        assert not vouch[ROW].any()
        assert change.rect is not None
        assert "Completed" in change.said
        (around,) = segmenter.asked
        assert around.label == 2
        assert np.array_equal(around.stroke, vouch > 0)
        assert set(around.replaced) == set(np.unique(before[(before != around.shown)]))


def test_undo_takes_both_back_at_once_and_says_where(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, engine, _):
        before, _ = masks(session)
        session.apply_stroke(dab(5, 5, 2))
        headless.refit(session, engine)
        change = session.undo()
        assert np.array_equal(masks(session)[0], before)
        assert change.rect is not None
        assert change.rect.y1 == ROW + 1


def test_undo_of_an_earlier_stroke_takes_back_what_completed_that_one(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, engine, _):
        before, _ = masks(session)
        session.apply_stroke(dab(5, 5, 2))
        headless.refit(session, engine)
        session.apply_stroke(dab(12, 5, 0))
        headless.refit(session, engine)
        assert np.all(masks(session)[0][ROW] == 0)
        session.undo()
        assert np.all(masks(session)[0][ROW] == 2)
        session.undo()
        assert np.array_equal(masks(session)[0], before)


def test_what_a_person_said_is_never_touched(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, engine, _):
        session.apply_stroke(dab(4, ROW + 0.5, 1, radius=3))
        headless.refit(session, engine)
        mask, vouch = masks(session)
        said = vouch > 0
        session.apply_stroke(dab(5, 5, 2))
        headless.refit(session, engine)
        after, vouch_after = masks(session)
        assert np.array_equal(after[said], mask[said])
        assert np.array_equal(vouch_after[said], vouch[said])
        session.undo()
        assert np.array_equal(masks(session)[0][said], mask[said])


def test_a_pixel_painted_over_since_stays_as_it_was_painted(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, engine, _):
        session.apply_stroke(dab(5, 5, 2))
        headless.refit(session, engine)
        session.settings.set("learn.complete_strokes", False)
        session.apply_stroke(dab(16, ROW + 0.5, 0, radius=3))
        headless.refit(session, engine)
        mask, vouch = masks(session)
        session.undo()
        session.redo()
        assert np.array_equal(masks(session)[0], mask)
        assert np.array_equal(masks(session)[1], vouch)


def test_it_can_be_switched_off(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, engine, segmenter):
        session.settings.set("learn.complete_strokes", False)
        session.apply_stroke(dab(5, 5, 2))
        headless.refit(session, engine)
        assert not hasattr(segmenter, "asked")


def test_only_a_stroke_that_changes_labels_is_completed(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, engine, segmenter):
        session.apply_stroke(dab(5, 5, VOID))
        headless.refit(session, engine)
        session.apply_stroke(dab(5, 5, None, erase=True))
        headless.refit(session, engine)
        session.accept_class(0)
        headless.refit(session, engine)
        headless.refit(session, engine)
        session.verify()
        headless.refit(session, engine)
        assert not hasattr(segmenter, "asked")


def test_a_stroke_is_completed_once(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, engine, segmenter):
        session.apply_stroke(dab(5, 5, 2))
        for _ in range(3):
            headless.refit(session, engine)
        assert len(segmenter.asked) == 1
