"""A lower precision is taken only where it says what float32 says, on the sample that is hard for it."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from torch import nn

from fcn_gui.cli import choices
from fcn_gui.cli.commands import program
from fcn_gui.core.checkpoint import Checkpoint
from fcn_gui.core.image_io import read_image
from fcn_gui.core.label_map import own_label_map
from fcn_gui.disk.bundled import samples_dir
from fcn_gui.learn.segmenter import TorchSegmenter
from fcn_gui.net.checkpoint import adapted
from fcn_gui.net.device import LEAST_ALIKE, Device, choose
from fcn_gui.net.predict import HARD_SAMPLE, Predictor, share_alike

HALF = Device("cpu", "CPU", torch.bfloat16, channels_last=True)


@pytest.fixture(scope="module")
def bundled() -> Checkpoint:
    return choices.load_checkpoint(choices.START)


@pytest.fixture
def half_is_fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a computer where it is many times as fast."""

    def seconds(way: Device, network: nn.Module, clock: Callable[[], float]) -> float:
        return 1.0 if way.dtype == torch.float32 else 0.1

    monkeypatch.setattr("fcn_gui.net.device._seconds", seconds)


def labels(checkpoint: Checkpoint, device: Device) -> np.ndarray:
    predictor = Predictor.of(checkpoint, "cpu", measured=False)
    predictor.device = device
    return predictor.predict(read_image(samples_dir() / "photos" / HARD_SAMPLE).image).labels


def test_the_share_is_that_of_equal_labels_on_the_sample(bundled: Checkpoint) -> None:
    whole = Predictor.of(bundled, "cpu", measured=False)
    expected = (labels(bundled, HALF) == labels(bundled, choose("cpu"))).mean()
    assert share_alike(whole.network, whole.preset, HALF) == pytest.approx(expected, abs=2e-3)
    assert share_alike(whole.network, whole.preset, replace(HALF, dtype=torch.float32)) == 1


def test_a_network_that_sees_one_class_says_nothing_of_a_precision(bundled: Checkpoint) -> None:
    blind = Predictor.of(adapted(bundled, own_label_map(["sky", "wall"])), "cpu", measured=False)
    assert share_alike(blind.network, blind.preset, HALF) == 0


@pytest.mark.usefixtures("half_is_fast")
def test_what_is_chosen_gives_the_labels_of_float32(bundled: Checkpoint) -> None:
    chosen = Predictor.of(bundled, "cpu")
    found = chosen.predict(read_image(samples_dir() / "photos" / HARD_SAMPLE).image).labels
    assert (found == labels(bundled, choose("cpu"))).mean() >= LEAST_ALIKE


@pytest.mark.usefixtures("half_is_fast")
def test_for_classes_of_one_s_own_it_is_judged_by_those_that_the_checkpoint_knows(bundled: Checkpoint) -> None:
    segmenter = TorchSegmenter("cpu")
    segmenter.load(bundled, own_label_map(["sky", "wall"]))
    predictor = Predictor.of(bundled, "cpu")
    assert segmenter.describe().precision == predictor.device.precision
    (asked,) = [timing.alike for timing in predictor.device.report if timing.dtype != torch.float32]
    assert asked is not None and asked > 0.5


@pytest.mark.usefixtures("half_is_fast")
def test_doctor_says_the_share_and_what_follows_from_it() -> None:
    told = CliRunner().invoke(program, ["doctor", "--device", "cpu"])
    (line,) = [line for line in told.stdout.splitlines() if "bfloat16" in line and HARD_SAMPLE in line]
    share = float(line.partition("; ")[2].partition("%")[0]) / 100
    assert ("not taken below 99.5%" in line) == (share < LEAST_ALIKE)
    assert ("precision: bfloat16" in told.stdout) == (share >= LEAST_ALIKE)
