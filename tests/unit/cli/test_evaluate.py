"""What `evaluate` prints, from matrices made by hand."""

import json

import numpy as np
import pytest

from fcn_gui.cli.evaluate import lines, measures
from fcn_gui.core.border_bands import WIDTHS_PX, BandCounts
from fcn_gui.core.label_map import own_label_map
from fcn_gui.core.metrics import confusion_matrix, trimap
from fcn_gui.learn.evaluate import Evaluation, ImageResult

MAP = own_label_map(["background", "cow", "tree"])
CONTRACT = {"images", "pixel_accuracy", "mean_accuracy", "mean_iu", "frequency_weighted_iu", "trimap_iu"}


def evaluation(is_by_stride: bool = False) -> Evaluation:
    """A cow of 20×20 that is called a tree at its right edge; no tree is anywhere."""
    truth = np.zeros((40, 40), np.uint8)
    truth[10:30, 10:30] = 1
    said = truth.copy()
    said[10:30, 25:30] = 2
    pair = confusion_matrix(truth, said, 3), confusion_matrix(truth, said, 3, trimap(truth))
    coarse = confusion_matrix(truth, np.zeros_like(truth), 3)
    strides = {16: (coarse, coarse), 8: pair} if is_by_stride else {}
    return Evaluation(MAP, (ImageResult("a", *pair, BandCounts.of(truth, said, 3), strides),), 1.5)


def test_keys_of_the_contract_stay_and_others_are_added() -> None:
    facts = measures(evaluation())
    assert facts.keys() >= CONTRACT | {"per_class", "seconds"}
    assert facts["per_class"] == {"background": 1.0, "cow": 0.75}
    assert facts["per_class_accuracy"] == {"background": 1.0, "cow": 0.75}
    assert facts["mean_iu"] == pytest.approx((1 + 0.75) / 2)
    assert facts["mean_iu_union"] == pytest.approx((1 + 0.75 + 0) / 3)
    assert list(facts["trimap_curve"]) == [str(width) for width in WIDTHS_PX]
    assert facts["trimap_curve"]["5"] == facts["trimap_iu"] < facts["trimap_curve"]["40"] == facts["mean_iu"]
    assert "by_stride" not in facts
    json.dumps(facts, allow_nan=False)


def test_strides_are_told_coarsest_first() -> None:
    facts = measures(evaluation(is_by_stride=True))
    assert list(facts["by_stride"]) == ["16", "8"]
    assert facts["by_stride"]["8"]["mean_iu"] == facts["mean_iu"] > facts["by_stride"]["16"]["mean_iu"]
    text = lines({**facts, "preset": {"name": "p"}})
    assert [line.split()[3] for line in text if line.startswith("as far as")] == ["16s", "8s"]


def test_a_set_without_borders_has_an_empty_curve() -> None:
    flat = np.zeros((5, 5), np.uint8)
    one = confusion_matrix(flat, flat, 3)
    facts = measures(Evaluation(MAP, (ImageResult("a", one, one, BandCounts.of(flat, flat, 3)),), 0.1))
    assert set(facts["trimap_curve"].values()) == {None}
    json.dumps(facts, allow_nan=False)
    assert lines({**facts, "preset": {"name": "p"}})
