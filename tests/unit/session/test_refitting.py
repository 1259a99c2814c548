"""The refit without a window: kept over the live checkpoint, thrown away on held-out images, never over a stroke."""

import itertools
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fcn_gui.core.cleanup import BLANK, RAW, Cleanup
from fcn_gui.core.errors import CheckpointError
from fcn_gui.core.prediction import Prediction
from fcn_gui.core.progress import run_to_end
from fcn_gui.core.raster import Image, Mask
from fcn_gui.core.refinement import Coherent, Refinement, coherent
from fcn_gui.core.scores import Axis, ScoreGrid
from fcn_gui.core.stroke import Stroke, Tool
from fcn_gui.disk.refit_file import read_refit
from fcn_gui.session import headless, jobs
from fcn_gui.session.change import NOTHING
from fcn_gui.session.engine import Engine
from fcn_gui.session.jobs import PredictRequest
from fcn_gui.session.messages import HARDLY_KNOWN, PAYS_NOTHING
from fcn_gui.session.ports import RefitRequest
from fcn_gui.session.proposal import ATTUNED, BLANK_AFTER, SMALLEST, USUAL, WAYS
from fcn_gui.session.refit_judging import judge_refit
from fcn_gui.session.repainting import Extent, Way, repaint, surer_regions
from fcn_gui.session.session import Session
from tests.fakes.segmenter import write_start
from tests.unit.session.workshop import (
    MAP,
    UNTAUGHT,
    at_work,
    corrections,
    dab,
    make_folder,
    most_of_a_cow,
    new_session,
    photo,
)

FILE = ".fcn-gui/refit.safetensors"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_folder(tmp_path / "photos", 6)


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    return tmp_path / "scratch"


def finish(session: Session, engine: Engine, number: int) -> None:
    """Paint what is where, and verify."""
    headless.show(session, f"p{number}.png", engine)
    for stroke in corrections(photo(number)[1], every=1):
        session.apply_stroke(stroke)
    session.verify()
    headless.refit(session, engine)
    headless.judge_refit(session, engine)


def shown(session: Session) -> np.ndarray:
    assert session.document is not None
    return session.document.masked.mask


def vouched(session: Session) -> tuple[np.ndarray, np.ndarray]:
    assert session.document is not None
    masked = session.document.masked
    return masked.vouch.copy(), masked.mask[masked.vouch > 0].copy()


def use(session: Session) -> None:
    """A refit that has shown that it saves seconds."""
    assert session.refit is not None
    session.refit = replace(session.refit, judged=((9.0, 1.0),))


def test_before_the_first_stroke_there_is_nothing_to_refit(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, engine):
        assert session.repaint_request() is None
        assert headless.refit(session, engine, is_forced=True).rect is None


def test_where_the_classes_were_known_one_stroke_repaints_nothing(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, engine):
        session.apply_stroke(dab(3, 3, 2))
        before = shown(session).copy()
        headless.refit(session, engine)
        assert np.array_equal(shown(session), before)


def test_in_the_first_image_what_was_learned_is_repainted_after_a_stroke(folder: Path, scratch: Path) -> None:
    scratch.mkdir()
    write_start(scratch, MAP, UNTAUGHT)
    with at_work(folder, scratch) as (session, engine):
        truth = photo(0)[1]
        start, said = shown(session).copy(), []
        before = (start != truth).mean()
        row = Stroke(Tool.BRUSH, 0, ((0.5, 0.5), (31.5, 0.5)), 0.6)
        for stroke in (row, dab(10.5, 11.5, 1, radius=1.0), most_of_a_cow(10.5, 11.5, 1)):
            session.apply_stroke(stroke)
            held = vouched(session)
            said.append(headless.refit(session, engine).said)
            assert all(np.array_equal(was, now) for was, now in zip(held, vouched(session), strict=True))
        assert [bool(each) for each in said] == [False, False, True], "only what was foreseen is gone on with"
        assert (shown(session) != truth).mean() < before / 2
        painted = vouched(session)[0] > 0
        session.apply_stroke(Stroke(Tool.ERASER, None, ((0.5, 0.5), (31.5, 0.5)), 0.6))
        erased = painted & (vouched(session)[0] == 0)
        assert erased.any()
        assert np.array_equal(shown(session)[erased], start[erased]), "the eraser brings back what was painted over"


def test_a_stroke_is_foreseen_once_and_not_by_what_has_learned_it(folder: Path, scratch: Path) -> None:
    """To ask again, to undo and to do it again are no evidence: the prediction of then knows the stroke."""
    with at_work(folder, scratch) as (session, engine):
        finish(session, engine, 0)
        headless.show(session, "p2.png", engine)
        document = session.document
        assert document is not None
        for number, stroke in enumerate(itertools.islice(corrections(photo(2)[1]), 2), 1):
            session.apply_stroke(stroke)
            for is_forced in (False, False, True):
                headless.refit(session, engine, is_forced)
                assert len(document.foreseen) <= number
        assert document.foreseen
        session.undo()
        headless.refit(session, engine)
        session.redo()
        headless.refit(session, engine)
        assert document.foreseen == ()


def test_in_later_images_nothing_is_repainted_unless_it_is_asked_for(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, engine):
        finish(session, engine, 0)
        headless.show(session, "p2.png", engine)
        session.apply_stroke(dab(3, 3, 2))
        before = shown(session).copy()
        assert headless.refit(session, engine).rect is None
        assert np.array_equal(shown(session), before)
        held = vouched(session)
        change = headless.refit(session, engine, is_forced=True)
        assert change.said.startswith("Repainted")
        assert not np.array_equal(shown(session), before)
        assert all(np.array_equal(was, now) for was, now in zip(held, vouched(session), strict=True))


@pytest.mark.parametrize(("wanted", "extent"), [("never", Extent.NOTHING), ("always", Extent.EVERYTHING)])
def test_the_person_can_switch_repainting_off_or_always_on(
    folder: Path, scratch: Path, wanted: str, extent: Extent
) -> None:
    with at_work(folder, scratch) as (session, engine):
        session.settings.set("learn.repaint", wanted)
        session.apply_stroke(dab(3, 3, 0))
        request = session.repaint_request()
        assert request is not None
        assert request.extent is extent
        before = shown(session).copy()
        headless.refit(session, engine)
        assert np.array_equal(shown(session), before) == (wanted == "never")


def test_a_class_that_only_the_open_image_has_is_repainted_there(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, engine):
        headless.carry_out(session.add_class("barn"))
        headless.show(session, "p2.png", engine)
        truth = photo(2)[1]
        y, x = np.argwhere(truth == 1)[20]
        session.apply_stroke(dab(float(x) + 0.5, float(y) + 0.5, 3, radius=1.0))
        headless.refit(session, engine)
        assert (shown(session)[truth == 1] == 3).sum() <= 5, "nothing was told apart from it yet"
        session.apply_stroke(dab(2.5, 2.5, 0))
        headless.refit(session, engine)
        assert (shown(session)[truth == 1] == 3).mean() < 0.2, "nobody painted yet what the network would have"
        y, x = np.argwhere(truth == 1).mean(0)
        session.apply_stroke(most_of_a_cow(float(x) + 0.5, float(y) + 0.5, 3))
        headless.refit(session, engine)
        assert (shown(session)[truth == 1] == 3).mean() > 0.9
        session.verify()
        headless.refit(session, engine)
        headless.show(session, "p3.png", engine)
        session.apply_stroke(dab(3, 3, 0))
        request = session.repaint_request()
        assert request is not None
        assert run_to_end(repaint(engine, request)).labels is None


def test_an_undo_takes_what_was_learned_back(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, engine):
        session.settings.set("learn.repaint", "never")
        before = shown(session).copy()
        session.apply_stroke(dab(8, 8, 2))
        headless.refit(session, engine)
        session.undo()
        assert np.array_equal(shown(session), before)


def test_the_refit_makes_first_looks_once_it_was_better_than_the_checkpoint(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, engine):
        finish(session, engine, 0)
        assert session.refit is not None
        assert session.refit.judged == ()
        assert session.live is not None
        assert session.live.refit is None
        finish(session, engine, 1)
        plain, refitted = session.refit.judged[0]
        assert refitted < plain
        assert session.live.refit is session.refit
        headless.show(session, "p4.png", engine)
        assert (shown(session) == photo(4)[1]).mean() > 0.9


def test_a_refit_is_never_judged_by_an_image_that_it_learned(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, engine):
        for number in range(2):
            headless.show(session, f"p{number}.png", engine)
            for stroke in corrections(photo(number)[1], every=1):
                before = session.refit
                session.apply_stroke(stroke)
                headless.refit(session, engine)
            session.verify()
            request = session.judge_request()
            if number == 0:
                assert request is None
                unknowing = before = session.refit
        assert before is not unknowing
        assert request is not None
        assert request.refit is unknowing
        headless.carry_out(session.unverify())
        session.verify()
        assert session.judge_request() is None  # once is enough


def test_one_that_is_done_when_the_next_image_is_open_is_judged_by_it(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, engine):
        for stroke in corrections(photo(0)[1], every=1):
            session.apply_stroke(stroke)
        session.verify()
        request = session.repaint_request()
        assert request is not None
        headless.show(session, "p1.png", engine)
        session.repainted(request, run_to_end(repaint(engine, request)))
        late = session.refit
        assert late is not None
        for stroke in corrections(photo(1)[1], every=1):
            session.apply_stroke(stroke)
        session.verify()
        judging = session.judge_request()
        assert judging is not None
        assert judging.refit is late


def test_a_stroke_in_the_next_image_does_not_take_the_judgement_back(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, engine):
        finish(session, engine, 0)
        headless.show(session, "p1.png", engine)
        for stroke in corrections(photo(1)[1], every=1):
            session.apply_stroke(stroke)
        session.verify()
        judging = session.judge_request()
        assert judging is not None
        job = judge_refit(engine, judging)
        next(job)
        headless.show(session, "p2.png", engine)
        session.apply_stroke(dab(3, 3, 2))
        headless.refit(session, engine)
        assert session.refit is not None
        assert session.refit.judged == ()
        change = headless.carry_out(session.refit_judged(judging, run_to_end(job)))
        plain, refitted = session.refit.judged[0]
        assert refitted < plain
        assert change.refit
        session.refit = None
        assert session.refit_judged(judging, (2.0, 1.0)) is NOTHING


def test_a_refit_that_costs_seconds_makes_no_first_looks(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, engine):
        finish(session, engine, 0)
        assert session.refit is not None
        session.refit = replace(session.refit, judged=((1.0, 9.0),))
        assert session.live is not None
        assert session.live.refit is None


def test_predictions_made_ahead_by_an_older_refit_are_stale(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, engine):
        finish(session, engine, 0)
        use(session)
        headless.show(session, "p2.png", engine)
        request = session.predict_request()
        assert request is not None
        session.apply_stroke(dab(3, 3, 2))
        change = headless.refit(session, engine)
        assert change.refit
        prediction = run_to_end(headless.jobs.predict(engine, request))
        assert session.follow(request, prediction).rect is None


def test_a_refit_is_no_other_checkpoint(folder: Path, scratch: Path) -> None:
    """A look through the folder takes minutes; it must not begin anew with every stroke."""
    with at_work(folder, scratch) as (session, engine):
        finish(session, engine, 0)
        use(session)
        before = session.version, session.checkpoint_version
        session.apply_stroke(dab(3, 3, 2))
        assert headless.refit(session, engine).refit
        assert session.version > before[0]
        assert session.checkpoint_version == before[1]
        assert session.live is not None
        headless.carry_out(session.make_live(session.live.id))
        assert session.checkpoint_version > before[1]


def test_an_answer_at_another_working_size_is_stale(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, engine):
        session.apply_stroke(dab(3, 3, 0))
        request = session.repaint_request(is_forced=True)
        assert request is not None
        answer = run_to_end(repaint(engine, request))
        session.settings.set("net.working_size", "native")
        headless.carry_out(session.keep_settings())
        assert session.repainted(request, answer) == NOTHING
        assert session.refit is None


def test_a_stale_answer_is_dropped(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, engine):
        session.settings.set("learn.repaint", "always")
        session.apply_stroke(dab(3, 3, 0))
        older = session.repaint_request()
        assert older is not None
        answer = run_to_end(repaint(engine, older))
        session.apply_stroke(dab(20, 20, 1))
        newer = session.repaint_request()
        before = shown(session).copy()
        assert session.repainted(older, answer).rect is None
        assert session.refit is None
        assert np.array_equal(shown(session), before)
        assert newer is not None
        session.repainted(newer, run_to_end(repaint(engine, newer)))
        assert session.refit is not None


def test_an_answer_for_an_image_that_was_left_teaches_but_paints_nothing(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, engine):
        session.settings.set("learn.repaint", "always")
        session.apply_stroke(dab(3, 3, 0))
        request = session.repaint_request()
        assert request is not None
        headless.show(session, "p3.png", engine)
        before = shown(session).copy()
        session.repainted(request, run_to_end(repaint(engine, request)))
        assert np.array_equal(shown(session), before)
        assert session.refit is not None


def test_what_is_held_out_is_named_to_the_segmenter(folder: Path, scratch: Path) -> None:
    """It has photographs of its own, and a copy of one that is held out must not be among them."""
    with at_work(folder, scratch) as (session, engine):
        for number in (0, 1):
            finish(session, engine, number)
        project = session.need_project()
        learned, apart = project.item("p0.png"), project.item("p1.png")
        apart.held_out = True
        request = session.repaint_request()
        assert request is not None
        assert set(request.learn.apart) == {apart.digest} != {""}
        assert {image.digest for image in request.learn.images} == {learned.digest, apart.digest}  # p1 is open


def test_of_a_held_out_image_nothing_stays(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, engine):
        finish(session, engine, 0)
        kept = session.refit
        headless.show(session, "p2.png", engine)
        session.need_project().item("p2.png").held_out = True
        session.apply_stroke(dab(3, 3, 2))
        request = session.repaint_request(is_forced=True)
        assert request is not None
        assert not request.learn.is_kept
        assert {image.key for image in request.learn.images} == {"p0.png", "p2.png"}
        assert headless.refit(session, engine, is_forced=True).said
        assert session.refit is kept
        headless.show(session, "p3.png", engine)
        session.apply_stroke(dab(3, 3, 2))
        request = session.repaint_request()
        assert request is not None
        assert {image.key for image in request.learn.images} == {"p0.png", "p3.png"}


def test_the_refit_is_kept_and_comes_back_with_the_project(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, engine):
        finish(session, engine, 0)
        finish(session, engine, 1)
        kept = session.refit
    with at_work(folder, scratch, None) as (session, engine):
        again = session.refit
        assert kept is not None
        assert again is not None
        assert again.checkpoint == kept.checkpoint
        assert again.judged == kept.judged
        assert all(np.array_equal(again.tensors[name], kept.tensors[name]) for name in kept.tensors)
        headless.show(session, "p5.png", engine)
        assert (shown(session) == photo(5)[1]).mean() > 0.9


def test_rollback_and_another_checkpoint_drop_it(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, engine):
        for number in range(3):
            finish(session, engine, number)
        assert (folder / FILE).exists()
        result = run_to_end(headless.retrain(session, engine))
        headless.carry_out(session.make_live(result.checkpoint.id))
        assert session.refit is None
        assert not (folder / FILE).exists()
        finish(session, engine, 3)
        assert (folder / FILE).exists()
        headless.carry_out(session.rollback())
        assert session.refit is None
        assert not (folder / FILE).exists()


def test_one_of_another_checkpoint_is_not_used(folder: Path, scratch: Path) -> None:
    """A kill between the two writes of going live leaves the refit of before, which is nothing to the new one."""
    with at_work(folder, scratch) as (session, engine):
        finish(session, engine, 0)
        assert session.refit is not None
        session.refit = replace(session.refit, checkpoint="another")
    assert read_refit(folder / FILE).checkpoint == "another"
    with at_work(folder, scratch, None) as (session, _):
        assert session.refit is None


@pytest.mark.parametrize("damage", [b"", b"nothing of ours", None])
def test_a_damaged_one_costs_nothing_but_itself(folder: Path, scratch: Path, damage: bytes | None) -> None:
    with at_work(folder, scratch) as (session, engine):
        finish(session, engine, 0)
    whole = (folder / FILE).read_bytes()
    (folder / FILE).write_bytes(whole[:-5] if damage is None else damage)
    with pytest.raises(CheckpointError, match="made anew"):
        read_refit(folder / FILE)
    with at_work(folder, scratch, "p0.png") as (session, engine):
        assert session.refit is None
        finish(session, engine, 1)
    assert read_refit(folder / FILE).tensors


def test_one_of_a_newer_program_is_never_rewritten(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, engine):
        finish(session, engine, 0)
    newer = (folder / FILE).read_bytes().replace(b"fcn-gui refit/1", b"fcn-gui refit/7")
    (folder / FILE).write_bytes(newer)
    with at_work(folder, scratch) as (session, engine):
        finish(session, engine, 1)
        assert session.refit is not None
    assert (folder / FILE).read_bytes() == newer


def test_a_renamed_class_keeps_what_was_refitted(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, engine):
        finish(session, engine, 0)
        use(session)
        headless.carry_out(session.rename_class(1, "ox"))
        headless.show(session, "p4.png", engine)
        assert (shown(session) == photo(4)[1]).mean() > 0.9


def test_a_fine_tune_starts_from_the_refit_and_is_judged_against_it(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, engine):
        for number in range(4):
            finish(session, engine, number)
        use(session)
        for item in session.need_project().items[:4]:
            item.held_out = item.key in ("p1.png", "p2.png")
        request = session.retrain_request()
        assert request.live.refit is session.refit
        result = run_to_end(headless.jobs.retrain(engine, request))
        assert result.verdict.live is not None
        assert result.verdict.live > 0.9  # the checkpoint alone takes cows for grass


def test_after_a_class_was_moved_the_refit_goes_by_its_names(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, engine):
        finish(session, engine, 0)
        use(session)
        run_to_end(headless.rewrite(session, session.move_class(1, 2)))
        headless.show(session, "p4.png", engine)
        assert (shown(session) == np.array([0, 2, 1], np.uint8)[photo(4)[1]]).mean() > 0.9


def test_of_a_class_that_is_gone_nothing_stays_in_the_refit(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, engine):
        headless.carry_out(session.add_class("barn"))
        headless.carry_out(session.rename_class(3, "shed"))
        session.apply_stroke(dab(10, 10, 3))
        headless.refit(session, engine)
        headless.carry_out(session.rename_class(3, "hut"))
        use(session)
        assert session.refit is not None
        assert session.refit.new == (3,)
        run_to_end(headless.rewrite(session, session.remove_class(3, 0)))
        assert session.refit.label_map.names == MAP.names
        assert session.refit.new == ()
        for name in ("shed", "hut"):
            headless.carry_out(session.add_class(name))
        headless.show(session, "p4.png", engine)
        assert shown(session).max() <= 2


def test_only_regions_in_which_the_network_is_surer_are_repainted() -> None:
    shown_mask = np.zeros((10, 30), np.uint8)
    values = np.zeros((3, 10, 30), np.float32)
    values[2] = -1e4
    values[1, :, 0:8] = 3.0  # surer
    values[1, :, 10:18] = 0.2  # a little
    values[1, 0, 25] = 9.0  # a speck
    grid = ScoreGrid(values, (10, 30), Axis(0, 1), Axis(0, 1))
    vouch = np.zeros((10, 30), np.uint8)
    vouch[:5, :2] = 1
    shown_mask[8:, :8] = 2  # a class that was never taught
    found = surer_regions(shown_mask, vouch, Prediction(grid.labels(), grid, ""), [0, 1], [Way([1], 0.3, 1 << 40)])
    expected = shown_mask.copy()
    expected[:8, :8] = 1
    expected[:5, :2] = 0
    assert np.array_equal(found, expected)


def test_its_map_of_classes_is_that_of_the_project(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, engine):
        finish(session, engine, 0)
        assert session.refit is not None
        assert session.refit.label_map == MAP


def test_a_verified_image_judges_how_masks_start_and_the_project_remembers(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, engine):
        for number in range(3):
            finish(session, engine, number)
            assert headless.judge_start(session, engine).writes
        kept = session.start_costs.kept()
        assert [len(half) for half in kept] == [2, 1], "judged on the second, the refit makes the third"
        assert {way.name for way in WAYS} < set(kept[0][0])
    with headless.opened(new_session(scratch), folder) as again:
        assert again.start_costs.kept() == kept


def test_masks_are_started_and_judged_without_regions_smaller_than_in_finished_images(
    folder: Path, scratch: Path
) -> None:
    with at_work(folder, scratch) as (session, engine):
        for _ in range(2):
            session.start_costs.add({SMALLEST: 0.02}, is_of_refit=False)
        assert session.live is not None and session.live.cleanup.least_share == 0.01
        finish(session, engine, 0)
        finish(session, engine, 1)
        request = session.cost_request()
        assert request is not None and request.least_share == request.way.least_share == 0.01


@pytest.mark.parametrize(("is_asked", "way"), [(False, Refinement.FAST), (True, Refinement.WIDE)])
def test_what_is_repainted_after_each_stroke_is_refined_quickly(
    folder: Path, scratch: Path, monkeypatch: pytest.MonkeyPatch, is_asked: bool, way: Refinement
) -> None:
    ways = []

    def seen(grid: ScoreGrid, image: Image, way: Refinement, vouched: Mask | None = None) -> Coherent:
        ways.append(way)
        return coherent(grid, image, way, vouched)

    with at_work(folder, scratch) as (session, engine):
        monkeypatch.setattr("fcn_gui.core.cleanup.coherent", seen)
        session.settings.set("learn.repaint", "always")
        session.apply_stroke(dab(3, 3, 0))
        request = session.repaint_request(is_forced=is_asked)
        assert request is not None
        run_to_end(repaint(engine, request))
        assert ways == [way]


def test_an_image_with_strokes_of_another_day_judges_nothing(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, engine):
        session.apply_stroke(dab(3, 3, 2))
    with headless.opened(new_session(scratch), folder) as again:
        headless.show(again, "p0.png", engine)
        again.verify()
        assert again.cost_request() is None


@pytest.mark.parametrize(("wanted", "way"), [("prediction", RAW), ("blank", BLANK), ("auto", ATTUNED)])
def test_a_mask_starts_as_the_person_wants_it(folder: Path, scratch: Path, wanted: str, way: Cleanup) -> None:
    with at_work(folder, scratch, key=None) as (session, engine):
        session.settings.set("learn.start", wanted)
        assert session.live is not None and session.live.cleanup == way
        headless.show(session, "p0.png", engine)
        assert session.document is not None and session.document.prediction is not None
        assert shown(session).any() == (wanted != "blank")
        assert session.document.prediction.labels.any(), "the prediction itself stays to be accepted"


def test_it_is_said_why_a_mask_starts_blank(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, engine):
        request = session.predict_request()
        assert request is not None

        def said(request: PredictRequest) -> str:
            return session.follow(request, run_to_end(jobs.predict(engine, request))).said

        assert said(request) == ""
        doubtful = replace(USUAL, most_doubt=-1.0)
        assert said(replace(request, live=replace(request.live, cleanup=doubtful))) == HARDLY_KNOWN
        assert not shown(session).any()
        for _ in range(BLANK_AFTER):
            session.start_costs.add({way.name: 1.0 if way == BLANK else 9.0 for way in WAYS}, is_of_refit=False)
        request = session.predict_request()
        assert request is not None and said(request) == PAYS_NOTHING
        asked = session.predict_request(is_asked=True)
        assert asked is not None and said(asked) == "" and shown(session).any()
        session.settings.set("learn.start", "blank")
        request = session.predict_request()
        assert request is not None and said(request) == "", "who wants it so knows why"


def test_another_live_checkpoint_begins_to_judge_anew(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, engine):
        finish(session, engine, 0)
        headless.judge_start(session, engine)
        assert session.start_costs.kept()
        session.make_live(session.checkpoint_entries[0].id)
        assert not session.start_costs.kept()


def test_taking_a_merge_back_brings_the_refit_of_before(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, engine):
        session.apply_stroke(dab(10, 10, 1))
        session.apply_stroke(dab(20, 10, 2))
        headless.refit(session, engine)
        before = session.refit
        assert before is not None
        run_to_end(headless.rewrite(session, session.remove_class(1, 2)))
        assert session.refit is not None and session.refit.label_map.names == ("background", "tree")
        run_to_end(headless.rewrite(session, session.undo_rewrite()))
        assert session.refit is before


def test_what_is_looked_forward_to_is_what_a_verify_asks_for(folder: Path, scratch: Path) -> None:
    """In an image with strokes and in one that nobody has touched: same states, same pixels, same order."""
    with at_work(folder, scratch) as (session, engine):
        for number, strokes in ((0, 3), (1, 0), (2, 2)):
            headless.show(session, f"p{number}.png", engine)
            for stroke in itertools.islice(corrections(photo(number)[1]), strokes):
                session.apply_stroke(stroke)
                headless.refit(session, engine)
            document, project = session.document, session.need_project()
            assert document is not None
            before = vouched(session), document.edition, project.item(document.key).held_out
            ahead = session.ahead_request()
            again = session.ahead_request()
            assert_same(before[0], vouched(session))
            assert before[1:] == (document.edition, project.item(document.key).held_out)
            session.verify()
            asked = session.repaint_request()
            assert asked is not None
            if asked.learn.is_kept:
                for request in (ahead, again):
                    assert request is not None
                    assert_same_images(request.learn, asked.learn)
                    same = replace(request.learn, images=asked.learn.images, start=asked.learn.start, is_ahead=False)
                    assert same == asked.learn
            else:
                assert ahead is None
            assert session.ahead_request() is None, "it is verified"
            headless.refit(session, engine)


def test_a_change_after_it_was_looked_forward_to_is_another_state(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, _):
        session.apply_stroke(dab(3, 3, 2))
        ahead = session.ahead_request()
        session.apply_stroke(dab(9, 9, 1))
        session.verify()
        asked = session.repaint_request()
        assert ahead is not None
        assert asked is not None
        assert ahead.learn.images[0].version != asked.learn.images[0].version


def test_nothing_is_looked_forward_to_in_a_held_out_image_or_a_huge_one(
    folder: Path, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with at_work(folder, scratch) as (session, _):
        session.apply_stroke(dab(3, 3, 2))
        assert session.ahead_request() is not None
        monkeypatch.setattr("fcn_gui.session.refitting.MOST_AHEAD_PX", 24 * 32 - 1)
        assert session.ahead_request() is None
        monkeypatch.undo()
        session.need_project().item("p0.png").held_out = True
        assert session.ahead_request() is None


def assert_same_images(one: RefitRequest, other: RefitRequest) -> None:
    assert [(image.key, image.version) for image in one.images] == [(each.key, each.version) for each in other.images]
    for image, each in zip(one.images, other.images, strict=True):
        assert_same(image.read(), each.read())


def assert_same(one: Sequence[np.ndarray], other: Sequence[np.ndarray]) -> None:
    for first, second in zip(one, other, strict=True):
        assert np.array_equal(first, second)
