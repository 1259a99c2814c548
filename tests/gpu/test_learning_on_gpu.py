"""Refit and fine-tune on the GPU: they run, they learn, and what comes out lies in plain arrays as from the CPU."""

import numpy as np
import pytest
import torch

from fcn_gui.core.checkpoint import Checkpoint
from fcn_gui.core.label_map import own_label_map
from fcn_gui.core.progress import run_to_end
from fcn_gui.core.refit import Refit
from fcn_gui.learn.segmenter import TorchSegmenter
from fcn_gui.session.ports import CorrectedImage, RefitRequest
from tests.gpu.conftest import GPU
from tests.unit.learn.corrections import Asked, scene
from tests.unit.learn.workshop import untrained

LABELS = own_label_map(["red", "blue"])


def segmenter(checkpoint: Checkpoint, name: str = GPU) -> TorchSegmenter:
    made = TorchSegmenter(name, measured=False)
    made.load(checkpoint, LABELS)
    return made


def corrected(seed: int) -> CorrectedImage:
    one = scene(seed)
    return CorrectedImage(one.key, one.read, name=f"photo {seed}", version="1")


def refitted(made: TorchSegmenter) -> Refit:
    found = run_to_end(made.refit(RefitRequest([corrected(1), corrected(2)], "scene 2", is_thorough=True)))
    assert found is not None
    return found


def loss(made: TorchSegmenter, seed: int) -> float:
    """Mean cross-entropy of a scene."""
    truth = scene(seed).mask
    probabilities = made.predict(scene(seed).image).scores.probabilities()
    return float(-np.log(np.take_along_axis(probabilities, truth[None], 0) + 1e-6).mean())


def test_four_steps_of_a_fine_tune_lower_the_loss(bundled: Checkpoint) -> None:
    made = segmenter(bundled)
    before = loss(made, 1)
    told, candidate = [], None
    job = made.fine_tune(Asked(LABELS, [scene(1), scene(2)], [scene(3)], steps=4))
    while candidate is None:
        try:
            numbers = next(job).numbers
            told += [numbers["loss"]] if "loss" in numbers else []
        except StopIteration as stop:
            candidate = stop.value
    assert len(told) == 4 and np.isfinite(told).all()
    assert all(isinstance(tensor, np.ndarray) for tensor in candidate.tensors.values())
    made.load(candidate, LABELS)
    assert loss(made, 1) < before / 2
    assert (made.predict(scene(11).image).labels == scene(11).mask).mean() > 0.95


def test_a_refit_tells_apart_what_the_one_of_the_cpu_does() -> None:
    images = [scene(number).image for number in (11, 12)]
    answers = []
    for name in (GPU, "cpu"):
        made = segmenter(untrained(LABELS), name)
        made.put_on(refitted(made))
        answers.append([made.predict(image, f"photo {number}").labels for number, image in enumerate(images)])
    for there, here in zip(*answers, strict=True):
        assert (there == here).mean() >= 0.99


@pytest.mark.parametrize("name", ["", "photo 11"])
def test_a_refit_is_seen_at_once_from_kept_taps_as_from_the_image(name: str) -> None:
    made = segmenter(untrained(LABELS))
    before = (made.predict(scene(11).image, name).labels == scene(11).mask).mean()
    made.put_on(refitted(made))
    after = (made.predict(scene(11).image, name).labels == scene(11).mask).mean()
    assert after > before + 0.1


def test_the_refits_of_a_sitting_leave_no_memory_behind() -> None:
    made = segmenter(untrained(LABELS))
    for _ in range(2):
        made.put_on(refitted(made))
    before = torch.cuda.memory_allocated()
    for _ in range(5):
        made.put_on(refitted(made))
    assert torch.cuda.memory_allocated() <= before + (1 << 20)
