"""Colour arithmetic against published values."""

import numpy as np
import pytest

from fcn_gui.core.oklab import COLOR_BLINDNESS, oklab, oklab_as_seen, oklch, rgb_of_oklch


@pytest.mark.parametrize(
    ("rgb", "lab"),
    [  # from Ottosson's and the CSS Color 4 tables
        ((255, 255, 255), (1.0, 0.0, 0.0)),
        ((255, 0, 0), (0.62796, 0.22486, 0.12585)),
        ((0, 255, 0), (0.86644, -0.23389, 0.17950)),
        ((0, 0, 255), (0.45201, -0.03246, -0.31153)),
        ((0, 0, 0), (0.0, 0.0, 0.0)),
    ],
)
def test_oklab_of_known_colors(rgb: tuple[int, int, int], lab: tuple[float, float, float]) -> None:
    assert oklab(np.array(rgb, np.uint8)) == pytest.approx(lab, abs=1e-4)


def test_going_to_oklch_and_back_is_the_same_color() -> None:
    colors = np.random.default_rng(0).integers(0, 256, (200, 3)).astype(np.uint8)
    for color, (lightness, chroma, hue) in zip(colors, oklch(colors), strict=True):
        assert np.abs(np.array(rgb_of_oklch(lightness, chroma, hue)) - color).max() <= 2


def test_too_much_chroma_is_cut_and_lightness_and_hue_stay() -> None:
    lightness, chroma, hue = oklch(np.array(rgb_of_oklch(0.7, 0.5, 1.0), np.uint8))
    assert lightness == pytest.approx(0.7, abs=0.005)
    assert hue == pytest.approx(1.0, abs=0.03)
    assert 0.1 < chroma < 0.5


def test_color_blindness_keeps_white_and_makes_red_and_green_alike() -> None:
    for matrix in COLOR_BLINDNESS.values():
        assert matrix.sum(1) == pytest.approx([1, 1, 1], abs=1e-5)
    seen = oklab_as_seen(np.array([[200, 60, 40], [110, 110, 20]], np.uint8))
    assert seen.shape == (4, 2, 3)
    normal, protan = (np.linalg.norm(seen[i, 0] - seen[i, 1]) for i in (0, 1))
    assert protan < normal / 2
