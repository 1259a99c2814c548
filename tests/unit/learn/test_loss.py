"""The loss by value, its sums over micro-batches, and what is drawn by chance."""

import itertools

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from fcn_gui.learn.loss import Sampling, divergence, draw_kept, share_of_loss


def some_pixels(seed=0, shape=(3, 4, 6, 5)):
    """Scores, labels with void, weights of which a third are 0."""
    rng = np.random.default_rng(seed)
    count, classes, height, width = shape
    scores = torch.tensor(rng.normal(0, 3, shape), dtype=torch.float32, requires_grad=True)
    labels = torch.tensor(rng.integers(0, classes, (count, height, width)))
    weights = torch.tensor(rng.random((count, height, width)) * (rng.random((count, height, width)) < 0.66))
    weights = weights.float()
    labels[weights == 0] = 255
    return scores, labels, weights


def plain_loss(scores, labels, weights):
    scores, labels, weights = (x.detach().numpy().astype(np.float64) for x in (scores, labels, weights))
    total = 0.0
    for n, i, j in np.ndindex(*labels.shape):
        if weights[n, i, j] > 0:
            column = scores[n, :, i, j]
            total += weights[n, i, j] * (np.log(np.exp(column).sum()) - column[int(labels[n, i, j])])
    return total / weights.sum()


def test_loss_by_value():
    scores, labels, weights = some_pixels()
    loss = share_of_loss(scores, labels, weights, float(weights.sum()))
    assert loss.item() == pytest.approx(plain_loss(scores, labels, weights), rel=1e-5)


def test_an_unvouched_pixel_has_no_gradient_at_all():
    scores, labels, weights = some_pixels()
    share_of_loss(scores, labels, weights, float(weights.sum())).backward()
    gradient = scores.grad.abs().sum(1)
    assert (gradient[weights == 0] == 0).all()
    assert (gradient[weights > 0] > 0).all()


def test_what_stands_at_an_unvouched_pixel_can_be_anything():
    scores, labels, weights = some_pixels()
    before = share_of_loss(scores, labels, weights, float(weights.sum())).item()
    with torch.no_grad():
        scores.permute(0, 2, 3, 1)[weights == 0] = float("nan")
    loss = share_of_loss(scores, labels, weights, float(weights.sum()))
    loss.backward()
    assert loss.item() == before
    assert torch.isfinite(scores.grad).all()


@given(st.integers(0, 1000), st.integers(1, 4))
@settings(max_examples=20, deadline=None)
def test_micro_batches_give_the_loss_and_gradient_of_the_big_batch(seed, per_batch):
    """Their weights differ from one to the next, so a mean of means would differ."""
    scores, labels, weights = some_pixels(seed, (5, 3, 4, 4))
    weights *= torch.tensor([0.01, 5.0, 1.0, 0.0, 2.0])[:, None, None]
    total = float(weights.sum())
    whole = share_of_loss(scores, labels, weights, total)
    whole.backward()
    expected, scores.grad = scores.grad.clone(), None
    carried = 0.0
    for part in torch.arange(5).split(per_batch):
        share = share_of_loss(scores[part], labels[part], weights[part], total)
        share.backward()
        carried += share.item()
    assert carried == pytest.approx(whole.item(), rel=1e-5)
    torch.testing.assert_close(scores.grad, expected)


def test_no_weight_gives_exactly_zero_and_no_gradient():
    scores, labels, weights = some_pixels()
    loss = share_of_loss(scores, labels, weights * 0, 0.0)
    loss.backward()
    assert loss.item() == 0
    assert not scores.grad.any()


@pytest.mark.parametrize("sampling", list(Sampling))
def test_everything_is_kept_at_probability_one(sampling):
    assert draw_kept((2, 5, 7), 1, torch.Generator().manual_seed(1), sampling, 4).eq(1).all()


@pytest.mark.parametrize("sampling", list(Sampling))
@pytest.mark.parametrize("q", [0.25, 0.5])
def test_about_q_of_the_terms_are_kept_and_a_seed_repeats_them(sampling, q):
    shape = (400, 33, 33) if sampling is Sampling.PATCH else (4, 257, 257)
    kept = draw_kept(shape, q, torch.Generator().manual_seed(3), sampling, 16)
    assert kept.shape == shape
    assert set(kept.unique().tolist()) == {0, 1}
    assert kept.mean().item() == pytest.approx(q, abs=0.07)
    again = draw_kept(shape, q, torch.Generator().manual_seed(3), sampling, 16)
    assert kept.equal(again)
    assert not kept.equal(draw_kept(shape, q, torch.Generator().manual_seed(4), sampling, 16))


def test_a_cell_is_kept_or_dropped_as_a_whole():
    """Cell i of stride 4 holds the pixels nearest to pixel 4i: 0–1, 2–5, 6–9, …"""
    kept = draw_kept((1, 17, 17), 0.5, torch.Generator().manual_seed(0), Sampling.CELL, 4)[0]
    borders = [0, 2, 6, 10, 14, 17]
    for top, bottom in itertools.pairwise(borders):
        for left, right in itertools.pairwise(borders):
            assert kept[top:bottom, left:right].unique().numel() == 1
    assert kept.unique().numel() == 2


def test_a_patch_is_kept_or_dropped_as_a_whole():
    kept = draw_kept((50, 3, 4), 0.5, torch.Generator().manual_seed(0), Sampling.PATCH, 4)
    assert {one.sum().item() for one in kept} == {0, 12}


def test_pixels_are_drawn_one_by_one():
    kept = draw_kept((1, 64, 64), 0.5, torch.Generator().manual_seed(0), Sampling.PIXEL, 16)[0]
    assert kept[:16, :16].unique().numel() == 2


def test_a_probability_out_of_range_is_an_error():
    with pytest.raises(ValueError, match="0…1"):
        draw_kept((1, 2, 2), 1.5, torch.Generator(), Sampling.PIXEL, 16)
    with pytest.raises(ValueError, match="0…1"):
        draw_kept((1, 1, 2), torch.tensor([[[0.5, 1.5]]]), torch.Generator(), Sampling.PIXEL, 16)


def test_each_term_can_have_a_probability_of_its_own():
    q = torch.tensor([0.0, 0.2, 0.7, 1.0]).repeat_interleave(4)[None, None].expand(200, 16, 16)
    for sampling, stride in ((Sampling.PIXEL, 16), (Sampling.CELL, 1)):
        kept = draw_kept((200, 16, 16), q, torch.Generator().manual_seed(0), sampling, stride)
        shares = [kept[:, :, 4 * n : 4 * n + 4].mean().item() for n in range(4)]
        assert shares == pytest.approx([0, 0.2, 0.7, 1], abs=0.02)


def test_divergence_by_value_over_the_known_classes_only():
    scores, _, weights = some_pixels()
    reference = some_pixels(7)[0]
    known = torch.tensor([True, False, True, True])
    got = divergence(scores, reference, weights, known)
    expected = 0.0
    for n, i, j in np.ndindex(*weights.shape):
        p, q = (np.exp(x.detach().numpy()[n, known.numpy(), i, j].astype(np.float64)) for x in (reference, scores))
        p, q = p / p.sum(), q / q.sum()
        expected += float(weights[n, i, j]) * float((p * np.log(p / q)).sum())
    assert got.item() == pytest.approx(expected, rel=1e-5)
    got.backward()
    assert not scores.grad[:, 1].any()
    assert reference.grad is None


def test_divergence_from_itself_is_zero():
    scores, _, weights = some_pixels()
    assert divergence(scores, scores, weights, torch.ones(4, dtype=torch.bool)).item() == pytest.approx(0, abs=1e-6)
