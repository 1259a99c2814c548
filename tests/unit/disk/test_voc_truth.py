"""What an export says of each pixel."""

import numpy as np
import pytest

from fcn_gui.core.label_map import LabelClass, LabelMap, voc_label_map
from fcn_gui.disk.voc_truth import ExportOptions, background_index, border_band, exported_mask

VOC = voc_label_map()
MASK = np.array([[0, 0, 1, 1], [0, 0, 1, 255]], np.uint8)
VOUCH = np.array([[1, 0, 2, 2], [1, 0, 0, 2]], np.uint8)


def test_unvouched_pixels_are_void() -> None:
    assert exported_mask(MASK, VOUCH, VOC, ExportOptions()).tolist() == [[0, 255, 1, 1], [0, 255, 255, 255]]


def test_or_as_predicted() -> None:
    assert np.array_equal(exported_mask(MASK, VOUCH, VOC, ExportOptions(unvouched="predicted")), MASK)


def test_void_as_background_for_readers_without_void() -> None:
    options = ExportOptions(void_index="background")
    assert exported_mask(MASK, VOUCH, VOC, options).tolist() == [[0, 0, 1, 1], [0, 0, 0, 0]]


def test_background_is_found_by_name_else_class_0() -> None:
    assert background_index(LabelMap((LabelClass("b", (1, 1, 1)), LabelClass("background", (0, 0, 0))))) == 1
    assert background_index(LabelMap((LabelClass("sky", (0, 0, 0)), LabelClass("road", (1, 0, 0))))) == 0


def test_a_band_of_void_lies_on_both_sides_of_borders() -> None:
    mask = np.zeros((5, 10), np.uint8)
    mask[:, 5:] = 3
    for width in (1, 2, 3):
        band = border_band(mask, width)
        assert np.array_equal(np.flatnonzero(band[2]), np.arange(5 - width, 5 + width))
    truth = exported_mask(mask, np.ones_like(mask), VOC, ExportOptions(void_band_px=2))
    assert truth[2].tolist() == [0, 0, 0, 255, 255, 255, 255, 3, 3, 3]


def test_void_has_no_border() -> None:
    mask = np.array([[0, 255, 1]], np.uint8)
    assert not border_band(mask, 3).any()


def test_the_mask_itself_is_not_changed() -> None:
    before = MASK.copy()
    exported_mask(MASK, VOUCH, VOC, ExportOptions(void_band_px=3, void_index="background"))
    assert np.array_equal(MASK, before)


def test_a_vouch_map_of_another_size_is_an_error() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        exported_mask(MASK, VOUCH[:1], VOC, ExportOptions())
