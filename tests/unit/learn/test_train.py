import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from fcn_gui.core.errors import DatasetError, LearningError
from fcn_gui.core.label_map import own_label_map
from fcn_gui.core.progress import Progress, run_to_end
from fcn_gui.disk.dataset import Dataset
from fcn_gui.learn.loss import Sampling
from fcn_gui.learn.recipe import OWN_CLASSES, SAME_CLASSES, Recipe, recipe_for
from fcn_gui.learn.step_log import StepLog
from fcn_gui.learn.train import TrainRequest, TrainResult, train
from tests.unit.learn.workshop import shapes, untrained

LABELS = own_label_map(["red", "blue"])
RECIPE = Recipe(rate=5e-3, new_rate=0.1, crop_px=97, batch=2, smallest=0.9, largest=1.1, averaging=0.8, kept_share=0.25)


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    return shapes(tmp_path / "shapes", 8, LABELS)


def _request(dataset: Dataset, **changes: object) -> TrainRequest:
    request = TrainRequest(dataset, None, untrained(LABELS), epochs=1, recipe=RECIPE, device="cpu")
    return dataclasses.replace(request, **changes)  # type: ignore[arg-type]


def test_it_learns_what_colours_mean(dataset: Dataset, tmp_path: Path) -> None:
    val = shapes(tmp_path / "val", 3, LABELS)
    result = run_to_end(train(_request(dataset, val=val, epochs=7)))
    assert result.val is not None
    assert result.val.measures.mean_iu > 0.5
    assert result.epochs == 7
    receipt = result.checkpoint.receipt
    assert receipt is not None
    assert (receipt["images"], receipt["kept_images"]) == (6, 2)


def test_every_tensor_moves_and_the_child_names_its_parent(dataset: Dataset) -> None:
    request = _request(dataset)
    result = run_to_end(train(request))
    assert result.checkpoint.parent == request.start.id
    assert result.val is None
    for name, before in request.start.tensors.items():
        assert not np.array_equal(result.checkpoint.tensors[name], before), name


def test_equal_seeds_give_equal_weights(dataset: Dataset) -> None:
    first, again, other = (run_to_end(train(_request(dataset, seed=seed))).checkpoint.tensors for seed in (3, 3, 4))
    assert all(np.array_equal(first[name], again[name]) for name in first)
    assert not all(np.array_equal(first[name], other[name]) for name in first)


def test_progress_tells_the_loss_and_goes_from_start_to_end(dataset: Dataset) -> None:
    seen: list[Progress] = []
    job = train(_request(dataset))
    with pytest.raises(StopIteration) as stop:
        while True:
            seen.append(next(job))
    assert isinstance(stop.value.value, TrainResult)
    losses = [progress.numbers["loss"] for progress in seen if "loss" in progress.numbers]
    assert len(losses) == 3 and all(loss > 0 for loss in losses)


def test_a_closed_job_ends_at_once(dataset: Dataset) -> None:
    job = train(_request(dataset, epochs=1000))
    next(job)
    job.close()
    with pytest.raises(StopIteration):
        next(job)


def test_names_that_the_start_knows_keep_what_they_know(tmp_path: Path) -> None:
    more = own_label_map(["blue", "red", "green"])
    dataset = shapes(tmp_path / "more", 4, own_label_map(["blue", "red"]))
    grown = dataclasses.replace(dataset, label_map=more)
    result = run_to_end(train(_request(grown, epochs=0.5)))
    assert result.checkpoint.label_map == more
    assert result.checkpoint.tensors["score_fr.weight"].shape[0] == 4


def test_other_strides_on_request(dataset: Dataset) -> None:
    result = run_to_end(train(_request(dataset, epochs=0.4, strides=(16, 8, 4, 2))))
    assert result.checkpoint.strides == (16, 8, 4, 2)
    assert np.any(result.checkpoint.tensors["score_pool1.weight"])


def test_half_precision_on_request(dataset: Dataset) -> None:
    result = run_to_end(train(_request(dataset, epochs=0.4, half=True)))
    assert {value.dtype for value in result.checkpoint.tensors.values()} == {np.dtype(np.float16)}


def test_distillation_asks_the_start(dataset: Dataset) -> None:
    recipe = dataclasses.replace(RECIPE, distillation=0.5)
    result = run_to_end(train(_request(dataset, epochs=0.4, recipe=recipe)))
    assert result.epochs > 0


def test_minutes_end_it_too(dataset: Dataset) -> None:
    result = run_to_end(train(_request(dataset, epochs=None, minutes=0.02)))
    assert result.seconds >= 1.2
    assert result.epochs > 0


def test_the_start_s_share_pulls_back(dataset: Dataset) -> None:
    request = _request(dataset)
    moved = run_to_end(train(request)).checkpoint.tensors
    halfway = run_to_end(
        train(dataclasses.replace(request, recipe=dataclasses.replace(RECIPE, start_share=0.5)))
    ).checkpoint.tensors
    for name, before in request.start.tensors.items():
        assert np.allclose(halfway[name], (moved[name] + before) / 2, atol=1e-5), name


def test_a_loss_that_is_not_finite_ends_it(dataset: Dataset) -> None:
    start = untrained(LABELS)
    broken = {**start.tensors, "score_fr.bias": np.array([np.inf, 0, 0], np.float32)}
    with pytest.raises(LearningError, match="not finite after 0 steps"):
        run_to_end(train(_request(dataset, start=dataclasses.replace(start, tensors=broken))))


def test_no_image_is_an_error() -> None:
    with pytest.raises(DatasetError, match="no image to train on"):
        run_to_end(train(_request(Dataset([], LABELS, "pairs"))))


def test_the_recipe_goes_by_what_the_start_knows() -> None:
    start = untrained(LABELS)
    assert recipe_for(start, LABELS) == SAME_CLASSES
    assert recipe_for(start, own_label_map(["crane", "ship", "blue"])) == OWN_CLASSES


def test_the_working_side_is_the_one_that_is_best_on_the_kept_images(dataset: Dataset) -> None:
    recipe = dataclasses.replace(RECIPE, sides=(256, 321))
    result = run_to_end(train(_request(dataset, epochs=3, recipe=recipe)))
    receipt = result.checkpoint.receipt
    assert receipt is not None
    tried = receipt["kept_mean_iu_by_long_side"]
    assert isinstance(tried, dict) and set(tried) == {"256", "321"}
    assert str(result.checkpoint.preset["long_side"]) == max(tried, key=lambda side: float(tried[side]))


def test_a_sampled_training_logs_its_steps_and_a_seed_repeats_it(dataset: Dataset, tmp_path: Path) -> None:
    recipe = dataclasses.replace(RECIPE, kept=0.5, balance=0.5, is_balanced_by_draws=True)

    def learned(name: str, recipe: Recipe) -> dict[str, np.ndarray]:
        log = StepLog(tmp_path / name)
        return dict(run_to_end(train(_request(dataset, recipe=recipe, log=log))).checkpoint.tensors)

    first, again, pixels = (
        learned("first", recipe),
        learned("again", recipe),
        learned("pixels", dataclasses.replace(recipe, sampling=Sampling.PIXEL)),
    )
    assert all(np.array_equal(first[name], again[name]) for name in first)
    assert not all(np.array_equal(first[name], pixels[name]) for name in first)
    steps = [json.loads(line) for line in (tmp_path / "first").read_text().splitlines()]
    assert [(step["step"], step["images"]) for step in steps] == [(1, 4), (2, 4)]
    assert all(step["loss"] > 0 and step["cpu_seconds"] > 0 for step in steps)


def test_patches_learn_too(dataset: Dataset) -> None:
    recipe = dataclasses.replace(RECIPE, kept=0.25, sampling=Sampling.PATCH)
    receipt = run_to_end(train(_request(dataset, recipe=recipe))).checkpoint.receipt
    assert receipt is not None
    said = receipt["recipe"]
    assert isinstance(said, dict) and (said["sampling"], said["kept"]) == ("patch", 0.25)
