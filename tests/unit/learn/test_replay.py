"""What a refit of a new class sees beside its corrections: the bundled photographs, each looked at once."""

import dataclasses

import numpy as np
import pytest
import torch

from fcn_gui.core.checkpoint import Checkpoint
from fcn_gui.core.image_io import digest, read_image
from fcn_gui.core.label_map import LabelMap, voc_label_map
from fcn_gui.core.progress import run_to_end
from fcn_gui.core.raster import ACCEPTED, Image
from fcn_gui.disk.bundled import model_path, samples_dir
from fcn_gui.disk.checkpoint_file import read_checkpoint
from fcn_gui.learn.features import Features, look
from fcn_gui.learn.replay import PIXELS, THOROUGH_PIXELS, Replay, is_needed
from fcn_gui.learn.segmenter import TorchSegmenter
from fcn_gui.net.checkpoint import network_from
from fcn_gui.net.device import Device
from fcn_gui.net.predict import Predictor
from fcn_gui.net.preset import VOC21_LIGHT
from fcn_gui.session.ports import CorrectedImage, RefitRequest
from tests.unit.learn.workshop import untrained

WITH_ROBOT = voc_label_map().with_class("robot")
PHOTOS = sorted((samples_dir() / "photos").glob("*.jpg"))


class Eye:
    """Looks at images with an untrained network, and counts."""

    def __init__(self) -> None:
        network, preset = network_from(untrained()), VOC21_LIGHT.at(256)
        self._predictor = Predictor(network, preset, Device("cpu", "CPU"))
        self.replay, self.names = Replay(network, preset), list[str]()

    def look(self, name: str, image: Image) -> Features | None:
        self.names.append(name)
        return look(self._predictor, image)[1]


def test_each_photograph_is_looked_at_once_and_an_interrupted_look_stays() -> None:
    eye = Eye()
    assert eye.replay.pixels((), True) is None
    begun = eye.replay.read(eye.look)
    next(begun)
    begun.close()
    assert len(eye.names) == 1
    for _ in range(2):
        run_to_end(eye.replay.read(eye.look))
    assert eye.names == [""] * len(PHOTOS), "under no name: they are not to push out taps of the project's photographs"


def test_a_stroke_waits_for_one_photograph_and_the_end_of_an_image_for_all(bundled: Checkpoint) -> None:
    segmenter = TorchSegmenter("cpu", measured=False)
    segmenter.load(bundled, WITH_ROBOT)

    def looks(is_thorough: bool) -> int:
        job = segmenter.refit(RefitRequest([robots(1)], "robots 1", is_thorough=is_thorough))
        return sum(step.text == "Remembering photographs" for step in job)

    assert [looks(False), looks(False), looks(True), looks(False)] == [1, 1, len(PHOTOS) - 2, 0]


def test_pixels_of_the_projects_own_photographs_are_left_out() -> None:
    eye = Eye()
    run_to_end(eye.replay.read(eye.look))
    thorough, quick = eye.replay.pixels((), True), eye.replay.pixels((), False)
    assert thorough is not None and quick is not None
    assert len(thorough) == THOROUGH_PIXELS * len(PHOTOS)
    assert len(quick) == PIXELS * len(PHOTOS)
    own = [digest(path) for path in PHOTOS[1:]]
    only = eye.replay.pixels(own, False)
    assert only is not None
    torch.testing.assert_close(only, quick[:PIXELS])
    assert eye.replay.pixels([*own, digest(PHOTOS[0])], True) is None


def test_an_installation_without_photographs_replays_none(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setattr("fcn_gui.disk.bundled._PACKAGE", tmp_path / "fcn_gui")
    eye = Eye()
    run_to_end(eye.replay.read(eye.look))
    assert eye.replay.pixels((), True) is None


@pytest.mark.parametrize(("labels", "expected"), [((0, 15), False), ((0, 21), True), ((), False)])
def test_it_is_needed_for_a_class_that_is_none_of_voc(labels: tuple[int, ...], expected: bool) -> None:
    vouched = torch.zeros(22, dtype=torch.bool)
    vouched[list(labels)] = True
    assert is_needed(WITH_ROBOT, vouched) is expected


@pytest.fixture(scope="module")
def bundled() -> Checkpoint:
    checkpoint = read_checkpoint(model_path("voc21-light"))
    return dataclasses.replace(checkpoint, preset={**checkpoint.preset, "long_side": 257})


def robots(seed: int) -> CorrectedImage:
    """Bright disks on dark noise, verified."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:64, :80]
    mask = np.zeros((64, 80), np.uint8)
    for _ in range(4):
        mask[np.hypot(y - rng.uniform(0, 64), x - rng.uniform(0, 80)) < 9] = 21
    image = np.where(mask[..., None] > 0, 200, 30) + rng.integers(-20, 21, (64, 80, 3))
    vouch = np.full(mask.shape, ACCEPTED, np.uint8)
    return CorrectedImage(f"robots {seed}", lambda: (image.astype(np.uint8), mask, vouch), True, f"{seed}", "1")


def learned(checkpoint: Checkpoint, label_map: LabelMap, apart: list[str]) -> tuple[float, float]:
    """How much of photographs that were not replayed changes its label, and how much of the robots is found."""
    segmenter = TorchSegmenter("cpu", measured=False)
    segmenter.load(checkpoint, label_map)
    others = [read_image(path).image for path in sorted((samples_dir() / "series").glob("*.jpg"))[:3]]
    before = [segmenter.predict(image).labels for image in others]
    segmenter.put_on(run_to_end(segmenter.refit(RefitRequest([robots(1)], is_thorough=True, apart=apart))))
    changed = [
        float((segmenter.predict(image).labels != old).mean()) for image, old in zip(others, before, strict=True)
    ]
    image, mask, _ = robots(1).read()
    return float(np.mean(changed)), float((segmenter.predict(image).labels == 21)[mask == 21].mean())


def test_a_new_class_leaves_other_photographs_as_they_were(bundled: Checkpoint) -> None:
    changed, found = learned(bundled, WITH_ROBOT, [])
    changed_alone, found_alone = learned(bundled, WITH_ROBOT, [digest(path) for path in PHOTOS])
    assert changed < 0.05 < 0.1 < changed_alone
    assert min(found, found_alone) > 0.9
