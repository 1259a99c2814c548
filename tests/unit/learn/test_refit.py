"""Score rows from taps: what they are asked to say they say, and what is not asked about stays."""

import numpy as np
import torch

from fcn_gui.core.progress import run_to_end
from fcn_gui.learn.crops import Window
from fcn_gui.learn.refit import Ridge, TapSamples, sample_taps, solve_rows
from fcn_gui.learn.samples import Batch, Corrections, WeightSettings
from fcn_gui.learn.score_rows import score_layers
from fcn_gui.net.checkpoint import network_from, taught_rows
from fcn_gui.net.fcn import FCN
from fcn_gui.net.preset import VOC21_LIGHT
from fcn_gui.net.upsample import upsample
from tests.unit.learn.corrections import scene
from tests.unit.learn.workshop import untrained

NONE = torch.zeros(3, dtype=torch.bool)
RIDGE = Ridge(taught=0.01, new=0.01, memory=3)


def looked_at(seed: int, labels: tuple[int, ...] = (1, 2)) -> tuple[FCN, Batch]:
    network = network_from(untrained())
    made = Corrections([scene(seed, labels)], 3, WeightSettings(), VOC21_LIGHT.at(256), 1 << 24)
    run_to_end(made.read_all())
    return network, made.cut([(0, Window((129, 193), 0, 0, 193, False))], None)


def samples_of(network: FCN, batch: Batch, pixels: int = 600) -> TapSamples:
    return sample_taps(network, batch, batch.weights, pixels, torch.Generator().manual_seed(0))


def solved(
    network: FCN, samples: TapSamples, taught: torch.Tensor = NONE, remembered: torch.Tensor | None = None
) -> list[float]:
    return list(solve_rows(network, samples, taught, RIDGE, 40, remembered))


def rows_of(network: FCN) -> torch.Tensor:
    return torch.cat([layer.weight.detach()[:, :, 0, 0] for layer in score_layers(network)], 1)


def test_scores_of_sampled_taps_are_those_of_the_network() -> None:
    network, batch = looked_at(1)
    for layer in score_layers(network):
        torch.nn.init.normal_(layer.weight, std=0.1)
    weights = torch.zeros(1, 193, 193)
    weights[0, 37, 101] = 1
    samples = sample_taps(network, batch, weights, 1, torch.Generator())
    expected = upsample(network(batch.x), network.strides[-1])[0, :, 37, 101]
    torch.testing.assert_close(samples.features[0] @ rows_of(network).T, expected.detach(), rtol=1e-3, atol=1e-3)


def test_pixels_are_drawn_by_weight_and_weigh_what_their_sample_does() -> None:
    network, batch = looked_at(1)
    samples = samples_of(network, batch)
    drawn = np.bincount(samples.labels, minlength=3) / 600
    by_weight = [float(batch.weights[batch.labels == label].sum() / batch.weights.sum()) for label in range(3)]
    np.testing.assert_allclose(drawn, by_weight, atol=0.08)
    assert samples.weights.unique().numel() == 1
    np.testing.assert_allclose(samples.weights.sum(), batch.weights.sum(), rtol=1e-4)


def test_a_sample_without_weight_gives_no_pixel() -> None:
    network, batch = looked_at(1)
    samples = sample_taps(network, batch, batch.weights * 0, 100, torch.Generator())
    assert len(samples.labels) == 0
    assert samples.features.shape[1] == rows_of(network).shape[1]


def test_rows_from_zero_learn_what_the_colours_mean() -> None:
    network, batch = looked_at(2)
    losses = solved(network, samples_of(network, batch))
    assert losses[-1] < 0.5 * np.log(3)
    labels = upsample(network(batch.x), network.strides[-1]).argmax(1)
    counted = batch.weights > 0
    assert (labels == batch.labels)[counted].float().mean() > 0.8


def test_a_class_that_is_not_sampled_keeps_its_zeros() -> None:
    network, batch = looked_at(3, labels=(1,))
    solved(network, samples_of(network, batch))
    assert taught_rows(network).tolist() == [True, True, False]


def test_taught_rows_that_are_not_sampled_stay_where_nothing_is_remembered() -> None:
    network, batch = looked_at(3, labels=(1,))
    torch.nn.init.normal_(network.get_parameter("score_fr.weight"), std=0.1)
    before = rows_of(network)[2].clone()
    solved(network, samples_of(network, batch), ~NONE)
    assert rows_of(network)[2].equal(before)


def test_what_was_said_elsewhere_is_remembered() -> None:
    """Teaching blue on images without red, a network that knows red keeps it better when it remembers some."""
    network, batch = looked_at(4, labels=(1,))
    solved(network, samples_of(network, batch))
    state = {name: value.clone() for name, value in network.state_dict().items()}
    taught = taught_rows(network)
    _, other = looked_at(5, labels=(2,))
    remembered = samples_of(network, batch).features
    said = network(batch.x).masked_fill(~taught.view(1, -1, 1, 1), -1e4).softmax(1).detach()
    moved = []
    for memory in (None, remembered):
        network.load_state_dict(state)
        solved(network, samples_of(network, other), taught, memory)
        assert taught_rows(network).all()
        moved.append(float((network(batch.x).softmax(1) - said).abs().mean().detach()))
    assert moved[1] < 0.5 * moved[0]
