"""What was saved and what is left, by value; and what by hand costs, counted once."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from fcn_gui.core.annotation_cost import cost_by_hand
from fcn_gui.core.errors import ImageError
from fcn_gui.core.progress import run_to_end
from fcn_gui.session import headless
from fcn_gui.session.by_hand import NAME, ByHandBook, count_by_hand
from fcn_gui.session.checkpoints import CheckpointEntry
from fcn_gui.session.outlook import held_out_curve, outlook, time_left, worked
from fcn_gui.session.ports import CorrectedImage
from fcn_gui.session.project import Item, Status
from tests.unit.session.workshop import at_work, finish, make_folder, photo


def item(
    key: str, seconds: float, status: Status = Status.VERIFIED, at: float = 0.0, hand: float | None = None
) -> Item:
    return Item(key, status, seconds=seconds, strokes=int(seconds // 10), verified_at=at, by_hand_s=hand)


def test_the_course_is_in_the_order_of_verifying_and_of_work_only() -> None:
    items = [
        item("b", 40, at=20.0),
        item("a", 60, at=10.0),
        item("imported", 0),
        item("begun", 12, Status.CORRECTED),
        item("broken", 9, Status.PROBLEM),
    ]
    assert [(each.key, each.seconds, each.strokes) for each in worked(items)] == [("a", 60, 6), ("b", 40, 4)]
    assert outlook(items).left == 1


def test_what_was_saved_is_of_the_images_that_were_counted_both_ways() -> None:
    seen = outlook([item("a", 60, hand=200.0), item("b", 40, hand=100.0), item("c", 50)])
    assert (seen.compared, seen.spent_s, seen.by_hand_s, seen.saved_s) == (2, 100, 300, 200)
    slower = outlook([item("a", 60, hand=50.0)])
    assert slower.saved_s == -10


@pytest.mark.parametrize("seconds", [[], [30.0], [30.0, 20.0]])
def test_below_three_images_it_is_too_early(seconds: Sequence[float]) -> None:
    for is_learning in (True, False):
        assert time_left(np.array(seconds), 5, is_learning) is None


def test_a_steady_pace_goes_on_with_and_without_learning() -> None:
    for is_learning in (True, False):
        left = time_left(np.full(6, 40.0), 10, is_learning)
        assert left is not None
        assert (left.seconds, left.low, left.high) == (pytest.approx(400),) * 3


def test_seconds_that_fall_go_on_falling_for_eight_images_only() -> None:
    seconds = 80.0 * np.arange(1, 13) ** -0.4
    learning, without = time_left(seconds, 20, True), time_left(seconds, 20, False)
    assert learning is not None and without is not None
    followed = 80.0 * np.arange(13, 21) ** -0.4
    assert learning.seconds == pytest.approx(followed.sum() + 12 * followed[-1])
    assert without.seconds == pytest.approx(20 * seconds[-10:].mean())
    assert learning.seconds < without.seconds
    assert learning.low <= learning.seconds <= learning.high


def test_seconds_that_rise_are_not_said_to_fall_or_to_rise_further() -> None:
    left = time_left(np.array([20.0, 30.0, 40.0, 50.0]), 10, True)
    assert left is not None
    assert left.seconds == pytest.approx(350)


def test_the_interval_holds_what_comes_about_four_times_of_five() -> None:
    rng = np.random.default_rng(5)
    inside = 0
    for trial in range(60):
        drawn = rng.gamma(4, 10, 20)
        left = time_left(drawn[:12], 8, False, seed=trial)
        assert left is not None
        inside += left.low <= drawn[12:].sum() <= left.high
    assert 36 <= inside <= 58


def test_the_held_out_curve_has_the_interval_of_each_receipt() -> None:
    receipt = {"live": 0.7, "candidate": 0.75, "interval": [0.01, 0.4]}
    entries = [
        CheckpointEntry("a", 0, False, False, {}),
        CheckpointEntry("b", 1, True, False, receipt),
        CheckpointEntry("c", 2, False, True, {"live": 0.7, "candidate": 0.6}),
    ]
    first, second = held_out_curve(entries)
    assert (first.number, first.mean_iu, first.is_refused) == (1, 0.75, False)
    assert (first.low, first.high) == (pytest.approx(0.71), 1.0)
    assert (second.low, second.high, second.is_refused) == (None, None, True)


def picture(key: str, number: int) -> CorrectedImage:
    image, mask = photo(number)
    return CorrectedImage(key, lambda: (image, mask, np.ones_like(mask)), True)


def broken() -> CorrectedImage:
    def read() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        raise ImageError("x.png can't be read.")

    return CorrectedImage("x", read, True)


def test_by_hand_is_counted_once_for_each_mask_and_kept(tmp_path: Path) -> None:
    told: dict[str, float] = {}
    images = [picture("a", 1), broken(), picture("b", 2)]
    assert run_to_end(count_by_hand(ByHandBook(tmp_path), images, told.__setitem__)) == 2
    assert told == {"a": pytest.approx(cost_by_hand(photo(1)[1]).seconds), "b": pytest.approx(told["b"])}
    again: dict[str, float] = {}
    same_mask = [picture("other name", 1), picture("b", 2)]
    assert run_to_end(count_by_hand(ByHandBook(tmp_path), same_mask, again.__setitem__)) == 0
    assert again == {"other name": told["a"], "b": told["b"]}


def test_a_damaged_book_is_counted_anew(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text('["no"')
    told: dict[str, float] = {}
    assert run_to_end(count_by_hand(ByHandBook(tmp_path), [picture("a", 1)], told.__setitem__)) == 1
    assert ByHandBook(tmp_path).get("never seen") is None


def test_when_an_image_was_verified_is_remembered_and_a_changed_mask_is_counted_anew(tmp_path: Path) -> None:
    folder, scratch = make_folder(tmp_path / "photos", 3), tmp_path / "scratch"
    with at_work(folder, scratch) as (session, engine):
        for number in (1, 0):
            finish(session, engine, f"p{number}.png", photo(number)[1])
        for each in session.need_project().items:
            each.seconds = 30.0
        assert [image.key for image in session.not_counted_by_hand()] == ["p0.png", "p1.png"]
        session.need_project().item("p0.png").by_hand_s = 9.0
        assert [image.key for image in session.not_counted_by_hand()] == ["p1.png"]
        headless.carry_out(session.unverify())
        headless.carry_out(session.verify())
        assert session.need_project().item("p0.png").by_hand_s is None
    with at_work(folder, scratch, key=None) as (session, _):
        items = session.need_project().items
        assert 0 < items[1].verified_at < items[0].verified_at
        assert items[2].verified_at == 0
