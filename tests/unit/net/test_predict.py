import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from fcn_gui.core.checkpoint import Checkpoint
from fcn_gui.core.errors import DeviceError
from fcn_gui.net.device import choose
from fcn_gui.net.fcn import FCN
from fcn_gui.net.predict import Predictor
from fcn_gui.net.preset import NATIVE, VOC21_LIGHT
from tests.fakes.device import SmallDevice
from tests.unit.net.untrained import untrained


@pytest.fixture(scope="module")
def checkpoint() -> Checkpoint:
    return untrained()


@pytest.fixture(scope="module")
def predictor(checkpoint: Checkpoint) -> Predictor:
    return Predictor(_network(checkpoint), VOC21_LIGHT, choose("cpu"), "c" * 16)


def _network(checkpoint: Checkpoint) -> FCN:
    from_file = Predictor.of(checkpoint, "cpu", measured=False)
    return from_file.network


@pytest.mark.parametrize("shape", [(1, 1), (3, 5000), (5000, 3), (2, 3), (375, 500), (500, 375), (333, 499)])
def test_an_image_of_any_size_gets_labels_of_its_size(predictor: Predictor, shape: tuple[int, int]) -> None:
    image = np.random.default_rng(0).integers(0, 256, (*shape, 3)).astype(np.uint8)
    prediction = predictor.predict(image)
    assert prediction.labels.shape == shape
    assert prediction.labels.max() < 21
    assert prediction.scores.shape == shape
    assert prediction.checkpoint == "c" * 16


def test_labels_are_the_argmax_of_the_scores(predictor: Predictor) -> None:
    image = np.random.default_rng(1).integers(0, 256, (60, 90, 3)).astype(np.uint8)
    prediction = predictor.predict(image)
    scores = np.sort(prediction.scores.scores(), 0)
    clear = scores[-1] - scores[-2] > 1e-4
    assert np.array_equal(prediction.labels[clear], prediction.scores.scores().argmax(0)[clear])


def test_a_batch_gives_what_each_image_gives_alone(predictor: Predictor) -> None:
    rng = np.random.default_rng(2)
    images = [rng.integers(0, 256, (40, 60, 3)).astype(np.uint8), rng.integers(0, 256, (80, 120, 3)).astype(np.uint8)]
    assert predictor.size_of(images[0].shape) == predictor.size_of(images[1].shape)
    for image, grid in zip(images, predictor.score_batch(images), strict=True):
        assert np.abs(grid.values - predictor.score_batch([image])[0].values).max() < 1e-3
        assert grid.shape == image.shape[:2]


def _images(count: int, height: int, width: int) -> list[np.ndarray]:
    rng = np.random.default_rng(5)
    return [rng.integers(0, 256, (height, width, 3)).astype(np.uint8) for _ in range(count)]


def _on_small_device(checkpoint: Checkpoint, most_px: int, long_side: int = NATIVE) -> Predictor:
    return Predictor(_network(checkpoint), VOC21_LIGHT.at(long_side), SmallDevice(most_px=most_px), "c" * 16)


def test_out_of_memory_first_means_smaller_batches(checkpoint: Checkpoint) -> None:
    predictor, images = _on_small_device(checkpoint, 100_000, 256), _images(3, 30, 40)
    expected = Predictor(_network(checkpoint), VOC21_LIGHT.at(256), choose("cpu")).score_batch(images)
    for found, wanted in zip(predictor.score_batch(images), expected, strict=True):
        assert np.abs(found.values - wanted.values).max() < 1e-3
    assert predictor.notice == "GPU pretended is short of memory; predicting in smaller batches"
    assert predictor.device.text == "GPU pretended"


def test_then_tiles(checkpoint: Checkpoint) -> None:
    predictor, images = _on_small_device(checkpoint, 600_000), _images(1, 600, 1300)
    expected = Predictor(_network(checkpoint), VOC21_LIGHT.at(NATIVE), choose("cpu")).score_batch(images)[0]
    assert np.abs(predictor.score_batch(images)[0].values - expected.values).max() < 1e-3
    assert predictor.notice == "GPU pretended is short of memory; predicting in tiles"
    assert predictor.device.text == "GPU pretended"


def test_then_the_cpu(checkpoint: Checkpoint) -> None:
    predictor, images = _on_small_device(checkpoint, 100_000), _images(2, 600, 800)
    expected = Predictor(_network(checkpoint), VOC21_LIGHT.at(NATIVE), choose("cpu")).score_batch(images)
    for found, wanted in zip(predictor.score_batch(images), expected, strict=True):
        assert np.abs(found.values - wanted.values).max() < 1e-3
    assert predictor.notice == "GPU pretended is out of memory; predicting on the CPU"
    assert predictor.device.name == "cpu"


def test_what_did_not_fit_is_not_tried_again(checkpoint: Checkpoint) -> None:
    predictor, images = _on_small_device(checkpoint, 100_000, 256), _images(4, 30, 40)
    predictor.score_batch(images)
    placed: list[int] = []
    real = SmallDevice.place

    class Counting(SmallDevice):
        def place(self, x: torch.Tensor) -> torch.Tensor:
            placed.append(len(x))
            return real(self, x)

    predictor.device = Counting(most_px=100_000)
    predictor.score_batch(images)
    assert sum(placed) == 4, "every image once"


def test_other_errors_are_not_taken_for_want_of_memory(checkpoint: Checkpoint) -> None:
    predictor = Predictor(_network(checkpoint), VOC21_LIGHT.at(256), choose("cpu"))
    predictor.network.trunk = torch.nn.Conv2d(4, 4, 1)  # type: ignore[assignment]
    with pytest.raises((RuntimeError, TypeError, AttributeError)):
        predictor.predict(_images(1, 30, 40)[0])


def test_out_of_memory_on_the_cpu_is_told(checkpoint: Checkpoint) -> None:
    predictor = Predictor(_network(checkpoint), VOC21_LIGHT.at(256), SmallDevice("cpu", "CPU", most_px=0))
    with pytest.raises(DeviceError, match="not enough memory"):
        predictor.predict(np.zeros((30, 40, 3), np.uint8))


@pytest.mark.parametrize("long_side", [513, VOC21_LIGHT.long_side])
def test_the_start_equals_the_plain_reference(shared: Path, monkeypatch: pytest.MonkeyPatch, long_side: int) -> None:
    from fcn_gui.core.image_io import read_image
    from fcn_gui.net.foreign_weights import read_start

    monkeypatch.syspath_prepend(str(shared / "tools"))
    monkeypatch.delitem(sys.modules, "voc_network", raising=False)
    from voc_network import VocNetwork  # type: ignore[import-not-found]

    start = read_start(shared / "weights" / "mobilenet_v2_voc.safetensors")
    predictor = Predictor(_network(start), VOC21_LIGHT.at(long_side), choose("cpu"))
    reference = VocNetwork()
    for name in ("2007_000032", "2007_000042"):
        image = read_image(shared / "data" / "voc21" / "JPEGImages" / f"{name}.jpg").image
        expected = reference.probabilities(image, long_side=(long_side,), flip=False)
        assert np.abs(predictor.predict(image).scores.probabilities() - expected).max() <= 1e-4
