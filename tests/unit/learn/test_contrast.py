"""The quick logistic regression beside the refit that it stands for."""

import numpy as np
import pytest
import torch

from fcn_gui.learn.contrast import Contrast
from fcn_gui.learn.refit_samples import ImageSamples, VouchedPixels
from fcn_gui.learn.refit_solver import PAINTING_PASSES, Hold, solutions
from fcn_gui.learn.score_rows import ScoreRows


def points(ours: int, others: int) -> torch.Tensor:
    torch.manual_seed(ours)
    read = torch.randn(ours + others, 40) * torch.linspace(0.1, 3, 40) + torch.linspace(-1, 1, 40)
    read[:ours] += 0.5 * torch.randn(40)
    return read


@pytest.mark.parametrize(("ours", "others"), [(200, 200), (4, 200), (200, 5)])
def test_it_is_the_refit_of_two_classes(ours: int, others: int) -> None:
    read, counts = points(ours, others), np.array([others, ours])
    labels = np.repeat([1, 0], [ours, others])
    every = VouchedPixels(np.arange(len(read)), labels, np.ones(len(read), np.float32), counts, counts.astype(float))
    samples = ImageSamples("", "", every, read, torch.zeros(len(read), 2))
    blank = ScoreRows(torch.zeros(2, 40), torch.zeros(2))
    *_, refit = solutions([samples], blank, None, Hold(new=0.02), PAINTING_PASSES)
    weights, offset = Contrast(read, ours).solved()
    assert torch.allclose(weights, refit.rows.weights[1] - refit.rows.weights[0], atol=1e-3)
    assert float(offset) == pytest.approx(float(refit.rows.bias[1] - refit.rows.bias[0]), abs=1e-2)


def test_what_is_like_the_first_scores_above_nothing() -> None:
    read = points(50, 80)
    weights, offset = Contrast(read, 50).solved()
    scores = read @ weights + offset
    assert (scores[:50] > 0).float().mean() > 0.9
    assert (scores[50:] < 0).float().mean() > 0.9


def test_numbers_that_never_change_are_no_reason() -> None:
    read = points(20, 20)
    read[:, 3] = 7.0
    weights, _ = Contrast(read, 20).solved()
    assert torch.isfinite(weights).all()
    assert weights[3] == 0
