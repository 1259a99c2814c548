import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage

from fcn_gui.core.errors import SaveError
from fcn_gui.core.prediction import Prediction
from fcn_gui.core.progress import run_to_end
from fcn_gui.core.raster import Image
from fcn_gui.net.device import choose
from fcn_gui.net.fcn import FCN, build_trunk, strides_down_to
from fcn_gui.net.predict import Predictor
from fcn_gui.net.predict_files import predict_files
from fcn_gui.net.preset import VOC21_LIGHT


class CountingPredictor(Predictor):
    """The real one, which notes how many images came at once and from which thread."""

    def __init__(self) -> None:
        trunk = build_trunk("mobilenet_v2")
        super().__init__(FCN(trunk, strides_down_to(trunk, 16), 2).eval(), VOC21_LIGHT.at(256), choose("cpu"))
        self.batches: list[int] = []

    def predict_batch(self, images: Sequence[Image]) -> list[Prediction]:
        assert threading.current_thread() is threading.main_thread()
        assert len({self.size_of(image.shape) for image in images}) == 1
        self.batches.append(len(images))
        return super().predict_batch(images)


def _folder(tmp_path: Path, shapes: Sequence[tuple[int, int]]) -> list[Path]:
    paths = []
    for index, shape in enumerate(shapes):
        paths.append(tmp_path / f"{index:03d}.png")
        PillowImage.fromarray(np.full((*shape, 3), index, np.uint8)).save(paths[-1])
    return paths


def _ignore(path: Path, image: Image, prediction: Prediction) -> None:
    return None


def test_every_image_is_written_once_in_batches_of_equal_size(tmp_path: Path) -> None:
    predictor, written = CountingPredictor(), []
    paths = _folder(tmp_path, [(20, 30), (30, 20)] * 6)

    def write(path: Path, image: Image, prediction: Prediction) -> None:
        assert threading.current_thread() is not threading.main_thread()
        assert prediction.labels.shape == image.shape[:2]
        assert image[0, 0, 0] == int(path.stem)
        written.append(path)

    report = run_to_end(predict_files(predictor, paths, write, batch=3))

    assert sorted(written) == paths
    assert (report.done, report.failed) == (12, [])
    assert report.seconds > 0
    assert predictor.batches == [3, 3, 3, 3]


def test_the_largest_come_first(tmp_path: Path) -> None:
    predictor, sizes = CountingPredictor(), []
    paths = _folder(tmp_path, [(256, 40), (90, 256), (256, 256), (90, 256)])

    def write(path: Path, image: Image, prediction: Prediction) -> None:
        sizes.append(predictor.size_of(image.shape))

    progress = list(predict_files(predictor, paths, write, batch=2))
    assert predictor.batches == [1, 2, 1]
    pixels = [height * width for height, width in sizes]
    assert pixels == sorted(pixels, reverse=True)
    assert (progress[-1].done, progress[-1].total) == (4, 4)


def test_a_processor_takes_one_image_at_a_time(tmp_path: Path) -> None:
    predictor = CountingPredictor()
    run_to_end(predict_files(predictor, _folder(tmp_path, [(20, 30)] * 3), _ignore))
    assert predictor.batches == [1, 1, 1]


def test_what_goes_wrong_with_one_image_is_told_and_the_rest_goes_on(tmp_path: Path) -> None:
    paths = _folder(tmp_path, [(20, 30)] * 5)
    paths[2].write_bytes(b"no image")

    def write(path: Path, image: Image, prediction: Prediction) -> None:
        if path == paths[3]:
            raise SaveError("003 could not be saved.")

    report = run_to_end(predict_files(CountingPredictor(), paths, write))

    reasons = dict(report.failed)
    assert report.done == 3
    assert set(reasons) == {paths[2], paths[3]}
    assert "002.png" in reasons[paths[2]]
    assert reasons[paths[3]] == "003 could not be saved."


def test_a_fault_of_the_program_is_not_swallowed(tmp_path: Path) -> None:
    def write(path: Path, image: Image, prediction: Prediction) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run_to_end(predict_files(CountingPredictor(), _folder(tmp_path, [(20, 30)]), write))


def test_closing_it_early_writes_what_was_predicted_and_leaves_no_thread(tmp_path: Path) -> None:
    predictor, written = CountingPredictor(), []
    paths = _folder(tmp_path, [(20, 30)] * 40)
    job = predict_files(predictor, paths, lambda path, *_: written.append(path), batch=1)
    next(job)
    job.close()
    assert len(written) == sum(predictor.batches) == 1


def test_no_image_at_all_is_no_trouble() -> None:
    assert run_to_end(predict_files(CountingPredictor(), [], _ignore)).done == 0
