from collections.abc import Mapping

import pytest
import torch
from torch import Tensor, nn

from fcn_gui.core.errors import CheckpointError
from fcn_gui.net.fcn import FCN, build_trunk, check_strides, strides_down_to
from fcn_gui.net.lattice import CornerLattice
from fcn_gui.net.preset import VOC21_LIGHT
from fcn_gui.net.trunk import Tap


class RampTrunk(nn.Module):
    """Taps that each hold, in channel 0, a linear ramp over the pixels of the image."""

    name, preset, lattice = "ramp", VOC21_LIGHT, CornerLattice(16)
    taps: Mapping[str, Tap] = {
        "score_fr": Tap(16, 2),
        "score_pool4": Tap(16, 1),
        "score_pool3": Tap(8, 1),
        "score_pool2": Tap(4, 3),
        "score_pool1": Tap(2, 1),
    }

    def forward(self, x: Tensor, context: Tensor | None = None) -> dict[str, Tensor]:
        rows = torch.arange(x.shape[2], dtype=torch.float32)[:, None]
        cols = torch.arange(x.shape[3], dtype=torch.float32)[None]
        ramp = 0.002 * rows + 0.001 * cols
        taps = {}
        for name, tap in self.taps.items():
            values = torch.zeros(1, tap.channels, *ramp[:: tap.stride, :: tap.stride].shape)
            values[:, 0] = ramp[:: tap.stride, :: tap.stride]
            taps[name] = values
        return taps

    needs_whole: frozenset[str] = frozenset()
    bytes_per_px, least_tile_px = 100, 1

    def look(self, x: Tensor, origin: tuple[int, int] | None = None) -> dict[str, Tensor]:
        return self(x)

    def complete(self, looked: Mapping[str, Tensor], context: Tensor | None = None) -> dict[str, Tensor]:
        return dict(looked)

    def context_of(self, looked: Mapping[str, Tensor]) -> Tensor | None:
        return None


_PARTS = [(name, finest) for name, tap in RampTrunk.taps.items() for finest in (16, 8, 4, 2) if tap.stride >= finest]


@pytest.mark.parametrize(("layer", "finest"), _PARTS)
def test_a_ramp_on_one_tap_comes_back_as_the_same_ramp(layer: str, finest: int) -> None:
    trunk = RampTrunk()
    network = FCN(trunk, strides_down_to(trunk, finest), 2)
    with torch.no_grad():
        network.get_parameter(f"{layer}.weight")[1, 0] = 1

    scores = network(torch.zeros(1, 3, 97, 65))

    rows = torch.arange(0, 97, finest)[:, None]
    cols = torch.arange(0, 65, finest)[None]
    assert (scores[0, 1] - (0.002 * rows + 0.001 * cols)).abs().max() <= 1e-5
    assert scores[0, 0].abs().max() == 0


def test_scores_of_all_taps_add_up() -> None:
    trunk = RampTrunk()
    network = FCN(trunk, strides_down_to(trunk, 2), 1)
    with torch.no_grad():
        for layer in trunk.taps:
            network.get_parameter(f"{layer}.weight")[0, 0] = 1
            network.get_parameter(f"{layer}.bias")[0] = 0.25
    scores = network(torch.zeros(1, 3, 33, 49))
    ramp = 0.002 * torch.arange(0, 33, 2)[:, None] + 0.001 * torch.arange(0, 49, 2)[None]
    assert (scores[0, 0] - 5 * (ramp + 0.25)).abs().max() <= 1e-5


@pytest.mark.parametrize(("finest", "layers"), [(16, 2), (8, 3), (4, 4), (2, 5)])
def test_strides_decide_which_score_layers_there_are(finest: int, layers: int) -> None:
    trunk = build_trunk("mobilenet_v2")
    network = FCN(trunk, strides_down_to(trunk, finest), 4)
    assert network.name == f"FCN-{finest}s"
    assert len([name for name, _ in network.named_children() if name.startswith("score_")]) == layers


def test_score_layers_start_from_zero() -> None:
    trunk = build_trunk("mobilenet_v2")
    network = FCN(trunk, strides_down_to(trunk, 2), 4)
    assert network(torch.randn(1, 3, 33, 33)).abs().max() == 0


def test_32s_is_refused_with_the_reason() -> None:
    with pytest.raises(CheckpointError, match="32s can't be had with mobilenet_v2: its coarsest map has stride 16"):
        strides_down_to(build_trunk("mobilenet_v2"), 32)


@pytest.mark.parametrize("strides", [(), (8,), (16, 4), (16, 3), (16, 8, 2)])
def test_strides_that_leave_a_gap_are_refused(strides: tuple[int, ...]) -> None:
    with pytest.raises(CheckpointError, match=r"choose from|leave a gap"):
        check_strides(build_trunk("mobilenet_v2"), strides)


def test_an_unknown_trunk_is_refused_by_name() -> None:
    with pytest.raises(CheckpointError, match="'resnet' is not known"):
        build_trunk("resnet")
