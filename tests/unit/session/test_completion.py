"""A stroke completed: what the segmenter holds to be meant follows, stays unvouched, and goes with the stroke."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from fcn_gui.core.annotation_cost import correction
from fcn_gui.core.progress import run_to_end
from fcn_gui.core.raster import VOID, Inside
from fcn_gui.core.surroundings import Boldness, Surroundings
from fcn_gui.session import headless
from fcn_gui.session.completions import CompletedStrokes
from fcn_gui.session.engine import Engine
from fcn_gui.session.proposal import StartCosts
from fcn_gui.session.session import Session
from tests.fakes.segmenter import FakeSegmenter
from tests.unit.session import workshop
from tests.unit.session.workshop import dab, make_folder

ROW = 20
"""Of the image, far from all strokes of these tests: what completes them."""


class Completing(FakeSegmenter):
    """Every stroke means a row of the image as well, vouched for or not."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[Surroundings] = []
        self.boldness: list[Boldness] = []

    def complete(self, around: Surroundings, name: str, boldness: Boldness = Boldness.USUAL) -> Inside | None:
        self.asked.append(around)
        self.boldness.append(boldness)
        found = np.zeros(around.shown.shape, bool)
        found[ROW] = True
        return found


@contextmanager
def at_work(folder: Path, scratch: Path) -> Iterator[tuple[Session, Engine, Completing]]:
    segmenter = Completing()
    with workshop.at_work(folder, scratch, segmenter=lambda: segmenter) as (session, engine):
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


def test_redo_brings_both_again(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, engine, _):
        session.apply_stroke(dab(5, 5, 2))
        headless.refit(session, engine)
        done = masks(session)
        for _ in range(2):
            session.undo()
            assert not np.all(masks(session)[0][ROW] == 2)
            change = session.redo()
            assert change.rect is not None
            assert change.rect.y1 == ROW + 1
            assert all(np.array_equal(*pair) for pair in zip(masks(session), done, strict=True))


def test_after_another_stroke_nothing_of_the_one_taken_back_comes_again(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, engine, _):
        session.apply_stroke(dab(5, 5, 2))
        headless.refit(session, engine)
        session.undo()
        session.settings.set("learn.complete_strokes", False)
        session.apply_stroke(dab(12, 5, 1))
        headless.refit(session, engine)
        done = masks(session)
        session.undo()
        session.redo()
        assert all(np.array_equal(*pair) for pair in zip(masks(session), done, strict=True))
        assert not np.all(done[0][ROW] == 2)


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


@pytest.mark.parametrize(("setting", "value"), [("learn.complete_strokes", False), ("learn.repaint", "never")])
def test_it_can_be_switched_off(folder: Path, scratch: Path, setting: str, value: bool | str) -> None:
    with at_work(folder, scratch) as (session, engine, segmenter):
        session.settings.set(setting, value)
        session.apply_stroke(dab(5, 5, 2))
        headless.refit(session, engine)
        assert not segmenter.asked


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
        assert not segmenter.asked


def test_a_stroke_is_completed_once(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, engine, segmenter):
        session.apply_stroke(dab(5, 5, 2))
        for _ in range(3):
            headless.refit(session, engine)
        assert len(segmenter.asked) == 1


@pytest.mark.parametrize("cheapest", Boldness)
def test_strokes_are_completed_as_boldly_as_was_cheapest(folder: Path, scratch: Path, cheapest: Boldness) -> None:
    with at_work(folder, scratch) as (session, engine, segmenter):
        session.start_costs.add(judged(**{cheapest.name: 20.0}), is_of_refit=False)
        session.apply_stroke(dab(5, 5, 2))
        headless.refit(session, engine)
        assert segmenter.boldness == ([] if cheapest is Boldness.NEVER else [cheapest])


def judged(**seconds: float) -> dict[str, float]:
    """What a finished image would have cost where 30 s are not said otherwise."""
    return {f"completed: {each.name.lower()}": seconds.get(each.name, 30.0) for each in Boldness}


@pytest.mark.parametrize(
    ("rows", "boldness"),
    [
        ([], Boldness.USUAL),
        ([judged()], Boldness.USUAL),
        ([judged(BOLD=29.2)], Boldness.USUAL),
        ([judged(BOLD=29.0)], Boldness.BOLD),
        ([judged(BOLD=29.0), judged(BOLD=40.0)], Boldness.USUAL),
        ([{"raw": 1.0}], Boldness.USUAL),
        ([judged(NEVER=20.0), {"raw": 1.0}], Boldness.NEVER),
    ],
)
def test_another_boldness_is_taken_where_it_saved_enough(rows: list[dict[str, float]], boldness: Boldness) -> None:
    costs = StartCosts()
    for number, row in enumerate(rows):
        costs.add(row, is_of_refit=bool(number % 2))
    assert costs.boldness() is boldness
    assert StartCosts(json.loads(json.dumps(costs.kept()))).boldness() is boldness


def test_a_blank_mask_costs_less_where_strokes_are_completed() -> None:
    truth = np.zeros((60, 80), np.uint8)
    truth[10:50, 20:60] = 1
    truth[10:14, 56:76] = 1
    image = np.zeros((60, 80, 3), np.uint8)
    asked = []

    def complete(around: Surroundings) -> Inside:
        asked.append(around)
        return (truth == around.label) & around.replaceable()

    def cost(follow: CompletedStrokes | None) -> float:
        return run_to_end(correction(np.zeros_like(truth), truth, follow=follow)).seconds

    assert cost(CompletedStrokes(image, complete)) < cost(None)
    assert asked[0].replaced == (0,)
    assert np.array_equal(asked[0].stroke, asked[0].vouch > 0)
