"""Fill, line, casing and hatch as pixels."""

import numpy as np
import pytest

from fcn_gui.core.raster import VOID, Rect
from fcn_gui.core.viewport import Viewport
from fcn_gui.widgets.hatch import HATCH_COLOR, hatch
from fcn_gui.widgets.mask_painter import MaskStyle, over, paint_mask, tinted
from fcn_gui.widgets.placement import Placement
from fcn_gui.widgets.shown_mask import ShownMask

COLORS = np.array([[0, 0, 0], [200, 40, 20], [30, 90, 220]], np.uint8)


def painted(mask: np.ndarray, style: MaskStyle, zoom: float = 4.0, vouch: np.ndarray | None = None) -> np.ndarray:
    """H×W×4 premultiplied BGRA of the whole mask, enlarged."""
    height, width = mask.shape
    size = (round(width * zoom), round(height * zoom))
    place = Placement.of(Viewport((width, height), size, zoom, (0.0, 0.0)), 1.0)
    vouch = np.zeros_like(mask) if vouch is None else vouch
    cells = Rect(0, 0, place.grid.cols, place.grid.rows)
    target = np.zeros((size[1], size[0], 4), np.uint8)
    window = ShownMask(mask, vouch, None, place.grid).window(cells)
    paint_mask(target, Rect(0, 0, *size), window, cells, place, style)
    return target


@pytest.fixture
def mask() -> np.ndarray:
    mask = np.zeros((20, 20), np.uint8)
    mask[5:15, 5:15] = 1
    return mask


@pytest.mark.parametrize("zoom", [1.0, 2.0, 4.0])
def test_the_fill_has_colour_and_opacity_of_the_class(mask: np.ndarray, zoom: float) -> None:
    middle = painted(mask, MaskStyle(COLORS, 0.45, 2.0), zoom)[round(10 * zoom), round(10 * zoom)]
    assert middle == pytest.approx([20 * 0.45, 40 * 0.45, 200 * 0.45, 255 * 0.45], abs=1)


@pytest.mark.parametrize("zoom", [1.0, 2.0, 4.0])
def test_background_stays_clear_beyond_the_casing(mask: np.ndarray, zoom: float) -> None:
    pixels = painted(mask, MaskStyle(COLORS, 0.45, 2.0), zoom)
    assert not pixels[: round(5 * zoom) - 3].any()


def test_a_crisp_line_follows_the_pixels_edges(mask: np.ndarray) -> None:
    pixels = painted(mask, MaskStyle(COLORS, 0.0, 2.0), 4.0, vouch=np.ones_like(mask))
    line = np.array([20 + 235 * 0.28, 40 + 215 * 0.28, 200 + 55 * 0.28, 255])
    assert pixels[20, 40] == pytest.approx(line, abs=1) and pixels[21, 40] == pytest.approx(line, abs=1)
    assert not pixels[22, 40].any(), "two pixels wide, inside"
    assert pixels[19, 40, 3] == pytest.approx(255 * 0.55, abs=1) and not pixels[18, 40].any(), "casing outside"


def test_a_vouched_outline_is_wider_than_one_that_follows(mask: np.ndarray) -> None:
    for zoom in (2.0, 4.0):
        style = MaskStyle(COLORS, 0.0, 2.0)
        vouched = painted(mask, style, zoom, np.ones_like(mask))[..., 3].astype(int).sum()
        assert vouched > painted(mask, style, zoom)[..., 3].astype(int).sum()


def test_hidden_classes_leave_no_trace(mask: np.ndarray) -> None:
    assert not painted(mask, MaskStyle(COLORS, 0.45, 2.0, hidden=frozenset({1}))).any()


def test_void_and_unknown_labels_are_hatched(mask: np.ndarray) -> None:
    for label in (VOID, 7):
        pixels = painted(np.where(mask == 1, label, 0).astype(np.uint8), MaskStyle(COLORS, 0.45, 2.0))
        inner = pixels[30:50, 30:50].reshape(-1, 4)
        assert inner[:, 3].min() == pytest.approx(255 * 0.38, abs=2) and inner[:, 2].max() > 200


def test_two_classes_side_by_side_keep_their_colours() -> None:
    mask = np.full((12, 20), 1, np.uint8)
    mask[:, 10:] = 2
    pixels = painted(mask, MaskStyle(COLORS, 1.0, 0.0))
    assert pixels[24, 20, :3] == pytest.approx(COLORS[1][::-1], abs=1)
    assert pixels[24, 60, :3] == pytest.approx(COLORS[2][::-1], abs=1)


def test_tints_are_premultiplied() -> None:
    plane = np.array([[0, 128, 255]], np.uint8)
    assert tinted(plane, (255, 100, 0), 0.5)[0].tolist() == [[0, 0, 0, 0], [0, 25, 64, 64], [0, 50, 128, 128]]


def test_an_opaque_top_hides_what_is_below() -> None:
    top, bottom = np.full((1, 1, 4), 255, np.uint8), np.full((1, 1, 4), 90, np.uint8)
    assert (over(top, bottom) == 255).all() and (over(np.zeros_like(top), bottom) == bottom).all()


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
def test_the_hatch_is_seamless_and_stands_still(ratio: float) -> None:
    one = hatch(ratio, (0, 0), (60, 60))
    other = hatch(ratio, (13, 7), (40, 40))
    assert (one[7:47, 13:53] == other).all()
    assert one[..., :3].max() == max(HATCH_COLOR) and one[..., 3].min() == round(255 * 0.38)
