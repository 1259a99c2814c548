"""The mask's layer in bands and at once."""

import numpy as np
import pytest
from PySide6.QtGui import QImage

from fcn_gui.core.raster import VOID, Rect
from fcn_gui.core.viewport import Viewport
from fcn_gui.widgets import mask_layer
from fcn_gui.widgets.mask_layer import MaskLayer
from fcn_gui.widgets.mask_painter import MaskStyle
from fcn_gui.widgets.placement import Placement
from fcn_gui.widgets.shown_mask import ShownMask

STYLE = MaskStyle(np.array([[0, 0, 0], [200, 40, 20], [30, 90, 220]], np.uint8), 0.45, 2.0)


def layer_over(mask: np.ndarray, zoom: float) -> tuple[MaskLayer, ShownMask, Placement]:
    height, width = mask.shape
    place = Placement.of(Viewport((width, height), (300, 260), zoom, (11.0, -7.0)), 1.0)
    vouch = np.zeros_like(mask)
    vouch[:, width // 2 :] = 1
    layer = MaskLayer()
    layer.spoil_all(place)
    return layer, ShownMask(mask, vouch, None, place.grid), place


def words(picture: QImage) -> np.ndarray:
    return np.frombuffer(bytes(picture.constBits()), np.uint8).reshape(260, 300, 4).astype(int)


def is_alike(one: np.ndarray, other: np.ndarray) -> bool:
    """But for the last bits of an antialiased edge that a band cuts."""
    return bool(np.abs(one - other).max() <= 3)


@pytest.fixture
def mask() -> np.ndarray:
    coarse = np.random.default_rng(2).integers(0, 4, (12, 14)).astype(np.uint8)
    coarse[coarse == 3] = VOID
    return coarse.repeat(17, 0).repeat(17, 1)


@pytest.mark.parametrize("zoom", [0.6, 1.0, 1.7, 3.5])
def test_bands_give_the_same_pixels_as_all_at_once(
    mask: np.ndarray, zoom: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    layer, shown, place = layer_over(mask, zoom)
    at_once = words(layer.picture(shown, place, STYLE))
    monkeypatch.setattr(mask_layer, "BAND_PIXELS", 4_000)
    banded, _, _ = layer_over(mask, zoom)
    bands = 0
    while not banded.is_ready:
        banded.work_ahead(shown, place, STYLE)
        bands += 1
    assert bands >= 3
    assert is_alike(words(banded.picture(shown, place, STYLE)), at_once)


def test_a_picture_asked_for_half_way_is_whole(mask: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    layer, shown, place = layer_over(mask, 1.0)
    at_once = words(layer.picture(shown, place, STYLE))
    monkeypatch.setattr(mask_layer, "BAND_PIXELS", 4_000)
    half, _, _ = layer_over(mask, 1.0)
    half.work_ahead(shown, place, STYLE)
    assert is_alike(words(half.picture(shown, place, STYLE)), at_once) and half.is_ready


def test_only_what_was_spoiled_is_drawn_again(mask: np.ndarray) -> None:
    layer, shown, place = layer_over(mask, 1.0)
    before = words(layer.picture(shown, place, STYLE))
    mask[:] = 1
    layer.spoil(Rect(40, 40, 60, 50))
    changed = np.argwhere((words(layer.picture(shown, place, STYLE)) != before).any(2))
    assert changed.min(0).tolist() >= [40, 40] and changed.max(0).tolist() < [50, 60]
