import math

import numpy as np
import pytest

from fcn_gui.core.label_map import own_label_map
from fcn_gui.core.progress import run_to_end
from fcn_gui.session.gate import Verdict, decide, judge, mean_iu
from fcn_gui.session.ports import CorrectedImage, FineTuneRequest
from tests.fakes.segmenter import FakeSegmenter, colour_checkpoint

MAP = own_label_map(["background", "cow"])
GREEN, BROWN = (40, 160, 40), (120, 80, 40)


def picture(name: str, background: tuple[int, int, int] = GREEN, cow: tuple[int, int, int] = BROWN) -> CorrectedImage:
    image = np.zeros((8, 8, 3), np.uint8)
    image[:], image[2:6, 2:6] = background, cow
    mask = np.zeros((8, 8), np.uint8)
    mask[2:6, 2:6] = 1
    return CorrectedImage(name, lambda: (image, mask, np.full((8, 8), 2, np.uint8)))


def matrix(*rows: tuple[int, ...]) -> np.ndarray:
    return np.array(rows, np.int64)


GOOD, BAD = matrix((8, 0), (0, 8)), matrix((8, 0), (8, 0))


def judged(learned: list[CorrectedImage], held_out: list[CorrectedImage], candidate: tuple, live: tuple) -> Verdict:
    segmenter = FakeSegmenter()
    segmenter.load(colour_checkpoint(MAP, np.array(live)), MAP)
    request = FineTuneRequest(MAP, learned, held_out)
    old, new = (colour_checkpoint(MAP, np.array(colors)) for colors in (live, candidate))
    return run_to_end(judge(segmenter, old, new, request, 4))


def test_mean_iu_is_over_the_classes_that_are_there() -> None:
    assert mean_iu(matrix((6, 2, 0), (0, 4, 0), (0, 0, 0))) == pytest.approx((6 / 8 + 4 / 6) / 2)
    assert math.isnan(mean_iu(np.zeros((3, 3), np.int64)))


@pytest.mark.parametrize(("old", "new", "accepted"), [(BAD, GOOD, True), (GOOD, BAD, False), (GOOD, GOOD, True)])
def test_a_candidate_goes_live_if_mean_iu_is_not_lower(old: np.ndarray, new: np.ndarray, accepted: bool) -> None:
    verdict = decide([picture("a"), picture("b")], [(old, new), (GOOD, GOOD)], "2 held-out images")
    assert verdict.accepted is accepted
    assert verdict.receipt()["interval"] is None
    assert [row["path"] for row in verdict.receipt()["images"]] == ["a", "b"]  # type: ignore[union-attr]


def test_nothing_goes_live_where_nothing_can_be_judged() -> None:
    nothing = np.zeros((2, 2), np.int64)
    verdict = decide([picture("a")], [(nothing, nothing)], "1 held-out image")
    assert not verdict.accepted
    assert verdict.receipt()["live"] is None


def test_held_out_images_judge_where_there_are_two() -> None:
    held_out = [picture("c"), picture("d")]
    good, swapped = (GREEN, BROWN), (BROWN, GREEN)
    assert judged([picture("a")], held_out, good, swapped).accepted
    refused = judged([picture("a")], held_out, swapped, good)
    assert not refused.accepted
    assert refused.candidate is not None
    assert refused.candidate < refused.live  # type: ignore[operator]
    assert [score.path for score in refused.images] == ["c", "d"]


def test_two_folds_judge_the_recipe_where_held_out_images_are_too_few() -> None:
    verdict = judged([picture("a"), picture("b"), picture("c")], [], (GREEN, BROWN), (BROWN, GREEN))
    assert verdict.accepted
    assert [score.path for score in verdict.images] == ["a", "b", "c"]
    assert verdict.candidate == 1.0
    assert "two folds" in verdict.reason


def test_one_corrected_image_can_judge_nothing() -> None:
    verdict = judged([picture("a")], [], (GREEN, BROWN), (BROWN, GREEN))
    assert not verdict.accepted
    assert verdict.receipt()["candidate"] is None
    assert "one corrected image" in verdict.reason
