"""A fine-tune: it learns, from the corrections only, in steps that can be left at any yield; what is live stays."""

import dataclasses

import numpy as np
import pytest
import torch

from fcn_gui.core.checkpoint import Checkpoint
from fcn_gui.core.errors import LearningError
from fcn_gui.core.label_map import own_label_map, voc_label_map
from fcn_gui.core.metrics import mean_iu
from fcn_gui.core.progress import Progress, run_to_end
from fcn_gui.learn.finetune import confusion_of, fine_tune
from fcn_gui.learn.schedule import Schedule
from fcn_gui.net.checkpoint import adapted, network_from, silence_untaught, taught_rows
from fcn_gui.net.device import Device
from fcn_gui.net.predict import Predictor
from fcn_gui.net.preset import Preset
from tests.unit.learn.corrections import Asked, Given, scene
from tests.unit.learn.workshop import untrained

LABELS = own_label_map(["red", "blue"])
QUICK = Schedule(6, batch=2, side_px=129, views=4, pixels=400, iterations=24)


def predictor_of(checkpoint: Checkpoint) -> Predictor:
    network = network_from(checkpoint)
    silence_untaught(network)
    return Predictor(network, Preset.from_json(checkpoint.preset), Device("cpu", "CPU"), checkpoint.id)


def learn(start: Checkpoint, asked: Asked, plan: Schedule = QUICK) -> Checkpoint:
    return run_to_end(fine_tune(predictor_of(start), start, asked, plan))


def score(checkpoint: Checkpoint, images: list[Given]) -> float:
    predictor = predictor_of(checkpoint)
    return mean_iu(np.sum([confusion_of(predictor, image) for image in images], axis=0))


@pytest.fixture(scope="module")
def start() -> Checkpoint:
    return untrained(LABELS)


@pytest.fixture(scope="module")
def learned(start: Checkpoint) -> Checkpoint:
    """From two images with all classes."""
    return learn(start, Asked(LABELS, [scene(1), scene(2)]))


def test_it_learns_what_was_verified_and_sees_it_on_others(start: Checkpoint, learned: Checkpoint) -> None:
    others = [scene(11), scene(12)]
    assert score(start, others) < 0.34
    assert score(learned, others) > 0.75


def test_the_candidate_is_a_child_of_the_start_in_full_precision(start: Checkpoint, learned: Checkpoint) -> None:
    assert learned.parent == start.id
    assert learned.id == ""
    assert learned.label_map == LABELS
    assert {value.dtype for value in learned.tensors.values()} == {np.dtype(np.float32)}


def test_equal_seeds_give_equal_candidates(start: Checkpoint, learned: Checkpoint) -> None:
    again = learn(start, Asked(LABELS, [scene(1), scene(2)]))
    other = learn(start, Asked(LABELS, [scene(1), scene(2)], seed=1))
    assert all(np.array_equal(learned.tensors[name], again.tensors[name]) for name in again.tensors)
    assert not all(np.array_equal(learned.tensors[name], other.tensors[name]) for name in again.tensors)


def test_a_class_without_a_correction_keeps_its_zeros_and_is_not_predicted(start: Checkpoint) -> None:
    candidate = learn(start, Asked(LABELS, [scene(1, labels=(1,))]))
    assert taught_rows(network_from(candidate)).tolist() == [True, True, False]
    labels = predictor_of(candidate).predict(scene(3, labels=(2,)).image).labels
    assert not (labels == 2).any()


def test_live_network_and_start_stay_as_they_are_and_go_on_predicting(learned: Checkpoint) -> None:
    live = predictor_of(learned)
    image = scene(5).image
    before, tensors = live.predict(image).scores.values.copy(), {k: v.copy() for k, v in learned.tensors.items()}
    for _ in fine_tune(live, learned, Asked(LABELS, [scene(1)]), QUICK):
        pass
    np.testing.assert_array_equal(live.predict(image).scores.values, before)
    assert all(np.array_equal(learned.tensors[name], tensors[name]) for name in tensors)


def test_it_does_not_depend_on_what_is_done_between_two_yields(start: Checkpoint, learned: Checkpoint) -> None:
    live = predictor_of(start)
    job = fine_tune(live, start, Asked(LABELS, [scene(1), scene(2)]), QUICK)
    while True:
        try:
            next(job)
            live.predict(scene(4).image)
            torch.rand(3)
        except StopIteration as stop:
            candidate = stop.value
            break
    assert all(np.array_equal(candidate.tensors[name], learned.tensors[name]) for name in candidate.tensors)


def test_it_can_be_left_at_any_yield(start: Checkpoint) -> None:
    for after in (1, 5, 30):
        job = fine_tune(predictor_of(start), start, Asked(LABELS, [scene(1)]), QUICK)
        for _ in range(after):
            next(job)
        job.close()
        with pytest.raises(StopIteration):
            next(job)


def test_progress_tells_loss_and_now_and_then_mean_iu(start: Checkpoint) -> None:
    asked = Asked(LABELS, [scene(1)], watched=[scene(8), scene(9)])
    seen = list(fine_tune(predictor_of(start), start, asked, dataclasses.replace(QUICK, watch_times=2)))
    assert all(isinstance(progress, Progress) and progress.total == 6 for progress in seen)
    assert [progress.done for progress in seen] == sorted(progress.done for progress in seen)
    losses = [progress.numbers["loss"] for progress in seen if "loss" in progress.numbers]
    assert len(losses) == 6
    watched = [(progress.done, progress.numbers["mean_iu"]) for progress in seen if "mean_iu" in progress.numbers]
    assert [done for done, _ in watched] == [3, 6]
    assert all(0 <= value <= 1 for _, value in watched)


def test_it_yields_between_forward_and_backward_of_every_sample(start: Checkpoint) -> None:
    """Two passes a sample, two yields a sample: no more than one of them stands between a stroke and its answer."""
    seen = list(fine_tune(predictor_of(start), start, Asked(LABELS, [scene(1)]), QUICK))
    of_step_three = [progress for progress in seen if progress.done == 2 and not progress.numbers]
    assert len(of_step_three) == 2 * QUICK.batch


def test_watched_images_do_not_change_what_is_learned(start: Checkpoint, learned: Checkpoint) -> None:
    spoiled = dataclasses.replace(scene(8), mask=np.full((64, 96), 2, np.uint8))
    asked = Asked(LABELS, [scene(1), scene(2)], watched=[spoiled])
    candidate = learn(start, asked)
    assert all(np.array_equal(candidate.tensors[name], learned.tensors[name]) for name in candidate.tensors)


def test_a_held_out_image_can_not_be_learned_from(start: Checkpoint) -> None:
    with pytest.raises(LearningError, match="scene 1 is held out"):
        fine_tune(predictor_of(start), start, Asked(LABELS, [scene(1)], watched=[scene(1)]), QUICK)


def test_unvouched_pixels_teach_nothing(learned: Checkpoint) -> None:
    """Their labels are what the network said, so whatever stands there must not matter."""
    vouch = np.zeros((64, 96), np.uint8)
    vouch[:, :48] = 2
    one = dataclasses.replace(scene(6), vouch=vouch)
    mask = one.mask.copy()
    mask[:, 48:] = 1
    other = dataclasses.replace(one, mask=mask)
    first, second = (learn(learned, Asked(LABELS, [image])) for image in (one, other))
    assert all(np.array_equal(first.tensors[name], second.tensors[name]) for name in first.tensors)


def test_the_anchor_keeps_unvouched_pixels_near_what_the_live_network_says(learned: Checkpoint) -> None:
    """One red stroke says nothing about blue; without the anchor, half of the image drifts further."""
    vouch = np.zeros((64, 96), np.uint8)
    one = scene(6)
    vouch[one.mask == 1] = 2
    asked = Asked(LABELS, [dataclasses.replace(one, vouch=vouch)])
    plan = dataclasses.replace(QUICK, steps=10, trunk_rate=1e-2, score_rate=1e-2)
    free, held = (learn(learned, asked, dataclasses.replace(plan, anchor=weight)) for weight in (0.0, 5.0))
    assert score(held, [one]) > score(free, [one])


def test_a_loss_that_is_not_finite_ends_it(learned: Checkpoint) -> None:
    broken = {name: value.copy() for name, value in learned.tensors.items()}
    broken["score_fr.weight"][:] = np.inf
    start = dataclasses.replace(learned, tensors=broken)
    with pytest.raises(LearningError, match="no longer a finite number"):
        run_to_end(fine_tune(predictor_of(learned), start, Asked(LABELS, [scene(1)]), QUICK))


def test_corrections_of_void_alone_are_nothing_to_learn_from(start: Checkpoint) -> None:
    void = dataclasses.replace(scene(1), mask=np.full((64, 96), 255, np.uint8))
    with pytest.raises(LearningError, match="No pixel is vouched"):
        learn(start, Asked(LABELS, [void]))


def test_a_step_whose_every_term_was_dropped_changes_nothing(learned: Checkpoint) -> None:
    asked = Asked(LABELS, [scene(1)], settings={"learn.sampling_q": 0.0})
    candidate = learn(learned, asked)
    for name, value in candidate.tensors.items():
        np.testing.assert_allclose(value, learned.tensors[name], rtol=1e-5, atol=1e-7)


def test_images_from_one_pixel_on_can_be_learned_from(start: Checkpoint) -> None:
    shapes = [(1, 1), (3, 400), (300, 2)]
    images = [dataclasses.replace(scene(1, (), shape), key=str(shape)) for shape in shapes]
    assert learn(start, Asked(LABELS, images)).tensors


def test_a_new_class_beside_known_photographs_takes_the_bundled_ones_along() -> None:
    """A network that knows VOC is asked to keep what it says of photographs; its other rows may then move."""
    voc = untrained(voc_label_map())
    rng = np.random.default_rng(0)
    tensors = dict(voc.tensors)
    for name in tensors:
        if name.startswith("score_") and name.endswith("weight"):
            tensors[name] = rng.normal(0, 0.02, tensors[name].shape).astype(np.float32)
    known = dataclasses.replace(voc, tensors=tensors)
    with_class = voc_label_map().with_class("red")
    start = adapted(known, with_class)
    mask = np.where(scene(1).mask == 1, 21, 0).astype(np.uint8)
    asked = Asked(with_class, [dataclasses.replace(scene(1), mask=mask)])
    candidate = learn(start, asked, dataclasses.replace(QUICK, steps=2, recall=1.0))
    assert taught_rows(network_from(candidate)).all()
    assert not np.array_equal(candidate.tensors["score_fr.weight"][5], start.tensors["score_fr.weight"][5])
