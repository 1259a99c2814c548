"""Time is counted, never made up: an estimate needs a pace to go by."""

import pytest

from fcn_gui.session.outlook import Estimate
from fcn_gui.session.project import Item, Status
from fcn_gui.widgets.time_column import each_text, estimate_text, spoken_minutes, time_facts


def item(seconds: float, strokes: int = 0, status: Status = Status.VERIFIED) -> Item:
    return Item(f"{seconds}.png", status, strokes=strokes, seconds=seconds)


def test_seconds_are_summed_and_the_pace_is_that_of_verified_images() -> None:
    items = [item(30, 2), item(50, 4), item(40, 3), item(9, 1, Status.CORRECTED), item(0, 0, Status.NEW)]
    facts = time_facts(items)
    assert (facts.seconds, facts.images, facts.verified) == (129, 5, 3)
    assert (facts.seconds_each, facts.strokes_each) == (40, 3)
    assert each_text(facts) == "3 verified: 40 s, 3 strokes each"


def test_one_stroke_is_one_stroke() -> None:
    assert each_text(time_facts([item(2, 1)])) == "1 verified: 2 s, 1 stroke each"


def test_an_estimate_says_about_and_between_what() -> None:
    assert estimate_text(Estimate(1200, 600, 4000)) == "about 20 min (10 min … 1 h 10 min)"


def test_what_cannot_be_read_is_nobodys_work() -> None:
    facts = time_facts([item(30), item(20, 1, Status.PROBLEM)])
    assert (facts.seconds, facts.images) == (30, 1)
    assert each_text(time_facts([])) == "No image is verified yet"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(3, "10 s"), (44, "40 s"), (130, "2 min"), (3590, "60 min"), (4000, "1 h 10 min"), (7170, "2 h 0 min")],
)
def test_an_estimate_is_no_finer_than_it_can_be(seconds: float, words: str) -> None:
    assert spoken_minutes(seconds) == words
