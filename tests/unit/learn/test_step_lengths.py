import pytest
import torch

from fcn_gui.learn.step_lengths import SCORE_RMS, new_rows, optimiser_for, row_size
from fcn_gui.net.checkpoint import network_from
from tests.unit.learn.workshop import untrained


def test_a_row_of_that_size_makes_scores_of_the_size_of_trained_ones() -> None:
    generator = torch.Generator().manual_seed(0)
    tap = torch.randn(2, 64, 20, 20, generator=generator) * 5
    row = torch.randn(1, 64, 1, 1, generator=generator) * row_size(tap)
    scores = (tap * row).sum(1)
    assert float(scores.square().mean().sqrt()) == pytest.approx(SCORE_RMS, rel=0.3)


def test_new_rows_are_those_of_zeros() -> None:
    network = network_from(untrained())
    with torch.no_grad():
        network.get_parameter("score_fr.weight")[1, 3] = 1
    assert new_rows(network, "score_fr").tolist() == [True, False, True]


def test_known_weights_move_by_the_rate_and_new_rows_by_theirs() -> None:
    network = network_from(untrained())
    before = {name: value.detach().clone() for name, value in network.named_parameters()}
    x = torch.randn(1, 3, 65, 65, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        taps = network.trunk(x)
    optimiser = optimiser_for(network, taps, 1e-3, 0.5)
    for parameter in network.parameters():
        parameter.grad = torch.ones_like(parameter)
    optimiser.step()
    moved = {name: (before[name] - value.detach()) for name, value in network.named_parameters()}
    weight = before["trunk.concat_projection.weight"]
    rms = weight.square().mean((1, 2, 3)).sqrt()
    assert torch.allclose(moved["trunk.concat_projection.weight"][:, 0, 0, 0], 1e-3 * rms, rtol=0.02)
    with torch.no_grad():
        size = row_size(network_from(untrained()).trunk(x)["score_fr"])
    assert float(moved["score_fr.weight"].mean()) == pytest.approx(0.5 * size, rel=0.02)
