import json
import math
from dataclasses import replace

import numpy as np
import pytest

from fcn_gui.core.cleanup import BLANK, RAW
from fcn_gui.core.prediction import Prediction
from fcn_gui.core.progress import run_to_end
from fcn_gui.core.refinement import Refinement
from fcn_gui.core.scores import Axis, ScoreGrid
from fcn_gui.core.surroundings import Boldness, Surroundings
from fcn_gui.session.proposal import (
    ATTUNED,
    BLANK_AFTER,
    LOOKED_AT,
    SMALLEST,
    USUAL,
    WAYS,
    CostRequest,
    StartCosts,
    cheapest,
    costs_of,
    outright,
    proposed,
    quick,
)

SIZE = 64
ARGMAX = next(way for way in WAYS if way.name == RAW.name)


def scene() -> tuple[np.ndarray, np.ndarray]:
    """A bright square on dark ground, and its mask."""
    image, mask = np.full((SIZE, SIZE, 3), 30, np.uint8), np.zeros((SIZE, SIZE), np.uint8)
    image[16:48, 16:48], mask[16:48, 16:48] = 220, 1
    return image, mask


def prediction_of(labels: np.ndarray) -> Prediction:
    scores = np.stack([labels == 0, labels == 1]).astype(np.float32) * 8
    return Prediction(labels, ScoreGrid(scores, labels.shape, Axis(0, 1), Axis(0, 1)), "0")


def costs(labels: np.ndarray) -> dict[str, float]:
    image, mask = scene()
    request = CostRequest(image, mask, np.full(mask.shape, 2, np.uint8), prediction_of(labels))
    return run_to_end(costs_of(request))


def test_nothing_known_is_the_usual_way() -> None:
    assert cheapest([]) == USUAL


def test_a_prediction_that_is_right_costs_looking_and_verifying() -> None:
    found = costs(scene()[1])
    assert found[RAW.name] == pytest.approx(3.6)
    assert found[BLANK.name] > found[RAW.name]
    assert set(found) == {SMALLEST, *(way.name for way in WAYS)}
    assert found[SMALLEST] == 32 * 32 / SIZE**2


def test_where_a_prediction_costs_more_than_a_blank_the_mask_starts_blank() -> None:
    found = costs(1 - scene()[1])
    assert all(found[way.name] > found[BLANK.name] for way in WAYS if way != BLANK)
    assert cheapest([found] * LOOKED_AT) == BLANK


def test_one_image_proves_little() -> None:
    a_little, much = ({way.name: 5.0 if way == ARGMAX else cost for way in WAYS} for cost in (9.0, 35.0))
    assert cheapest([a_little]) == USUAL
    assert cheapest([much]) == ARGMAX


def test_the_first_images_are_predicted_whatever_it_costs() -> None:
    dear = {way.name: 5.0 if way == BLANK else 35.0 for way in WAYS}
    assert cheapest([dear] * (BLANK_AFTER - 1)) == USUAL
    assert cheapest([dear] * BLANK_AFTER) == BLANK


def test_a_prediction_that_saves_next_to_nothing_is_not_shown() -> None:
    next_to_nothing, enough = ({way.name: 100.0 if way == BLANK else cost for way in WAYS} for cost in (97.0, 90.0))
    assert cheapest([next_to_nothing] * BLANK_AFTER) == BLANK
    assert cheapest([enough] * BLANK_AFTER) == USUAL


def test_an_image_that_the_network_hardly_knows_starts_blank() -> None:
    image, mask = scene()
    sure = prediction_of(mask)
    unsure = Prediction(mask, ScoreGrid(sure.scores.values / 40, mask.shape, Axis(0, 1), Axis(0, 1)), "0")
    assert (proposed(sure, image, ARGMAX).proposal == mask).all()
    assert not proposed(unsure, image, ARGMAX).proposal.any()
    assert (proposed(unsure, image, outright(ARGMAX)).proposal == mask).all(), "unless a person asks to see it"
    assert not outright(BLANK).is_blank


def test_what_follows_each_stroke_is_refined_in_the_quickest_way() -> None:
    assert quick(USUAL) == replace(USUAL, refinement=Refinement.FAST)
    assert quick(ARGMAX) == ARGMAX


def test_what_starts_blank_for_doubt_costs_what_blank_costs() -> None:
    image, mask = scene()
    unsure = ScoreGrid(prediction_of(1 - mask).scores.values / 40, mask.shape, Axis(0, 1), Axis(0, 1))
    request = CostRequest(image, mask, np.full(mask.shape, 2, np.uint8), Prediction(1 - mask, unsure, "0"))
    found = run_to_end(costs_of(request))
    assert {found[way.name] for way in WAYS} == {found[BLANK.name]}


def test_the_last_images_decide() -> None:
    good = {way.name: 5.0 if way == ARGMAX else 19.0 for way in WAYS}
    bad = {way.name: 5.0 if way == BLANK else 29.0 for way in WAYS}
    assert cheapest([bad] * 9 + [good] * LOOKED_AT) == ARGMAX
    assert cheapest([good] * 9 + [bad] * LOOKED_AT) == BLANK


def test_a_way_that_an_older_version_did_not_judge_is_not_taken() -> None:
    assert cheapest([{RAW.name: 9.0}]) == ARGMAX


def test_unvouched_pixels_ask_for_nothing() -> None:
    image, mask = scene()
    nobody = np.zeros(mask.shape, np.uint8)
    request = CostRequest(image, mask, nobody, prediction_of(1 - mask))
    assert run_to_end(costs_of(request))[RAW.name] == pytest.approx(3.6)


def test_the_prediction_itself_stays_beside_what_the_mask_starts_from() -> None:
    image, mask = scene()
    raw = prediction_of(mask)
    assert proposed(raw, image, RAW) is raw
    blank = proposed(raw, image, BLANK)
    assert not blank.proposal.any()
    assert (blank.labels == mask).all()


def test_what_a_refit_said_is_judged_apart() -> None:
    costs = StartCosts()
    for _ in range(BLANK_AFTER):
        costs.add({way.name: 5.0 if way == BLANK else 29.0 for way in WAYS}, is_of_refit=False)
    assert (costs.way(False), costs.way(True)) == (BLANK, USUAL)
    again = StartCosts(json.loads(json.dumps(costs.kept())))
    assert (again.way(False), again.way(True)) == (BLANK, USUAL)


@pytest.mark.parametrize(
    ("smallest", "share"),
    [
        ([], 0.001),
        ([0.2], 0.001),  # one image proves nothing
        ([0.02, 0.02], 0.01),
        ([0.02, 0.02, 0.02, 0.02, 0.5], 0.01),
        ([0.0011, 0.5, 0.5, 0.5, 0.5], 0.02),
        ([0.0012] * 3, 0.001),
    ],
)
def test_no_mask_starts_with_regions_much_smaller_than_what_people_painted(smallest: list[float], share: float) -> None:
    kept = StartCosts()
    for one in smallest:
        kept.add({SMALLEST: one}, is_of_refit=False)
    again = StartCosts(json.loads(json.dumps(kept.kept())))
    assert again.least_share() == pytest.approx(share)
    assert again.way(is_of_refit=False).least_share == pytest.approx(share)
    assert again.way(is_of_refit=True).least_share == pytest.approx(share)


def test_an_image_without_objects_says_nothing_of_how_small_they_are() -> None:
    image, mask = scene()
    request = CostRequest(image, 0 * mask, np.full(mask.shape, 2, np.uint8), prediction_of(mask))
    assert SMALLEST not in run_to_end(costs_of(request))


def test_what_the_header_holds_is_read_with_care() -> None:
    assert StartCosts([[{"raw": 3.0, "blank": "much"}, "nonsense"], 7]).kept() == [[{"raw": 3.0}], []]
    assert StartCosts("nonsense").kept() == []
    undefined = StartCosts([[{SMALLEST: math.nan, "raw": math.inf}] * 2, []])
    assert undefined.least_share() == USUAL.least_share
    assert undefined.way(is_of_refit=False) == ATTUNED


def test_a_checkpoint_alone_is_attuned_and_a_refit_once_that_has_saved_seconds() -> None:
    kept = StartCosts()
    assert kept.way(is_of_refit=False) == ATTUNED
    assert kept.way(is_of_refit=True) == USUAL
    for _ in range(2):
        kept.add({way.name: 20.0 if way.is_attuned else 35.0 for way in WAYS}, is_of_refit=True)
    assert kept.way(is_of_refit=True) == ATTUNED
    for _ in range(3):
        kept.add({way.name: 35.0 if way.is_attuned else 20.0 for way in WAYS}, is_of_refit=False)
    assert kept.way(is_of_refit=False) == USUAL


def test_an_attuned_mask_is_made_of_attuned_scores_where_there_are_any() -> None:
    image, mask = scene()
    half = mask.copy()
    half[:, SIZE // 2 :] = 0
    plain, argmax = prediction_of(half), replace(ARGMAX, is_attuned=True)
    attuned = replace(plain, attuned=prediction_of(mask).scores)
    assert (proposed(attuned, image, ARGMAX).proposal == half).all()
    assert (proposed(attuned, image, argmax).proposal == mask).all()
    assert (proposed(plain, image, argmax).proposal == half).all()
    request = CostRequest(image, mask, np.full(mask.shape, 2, np.uint8), attuned)
    found = run_to_end(costs_of(request))
    assert found[ATTUNED.name] < found[USUAL.name]


def test_a_finished_image_says_what_each_boldness_would_have_cost() -> None:
    """Here a stroke is completed with the other square from the usual boldness on, and by the boldest with all else."""
    image, mask = np.zeros((SIZE, SIZE, 3), np.uint8), np.zeros((SIZE, SIZE), np.uint8)
    mask[8:24, 8:24] = mask[40:56, 40:56] = 1

    def complete(around: Surroundings, boldness: Boldness) -> np.ndarray:
        usual = around.replaceable() & (mask == around.label) & (boldness >= Boldness.USUAL)
        return usual if boldness < Boldness.BOLDEST else around.replaceable()

    request = CostRequest(
        image, mask, np.full(mask.shape, 2, np.uint8), prediction_of(0 * mask), boldness=Boldness.BOLD, way=RAW
    )
    found = run_to_end(costs_of(request, complete))
    cost = {each: found[f"completed: {each.name.lower()}"] for each in Boldness}
    assert cost[Boldness.USUAL] == cost[Boldness.BOLD] == found[RAW.name]
    assert cost[Boldness.USUAL] < cost[Boldness.WARY] == cost[Boldness.NEVER] < cost[Boldness.BOLDEST]
