"""A GPU that is really short of memory: the same masks in tiles or on the CPU, and words that say so."""

from collections.abc import Iterator

import numpy as np
import pytest
import torch

from fcn_gui.core.checkpoint import Checkpoint
from fcn_gui.core.label_map import own_label_map
from fcn_gui.core.raster import Image
from fcn_gui.learn.segmenter import TorchSegmenter
from tests.unit.learn.corrections import Asked, scene

LABELS = own_label_map(["red", "blue"])
LITTLE_BYTES = 24 << 20
"""More than the weights, less than a look at a photograph."""


@pytest.fixture
def little_memory() -> Iterator[None]:
    torch.cuda.empty_cache()
    total = torch.cuda.get_device_properties(0).total_memory
    torch.cuda.set_per_process_memory_fraction((torch.cuda.memory_reserved() + LITTLE_BYTES) / total)
    yield
    torch.cuda.set_per_process_memory_fraction(1.0)
    torch.cuda.empty_cache()


def test_predicting_goes_on_with_less(bundled: Checkpoint, photographs: list[Image], little_memory: None) -> None:
    there, here = TorchSegmenter("cuda", measured=False), TorchSegmenter("cpu", measured=False)
    for segmenter in (there, here):
        segmenter.load(bundled, bundled.label_map)
    found, expected = there.predict(photographs[0]), here.predict(photographs[0])
    assert np.abs(found.scores.values - expected.scores.values).max() <= 1e-3
    said = there.describe().device
    assert "memory; predicting in tiles" in said or "memory; predicting on the CPU" in said


def test_learning_goes_on_on_the_cpu(bundled: Checkpoint, little_memory: None) -> None:
    segmenter = TorchSegmenter("cuda", measured=False)
    segmenter.load(bundled, LABELS)
    job, said, candidate = segmenter.fine_tune(Asked(LABELS, [scene(1, shape=(480, 640))], steps=1)), [], None
    while candidate is None:
        try:
            said.append(next(job).text)
        except StopIteration as stop:
            candidate = stop.value
    assert any("learning on the CPU" in text for text in said)
    assert all(np.isfinite(tensor).all() for tensor in candidate.tensors.values())
