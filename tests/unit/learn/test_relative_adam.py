import pytest
import torch
from torch import nn

from fcn_gui.learn.relative_adam import RelativeAdam, channel_scale


def _parameter(*rows: float) -> nn.Parameter:
    return nn.Parameter(torch.tensor(rows).view(-1, 1, 1, 1).repeat(1, 4, 1, 1))


def test_the_scale_is_the_rms_of_each_channel() -> None:
    weight = torch.zeros(2, 2, 1, 1)
    weight[0, :, 0, 0] = torch.tensor([3.0, 4.0])
    weight[1, :, 0, 0] = torch.tensor([1.0, 1.0])
    assert channel_scale(weight).flatten().tolist() == pytest.approx([12.5**0.5, 1.0])


def test_channels_that_are_all_but_zero_count_as_a_share_of_the_others() -> None:
    scale = channel_scale(_parameter(1.0, 1.0, 1.0, 0.0)).flatten()
    assert scale[:3].tolist() == pytest.approx([1, 1, 1])
    assert scale[3] == pytest.approx(0.05)


def test_a_bias_counts_by_its_size_but_at_least_a_fifth_of_its_layer_s() -> None:
    scale = channel_scale(torch.tensor([2.0, 0.0, -1.0]))
    least = 0.2 * (5 / 3) ** 0.5
    assert scale.tolist() == pytest.approx([2.0, least, 1.0])


def test_a_first_step_moves_each_channel_by_its_own_length() -> None:
    parameter = _parameter(100.0, 0.01)
    before = parameter.detach().clone()
    optimiser = RelativeAdam()
    optimiser.add(parameter, channel_scale(parameter) * 0.01)
    parameter.grad = torch.ones_like(parameter) * torch.tensor([1e-6, 1e3]).view(2, 1, 1, 1)
    optimiser.step()
    moved = (before - parameter.detach()).flatten(1)
    assert moved[0].tolist() == pytest.approx([1.0] * 4, rel=1e-3)
    assert moved[1].tolist() == pytest.approx([0.01 * float(channel_scale(before)[1])] * 4, rel=1e-3)


def test_weights_that_the_loss_hardly_asks_about_hardly_move() -> None:
    parameter = _parameter(1.0)
    optimiser = RelativeAdam()
    optimiser.add(parameter, torch.full((1, 1, 1, 1), 0.1))
    parameter.grad = torch.tensor([1.0, 1.0, 1.0, 1e-4]).view(1, 4, 1, 1)
    optimiser.step()
    moved = (1 - parameter.detach()).flatten()
    assert float(moved[0]) > 0.1
    assert abs(float(moved[3])) < 1e-4


def test_gradients_are_cleared_and_none_means_no_step() -> None:
    parameter, idle = _parameter(1.0), _parameter(2.0)
    optimiser = RelativeAdam()
    for each in (parameter, idle):
        optimiser.add(each, torch.full((1, 1, 1, 1), 0.1))
    parameter.grad = torch.ones_like(parameter)
    optimiser.step()
    assert parameter.grad is None
    assert torch.equal(idle.detach(), torch.full_like(idle, 2.0))


def test_it_finds_the_minimum_of_a_badly_scaled_quadratic() -> None:
    goal = torch.tensor([200.0, 0.02]).view(2, 1, 1, 1)
    parameter = nn.Parameter(goal * 0.5)
    optimiser = RelativeAdam()
    optimiser.add(parameter, channel_scale(parameter) * 0.05)
    for step in range(300):
        (((parameter - goal) / goal) ** 2).sum().backward()
        optimiser.step(1 - step / 300)
    assert torch.allclose(parameter.detach(), goal, rtol=0.01)
