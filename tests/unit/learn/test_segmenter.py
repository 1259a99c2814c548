"""The port: load, describe, predict, learn, compare, on a real network."""

import dataclasses
from dataclasses import replace
from itertools import islice

import numpy as np
import pytest
import torch

from fcn_gui.core.checkpoint import Checkpoint
from fcn_gui.core.errors import CheckpointError, DeviceError
from fcn_gui.core.label_map import own_label_map, voc_label_map
from fcn_gui.core.metrics import confusion_matrix
from fcn_gui.core.progress import run_to_end
from fcn_gui.core.refit import Refit
from fcn_gui.learn.segmenter import TorchSegmenter
from fcn_gui.net.device import Device
from fcn_gui.net.fcn import FCN
from fcn_gui.session.ports import CorrectedImage, RefitRequest, Segmenter
from tests.unit.learn.corrections import Asked, scene
from tests.unit.learn.workshop import untrained

LABELS = own_label_map(["red", "blue"])


def known_rows(checkpoint: Checkpoint, seed: int = 0) -> Checkpoint:
    """The same with score rows that say something, if nothing sensible."""
    rng = np.random.default_rng(seed)
    tensors = {
        name: rng.normal(0, 0.05, value.shape).astype(np.float32) if name.startswith("score_") else value
        for name, value in checkpoint.tensors.items()
    }
    return dataclasses.replace(checkpoint, tensors=tensors, id=f"known {seed}")


@pytest.fixture(scope="module")
def voc() -> Checkpoint:
    return known_rows(untrained(voc_label_map()))


@pytest.fixture
def segmenter(voc: Checkpoint) -> TorchSegmenter:
    made = TorchSegmenter("cpu", measured=False)
    made.load(voc, voc.label_map)
    return made


def test_it_fits_the_port(segmenter: TorchSegmenter) -> None:
    fitting: Segmenter = segmenter
    assert fitting.describe().label_map == voc_label_map()


def test_before_the_first_load_it_says_so() -> None:
    made = TorchSegmenter("cpu", measured=False)
    for ask in (made.describe, lambda: made.predict(scene(1).image), lambda: made.evaluate(untrained(), [])):
        with pytest.raises(CheckpointError, match="No checkpoint is loaded"):
            ask()


def test_a_device_that_is_not_there_is_refused() -> None:
    with pytest.raises(DeviceError, match="no device called abacus"):
        TorchSegmenter("abacus")


def test_it_describes_what_is_live(segmenter: TorchSegmenter, voc: Checkpoint) -> None:
    said = segmenter.describe()
    assert said.device.startswith("CPU")
    assert said.precision.startswith("float32")
    assert said.checkpoint == voc.id


def test_names_that_it_knows_keep_their_rows(segmenter: TorchSegmenter, voc: Checkpoint) -> None:
    image = scene(1).image
    of_voc = segmenter.predict(image).scores.values
    segmenter.load(voc, own_label_map(["horse", "robot", "cat"]))
    scores = segmenter.predict(image).scores.values
    for name, row in (("background", 0), ("horse", 1), ("cat", 3)):
        np.testing.assert_allclose(scores[row], of_voc[voc.label_map.index(name)], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", ["", "kept"])
def test_stride_by_stride_ends_with_what_is_predicted(segmenter: TorchSegmenter, voc: Checkpoint, name: str) -> None:
    image = scene(1).image
    predicted = segmenter.predict(image, name).scores
    found = segmenter.by_stride(image, name)
    assert list(found) == list(voc.strides)
    finest = found[voc.strides[-1]]
    np.testing.assert_allclose(finest.values, predicted.values, rtol=1e-2, atol=2e-2)  # kept taps are float16
    assert (finest.labels() == predicted.labels()).mean() > 0.99
    assert np.abs(found[16].scores() - finest.scores()).max() > 0.1


def test_a_class_that_was_never_taught_is_never_predicted(segmenter: TorchSegmenter, voc: Checkpoint) -> None:
    """Though a score of 0 would often win over what the others say."""
    negative = {
        name: np.full_like(value, -1) if name == "score_fr.bias" else value for name, value in voc.tensors.items()
    }
    segmenter.load(dataclasses.replace(voc, tensors=negative), voc.label_map.with_class("robot"))
    prediction = segmenter.predict(scene(1).image)
    assert not (prediction.labels == 21).any()
    assert prediction.scores.heatmap(21).max() == 0
    np.testing.assert_allclose(prediction.scores.probabilities().sum(0), 1, rtol=1e-4)


def test_where_nothing_was_taught_everything_is_class_zero(segmenter: TorchSegmenter) -> None:
    segmenter.load(untrained(LABELS), LABELS)
    assert not segmenter.predict(scene(1).image).labels.any()


@pytest.mark.parametrize("damage", ["shape", "missing", "strange"])
def test_a_checkpoint_that_does_not_fit_leaves_the_live_one(
    segmenter: TorchSegmenter, voc: Checkpoint, damage: str
) -> None:
    image = scene(1).image
    before, tensors = segmenter.predict(image), dict(voc.tensors)
    if damage == "shape":
        tensors["score_fr.weight"] = tensors["score_fr.weight"][:5]
    elif damage == "missing":
        del tensors["score_fr.bias"]
    else:
        tensors["more"] = np.zeros(3, np.float32)
    with pytest.raises(CheckpointError, match="choose another"):
        segmenter.load(dataclasses.replace(voc, tensors=tensors, id="bad"), own_label_map(["cat"]))
    assert segmenter.describe().checkpoint == voc.id
    np.testing.assert_array_equal(segmenter.predict(image).labels, before.labels)


def test_it_learns_a_candidate_that_is_better_once_loaded(segmenter: TorchSegmenter) -> None:
    start = untrained(LABELS)
    segmenter.load(start, LABELS)
    candidate = run_to_end(segmenter.fine_tune(Asked(LABELS, [scene(1), scene(2)], steps=1)))
    truth = scene(11).mask
    before, after = (
        confusion_matrix(truth, run_to_end(segmenter.evaluate(each, [scene(11)]))[0], 3) for each in (start, candidate)
    )
    assert np.trace(after) > np.trace(before)
    assert (np.diag(before)[1:] == 0).all()
    assert (np.diag(after)[1:] > 0).all()
    segmenter.load(candidate, LABELS)
    assert set(np.unique(segmenter.predict(scene(11).image).labels)) == {0, 1, 2}


def test_a_load_while_it_learns_does_not_change_the_candidate(segmenter: TorchSegmenter, voc: Checkpoint) -> None:
    asked = Asked(LABELS, [scene(1)], steps=1)
    segmenter.load(untrained(LABELS), LABELS)
    alone = run_to_end(segmenter.fine_tune(asked))
    job = segmenter.fine_tune(asked)
    next(job)
    segmenter.load(voc, voc.label_map)
    disturbed = run_to_end(job)
    assert all(np.array_equal(alone.tensors[name], disturbed.tensors[name]) for name in alone.tensors)


def test_it_learns_for_a_label_map_that_has_grown(segmenter: TorchSegmenter) -> None:
    segmenter.load(untrained(own_label_map(["red"])), own_label_map(["red"]))
    candidate = run_to_end(segmenter.fine_tune(Asked(LABELS, [scene(1)], steps=1)))
    assert candidate.label_map == LABELS


def test_it_answers_in_the_loaded_label_map_whatever_checkpoint_is_asked(
    segmenter: TorchSegmenter, voc: Checkpoint
) -> None:
    """`other` has the rows in another order: they are matched by name, so it answers alike."""
    names = own_label_map(["horse", "cat", "dog"])
    order = [voc.label_map.index(name) for name in ("background", "dog", "horse", "cat")]
    other = dataclasses.replace(
        voc,
        label_map=own_label_map(["dog", "horse", "cat"]),
        tensors={n: v[order] if n.startswith("score_") else v for n, v in voc.tensors.items()},
    )
    segmenter.load(voc, names)
    images = [scene(1), scene(2)]
    of_voc, of_other = run_to_end(segmenter.evaluate(voc, images)), run_to_end(segmenter.evaluate(other, images))
    assert [labels.shape for labels in of_voc] == [(64, 96)] * 2
    assert all(labels.max() < 4 for labels in of_voc)
    for one, two in zip(of_voc, of_other, strict=True):
        np.testing.assert_array_equal(one, two)


def corrected(seed: int, version: str = "1", labels: tuple[int, ...] = (1, 2)) -> CorrectedImage:
    """A verified scene."""
    one = scene(seed, labels)
    return CorrectedImage(one.key, one.read, name=f"photo {seed}", version=version)


def refitted(segmenter: TorchSegmenter, request: RefitRequest) -> Refit:
    found = run_to_end(segmenter.refit(request))
    assert found is not None
    return found


def accuracy(segmenter: TorchSegmenter, seed: int, name: str = "") -> float:
    return float((segmenter.predict(scene(seed).image, name).labels == scene(seed).mask).mean())


def test_a_refit_teaches_classes_that_the_checkpoint_does_not_know(segmenter: TorchSegmenter) -> None:
    segmenter.load(untrained(LABELS), LABELS)
    before = accuracy(segmenter, 11, "photo 11")
    request = RefitRequest([corrected(1), corrected(2)], "scene 2", is_thorough=True)
    refit = refitted(segmenter, request)
    assert refit.new == (0, 1, 2)
    assert refit.introduced == ()
    assert accuracy(segmenter, 11, "photo 11") == before  # the live layers stay until it is put on
    segmenter.put_on(refit)
    after = accuracy(segmenter, 11, "photo 11")
    assert after > before + 0.1
    assert accuracy(segmenter, 11) == pytest.approx(after, abs=0.01)  # from kept taps as from the image
    compared = run_to_end(segmenter.evaluate(refit.on(untrained(LABELS)), [scene(11)]))[0]
    assert (compared == scene(11).mask).mean() == pytest.approx(after, abs=0.01)
    segmenter.put_on(None)
    assert accuracy(segmenter, 11, "photo 11") == before


def test_score_layers_that_come_and_go_are_those_that_answer(segmenter: TorchSegmenter) -> None:
    """From taps and from the image alike, whichever was asked for before."""
    segmenter.load(untrained(LABELS), LABELS)
    refit, image = refitted(segmenter, RefitRequest([corrected(1)], is_thorough=True)), scene(11).image
    plain = segmenter.predict(image, "photo 11").scores.values
    for worn in (refit, None, refit, None):
        segmenter.put_on(worn)
        known, anew = segmenter.predict(image, "photo 11"), segmenter.predict(image)
        np.testing.assert_allclose(known.scores.values, anew.scores.values, rtol=0.02, atol=0.02)
        assert np.allclose(known.scores.values, plain) == (worn is None)
        segmenter.put_on(refit)
        segmenter.put_on(worn)


def test_nothing_of_a_refit_that_is_thrown_away_stays(segmenter: TorchSegmenter) -> None:
    request = RefitRequest([corrected(1), corrected(2)], "scene 2")
    thrown = RefitRequest([corrected(1), corrected(3)], "scene 3", is_kept=False)
    found = []
    for between in ([], [thrown]):
        segmenter.load(untrained(LABELS), LABELS)
        for asked in (request, *between):
            refitted(segmenter, asked)
        found.append(refitted(segmenter, request))
    for name, tensor in found[0].tensors.items():
        np.testing.assert_allclose(found[1].tensors[name], tensor, rtol=1e-5, atol=1e-6)


def test_what_was_refitted_ahead_is_answered_at_once_and_alike(segmenter: TorchSegmenter) -> None:
    stroke, verify = RefitRequest([corrected(1), corrected(2)], "scene 2"), verified()
    for steps_ahead in (0, 3, 1000):
        segmenter.load(untrained(LABELS), LABELS)
        refitted(segmenter, stroke)
        ahead = segmenter.refit(replace(verify, is_ahead=True))
        taken = len(list(islice(ahead, steps_ahead)))
        ahead.close()
        job = segmenter.refit(verify)
        left = 0
        while True:
            try:
                next(job)
            except StopIteration as stop:
                found = stop.value
                break
            left += 1
        after = refitted(segmenter, replace(stroke, images=[*stroke.images, corrected(3)], open_key="scene 3"))
        if not steps_ahead:
            expected, all_steps, expected_after = found, left, after
        assert_alike(found, expected)
        assert_alike(after, expected_after)
        assert taken + left == all_steps


def test_a_stroke_knows_nothing_of_what_was_refitted_ahead(segmenter: TorchSegmenter) -> None:
    stroke, found = RefitRequest([corrected(1), corrected(2)], "scene 2"), []
    for steps_ahead in (0, 3, 1000):
        segmenter.load(untrained(LABELS), LABELS)
        refitted(segmenter, stroke)
        ahead = segmenter.refit(replace(verified(), is_ahead=True))
        list(islice(ahead, steps_ahead))
        found.append(refitted(segmenter, replace(stroke, images=[corrected(1), corrected(2, "2")])))
        assert not steps_ahead or list(ahead) == [], "it was dropped"
    assert_alike(found[1], found[0])
    assert_alike(found[2], found[0])


def verified() -> RefitRequest:
    """What a verify asks for after the strokes."""
    return RefitRequest([corrected(1), corrected(2, "verified", (1,))], "scene 2", is_thorough=True)


def assert_alike(found: Refit | None, expected: Refit | None) -> None:
    assert found is not None
    assert expected is not None
    for name, tensor in expected.tensors.items():
        np.testing.assert_array_equal(found.tensors[name], tensor)


def test_classes_go_by_name_and_what_does_not_fit_is_refused(segmenter: TorchSegmenter) -> None:
    start = untrained(LABELS)
    segmenter.load(start, LABELS)
    refit = refitted(segmenter, RefitRequest([corrected(1)], is_thorough=True))
    segmenter.put_on(refit)
    scores = segmenter.predict(scene(11).image).scores.values
    segmenter.load(start, own_label_map(["green", "blue"]))
    segmenter.put_on(refit)
    np.testing.assert_allclose(segmenter.predict(scene(11).image).scores.values[2], scores[2], rtol=1e-3, atol=1e-3)
    cut = dataclasses.replace(refit, tensors={name: tensor[:2] for name, tensor in refit.tensors.items()})
    for other in (cut, dataclasses.replace(refit, checkpoint="other")):
        with pytest.raises(CheckpointError):
            segmenter.put_on(other)


def test_nothing_is_refitted_before_two_classes_can_be_told_apart(segmenter: TorchSegmenter) -> None:
    segmenter.load(untrained(LABELS), LABELS)
    one = scene(1)
    only_red = dataclasses.replace(one, vouch=(one.mask == 1).astype(np.uint8) * 2)
    image = CorrectedImage(one.key, only_red.read, "photo 1", "1")
    assert run_to_end(segmenter.refit(RefitRequest([image]))) is None
    assert run_to_end(segmenter.refit(RefitRequest([]))) is None


def test_what_a_person_paints_now_is_what_is_learned(segmenter: TorchSegmenter) -> None:
    """A refit that was stopped half way does not keep an older state of the image."""
    segmenter.load(untrained(LABELS), LABELS)
    stopped = segmenter.refit(RefitRequest([corrected(1)], "scene 1"))
    next(stopped)
    stopped.close()
    one = scene(1)
    swapped = dataclasses.replace(one, mask=np.array([0, 2, 1], np.uint8)[one.mask])
    image = CorrectedImage(one.key, swapped.read, "photo 1", "2")
    segmenter.put_on(refitted(segmenter, RefitRequest([image], "scene 1", is_thorough=True)))
    said = segmenter.predict(one.image).labels
    assert (said == swapped.mask)[swapped.mask > 0].mean() > 0.7


def test_a_fine_tune_starts_from_the_refit_and_its_rows_are_solved_on_its_own_taps(segmenter: TorchSegmenter) -> None:
    segmenter.load(untrained(LABELS), LABELS)
    refit = refitted(segmenter, RefitRequest([corrected(1)], is_thorough=True))
    candidate = run_to_end(segmenter.fine_tune(Asked(LABELS, [scene(1)], steps=1, refit=refit)))
    assert candidate.parent == untrained(LABELS).id
    segmenter.load(candidate, LABELS)
    said = segmenter.predict(scene(1).image).labels
    assert (said == scene(1).mask).mean() > 0.9, "after one step alone"


def test_the_loaded_checkpoint_stays_what_it_is_though_its_arrays_are_those_of_the_live_network() -> None:
    start = untrained(LABELS)
    before = {name: value.copy() for name, value in start.tensors.items()}
    segmenter = TorchSegmenter("cpu", measured=False)
    segmenter.load(start, LABELS)
    refit = refitted(segmenter, RefitRequest([corrected(1)], is_thorough=True))
    segmenter.put_on(refit)
    segmenter.predict(scene(11).image)
    run_to_end(segmenter.fine_tune(Asked(LABELS, [scene(1)], steps=1, refit=refit)))
    assert all(np.array_equal(value, start.tensors[name]) for name, value in before.items())


@pytest.fixture
def full_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """The CPU under another name plays a GPU whose memory is full: nothing that runs there comes to its end."""
    monkeypatch.setattr("fcn_gui.learn.segmenter.choose", lambda preference: Device("cpu:0", "GPU X"))
    whole, place = FCN.forward, Device.place
    where = [""]

    def placed(device: Device, x: torch.Tensor) -> torch.Tensor:
        where[0] = device.name
        return place(device, x)

    def forward(network: FCN, x: torch.Tensor, context: torch.Tensor | None = None) -> torch.Tensor:
        if where[0] == "cpu:0":
            raise torch.OutOfMemoryError("no memory left")
        return whole(network, x, context)

    monkeypatch.setattr(Device, "place", placed)
    monkeypatch.setattr(FCN, "forward", forward)


def test_out_of_memory_moves_predicting_to_the_cpu_and_says_so(
    segmenter: TorchSegmenter, voc: Checkpoint, full_gpu: None
) -> None:
    made = TorchSegmenter("auto", measured=False)
    made.load(voc, voc.label_map)
    assert made.describe().device == "GPU X"
    labels = made.predict(scene(1).image).labels
    assert "GPU X is out of memory" in made.describe().device
    np.testing.assert_array_equal(labels, segmenter.predict(scene(1).image).labels)


def test_out_of_memory_moves_learning_to_the_cpu(full_gpu: None) -> None:
    made = TorchSegmenter("auto", measured=False)
    made.load(untrained(LABELS), LABELS)
    job, said = made.fine_tune(Asked(LABELS, [scene(1)], steps=1)), []
    candidate = None
    while candidate is None:
        try:
            said.append(next(job).text)
        except StopIteration as stop:
            candidate = stop.value
    assert any("CPU" in text for text in said)
    assert candidate.tensors["score_fr.weight"].any()


def test_predicting_again_and_again_is_the_same(segmenter: TorchSegmenter) -> None:
    image = scene(1).image
    first = segmenter.predict(image).scores.values
    for _ in range(5):
        np.testing.assert_array_equal(segmenter.predict(image).scores.values, first)


@pytest.mark.parametrize("long_side", [300, "native"])
def test_what_is_learned_at_another_working_size_names_it(voc: Checkpoint, long_side: int | str) -> None:
    made = TorchSegmenter("cpu", measured=False)
    at_size = dataclasses.replace(voc, preset={**voc.preset, "long_side": long_side})
    made.load(at_size, voc.label_map)
    assert made.predict(scene(1).image).scores.values.shape[2] == {300: 77, "native": 25}[long_side]
    candidate = run_to_end(made.fine_tune(Asked(voc.label_map, [scene(1), scene(2)], steps=1)))
    assert candidate.preset["long_side"] == long_side
    assert len(run_to_end(made.evaluate(candidate, [scene(3)]))) == 1
