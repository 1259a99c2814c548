"""The solve: one optimum wherever it starts, slopes that are true, rows that nobody vouched for that stay."""

import numpy as np
import pytest
import torch

from fcn_gui.learn.lbfgs import Lbfgs
from fcn_gui.learn.refit_samples import ImageSamples, VouchedPixels, weights_of
from fcn_gui.learn.refit_solver import THOROUGH_PASSES, Hold, Pass, RefitProblem, Solved, solutions
from fcn_gui.learn.score_rows import ScoreRows

WIDTH, CLASSES = 6, 4
HOLD = Hold(taught=0.1, new=0.02, new_offset=1e-3)


def cloud(seed: int, labels: tuple[int, ...] = (0, 1, 2), count: int = 90) -> ImageSamples:
    """Pixels whose features lie around a place of their class."""
    rng = np.random.default_rng(seed)
    label = rng.choice(labels, count)
    places = np.random.default_rng(99).normal(0, 2, (CLASSES, WIDTH))
    read = (places[label] * 5 + rng.normal(0, 4, (count, WIDTH)) + 20).astype(np.float32)
    counts = np.bincount(label, minlength=CLASSES)
    vouched = VouchedPixels(
        np.arange(count), label, rng.uniform(1, 3, count).astype(np.float32), counts, counts.astype(float)
    )
    before = torch.from_numpy(read) @ start().weights.T + start().bias
    return ImageSamples(str(seed), "1", vouched, torch.from_numpy(read), before)


def elsewhere() -> torch.Tensor:
    """What is read on other photographs."""
    return torch.from_numpy(np.random.default_rng(5).normal((40, 10, 35, 5, 45, 0), 6, (200, WIDTH))).float()


def start() -> ScoreRows:
    """Rows 0 and 3 were taught, 1 and 2 never."""
    weights = torch.zeros(CLASSES, WIDTH)
    weights[0], weights[3] = 0.02, -0.01
    return ScoreRows(weights, torch.tensor([0.3, 0.0, 0.0, -0.5]))


def solved(images: list[ImageSamples], last: Solved | None = None, iterations: int = 400) -> RefitProblem:
    problem = RefitProblem(images, start(), last, HOLD)
    for _ in problem.solve(Pass(iterations, 0)):
        pass
    return problem


def test_from_a_warm_start_it_ends_where_it_does_from_a_cold_one() -> None:
    images = [cloud(1), cloud(2)]
    cold = solved(images)
    warm = solved(images, solved([cloud(1), cloud(3, (0, 1))]).solved())
    assert warm.loss == pytest.approx(cold.loss, rel=1e-4)
    torch.testing.assert_close(warm.rows().weights, cold.rows().weights, rtol=0.02, atol=2e-3)


@pytest.mark.parametrize(("is_replayed", "nearly"), [(False, 1e-3), (True, 1e-2)], ids=["alone", "with a replay"])
def test_the_slope_is_that_of_the_value(is_replayed: bool, nearly: float) -> None:
    images = [cloud(1)] if is_replayed else [cloud(1), cloud(2)]
    problem = RefitProblem(images, start(), None, HOLD, elsewhere() if is_replayed else None)
    at = torch.from_numpy(np.random.default_rng(0).normal(0, 0.03, (3, WIDTH + 1))).float()
    _, slope = problem.value_and_slope(at)
    for place in ((0, 0), (1, 4), (2, WIDTH), (0, WIDTH)):
        step = torch.zeros_like(at)
        step[place] = 2e-3
        high, low = problem.value_and_slope(at + step)[0], problem.value_and_slope(at - step)[0]
        assert (high - low) / 4e-3 == pytest.approx(float(slope[place]), rel=0.02, abs=nearly)


def test_a_replay_costs_nothing_while_nothing_moves() -> None:
    zero, all_taught = torch.zeros(3, WIDTH + 1), start()
    all_taught.weights[1:3] = 1e-4
    plain, replayed = (RefitProblem([cloud(1)], all_taught, None, HOLD, each) for each in (None, elsewhere()))
    assert replayed.value_and_slope(zero)[0] == pytest.approx(plain.value_and_slope(zero)[0], abs=1e-4)


def test_a_new_class_stays_silent_where_photographs_are_replayed() -> None:
    """Elsewhere differs from all that was vouched, so nothing else speaks against the new classes there."""
    said = []
    for replayed in (None, elsewhere()):
        problem = RefitProblem([cloud(1)], start(), None, HOLD, replayed)
        for _ in problem.solve(Pass(400, 0)):
            pass
        rows = problem.rows()
        scores = elsewhere() @ rows.weights.T + rows.bias
        said.append(float(scores.softmax(1)[:, 1:3].sum(1).mean()))
        own = cloud(1).read @ rows.weights.T + rows.bias
        assert (own.argmax(1).numpy() == cloud(1).vouched.labels).mean() > 0.85
    assert said[1] < 0.1 < said[0]


def test_the_value_is_the_weighted_surprise_of_the_rows_that_come_out() -> None:
    images = [cloud(1), cloud(2)]
    problem = solved(images, iterations=10)
    rows = problem.rows()
    read = torch.cat([each.read for each in images])
    labels = torch.from_numpy(np.concatenate([each.vouched.labels for each in images]))
    weights = torch.from_numpy(np.concatenate(weights_of(images)))
    scores = read @ rows.weights.T + rows.bias
    surprise = torch.nn.functional.cross_entropy(scores, labels, reduction="none")
    by_hand = float((surprise * weights).sum() / weights.sum())
    assert by_hand < problem.loss < by_hand + 0.2  # what the ridge adds is not much
    assert by_hand < 0.5 * float(torch.nn.functional.cross_entropy(images[0].before, labels[:90]))


def test_rows_without_a_vouched_pixel_stay_and_new_ones_start_from_zero() -> None:
    rows = solved([cloud(1, (0, 1))]).rows()
    assert rows.weights[3].equal(start().weights[3])
    assert rows.bias[3] == start().bias[3]
    assert rows.taught.tolist() == [True, True, False, True]
    first = RefitProblem([cloud(1, (0, 1))], start(), None, HOLD).rows()
    assert first.weights.equal(start().weights)


def test_a_class_never_taught_nor_vouched_takes_no_part() -> None:
    """A score of 0 of a row that means nothing must not push the others up or down."""
    three, four = start(), start()
    four.bias[2] = 0.0
    problem = RefitProblem([cloud(1, (0, 1))], four, None, HOLD)
    alone = RefitProblem([cloud(1, (0, 1))], three, None, HOLD)
    zero = torch.zeros(2, WIDTH + 1)
    assert problem.value_and_slope(zero)[0] == alone.value_and_slope(zero)[0]
    images = cloud(1, (0, 1))
    active = images.before[:, [0, 1, 3]]
    labels = torch.from_numpy(images.vouched.labels)
    expected = torch.nn.functional.cross_entropy(active, labels, reduction="none").mean()
    assert problem.value_and_slope(zero)[0] == pytest.approx(float(expected), rel=0.25)


def test_the_harder_a_row_is_held_the_less_it_moves() -> None:
    moved = []
    for taught in (0.01, 1.0, 100.0):
        problem = RefitProblem([cloud(1)], start(), None, Hold(taught, 0.02, 1e-3))
        for _ in problem.solve(Pass(200, 3e-4)):
            pass
        moved.append(float((problem.rows().weights[0] - start().weights[0]).abs().sum()))
    assert moved[0] > moved[1] > moved[2]
    assert moved[2] < 0.05 * moved[0]


def test_it_can_be_stopped_after_each_turn_and_every_turn_goes_down() -> None:
    problem = RefitProblem([cloud(1), cloud(2)], start(), None, HOLD)
    losses = [problem.loss]
    for loss in problem.solve(Pass(12, 3e-4)):
        losses.append(loss)
        rows = problem.rows()
        assert torch.isfinite(rows.weights).all()
    assert len(losses) > 3
    assert losses == sorted(losses, reverse=True)


def corrected(images: list[ImageSamples], pixels: int) -> list[ImageSamples]:
    """After a stroke in the last image: some pixels more that look like class 0 and are of class 2."""
    *others, opened = images
    more = cloud(17, (0,), pixels)
    joined = np.concatenate([opened.vouched.labels, np.full(pixels, 2)])
    counts = np.bincount(joined, minlength=CLASSES)
    vouched = VouchedPixels(
        np.arange(len(joined)),
        joined,
        np.concatenate([opened.vouched.factor, 3 * np.ones(pixels, np.float32)]),
        counts,
        counts.astype(float),
    )
    read, before = torch.cat([opened.read, more.read]), torch.cat([opened.before, more.before])
    return [*others, ImageSamples(opened.key, "2", vouched, read, before)]


@pytest.mark.parametrize("labels", [(0, 1, 2), (0, 1)], ids=["known classes", "a class that is new"])
def test_a_fast_refit_ends_within_a_hundredth_of_the_exact_one(labels: tuple[int, ...]) -> None:
    images = [cloud(number, labels) for number in range(1, 6)]
    after = corrected(images, 30)
    exact = solved(after).loss
    fast = RefitProblem(after, start(), solved(images, iterations=16).solved(), HOLD)
    assert fast.loss > 1.05 * exact
    for _ in fast.solve():
        pass
    assert exact <= fast.loss * 1.0001 <= 1.01 * exact


def test_what_was_found_of_the_curvature_brings_the_next_refit_further() -> None:
    images = [cloud(number) for number in range(1, 6)]
    known = solved(images, iterations=16).solved()
    losses = []
    for last in (known, Solved(known.rows)):
        problem = RefitProblem(corrected(images, 30), start(), last, HOLD)
        for _ in problem.solve(Pass(3, 0)):
            pass
        losses.append(problem.loss)
    exact = solved(corrected(images, 30)).loss
    assert losses[0] - exact < 0.5 * (losses[1] - exact)


def test_a_refit_ends_where_a_step_brings_little() -> None:
    images = [cloud(1), cloud(2)]
    problem = RefitProblem(images, start(), solved(images).solved(), HOLD)
    assert len(list(problem.solve())) == 1


def test_lbfgs_knows_a_valley_whose_curvature_was_found_before() -> None:
    scale = torch.tensor([1.0, 100.0, 0.01])

    def valley(x: torch.Tensor) -> tuple[float, torch.Tensor]:
        return float((scale * (x - 5).square()).sum()), 2 * scale * (x - 5)

    bends = [(step, 2 * scale * step) for step in torch.eye(3)]
    found = Lbfgs(valley, torch.zeros(3), known=bends)
    found.step()
    torch.testing.assert_close(found.at, torch.full((3,), 5.0), rtol=1e-3, atol=1e-3)
    by_metric = Lbfgs(valley, torch.zeros(3), lambda slope: slope / (2 * scale))
    for _ in range(3):
        by_metric.step()
    torch.testing.assert_close(by_metric.at, torch.full((3,), 5.0), rtol=1e-3, atol=1e-3)


def test_lbfgs_finds_the_lowest_point_of_a_narrow_valley() -> None:
    scale = torch.tensor([1.0, 100.0, 0.01])
    lowest = torch.tensor([3.0, -1.0, 20.0])

    def valley(x: torch.Tensor) -> tuple[float, torch.Tensor]:
        apart = x - lowest
        return float((scale * apart.square()).sum()), 2 * scale * apart

    found = Lbfgs(valley, torch.zeros(3))
    for _ in range(40):
        if not found.step():
            break
    torch.testing.assert_close(found.at, lowest, rtol=1e-2, atol=1e-2)


def test_a_thorough_refit_from_nothing_ends_within_a_hundredth_of_the_exact_one() -> None:
    images = [cloud(number, count=400) for number in range(1, 6)]
    *_, found = solutions(images, start(), None, HOLD, THOROUGH_PASSES)
    exact = solved(images).loss
    assert exact <= RefitProblem(images, start(), found, HOLD).loss * 1.0001 <= 1.01 * exact


def test_what_is_solved_before_the_last_pass_can_be_gone_on_from() -> None:
    images = [cloud(number, count=400) for number in range(1, 6)]
    early = next(solutions(images, start(), None, HOLD, THOROUGH_PASSES))
    *_, found = solutions(images, start(), early, HOLD, THOROUGH_PASSES)
    assert RefitProblem(images, start(), found, HOLD).loss < RefitProblem(images, start(), early, HOLD).loss
