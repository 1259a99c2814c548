"""The published recipe: its numbers, its steps as Caffe takes them, its stages."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image as PillowImage
from torch.nn import functional

from fcn_gui.core.checkpoint import Checkpoint
from fcn_gui.core.errors import LearningError
from fcn_gui.core.label_map import own_label_map
from fcn_gui.core.progress import Progress, run_to_end
from fcn_gui.disk.checkpoint_file import read_checkpoint
from fcn_gui.disk.dataset import Dataset
from fcn_gui.learn.recipe import HEAVY_SMALL, RECIPES, HeavyRecipe
from fcn_gui.learn.train import TrainRequest, TrainResult, train
from fcn_gui.net.checkpoint import fresh, network_from, restrided
from fcn_gui.net.preset import NATIVE, Preset, to_tensor
from tests.unit.learn.test_ranks import torchrun
from tests.unit.learn.workshop import shapes, untrained

LABELS = own_label_map(["red", "blue"])
QUICK = HeavyRecipe(rates=(2e-6, 1e-6, 5e-7), images=3, momentum=0.9, decay=0.05)


def request(dataset: Dataset, **changes: object) -> TrainRequest:
    asked = TrainRequest(dataset, None, untrained(LABELS), strides=(16, 8), recipe=QUICK, device="cpu")
    return dataclasses.replace(asked, **changes)  # type: ignore[arg-type]


def caffe_s_steps(start: Checkpoint, dataset: Dataset, count: int) -> dict[str, torch.Tensor]:
    """v ← momentum·v + rate·(gradient + decay·w), w ← w − v, by hand; biases twice as fast, without decay."""
    network = network_from(restrided(start, (16,)))
    preset = Preset.from_json(start.preset).at(NATIVE)
    image, truth = (_read(dataset, kind) for kind in ("image_path", "mask_path"))
    x = to_tensor(preset, image, network.align)
    speed = {name: torch.zeros_like(value) for name, value in network.named_parameters()}
    for _ in range(count):
        network.zero_grad()
        scores = network.at_pixels(network(x), (x.shape[2], x.shape[3]))[:, :, :64, :96]
        lost = functional.cross_entropy(scores, torch.from_numpy(truth).long()[None], reduction="none")
        lost.sum().backward()  # type: ignore[no-untyped-call]
        with torch.no_grad():
            for name, value in network.named_parameters():
                is_bias = name.endswith("bias")
                pull = value.grad + (0 if is_bias else QUICK.decay) * value
                speed[name] = QUICK.momentum * speed[name] + (2 if is_bias else 1) * QUICK.rates[0] * pull
                value -= speed[name]
    return {name: value.detach() for name, value in network.named_parameters()}


def _read(dataset: Dataset, kind: str) -> np.ndarray:
    with PillowImage.open(getattr(dataset.items[0], kind)) as picture:
        return np.array(picture)


def test_its_numbers_are_the_published_ones() -> None:
    assert RECIPES["heavy"] == HeavyRecipe((1e-10, 1e-12, 1e-14), 100_000, 0.99, 5e-4, 1)


def test_its_steps_are_caffe_s(tmp_path: Path) -> None:
    dataset = shapes(tmp_path / "one", 1, LABELS)
    asked = request(dataset, strides=(16,))
    learned = run_to_end(train(asked)).checkpoint
    for name, value in caffe_s_steps(asked.start, dataset, 3).items():
        moved = np.abs(value.numpy() - asked.start.tensors[name]).max()
        assert moved > 0 or not asked.start.tensors[name].any(), name
        assert np.abs(learned.tensors[name] - value.numpy()).max() <= 1e-3 * moved + 1e-7, name


def test_each_stage_starts_from_the_one_before(tmp_path: Path) -> None:
    dataset = shapes(tmp_path / "shapes", 4, LABELS)
    seen: list[Progress] = []
    job = train(request(dataset, strides=(16, 8, 4)))
    with pytest.raises(StopIteration) as stop:
        while True:
            seen.append(next(job))
    assert [progress.text for progress in seen] == [
        f"FCN-{finest}s, step {step}" for finest in (16, 8, 4) for step in (1, 2, 3)
    ]
    assert [progress.done for progress in seen] == sorted(progress.done for progress in seen)
    result = stop.value.value
    assert isinstance(result, TrainResult)
    assert (result.checkpoint.strides, result.checkpoint.preset["long_side"]) == ((16, 8, 4), "native")
    assert (result.checkpoint.receipt or {})["steps"] == [3, 3, 3]
    alone = run_to_end(train(request(dataset, strides=(16,)))).checkpoint
    then = dataclasses.replace(QUICK, rates=(0.0, 0.0, 0.0))
    still = run_to_end(train(request(dataset, start=alone, strides=(16, 8), recipe=then))).checkpoint
    assert all(np.array_equal(alone.tensors[name], still.tensors[name]) for name in alone.tensors)
    assert not still.tensors["score_pool3.weight"].any(), "a finer network starts as the coarser one"


def test_the_loss_falls(tmp_path: Path) -> None:
    dataset, losses = shapes(tmp_path / "shapes", 2, LABELS), []
    recipe = dataclasses.replace(QUICK, images=25, decay=5e-4, rates=(3e-7,))
    for progress in train(request(dataset, strides=(16,), recipe=recipe)):
        losses.append(progress.numbers["loss"])
    assert len(losses) == 25
    assert np.mean(losses[-5:]) < 0.6 * losses[0]
    assert losses[0] == pytest.approx(64 * 96 * np.log(3), rel=0.01), "a sum over pixels"


@pytest.mark.parametrize(("length", "steps"), [({"epochs": 3}, [6, 6]), ({"epochs": 0.1}, [1, 1])])
def test_epochs_are_shared_out_over_the_stages(tmp_path: Path, length: dict[str, float], steps: list[int]) -> None:
    result = run_to_end(train(request(shapes(tmp_path / "shapes", 4, LABELS), **length)))
    assert (result.checkpoint.receipt or {})["steps"] == steps
    assert result.epochs == sum(steps) / 4


def test_minutes_end_every_stage(tmp_path: Path) -> None:
    result = run_to_end(train(request(shapes(tmp_path / "shapes", 2, LABELS), minutes=0.02)))
    assert result.seconds >= 1.2
    assert result.checkpoint.strides == (16, 8)


def test_a_rate_that_is_too_high_ends_it(tmp_path: Path) -> None:
    recipe = dataclasses.replace(QUICK, rates=(1e30,), images=20)
    with pytest.raises(LearningError, match="not finite after"):
        run_to_end(train(request(shapes(tmp_path / "shapes", 2, LABELS), recipe=recipe)))


def test_the_paper_s_own_trunk_learns_in_three_stages(tmp_path: Path) -> None:
    dataset = shapes(tmp_path / "shapes", 1, LABELS)
    start = fresh("vgg16/8", LABELS)
    recipe = dataclasses.replace(QUICK, images=1, rates=(1e-7,))
    result = run_to_end(train(request(dataset, start=start, strides=None, recipe=recipe)))
    assert result.checkpoint.strides == (32, 16, 8)
    assert all(result.checkpoint.tensors[f"{layer}.weight"].any() for layer in ("score_fr", "score_pool3"))


SMALL = dataclasses.replace(HEAVY_SMALL, images=24, rates=(2e-2, 1e-2))


def test_in_small_the_early_layers_stay_and_the_others_learn(tmp_path: Path) -> None:
    dataset, losses = shapes(tmp_path / "shapes", 2, LABELS), []
    asked = request(dataset, recipe=SMALL)
    job = train(asked)
    with pytest.raises(StopIteration) as stop:
        while True:
            losses.append(next(job).numbers["loss"])
    learned = stop.value.value.checkpoint
    assert (learned.receipt["steps"], learned.preset["long_side"]) == ([6, 6], 257)
    assert losses[0] == pytest.approx(np.log(3), rel=0.01), "a mean over pixels"
    assert np.mean(losses[-3:]) < 0.9 * losses[0], "steps grow to their length over the first fifty"
    for name, value in learned.tensors.items():
        is_early = name.startswith("trunk.features")
        assert name.startswith("score_") or is_early == np.array_equal(asked.start.tensors[name], value), name
    assert learned.tensors["score_fr.weight"].any() and learned.tensors["score_pool3.weight"].any()


def test_in_small_photographs_of_any_size_share_a_step_and_each_pixel_counts_alike(tmp_path: Path) -> None:
    dataset = shapes(tmp_path / "shapes", 2, LABELS)
    for path, how in ((dataset.items[1].image_path, 2), (dataset.items[1].mask_path, 0)):
        with PillowImage.open(path) as picture:
            picture.resize((96, 24), how).save(path)
    first = []
    for batch in (1, 2, 8):
        recipe = dataclasses.replace(SMALL, images=batch, batch=batch, is_mirrored=False, rates=(1e-3,))
        first.append(next(train(request(dataset, strides=(16,), recipe=recipe))).numbers["loss"])
    assert first == pytest.approx([np.log(3)] * 3, rel=1e-4)


def test_each_stage_but_the_last_can_be_kept(tmp_path: Path) -> None:
    kept: list[Checkpoint] = []
    dataset = shapes(tmp_path / "shapes", 1, LABELS)
    last = run_to_end(train(request(dataset, strides=(16, 8, 4), keep_stage=kept.append))).checkpoint
    assert [checkpoint.strides for checkpoint in kept] == [(16,), (16, 8)]
    assert [(checkpoint.receipt or {})["steps"] for checkpoint in kept] == [[3], [3, 3]]
    alone = run_to_end(train(request(dataset, strides=(16,)))).checkpoint
    assert kept[0].preset == alone.preset == last.preset
    assert all(np.array_equal(value, alone.tensors[name]) for name, value in kept[0].tensors.items())
    assert not np.array_equal(kept[0].tensors["score_fr.weight"], last.tensors["score_fr.weight"])


SCRIPT = """
import sys
from pathlib import Path
from fcn_gui.core.progress import run_to_end
from fcn_gui.disk.checkpoint_file import write_checkpoint
from fcn_gui.learn.ranks import ranks
from fcn_gui.learn.train import train
from tests.unit.learn.test_heavy import LABELS, request, shapes

with ranks("cpu") as processes:
    result = run_to_end(train(request(shapes(Path(sys.argv[1]), 3, LABELS)), processes))
if processes.is_first:
    write_checkpoint(Path(sys.argv[1]) / "new.safetensors", result.checkpoint)
"""


@pytest.mark.slow
def test_two_processes_take_two_images_to_a_step(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(SCRIPT)
    told = torchrun(2, tmp_path / "script.py", tmp_path / "shapes")
    assert told.returncode == 0, told.stderr
    together = read_checkpoint(tmp_path / "shapes" / "new.safetensors")
    asked = request(shapes(tmp_path / "shapes", 3, LABELS), recipe=dataclasses.replace(QUICK, batch=2))
    alone = run_to_end(train(asked)).checkpoint
    for name, value in alone.tensors.items():
        moved = np.abs(value - asked.start.tensors[name]).max() if name in asked.start.tensors else 1.0
        assert np.abs(together.tensors[name] - value).max() <= 1e-3 * moved + 1e-7, name
