"""Predictions of the GPU against those of the CPU, in every precision that it may choose."""

import dataclasses

import numpy as np
import pytest
import torch

from fcn_gui.core.checkpoint import Checkpoint
from fcn_gui.core.raster import Image
from fcn_gui.net.checkpoint import network_from, silence_untaught
from fcn_gui.net.device import choose, measure
from fcn_gui.net.predict import Predictor
from fcn_gui.net.preset import NATIVE, Preset
from tests.gpu.conftest import GPU

MOST_APART = 1e-3
LEAST_ALIKE = 0.995


def predictor(checkpoint: Checkpoint, name: str, dtype: torch.dtype = torch.float32, last: bool = False) -> Predictor:
    """The checkpoint on a device, in a precision and layout of one's own choice."""
    network = network_from(checkpoint)
    silence_untaught(network)
    device = dataclasses.replace(choose(name), dtype=dtype, channels_last=last)
    return Predictor(network, Preset.from_json(checkpoint.preset), device, checkpoint.id)


@pytest.mark.parametrize("last", [False, True], ids=["channels first", "channels last"])
def test_scores_in_full_precision_are_those_of_the_cpu(
    bundled: Checkpoint, photographs: list[Image], last: bool
) -> None:
    there, here = predictor(bundled, GPU, last=last), predictor(bundled, "cpu")
    for image in photographs:
        found, expected = there.predict(image), here.predict(image)
        assert np.abs(found.scores.values - expected.scores.values).max() <= MOST_APART
        assert (found.labels == expected.labels).mean() >= LEAST_ALIKE
    assert there.notice == ""


def test_labels_in_half_precision_are_nearly_those_of_the_cpu(bundled: Checkpoint, photographs: list[Image]) -> None:
    there, here = predictor(bundled, GPU, torch.float16, last=True), predictor(bundled, "cpu")
    alike = [(there.predict(image).labels == here.predict(image).labels).mean() for image in photographs]
    assert min(alike) >= LEAST_ALIKE


def test_what_the_measurement_chooses_gives_nearly_the_labels_of_the_cpu(
    bundled: Checkpoint, photographs: list[Image]
) -> None:
    there, here = Predictor.of(bundled, GPU), predictor(bundled, "cpu")
    assert there.device.name == GPU and len(there.device.report) == 3
    for found, image in zip(there.predict_batch(photographs[:2]), photographs, strict=False):
        assert (found.labels == here.predict(image).labels).mean() >= LEAST_ALIKE


def test_a_measurement_leaves_the_scores_as_they_are(bundled: Checkpoint, photographs: list[Image]) -> None:
    network = network_from(bundled)
    measure(choose(GPU), network, lambda _: 1.0)
    silence_untaught(network)
    full = Predictor(network, Preset.from_json(bundled.preset), choose(GPU), bundled.id)
    expected = predictor(bundled, "cpu").predict(photographs[0])
    assert np.abs(full.predict(photographs[0]).scores.values - expected.scores.values).max() <= MOST_APART


def test_a_photograph_in_full_is_the_same_in_tiles(
    bundled: Checkpoint, photographs: list[Image], monkeypatch: pytest.MonkeyPatch
) -> None:
    native = dataclasses.replace(bundled, preset={**bundled.preset, "long_side": NATIVE})
    there = predictor(native, GPU)
    whole = there.predict(photographs[0])
    monkeypatch.setattr("fcn_gui.net.predict.free_bytes", lambda kind: 1 << 20)
    tiled = there.predict(photographs[0])
    assert np.abs(tiled.scores.values - whole.scores.values).max() <= MOST_APART
