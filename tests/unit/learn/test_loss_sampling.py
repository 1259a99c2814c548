"""Sampled terms of a training's loss: their share, what they are on average, whole cells and patches, seeds."""

import dataclasses
import itertools
from pathlib import Path

import numpy as np
import pytest
import torch

from fcn_gui.core.label_map import own_label_map
from fcn_gui.learn.lessons import Batch, Lessons, Pictures, balance_of, loss_of
from fcn_gui.learn.loss import Sampling
from fcn_gui.learn.loss_sampling import LossSampler, cell_means, often_of
from fcn_gui.learn.recipe import Recipe
from fcn_gui.net.preset import VOC21_LIGHT
from tests.unit.learn.workshop import shapes

RECIPE = Recipe(rate=1e-3, new_rate=1e-3, crop_px=129, batch=2, kept=0.25)
CLASSES = 3
ALIKE = np.ones(CLASSES, np.float32)


def a_batch(count: int = 4, side: int = 65) -> Batch:
    """Class 0 left, 1 in the middle, 2 (few) right, and a band of void above; every second pixel of a crop."""
    truth = torch.zeros(count, side, side, dtype=torch.long)
    truth[:, :, side // 2 :] = 1
    truth[:, :, -side // 8 :] = 2
    truth[:, :3] = 255
    weights = (truth != 255).float()
    x = torch.zeros(count, 3, 2 * side - 1, 2 * side - 1)
    return Batch(x, truth, weights, None, torch.ones(count, side, side))


def sampler(recipe: Recipe = RECIPE, often: np.ndarray = ALIKE, seed: int = 0) -> LossSampler:
    return LossSampler(recipe, 16, often, seed)


def mean_weights(recipe: Recipe, often: np.ndarray, times: int = 400) -> tuple[Batch, torch.Tensor]:
    batch, drawn = a_batch(2), sampler(recipe, often)
    return batch, torch.stack([drawn.sampled(batch).weights for _ in range(times)]).mean(0)


@pytest.mark.parametrize("sampling", [Sampling.CELL, Sampling.PIXEL])
def test_each_term_is_kept_in_its_share_of_the_steps(sampling: Sampling) -> None:
    batch, mean = mean_weights(dataclasses.replace(RECIPE, sampling=sampling), ALIKE)
    assert (mean[batch.weights == 0] == 0).all()
    assert mean[batch.weights > 0].mean().item() == pytest.approx(0.25, abs=0.01)
    assert (mean[batch.weights > 0] - 0.25).abs().max() < 0.12


def test_cells_are_whole_also_on_every_second_pixel() -> None:
    """Cell i of stride 16 holds the pixels nearest to pixel 16i: on every second one 0–3, 4–11, 12–19, …"""
    kept = sampler().sampled(dataclasses.replace(a_batch(), weights=torch.ones(4, 65, 65))).weights
    edges = [0, *range(4, 65, 8), 65]
    for crop in kept:
        for top, bottom in itertools.pairwise(edges):
            for left, right in itertools.pairwise(edges):
                assert crop[top:bottom, left:right].unique().numel() == 1
    assert kept.unique().numel() == 2


def test_steps_differ_and_a_seed_repeats_them() -> None:
    batch = a_batch()
    first, again, other = (
        [one.sampled(batch).weights for _ in range(2)] for one in (sampler(), sampler(), sampler(seed=1))
    )
    assert torch.equal(first[0], again[0]) and torch.equal(first[1], again[1])
    assert not torch.equal(first[0], first[1])
    assert not torch.equal(first[0], other[0])


def test_the_teacher_s_terms_go_with_the_truth_s() -> None:
    batch = a_batch()
    got = sampler().sampled(batch)
    counted = batch.weights > 0
    assert torch.equal(got.inside[counted], got.weights[counted])


def gradient(scores: torch.Tensor, batch: Batch) -> torch.Tensor:
    scores.grad = None
    loss_of(scores, batch, RECIPE).backward()
    assert scores.grad is not None
    return scores.grad.clone()


def some_scores(batch: Batch) -> torch.Tensor:
    """Alike all over a cell, so that few draws show what comes out on average."""
    flat = torch.randn(len(batch.truth), CLASSES, 1, 1, generator=torch.Generator().manual_seed(5))
    return flat.repeat(1, 1, *batch.truth.shape[1:]).requires_grad_()


def of_layer(gradient: torch.Tensor) -> torch.Tensor:
    """What a bias of the score layer would get."""
    return gradient.sum((0, 2, 3))


@pytest.mark.parametrize("sampling", [Sampling.CELL, Sampling.PIXEL])
def test_on_average_the_gradient_is_that_of_the_whole_loss(sampling: Sampling) -> None:
    batch = a_batch()
    scores = some_scores(batch)
    whole = of_layer(gradient(scores, batch))
    drawn = sampler(dataclasses.replace(RECIPE, sampling=sampling))
    mean = torch.stack([of_layer(gradient(scores, drawn.sampled(batch))) for _ in range(200)]).mean(0)
    assert (mean - whole).norm() < 0.05 * whole.norm()


def test_on_average_balanced_draws_have_the_gradient_of_balanced_weights() -> None:
    batch = a_batch()
    scores = some_scores(batch)
    counts = torch.bincount(batch.truth[batch.truth < CLASSES], minlength=CLASSES).numpy()
    balance = balance_of(counts, 0.5)
    weighted = dataclasses.replace(batch, weights=batch.weights * torch.from_numpy(balance)[batch.truth % 255])
    expected = of_layer(gradient(scores, weighted))
    drawn = sampler(dataclasses.replace(RECIPE, sampling=Sampling.PIXEL), often_of(counts, balance))
    mean = torch.stack([of_layer(gradient(scores, drawn.sampled(batch))) for _ in range(200)]).mean(0)
    assert (mean - expected).norm() < 0.05 * expected.norm()
    assert (of_layer(gradient(scores, batch)) - expected).norm() > 0.2 * expected.norm()


def test_balanced_draws_keep_rare_classes_more_often_by_as_much_as_asked() -> None:
    recipe = dataclasses.replace(RECIPE, sampling=Sampling.PIXEL)
    batch, mean = mean_weights(recipe, np.array([0.5, 1, 3], np.float32))
    for label, share in enumerate((0.125, 0.25, 0.75)):
        assert mean[batch.truth == label].mean().item() == pytest.approx(share, abs=0.01)


def test_a_cell_goes_by_the_mean_of_its_pixels_and_never_above_always() -> None:
    batch, mean = mean_weights(RECIPE, np.array([0.5, 1, 8], np.float32))
    assert mean[batch.truth == 2][-1].item() == 1
    assert mean[:, 10, 10].mean().item() == pytest.approx(0.125, abs=0.05)


def test_often_keeps_the_share_of_all_pixels() -> None:
    counts, balance = np.array([900, 90, 10, 0]), np.array([0.5, 2, 4, 1], np.float32)
    often = often_of(counts, balance)
    assert (counts * often).sum() == pytest.approx(1000, rel=1e-5)
    assert often[1] / often[0] == pytest.approx(4)
    assert often_of(np.zeros(2, np.int64), np.ones(2, np.float32)).tolist() == [1, 1]


def test_cell_means_by_hand() -> None:
    """Cells of stride 2 in 4 pixels: 0, then 1–2, then 3."""
    values = torch.arange(16.0).view(1, 4, 4)
    expected = torch.tensor([[0, 1.5, 1.5, 3], [6, 7.5, 7.5, 9], [6, 7.5, 7.5, 9], [12, 13.5, 13.5, 15]])
    assert torch.equal(cell_means(values, 2)[0], expected)


def test_all_is_kept_where_nothing_was_asked_for() -> None:
    batch = a_batch()
    assert sampler(dataclasses.replace(RECIPE, kept=1.0)).sampled(batch) is batch


@pytest.mark.parametrize(("kept", "images"), [(1.0, 2), (0.5, 4), (0.25, 8), (0.3, 7)])
def test_a_step_has_as_many_more_images_as_it_keeps_less(kept: float, images: int) -> None:
    assert dataclasses.replace(RECIPE, kept=kept).images == images


@pytest.mark.parametrize(("kept", "side"), [(1.0, 257), (0.5, 177), (0.25, 129), (1e-4, 17)])
def test_a_patch_is_a_square_of_that_share_on_the_net_s_grid(kept: float, side: int) -> None:
    recipe = dataclasses.replace(RECIPE, crop_px=257, sampling=Sampling.PATCH, kept=kept)
    assert recipe.side_px == side
    assert dataclasses.replace(recipe, sampling=Sampling.CELL).side_px == 257


def test_patches_are_cut_out_and_kept_whole(tmp_path: Path) -> None:
    """The network gets the patch alone: nothing around it is part of its receptive fields."""
    labels = own_label_map(["red", "blue"])
    recipe = dataclasses.replace(RECIPE, crop_px=33, sampling=Sampling.PATCH)
    items = shapes(tmp_path, 3, labels).items
    lessons = Lessons(items, Pictures(labels), VOC21_LIGHT, recipe, ALIKE, np.random.default_rng(0))
    batch = sampler(recipe).sampled(lessons.draw(None))
    assert batch.x.shape == (8, 3, 17, 17)
    assert batch.weights.eq(1).all() and batch.weights.shape == (8, 9, 9)
