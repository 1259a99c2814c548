"""Which image and which region come next, by value."""

import numpy as np
import pytest

from fcn_gui.core.prediction import Prediction
from fcn_gui.core.raster import Rect
from fcn_gui.core.scores import Axis, ScoreGrid
from fcn_gui.session.project import Item, Status
from fcn_gui.session.survey import Sight, spread
from fcn_gui.session.where_next import (
    Glance,
    Uncertain,
    WhereNext,
    look_at,
    margins_of,
    next_region,
    uncertain_regions,
)


def layout(value: float) -> np.ndarray:
    return np.full(8 * 8 * 3, value, np.float32)


def item(key: str, status: Status = Status.PREDICTED, problem: str = "") -> Item:
    return Item(key, status, problem=problem)


def predicted(margin: np.ndarray, labels: np.ndarray | None = None, step: int = 1) -> Prediction:
    """Two classes whose probabilities differ by `margin` (h×w), on a grid of one point every `step` pixels."""
    labels = np.zeros(margin.shape, np.uint8) if labels is None else labels
    p = (1 + margin) / 2
    odds = np.log(p) - np.log(1 - p)
    scores = np.stack([np.where(labels == 0, odds, 0), np.where(labels == 1, odds, 0)]).astype(np.float32)
    shape = (margin.shape[0] * step, margin.shape[1] * step)
    grid = ScoreGrid(scores, shape, Axis(0.0, 1 / step), Axis(0.0, 1 / step))
    return Prediction(np.repeat(np.repeat(labels, step, 0), step, 1), grid, "x")


def test_more_doubt_comes_first_where_all_look_alike() -> None:
    known = WhereNext()
    for key, doubt in (("a", 0.1), ("b", 0.4), ("c", 0.2)):
        known.note(key, Glance(layout(0.5), doubt, doubt))
    items = [item(key) for key in "abc"]
    assert [advice.key for advice in known.rank(items)] == ["b", "c", "a"]
    assert [each.gain for each in items] == pytest.approx([0.1, 0.4, 0.2])


def test_unlike_what_is_verified_comes_before_more_of_the_same() -> None:
    known = WhereNext()
    known.note("done", Glance(layout(0.2)))
    known.note("alike", Glance(layout(0.21), 0.3, 0.3))
    known.note("other", Glance(layout(0.8), 0.2, 0.2))
    ranked = known.rank([item("done", Status.VERIFIED), item("alike"), item("other")])
    assert [advice.key for advice in ranked] == ["other", "alike"]
    assert ranked[0].gain == pytest.approx(0.2)
    assert ranked[0].reason == "20 % of it is uncertain, and it looks unlike all that is verified"
    assert ranked[1].gain == pytest.approx(0.3 * 0.2)
    assert ranked[1].reason == "30 % of it is uncertain; it looks like done"


def test_verified_and_broken_images_and_unknown_ones_are_not_advised() -> None:
    known = WhereNext()
    for key in ("done", "broken"):
        known.note(key, Glance(layout(0.5), 0.5, 0.5))
    items = [item("done", Status.VERIFIED), item("broken", problem="cut short"), item("new")]
    assert known.rank(items) == []
    assert [each.gain for each in items] == [None, None, None]


def test_another_network_makes_doubts_unknown_but_not_what_images_look_like() -> None:
    known = WhereNext()
    known.note("a", Glance(layout(0.5), 0.5, 0.5))
    assert known.is_known(item("a"))
    known.forget_doubts()
    assert not known.is_known(item("a"))
    assert known.is_known(item("a", Status.VERIFIED))


def test_margins_are_the_difference_of_the_two_likeliest() -> None:
    wanted = np.linspace(0.05, 0.95, 64, dtype=np.float32).reshape(8, 8)
    margins, away = margins_of(predicted(wanted).scores)
    assert margins == pytest.approx(wanted, abs=1e-5)
    assert away.all()


def test_a_border_is_no_doubt() -> None:
    margin = np.full((64, 64), 0.9, np.float32)
    margin[:, 31:33] = 0.1
    labels = np.zeros((64, 64), np.uint8)
    labels[:, 32:] = 1
    image = np.zeros((64, 64, 3), np.uint8)
    sure = look_at(image, predicted(margin, labels))
    assert sure.doubt == pytest.approx(0.1, abs=1e-4)
    assert sure.share == 0
    unsure = look_at(image, predicted(margin))
    assert unsure.doubt == pytest.approx(0.1 + 0.8 / 32, abs=1e-4)
    assert unsure.share == pytest.approx(2 / 64)


def test_uncertain_regions_are_unvouched_and_largest_first() -> None:
    margin = np.full((50, 50), 0.9, np.float32)
    margin[5:10, 5:10] = 0.3
    margin[20:40, 20:30] = 0.4
    margin[45:48, 2:12] = 0.1
    vouch = np.zeros((100, 100), np.uint8)
    prediction = predicted(margin, step=2)
    found = uncertain_regions(prediction, vouch)
    assert [region.rect for region in found] == [Rect(40, 40, 59, 79), Rect(4, 90, 23, 95), Rect(10, 10, 19, 19)]
    assert found[0].mass_px == pytest.approx(20 * 10 * 0.6 * 4, rel=1e-3)
    vouch[:, 30:] = 1
    assert [region.rect.x0 for region in uncertain_regions(prediction, vouch)] == [4, 10]
    vouch[:] = 1
    assert uncertain_regions(prediction, vouch) == []


def test_the_walk_goes_from_region_to_region_and_begins_again() -> None:
    regions = [Uncertain(Rect(n, 0, n + 1, 1), 10.0 - n) for n in range(3)]
    visited: list[Rect] = []
    walk = [next_region(regions, visited) for _ in range(4)]
    assert walk == [*regions, regions[0]]
    assert next_region([], visited) is None


def test_a_survey_of_many_is_spread_over_all() -> None:
    sights = [Sight(f"{n}", lambda: np.zeros((1, 1, 3), np.uint8), False) for n in range(1000)]
    some = spread(sights, 10)
    assert [sight.key for sight in some] == [f"{n}" for n in range(0, 1000, 100)]
    assert spread(sights[:3], 10) == sights[:3]
