"""Refined borders as a setting of the project: masks follow it, vouched pixels do not."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fcn_gui.core.cleanup import BLANK, RAW
from fcn_gui.core.prediction import Prediction
from fcn_gui.core.progress import Job, run_to_end
from fcn_gui.core.raster import VOID, Image, Mask
from fcn_gui.core.refinement import Refinement
from fcn_gui.session import headless, jobs
from fcn_gui.session.engine import Engine
from fcn_gui.session.refining import proposed_by
from fcn_gui.session.repainting import repaint
from fcn_gui.session.session import Session
from tests.fakes.segmenter import FakeSegmenter
from tests.unit.session.workshop import at_work, dab, make_folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_folder(tmp_path / "photos")


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    return tmp_path / "scratch"


class Painter(FakeSegmenter):
    """Its refinement is seen at once: everything is a tree, but what was vouched for."""

    def refine(self, prediction, image: Image, way: Refinement, vouched: Mask | None = None) -> Mask:  # type: ignore[no-untyped-def]
        told = np.full(image.shape[:2], 2, np.uint8)
        if vouched is not None:
            told[0, 0] = np.count_nonzero(vouched != VOID) % 3
        return told


def follow(session: Session, engine: Engine) -> None:
    request = session.predict_request()
    assert request is not None
    headless.carry_out(session.follow(request, run_to_end(jobs.predict(engine, request))))


def test_the_open_mask_follows_the_way_and_comes_back(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, _):
        engine, document = Engine(Painter), session.document
        assert document is not None
        before = document.masked.mask.copy()
        change = session.refine(Refinement.FAST)
        assert change.proposals and not change.predictions
        headless.carry_out(change)
        follow(session, engine)
        assert (document.masked.mask[1:] == 2).all()
        headless.carry_out(session.refine(Refinement.OFF))
        follow(session, engine)
        assert np.array_equal(document.masked.mask, before)
        assert document.first_look is not None and np.array_equal(document.first_look, document.prediction.labels)


def test_vouched_pixels_stay_and_the_segmenter_is_told_of_them(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, _):
        document = session.document
        assert document is not None
        session.apply_stroke(dab(12, 12, 1))
        painted = document.masked.vouch > 0
        headless.carry_out(session.refine(Refinement.CRF))
        request = session.predict_request()
        assert request is not None and request.vouched is not None
        assert (request.vouched[painted] == 1).all() and (request.vouched[~painted] == VOID).all()
        follow(session, Engine(Painter))
        assert (document.masked.mask[painted] == 1).all()


class Looker(FakeSegmenter):
    """Counts its further looks, and what it refines then."""

    def __init__(self) -> None:
        super().__init__()
        self.looked: list[Prediction] = []
        self.refined: list[tuple[Refinement, bool]] = []

    def look_again(self, prediction: Prediction, image: Image) -> Job[Prediction]:
        found = yield from super().look_again(prediction, image)
        self.looked.append(found)
        return found

    def refine(self, prediction, image: Image, way: Refinement, vouched: Mask | None = None) -> Mask:  # type: ignore[no-untyped-def]
        self.refined.append((way, any(prediction is each for each in self.looked)))
        return super().refine(prediction, image, way, vouched)


def test_looks_are_taken_only_where_they_are_wanted_and_scores_stay_those_of_one(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, _):
        looker = Looker()
        engine = Engine(lambda: looker)

        def predict(way: Refinement) -> Prediction:
            headless.carry_out(session.refine(way))
            request = session.predict_request()
            assert request is not None
            return run_to_end(jobs.predict(engine, request))

        predict(Refinement.CRF)
        assert looker.refined == [(Refinement.CRF, False)] and not looker.looked
        found = predict(Refinement.LOOKS)
        assert looker.refined[1:] == [(Refinement.LOOKS, True)]
        assert found.scores is not looker.looked[0].scores, "heatmaps stay those of one look"


@pytest.mark.parametrize(("is_asked", "expected"), [(False, Refinement.CRF), (True, Refinement.LOOKS)])
def test_after_each_stroke_one_look_is_enough(
    folder: Path, scratch: Path, is_asked: bool, expected: Refinement
) -> None:
    with at_work(folder, scratch) as (session, _):
        looker = Looker()
        session.settings.set("learn.repaint", "always")
        headless.carry_out(session.refine(Refinement.LOOKS))
        session.apply_stroke(dab(3, 3, 0))
        request = session.repaint_request(is_forced=is_asked)
        assert request is not None
        run_to_end(repaint(Engine(lambda: looker), request))
        assert looker.refined == [(expected, is_asked)]


def test_an_answer_in_the_way_of_before_is_stale(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, engine):
        request = session.predict_request()
        assert request is not None
        answer = run_to_end(jobs.predict(engine, request))
        headless.carry_out(session.refine(Refinement.FAST))
        assert session.follow(request, answer).rect is None
        assert session.refine(Refinement.FAST).proposals is False


def test_the_way_belongs_to_the_project(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, _):
        headless.carry_out(session.refine(Refinement.CRF))
    with at_work(folder, scratch) as (session, _):
        assert session.refinement is Refinement.CRF
        assert session.live is not None and session.live.refine is Refinement.CRF
    other = make_folder(folder.parent / "others")
    with at_work(other, scratch) as (session, _):
        assert session.refinement is Refinement.OFF


def test_a_mask_that_is_to_start_blank_stays_blank(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, engine):
        headless.carry_out(session.refine(Refinement.FAST))
        session.settings.set("learn.start", "blank")
        follow(session, engine)
        assert session.live is not None and session.live.cleanup == BLANK
        assert session.document is not None and not session.document.masked.mask.any()
        session.settings.set("learn.start", "prediction")
        assert session.live.cleanup == RAW


@pytest.mark.parametrize("way", [Refinement.FAST, Refinement.GUIDED])
def test_crumbs_are_merged_after_a_refinement(way: Refinement, folder: Path, scratch: Path) -> None:
    class Crumbling(FakeSegmenter):
        def refine(self, prediction, image: Image, way: Refinement, vouched: Mask | None = None) -> Mask:  # type: ignore[no-untyped-def]
            told = np.zeros((100, 100), np.uint8)
            told[50, 50:55] = 1
            told[10:30, 10:30] = 1
            return told

    with at_work(folder, scratch) as (session, engine):
        headless.carry_out(session.refine(way))
        live = session.live
        assert live is not None
        prediction = engine.ready(live).predict(np.zeros((100, 100, 3), np.uint8))
        found = run_to_end(proposed_by(Crumbling(), prediction, np.zeros((100, 100, 3), np.uint8), live))
        assert (found.proposal == 1).sum() == 400
        large = replace(live, cleanup=replace(live.cleanup, least_share=0.05))
        of_large = run_to_end(proposed_by(Crumbling(), prediction, np.zeros((100, 100, 3), np.uint8), large))
        assert not (of_large.proposal == 1).any(), "nobody paints so small here"
        assert np.array_equal(found.labels, prediction.labels)
