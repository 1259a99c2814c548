import dataclasses
from pathlib import Path

import numpy as np
import pytest

from fcn_gui.core.border_bands import WIDTHS_PX
from fcn_gui.core.errors import DatasetError, ImageError, MaskError
from fcn_gui.core.image_io import read_image
from fcn_gui.core.label_map import own_label_map
from fcn_gui.core.metrics import Over, confusion_matrix, trimap
from fcn_gui.core.progress import run_to_end
from fcn_gui.core.refinement import Refinement
from fcn_gui.disk.dataset import Dataset, read_truth
from fcn_gui.learn.evaluate import evaluate
from fcn_gui.learn.segmenter import TorchSegmenter
from fcn_gui.net.predict import Predictor
from tests.unit.learn.workshop import shapes, untrained

LABELS = own_label_map(["red", "blue"])


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    return shapes(tmp_path / "shapes", 3, LABELS)


@pytest.fixture
def checkpoint():  # type: ignore[no-untyped-def]
    start = untrained(LABELS)
    rng = np.random.default_rng(0)
    rows = {
        name: rng.standard_normal(value.shape).astype(np.float32) if name.startswith("score_") else value
        for name, value in start.tensors.items()
    }
    return dataclasses.replace(start, tensors=rows)


def test_matrices_are_those_of_what_predict_says(checkpoint, dataset: Dataset) -> None:  # type: ignore[no-untyped-def]
    evaluation = run_to_end(evaluate(checkpoint, dataset, "cpu"))
    predictor = Predictor.of(checkpoint, "cpu", measured=False)
    assert [result.id for result in evaluation.images] == ["0", "1", "2"]
    for item, result in zip(dataset.items, evaluation.images, strict=True):
        truth = read_truth(item, LABELS)
        labels = predictor.predict(read_image(item.image_path).image).labels
        assert np.abs(result.whole - confusion_matrix(truth, labels, 3)).sum() <= 4  # ties of float rounding
        assert result.border.sum() == trimap(truth).sum()
    assert evaluation.confusion.sum() == 3 * 64 * 96
    assert 0 <= evaluation.trimap_iu <= 1 and evaluation.seconds > 0


def test_classes_are_matched_by_name(checkpoint, dataset: Dataset) -> None:  # type: ignore[no-untyped-def]
    turned = own_label_map(["blue", "red"])
    mapped = shapes(dataset.items[0].image_path.parent / "turned", 3, turned)
    straight = run_to_end(evaluate(checkpoint, dataset, "cpu")).confusion
    other = run_to_end(evaluate(checkpoint, mapped, "cpu")).confusion
    # the same pictures with the names of the two classes exchanged in the truth: columns change places
    # (each run measures for itself which precision is fastest, which may turn a pixel at a border)
    assert np.abs(other[:, [0, 2, 1]] - straight).sum() <= 0.01 * straight.sum()


def test_no_class_in_common_is_an_error(checkpoint, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    strange = dataclasses.replace(own_label_map(["crane"]), classes=own_label_map(["crane"]).classes[1:])
    dataset = Dataset(shapes(tmp_path / "a", 1, LABELS).items, strange, "pairs")
    with pytest.raises(DatasetError, match="none of the checkpoint's classes"):
        run_to_end(evaluate(checkpoint, dataset, "cpu"))


def test_an_empty_split_is_an_error(checkpoint) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(DatasetError, match="no image"):
        run_to_end(evaluate(checkpoint, Dataset([], LABELS, "pairs"), "cpu"))


def test_a_mask_of_another_size_is_an_error(checkpoint, dataset: Dataset) -> None:  # type: ignore[no-untyped-def]
    first, second = dataset.items[:2]
    from PIL import Image as PillowImage

    PillowImage.new("RGB", (10, 10)).save(first.image_path)
    with pytest.raises(MaskError, match=r"0\.mask\.png"):
        run_to_end(evaluate(checkpoint, dataclasses.replace(dataset, items=[first, second]), "cpu"))


def test_a_broken_image_is_an_error_that_names_it(checkpoint, dataset: Dataset) -> None:  # type: ignore[no-untyped-def]
    dataset.items[1].image_path.write_bytes(b"?")
    with pytest.raises(ImageError, match=r"1\.png"):
        run_to_end(evaluate(checkpoint, dataset, "cpu"))


def test_the_curve_near_borders_has_the_trimap_in_it(checkpoint, dataset: Dataset) -> None:  # type: ignore[no-untyped-def]
    evaluation = run_to_end(evaluate(checkpoint, dataset, "cpu"))
    curve = dict(zip(WIDTHS_PX, evaluation.trimap_curve, strict=True))
    assert curve[5] == evaluation.trimap_iu
    assert np.array_equal(evaluation.bands.sum(0), evaluation.confusion)
    assert evaluation.mean_iu(Over.UNION) <= evaluation.mean_iu(Over.TRUTH) == evaluation.measures.mean_iu


def test_stride_by_stride_ends_with_the_whole_network(checkpoint, dataset: Dataset) -> None:  # type: ignore[no-untyped-def]
    plain = run_to_end(evaluate(checkpoint, dataset, "cpu"))
    assert plain.by_stride == {}
    by_stride = run_to_end(evaluate(checkpoint, dataset, "cpu", is_by_stride=True))
    assert list(by_stride.by_stride) == list(checkpoint.strides)
    measures, trimap_iu = by_stride.by_stride[checkpoint.strides[-1]]
    assert measures.mean_iu == by_stride.measures.mean_iu == plain.measures.mean_iu
    assert trimap_iu == by_stride.trimap_iu == plain.trimap_iu
    coarse = by_stride.by_stride[checkpoint.strides[0]][0]
    assert coarse.pixel_accuracy != measures.pixel_accuracy  # its finer layers say something


@pytest.mark.parametrize("way", [Refinement.FAST, Refinement.CRF, Refinement.LOOKS])
def test_a_refinement_is_judged_as_the_segmenter_refines(  # type: ignore[no-untyped-def]
    way: Refinement, checkpoint, dataset: Dataset
) -> None:
    evaluation = run_to_end(evaluate(checkpoint, dataset, "cpu", way))
    segmenter = TorchSegmenter("cpu", measured=False)
    segmenter.load(checkpoint, LABELS)
    for item, result in zip(dataset.items, evaluation.images, strict=True):
        image = read_image(item.image_path).image
        prediction = segmenter.predict(image)
        if way is Refinement.LOOKS:
            prediction = run_to_end(segmenter.look_again(prediction, image))
        labels = segmenter.refine(prediction, image, way)
        truth = read_truth(item, LABELS)
        assert np.abs(result.whole - confusion_matrix(truth, labels, 3)).sum() <= 4
    plain = run_to_end(evaluate(checkpoint, dataset, "cpu")).confusion
    assert not np.array_equal(evaluation.confusion, plain)
