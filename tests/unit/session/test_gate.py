"""The rule: what goes live, what is refused and with which words, by value."""

import math

import numpy as np
import pytest

from fcn_gui.session.gate import Compared, Figures, Verdict, decide, waiting

NAMES = ("background", "cow", "tree")


def matrix(right: tuple[int, int, int], wrong: tuple[int, int, int] = (0, 0, 0)) -> np.ndarray:
    """`right` pixels of each class, `wrong` ones called the next class."""
    made = np.diag(np.array(right, np.int64))
    for label, count in enumerate(wrong):
        made[label, (label + 1) % 3] += count
    return made


def images(live: list[np.ndarray], candidate: list[np.ndarray], seconds: list[tuple[float, float]]) -> list[Compared]:
    found = zip(live, candidate, seconds, strict=True)
    return [Compared(f"{n}", Figures(old, s[0]), Figures(new, s[1])) for n, (old, new, s) in enumerate(found)]


BAD, GOOD = matrix((50, 20, 20), (0, 5, 5)), matrix((50, 24, 24), (0, 1, 1))
FAIR = matrix((50, 23, 24), (0, 2, 1))
FEWER = [(40.0, 30.0), (50.0, 35.0), (30.0, 25.0), (60.0, 50.0)]
SAME = [(40.0, 40.0)] * 4
MORE = [(new, old) for old, new in FEWER]
MIXED = [(40.0, 30.0), (50.0, 35.0), (30.0, 25.0), (20.0, 55.0)]
"""Worse on the whole: one image takes all that the others save."""
A_LITTLE = [(40.0, 38.5)] * 4
SHAKY = [(40.0, 30.0), (50.0, 35.0), (30.0, 25.0), (20.0, 45.0)]
"""5 s saved in all, and 25 lost on one image: drawn again, about half of the draws lose."""


@pytest.mark.parametrize(
    ("live", "candidate", "seconds", "accepted", "words"),
    [
        ([BAD] * 4, [GOOD] * 4, FEWER, True, ""),
        ([GOOD] * 4, [GOOD] * 4, FEWER, False, "is not better"),
        ([BAD] * 4, [GOOD] * 4, SAME, False, "saves nothing"),
        ([GOOD] * 4, [BAD] * 4, FEWER, False, "is not better"),
        ([BAD] * 4, [GOOD] * 4, MORE, False, "saves nothing"),
        ([BAD] * 4, [GOOD] * 4, MIXED, False, "saves nothing"),
        ([BAD] * 4, [GOOD] * 4, SHAKY, False, "could be chance"),
        ([BAD] * 4, [GOOD] * 4, A_LITTLE, False, "40.0 → 38.5 s an image saves too little, 5 % is needed"),
        ([BAD, BAD, BAD, GOOD], [GOOD, GOOD, GOOD, FAIR], FEWER, True, ""),
        ([BAD, BAD, BAD, GOOD], [GOOD, GOOD, GOOD, BAD], FEWER, False, "could be chance"),
    ],
)
def test_live_only_if_seconds_and_mean_iu_get_surely_better(
    live: list[np.ndarray], candidate: list[np.ndarray], seconds: list[tuple[float, float]], accepted: bool, words: str
) -> None:
    verdict = decide(images(live, candidate, seconds), NAMES, "4 held-out images")
    assert verdict.accepted is accepted, verdict.reason
    assert words in verdict.reason
    assert verdict.interval is not None and verdict.seconds_interval is not None
    is_sure = verdict.interval[0] > 0 and verdict.seconds_interval[0] > 0 and seconds is not A_LITTLE
    assert is_sure is accepted


def test_the_receipt_says_all_numbers() -> None:
    receipt = decide(images([BAD] * 4, [GOOD] * 4, FEWER), NAMES, "4 held-out images", steps=64).receipt()
    assert receipt["live"] == pytest.approx((50 / 55 + 20 / 25 + 20 / 30) / 3)
    assert receipt["candidate"] == pytest.approx((50 / 51 + 24 / 25 + 24 / 26) / 3)
    assert (receipt["seconds_live"], receipt["seconds_candidate"]) == (45.0, 35.0)
    low, high = receipt["interval"]  # type: ignore[misc]
    assert low == high == pytest.approx(receipt["candidate"] - receipt["live"], abs=1e-6)  # type: ignore[operator]
    low, high = receipt["seconds_interval"]  # type: ignore[misc]
    assert 5 < low < 10 < high < 15
    assert receipt["images"][0] == {  # type: ignore[index]
        "path": "0",
        "live": pytest.approx(receipt["live"], abs=1e-6),
        "candidate": pytest.approx(receipt["candidate"], abs=1e-6),
        "seconds_live": 40.0,
        "seconds_candidate": 30.0,
        "fold": 0,
    }
    assert (receipt["accepted"], receipt["waiting"], receipt["folds"], receipt["steps"]) == (True, False, 0, 64)
    assert "45.0 → 35.0 s" in receipt["reason"]  # type: ignore[operator]


@pytest.mark.parametrize(
    ("tree", "accepted"),
    [((100, 0), True), ((98, 2), True), ((96, 4), False)],
)
def test_a_class_of_a_hundredth_may_fall_by_three_points_and_no_more(tree: tuple[int, int], accepted: bool) -> None:
    """100 of 5000 pixels are trees: 2 %."""
    live = matrix((3900, 800, 100), (0, 200, 0))
    candidate = matrix((3900, 1000, tree[0]), (0, 0, tree[1]))
    live[1, 2], live[1, 0] = 0, 200  # what a cow is called does not make trees worse
    verdict = decide(images([live] * 4, [candidate] * 4, FEWER), NAMES, "4 held-out images")
    assert verdict.accepted is accepted
    if not accepted:
        assert verdict.reason.startswith("tree fell by 0.040, 0.030 is allowed")
    assert [c.name for c in verdict.classes if c.has_fallen] == ([] if accepted else ["tree"])


def test_a_rare_class_may_fall() -> None:
    live, candidate = matrix((9000, 800, 90), (0, 200, 0)), matrix((9000, 1000, 40), (0, 0, 50))
    live[1, 2], live[1, 0] = 0, 200
    verdict = decide(images([live] * 4, [candidate] * 4, FEWER), NAMES, "4 held-out images")
    tree = verdict.classes[2]
    assert tree.share < 0.01 and tree.fall > 0.5 and not tree.has_fallen


def test_images_without_a_judged_pixel_count_for_nothing() -> None:
    nothing = np.zeros((3, 3), np.int64)
    some = images([BAD, BAD, nothing], [GOOD, GOOD, nothing], [*FEWER[:2], (3.6, 3.6)])
    verdict = decide(some, NAMES, "3 held-out images")
    assert verdict.seconds_live == 45.0
    assert math.isnan(verdict.images[2].live)
    assert verdict.receipt()["images"][2]["live"] is None  # type: ignore[index]


def test_nothing_goes_live_where_nothing_can_be_judged() -> None:
    nothing = np.zeros((3, 3), np.int64)
    verdict = decide(images([nothing], [nothing], [(3.6, 3.6)]), NAMES, "1 held-out image")
    assert not verdict.accepted
    assert verdict.receipt()["live"] is None
    assert verdict.receipt()["interval"] is None


def test_what_waits_is_neither_accepted_nor_refused() -> None:
    verdict = waiting(2, 3, 56)
    assert isinstance(verdict, Verdict)
    assert (verdict.accepted, verdict.is_waiting, verdict.receipt()["waiting"]) == (False, True, True)
    assert verdict.reason == "2 verified images can't judge it, 3 can."
    assert verdict.receipt()["steps"] == 56
