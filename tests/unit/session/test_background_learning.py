"""When something is learned or judged by itself: by what was verified since, one thing at a time."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image as PillowImage

from fcn_gui.core.progress import run_to_end
from fcn_gui.disk.state_log import StateRow
from fcn_gui.session import headless
from fcn_gui.session.background_learning import BackgroundLearning, Due
from fcn_gui.session.engine import Engine
from fcn_gui.session.session import Session
from tests.unit.session.workshop import MAP, at_work, finish, make_folder, new_session, photo


def always(_key: str) -> bool:
    return True


def due(background: BackgroundLearning, after: int = 4, can_judge: bool = False) -> Due:
    return background.due(after, can_judge, always)


def verify(background: BackgroundLearning, *numbers: int) -> BackgroundLearning:
    for number in numbers:
        background.verified(f"p{number}.png")
    return background


def test_the_first_image_is_enough_at_first_and_then_it_takes_so_many() -> None:
    background = BackgroundLearning()
    assert due(background) is Due.NOTHING
    verify(background, 0)
    assert due(background) is Due.LEARNING
    background.begin(Due.LEARNING)
    background.end()
    for number, wanted in ((1, Due.NOTHING), (2, Due.NOTHING), (3, Due.NOTHING), (4, Due.LEARNING)):
        verify(background, number)
        assert due(background) is wanted


def test_an_image_that_is_verified_twice_or_not_any_more_counts_once_or_not_at_all() -> None:
    background = BackgroundLearning(1.0)
    verify(background, 1, 1, 1, 1, 2, 3, 4)
    assert due(background) is Due.LEARNING
    assert background.due(4, False, lambda key: key != "p2.png") is Due.NOTHING


def test_nothing_is_due_while_one_is_under_way_and_what_is_verified_meanwhile_counts_for_the_next() -> None:
    background = verify(BackgroundLearning(1.0), 1, 2, 3, 4)
    background.begin(Due.LEARNING)
    verify(background, 5, 6, 7, 8)
    assert due(background) is Due.NOTHING
    assert due(background, can_judge=True) is Due.NOTHING
    background.end()
    assert due(background) is Due.LEARNING


def test_what_waits_is_judged_first_and_costs_no_image() -> None:
    background = verify(BackgroundLearning(1.0), 1, 2, 3, 4)
    assert due(background, can_judge=True) is Due.JUDGING
    background.begin(Due.JUDGING)
    background.end()
    assert background.learned_until == 1.0
    assert due(background) is Due.LEARNING


def test_with_zero_nothing_is_learned_by_itself_but_what_waits_is_judged() -> None:
    background = verify(BackgroundLearning(), *range(9))
    assert due(background, after=0) is Due.NOTHING
    assert due(background, after=0, can_judge=True) is Due.JUDGING


def test_after_a_cancel_as_many_images_again_must_be_verified() -> None:
    background = verify(BackgroundLearning(), 0)
    background.begin(Due.LEARNING)
    verify(background, 1, 2, 3, 4)
    background.cancel()
    assert due(background) is Due.NOTHING
    assert due(background, can_judge=True) is Due.NOTHING
    verify(background, 5, 6, 7)
    assert due(background) is Due.NOTHING
    verify(background, 8)
    assert due(background) is Due.LEARNING


def test_what_was_cut_off_is_due_again() -> None:
    background = verify(BackgroundLearning(), 0)
    background.begin(Due.LEARNING)
    background.cut_off()
    assert due(background) is Due.LEARNING
    assert not background.learned_until


@pytest.mark.parametrize("kept", ["x", None, float("nan"), [1]])
def test_a_header_that_says_nonsense_is_as_one_that_says_nothing(kept: object) -> None:
    assert BackgroundLearning(kept).learned_until == 0


def test_a_reopened_project_counts_what_was_verified_since() -> None:
    background = BackgroundLearning(100.0)
    rows = [StateRow(f"p{n}.png", "verified", verified_at=90.0 + 4 * n) for n in range(7)]
    background.remember([*rows, StateRow("p9.png", "corrected", verified_at=999.0)], "verified")
    assert due(background, after=4) is Due.LEARNING
    assert due(background, after=5) is Due.NOTHING


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_folder(tmp_path / "photos", 6)


@pytest.fixture
def work(folder: Path, tmp_path: Path) -> Iterator[tuple[Session, Engine]]:
    with at_work(folder, tmp_path / "scratch") as found:
        yield found


def test_a_verify_makes_it_due_and_a_retrain_by_hand_counts_too(work: tuple[Session, Engine]) -> None:
    session, engine = work
    assert session.due() is Due.NOTHING
    finish(session, engine, "p0.png", photo(0)[1])
    assert session.due() is Due.LEARNING
    run_to_end(headless.retrain(session, engine))
    assert session.due() is Due.NOTHING
    headless.carry_out(session.unverify())
    finish(session, engine, "p1.png", photo(1)[1])
    assert session.due() is Due.NOTHING


def test_a_reopened_project_does_not_learn_for_nothing(folder: Path, tmp_path: Path) -> None:
    with at_work(folder, tmp_path / "scratch") as (session, engine):
        for number in range(3):
            finish(session, engine, f"p{number}.png", photo(number)[1])
        run_to_end(headless.retrain(session, engine))
        finish(session, engine, "p3.png", photo(3)[1])
    with at_work(folder, tmp_path / "scratch", key=None) as (session, engine):
        assert session.due() is Due.NOTHING
        session.settings.set("learn.retrain_after", 1)
        assert session.due() is Due.LEARNING, "p3 was not learned yet"


def test_one_that_was_cut_off_by_closing_is_due_after_the_next_verify(folder: Path, tmp_path: Path) -> None:
    with at_work(folder, tmp_path / "scratch") as (session, engine):
        finish(session, engine, "p0.png", photo(0)[1])
        job = headless.retrain(session, engine)
        next(job)
        job.close()
    with at_work(folder, tmp_path / "scratch", key=None) as (session, _):
        assert session.due() is Due.LEARNING


def test_masks_that_came_with_a_data_set_are_no_reason(folder: Path, tmp_path: Path) -> None:
    voc = tmp_path / "voc"
    for name in ("JPEGImages", "SegmentationClass"):
        (voc / name).mkdir(parents=True)
    for number in range(5):
        image, mask = photo(number)
        PillowImage.fromarray(image).save(voc / f"JPEGImages/p{number}.png")
        PillowImage.fromarray(mask).save(voc / f"SegmentationClass/p{number}.png")
    (voc / "class_names.txt").write_text("\n".join(MAP.names) + "\n")
    with headless.opened(new_session(tmp_path / "scratch"), voc) as session:
        assert sum(item.status == "verified" for item in session.need_project().items) == 5
        assert session.due() is Due.NOTHING


def test_a_read_only_project_learns_nothing(work: tuple[Session, Engine]) -> None:
    session, engine = work
    finish(session, engine, "p0.png", photo(0)[1])
    session.is_read_only = True
    assert session.due() is Due.NOTHING
    session.is_read_only = False


def test_of_one_that_began_by_itself_only_a_success_is_told(work: tuple[Session, Engine]) -> None:
    session, engine = work
    for number in range(2):
        finish(session, engine, f"p{number}.png", photo(number)[1])
    results = [run_to_end(headless.retrain(session, engine))]
    assert results[0].verdict.is_waiting
    assert session.learned(results[0], is_automatic=True).message is None
    finish(session, engine, "p2.png", photo(2)[1])
    results.append(run_to_end(headless.retrain(session, engine)))
    assert results[1].verdict.accepted
    told = session.learned(results[1], is_automatic=True).message
    assert told is not None and told.actions[0] == ("Go back", "learn.rollback")
    results.append(run_to_end(headless.retrain(session, engine)))
    assert not results[2].verdict.accepted
    assert session.learned(results[2], is_automatic=True).message is None
    assert session.learned(results[2]).message is not None
    assert session.checkpoint_entries[-1].is_refused
