"""What is learned: retrain without a window, checkpoints of a project, classes that keep what the network knows."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from fcn_gui.core.errors import CheckpointError, LearningError
from fcn_gui.core.progress import run_to_end
from fcn_gui.disk.checkpoint_file import read_checkpoint, read_checkpoint_info
from fcn_gui.session import headless
from fcn_gui.session.engine import Engine
from fcn_gui.session.jobs import RetrainResult
from fcn_gui.session.session import Session
from tests.fakes.segmenter import FakeSegmenter
from tests.unit.session.workshop import MAP, at_work, correct, finish, make_folder, new_session, photo


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_folder(tmp_path / "photos", 6)


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    return tmp_path / "scratch"


def retrained(session: Session, engine: Engine, count: int = 3) -> RetrainResult:
    for number in range(count):
        finish(session, engine, f"p{number}.png", photo(number)[1])
    return run_to_end(headless.retrain(session, engine))


def shown(session: Session) -> np.ndarray:
    assert session.document is not None
    return session.document.masked.mask.copy()


def test_a_retrain_writes_one_checkpoint_with_its_receipt(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, engine):
        result = retrained(session, engine)
        assert result.verdict.accepted
        start = read_checkpoint_info(scratch / "start.safetensors").id
        written = read_checkpoint(folder / f".fcn-gui/checkpoints/{result.checkpoint.id}.safetensors")
        assert written.parent == start
        assert written.receipt == {**result.verdict.receipt(), "number": 1}
        assert set(written.receipt) >= {"live", "candidate", "interval", "images", "reason", "accepted"}
        beside = json.loads((folder / f".fcn-gui/checkpoints/{result.checkpoint.id}.json").read_text())
        assert beside["receipt"] == written.receipt
    with at_work(folder, scratch, None) as (session, engine):
        assert [(entry.number, entry.is_live) for entry in session.checkpoint_entries] == [(0, False), (1, True)]
        headless.show(session, "p5.png", engine)
        assert (shown(session) == photo(5)[1]).mean() > 0.9


def test_held_out_images_are_never_learned_from(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, engine):
        for number in range(6):
            finish(session, engine, f"p{number}.png", photo(number)[1])
        items = session.need_project().items
        for item in items:
            item.held_out = item.key not in ("p0.png", "p3.png")
        request = session.retrain_request()
        assert [image.key for image in request.learned] == ["p0.png", "p3.png"]
        assert [image.key for image in request.held_out] == ["p1.png", "p2.png", "p4.png", "p5.png"]
        result = run_to_end(headless.retrain(session, engine))
        assert [score.path for score in result.verdict.images] == ["p1.png", "p2.png", "p4.png", "p5.png"]


def test_a_worse_candidate_is_kept_as_refused_and_can_be_put_live_by_hand(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, engine):
        for number in range(3):
            finish(session, engine, f"p{number}.png", photo(number)[1])
        first = run_to_end(headless.retrain(session, engine))
        assert first.verdict.accepted
        result = run_to_end(headless.retrain(session, engine))  # it knows all of that by now
        assert not result.verdict.accepted
        entries = session.checkpoint_entries
        assert [(entry.number, entry.is_live, entry.is_refused) for entry in entries] == [
            (0, False, False),
            (1, True, False),
            (2, False, True),
        ]
        change = headless.carry_out(session.make_live(result.checkpoint.id))
        assert change.predictions
        assert session.live is not None
        assert session.live.id == result.checkpoint.id


def test_a_candidate_waits_for_the_third_verified_image_and_is_judged_without_learning(
    folder: Path, scratch: Path
) -> None:
    with at_work(folder, scratch) as (session, engine):
        result = retrained(session, engine, 2)
        assert result.verdict.is_waiting
        (_, entry) = session.checkpoint_entries
        assert (entry.number, entry.is_live, entry.is_waiting, entry.is_refused) == (1, False, True, False)
        assert session.waiting_request() is None
        assert run_to_end(headless.judge_waiting(session, engine)) is None
    with at_work(folder, scratch, key=None) as (session, engine):
        correct(session, engine, "p2.png", photo(2)[1])
        assert session.waiting_request() is None
        finish(session, engine, "p2.png", photo(2)[1])
        judged = run_to_end(headless.judge_waiting(session, engine))
        assert judged is not None and judged.verdict.accepted
        assert (judged.number, judged.verdict.folds) == (1, 3)
        for name, tensor in result.checkpoint.tensors.items():
            assert np.array_equal(judged.checkpoint.tensors[name], tensor)
        assert [(e.number, e.is_live, e.is_waiting) for e in session.checkpoint_entries] == [
            (0, False, False),
            (1, True, False),
        ]
        assert session.waiting_request() is None
        assert not list((folder / ".fcn-gui/checkpoints").glob(f"{result.checkpoint.id}*"))


def test_a_candidate_that_waits_is_left_alone_once_there_is_a_newer_one(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, engine):
        retrained(session, engine, 2)
        finish(session, engine, "p2.png", photo(2)[1])
        run_to_end(headless.retrain(session, engine))
        assert session.waiting_request() is None
        assert [(e.number, e.is_live, e.is_waiting) for e in session.checkpoint_entries] == [
            (0, False, False),
            (1, False, False),
            (2, True, False),
        ]


def test_rollback_brings_the_predictions_back(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch, key="p5.png") as (session, engine):
        before = shown(session)
        retrained(session, engine)
        headless.show(session, "p5.png", engine)
        assert not np.array_equal(shown(session), before)
        headless.carry_out(session.rollback())
        headless.show(session, "p5.png", engine)
        assert np.array_equal(shown(session), before)
        with pytest.raises(CheckpointError, match="no checkpoint before"):
            session.rollback()


def test_a_retrain_learns_what_is_in_memory_only(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, engine):
        for number in range(2):
            correct(session, engine, f"p{number}.png", photo(number)[1])
        assert session.document is not None
        (last,) = [image for image in session.retrain_request().learned if image.key == "p1.png"]
        _, mask, vouch = last.read()
        assert np.array_equal(mask, session.document.masked.mask)
        assert np.array_equal(vouch, session.document.masked.vouch)


def test_nothing_to_learn_from_is_said(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, engine), pytest.raises(LearningError, match="correct or verify"):
        run_to_end(headless.retrain(session, engine))


def test_a_renamed_class_keeps_what_the_network_knows(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, engine):
        before = shown(session)
        headless.carry_out(session.rename_class(1, "bull"))
        headless.carry_out(session.rename_class(1, "ox"))
        headless.show(session, "p1.png", engine)
        headless.show(session, "p0.png", engine)
        assert np.array_equal(shown(session), before)
    with at_work(folder, scratch) as (session, _):
        assert session.need_label_map().names[1] == "ox"
        assert np.array_equal(shown(session), before)


def test_a_damaged_checkpoint_is_refused_and_the_live_one_stays(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, engine):
        result = retrained(session, engine)
        path = folder / f".fcn-gui/checkpoints/{result.checkpoint.id}.safetensors"
        path.write_bytes(path.read_bytes()[:-4])
        headless.carry_out(session.rollback())
        fresh = Engine(FakeSegmenter)
        headless.carry_out(session.make_live(result.checkpoint.id))
        with pytest.raises(CheckpointError, match=path.name):
            headless.show(session, "p4.png", fresh)


def test_old_weights_go_and_receipts_stay(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch) as (session, engine):
        session.settings.set("learn.kept_checkpoints", 1)
        kept = [retrained(session, engine).checkpoint.id]
        headless.carry_out(session.rollback())
        for seed in range(1, 4):
            kept.append(run_to_end(headless.retrain(session, engine, seed)).checkpoint.id)
            headless.carry_out(session.rollback())
        folder_of = folder / ".fcn-gui/checkpoints"
        assert {path.stem for path in folder_of.glob("*.json")} >= set(kept)
        assert len(list(folder_of.glob("*.safetensors"))) <= 2


def test_settings_of_the_project_are_kept_with_it(folder: Path, scratch: Path) -> None:
    with at_work(folder, scratch, key=None) as (session, _):
        session.settings.set("learn.correction_emphasis", 5.0)
        headless.carry_out(session.keep_settings())
    with at_work(folder, scratch, key=None) as (session, _):
        assert session.settings.get("learn.correction_emphasis") == 5.0
    shutil.rmtree(folder / ".fcn-gui")
    with at_work(folder, scratch, key=None) as (session, _):
        assert session.settings.get("learn.correction_emphasis") == 3.0
    with headless.opened(new_session(scratch), folder, label_map=MAP) as session:
        assert session.settings.get("learn.correction_emphasis") == 3.0


def test_another_working_size_means_other_predictions_and_is_named_by_what_is_learned(
    folder: Path, scratch: Path
) -> None:
    with at_work(folder, scratch) as (session, engine):
        before = session.live
        session.settings.set("net.working_size", "own")
        session.settings.set("net.long_side_px", 1025)
        change = session.keep_settings()
        headless.carry_out(change)
        assert change.predictions
        assert session.live is not None
        assert session.live.version > before.version, "what was predicted before is stale"
        assert not session.keep_settings().predictions, "nothing new the second time"
        correct(session, engine, "p0.png", photo(0)[1])
        result = run_to_end(headless.retrain(session, engine))
        assert result.checkpoint.preset["long_side"] == 1025
    with at_work(folder, scratch, key=None) as (session, _):
        assert session.live.long_side == 1025
