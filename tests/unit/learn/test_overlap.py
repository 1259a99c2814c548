import numpy as np
import pytest
import torch

from fcn_gui.learn.overlap import growth, overlap_loss


def _log_p(labels: torch.Tensor, classes: int, sure: float = 40.0) -> torch.Tensor:
    return (torch.nn.functional.one_hot(labels, classes).permute(0, 3, 1, 2).float() * sure).log_softmax(1)


def test_for_sure_answers_it_is_one_minus_the_mean_iu_of_the_truth_s_classes() -> None:
    generator = torch.Generator().manual_seed(0)
    truth = torch.randint(0, 3, (2, 8, 9), generator=generator)
    said = torch.randint(0, 4, (2, 8, 9), generator=generator)
    ious = []
    for label in range(3):
        both = ((truth == label) & (said == label)).sum()
        ious.append(float(both / ((truth == label) | (said == label)).sum()))
    loss = overlap_loss(_log_p(said, 4), truth, torch.ones_like(truth, dtype=torch.bool))
    assert float(loss) == pytest.approx(1 - np.mean(ious), abs=1e-5)


def test_right_answers_cost_nothing() -> None:
    truth = torch.randint(0, 3, (1, 6, 6), generator=torch.Generator().manual_seed(1))
    assert float(overlap_loss(_log_p(truth, 3), truth, torch.ones_like(truth, dtype=torch.bool))) < 1e-6


def test_pixels_that_do_not_count_have_no_part() -> None:
    truth = torch.zeros(1, 4, 4, dtype=torch.long)
    scores = torch.randn(1, 2, 4, 4, requires_grad=True)
    counted = torch.zeros(1, 4, 4, dtype=torch.bool)
    counted[0, 0] = True
    overlap_loss(scores.log_softmax(1), truth, counted).backward()
    assert scores.grad is not None
    assert scores.grad[..., 1:, :].abs().sum() == 0
    assert scores.grad[..., 0, :].abs().sum() > 0


def test_nothing_counted_is_zero_with_a_gradient_of_zero() -> None:
    scores = torch.randn(1, 2, 4, 4, requires_grad=True)
    loss = overlap_loss(scores.log_softmax(1), torch.zeros(1, 4, 4, dtype=torch.long), torch.zeros(1, 4, 4).bool())
    loss.backward()
    assert loss.item() == 0
    assert scores.grad is not None and scores.grad.abs().sum() == 0


def test_growth_adds_up_to_the_whole_loss() -> None:
    assert float(growth(torch.tensor([True, False, True, False])).sum()) == pytest.approx(1.0)
    assert growth(torch.tensor([False, True])).tolist() == pytest.approx([0.5, 0.5])
