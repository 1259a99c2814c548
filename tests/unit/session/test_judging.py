"""What a candidate is judged on: held-out images, folds of the recipe, or nothing yet."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from fcn_gui.core.annotation_cost import correction_cost, cost_by_hand
from fcn_gui.core.checkpoint import Checkpoint
from fcn_gui.core.errors import LearningError
from fcn_gui.core.label_map import own_label_map
from fcn_gui.core.progress import Job, run_to_end
from fcn_gui.core.refit import Refit
from fcn_gui.session.gate import Verdict
from fcn_gui.session.judging import Match, compare, folds, judge
from fcn_gui.session.ports import CorrectedImage, FineTuneRequest, RefitRequest
from tests.fakes.segmenter import FakeSegmenter, colour_checkpoint

MAP = own_label_map(["background", "cow"])
GREEN, BROWN, BLUE = (40, 160, 40), (120, 80, 40), (40, 40, 160)
GOOD, SWAPPED = (GREEN, BROWN), (BROWN, GREEN)
STEPS = 12


class Watched(FakeSegmenter):
    """Notes what every fine-tune may learn from."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[FineTuneRequest] = []

    def fine_tune(self, request: FineTuneRequest) -> Job[Checkpoint]:
        self.asked.append(request)
        return super().fine_tune(request)


def picture(
    name: str, cow: tuple[int, int, int] = BROWN, *, verified: bool = True, vouched: int = 40
) -> CorrectedImage:
    """A cow on grass, 40×40; the upper `vouched` rows are vouched for."""
    image = np.zeros((40, 40, 3), np.uint8)
    image[:], image[10:30, 8:28] = GREEN, cow
    mask, vouch = np.zeros((40, 40), np.uint8), np.zeros((40, 40), np.uint8)
    mask[10:30, 8:28], vouch[:vouched] = 1, 1
    return CorrectedImage(name, lambda: (image, mask, vouch), verified)


def pictures(names: str, **more: object) -> list[CorrectedImage]:
    return [picture(name, **more) for name in names]  # type: ignore[arg-type]


def colours(table: Sequence[tuple[int, int, int]]) -> Checkpoint:
    return colour_checkpoint(MAP, np.array(table))


def judged(
    learned: list[CorrectedImage],
    held_out: list[CorrectedImage],
    live: Sequence[tuple[int, int, int]] = SWAPPED,
    candidate: Sequence[tuple[int, int, int]] = GOOD,
) -> tuple[Verdict, list[FineTuneRequest]]:
    segmenter = Watched()
    segmenter.load(colours(live), MAP)
    request = FineTuneRequest(MAP, learned, held_out)
    verdict = run_to_end(judge(segmenter, colours(live), colours(candidate), request, STEPS))
    return verdict, segmenter.asked


def test_four_held_out_images_judge_the_candidate_itself() -> None:
    verdict, asked = judged(pictures("a"), pictures("cdef", verified=False))
    assert verdict.accepted, verdict.reason
    assert not asked
    assert [score.path for score in verdict.images] == ["c", "d", "e", "f"]
    assert (verdict.folds, verdict.on) == (0, "4 held-out images")
    refused, _ = judged(pictures("a"), pictures("cdef"), live=GOOD, candidate=SWAPPED)
    assert not refused.accepted
    equal, _ = judged(pictures("a"), pictures("cdef"), live=GOOD, candidate=GOOD)
    assert not equal.accepted


def test_with_fewer_folds_judge_the_recipe_in_as_many_steps_together() -> None:
    verdict, asked = judged(pictures("abcde"), pictures("x"))
    assert verdict.accepted, verdict.reason
    assert (verdict.folds, verdict.on) == (4, "4 folds of 5 verified images and 1 held-out image")
    assert [score.path for score in verdict.images] == ["x", "a", "e", "b", "c", "d"]
    assert [score.fold for score in verdict.images] == [0, 1, 1, 2, 3, 4]
    assert [[image.key for image in each.images] for each in asked] == [
        ["b", "c", "d"],
        ["a", "c", "d", "e"],
        ["a", "b", "d", "e"],
        ["a", "b", "c", "e"],
    ]
    assert sum(each.steps for each in asked) <= STEPS


def test_no_held_out_and_no_judged_image_is_ever_learned_from() -> None:
    for learned, held_out in (("abc", ""), ("abcdef", "xyz"), ("ab", "x"), ("abc", "wxyz")):
        verdict, asked = judged(pictures(learned), pictures(held_out))
        for request in asked:
            seen = {image.key for image in request.images}
            assert not seen & set(held_out)
            assert not request.watched
        for score in verdict.images:
            if score.fold:
                assert score.path not in {image.key for image in asked[score.fold - 1].images}


@pytest.mark.parametrize("count", [3, 4, 5])
def test_few_images_are_enough_for_what_is_truly_better(count: int) -> None:
    verdict, _ = judged(pictures("abcde"[:count]), [])
    assert verdict.accepted, verdict.reason
    assert verdict.folds == min(4, count)
    assert verdict.candidate == 1.0


@pytest.mark.parametrize("count", [3, 4, 5])
def test_few_images_are_not_fooled_by_one_that_gets_better(count: int) -> None:
    """The live one knows all but one image, which no other image can teach: nothing is gained."""
    images = [picture("a", BLUE), *pictures("bcde"[: count - 1])]
    verdict, _ = judged(images, [], live=GOOD)
    assert not verdict.accepted


def test_corrected_images_that_are_not_verified_are_learned_from_and_not_judged_on() -> None:
    verdict, asked = judged([*pictures("abc"), picture("u", verified=False, vouched=12)], [])
    assert [score.path for score in verdict.images] == ["a", "b", "c"]
    assert all("u" in {image.key for image in each.images} for each in asked)


@pytest.mark.parametrize(("learned", "held_out", "told"), [("", "", "no"), ("a", "", "1"), ("a", "x", "2")])
def test_with_fewer_than_three_verified_images_the_candidate_waits(learned: str, held_out: str, told: str) -> None:
    verdict, asked = judged([*pictures(learned), picture("u", verified=False)], pictures(held_out))
    assert verdict.is_waiting and not verdict.accepted and not asked
    assert verdict.reason.startswith(told)
    assert verdict.steps == STEPS


def test_a_network_that_can_not_learn_refuses_the_recipe() -> None:
    class Broken(FakeSegmenter):
        def fine_tune(self, request: FineTuneRequest) -> Job[Checkpoint]:
            raise LearningError("The loss is no longer a finite number.")
            yield

    segmenter = Broken()
    segmenter.load(colours(SWAPPED), MAP)
    request = FineTuneRequest(MAP, pictures("abc"), [])
    verdict = run_to_end(judge(segmenter, colours(SWAPPED), colours(GOOD), request, STEPS))
    assert not verdict.accepted and not verdict.is_waiting
    assert "finite" in verdict.reason


def test_seconds_are_those_of_the_cheaper_start_over_vouched_pixels_only() -> None:
    segmenter = FakeSegmenter()
    segmenter.load(colours(GOOD), MAP)
    half = picture("h", vouched=20)
    match = Match(segmenter, colours(SWAPPED), colours(GOOD), 2)
    (found,) = run_to_end(compare(match, [half]))
    _, mask, vouch = half.read()
    truth = np.where(vouch > 0, mask, 255).astype(np.uint8)
    blank, wrong = cost_by_hand(truth).seconds, correction_cost((1 - mask).astype(np.uint8), truth).seconds
    assert found.live.seconds == pytest.approx(min(blank, wrong))
    assert found.live.seconds == pytest.approx(blank) and wrong > blank
    assert found.candidate.seconds == pytest.approx(correction_cost(mask, truth).seconds)
    assert found.candidate.confusion.sum() == 20 * 40
    assert np.trace(found.candidate.confusion) == 20 * 40


def test_folds_are_about_equal_and_leave_something_to_learn() -> None:
    images = pictures("abcdefg")
    assert [[image.key for image in part] for part in folds(images, 3)] == [["a", "d", "g"], ["b", "e"], ["c", "f"]]
    assert folds(pictures("a"), 3) == []
    others = [replace(picture("u"), is_verified=False), *pictures("a")]
    assert [[image.key for image in part] for part in folds(others, 3)] == [["a"]]


class Refitted(Watched):
    """Notes what every refit may learn from as well."""

    def __init__(self) -> None:
        super().__init__()
        self.refits: list[RefitRequest] = []

    def refit(self, request: RefitRequest) -> Job[Refit | None]:
        self.refits.append(request)
        return super().refit(request)


def judged_with_refit(learned: str, held_out: str, table: Sequence[tuple[int, int, int]]) -> tuple[Verdict, Refitted]:
    """A good candidate against a live checkpoint that takes cows for grass, under a refit to the colours of `table`."""
    segmenter = Refitted()
    segmenter.load(colours(SWAPPED), MAP)
    refit = Refit("", MAP, {"colors": np.array(table, np.float32)})
    request = FineTuneRequest(MAP, pictures(learned), pictures(held_out), refit=refit)
    return run_to_end(judge(segmenter, colours(SWAPPED), colours(GOOD), request, STEPS)), segmenter


def test_a_candidate_is_compared_with_the_refit_that_the_person_sees() -> None:
    verdict, _ = judged_with_refit("a", "cdef", GOOD)
    assert not verdict.accepted
    assert verdict.live == verdict.candidate == 1.0
    verdict, _ = judged_with_refit("a", "cdef", SWAPPED)
    assert verdict.accepted, verdict.reason


def test_in_a_fold_a_refit_that_does_not_know_the_judged_images_stands_in_on_both_sides() -> None:
    verdict, segmenter = judged_with_refit("abcd", "x", SWAPPED)
    folded = [score for score in verdict.images if score.fold]
    assert [score.path for score in folded] == ["a", "b", "c", "d"]
    assert all(score.live == score.candidate == 1.0 for score in folded)  # that of before takes cows for grass
    for refit, learned, score in zip(segmenter.refits, segmenter.asked, folded, strict=True):
        assert [image.key for image in refit.images] == [image.key for image in learned.images]
        assert score.path not in {image.key for image in refit.images}
        assert not refit.is_kept and not refit.goes_on
