"""Colours by value: what is on disk, what is drawn, and that new ones are told apart."""

from itertools import combinations

import numpy as np
import pytest

from fcn_gui.core.label_map import LabelClass, LabelMap, own_label_map, voc_label_map
from fcn_gui.core.oklab import oklch
from fcn_gui.core.palette import (
    OWN_COLORS,
    VOID_COLOR,
    color_of_hex,
    hex_color,
    least_distance,
    next_own_color,
    overlay_colors,
    voc_color,
)

LIFTED = """
EA7060 68CF62 C5C65F 4B7FF7 E06FDD 69CBCA C3C3C3 B36A5F FE8D7D 89CD61
FEBF65 9B75EE FE8AC6 84C9C9 FDBCBB 67A162 DB9360 63FB5B B2F559 639CE4
"""


def drawn(label_map: LabelMap) -> list[str]:
    return [hex_color((int(r), int(g), int(b))) for r, g, b in overlay_colors(label_map)]


@pytest.mark.parametrize(
    ("index", "color"),
    [(0, (0, 0, 0)), (1, (128, 0, 0)), (8, (64, 0, 0)), (15, (192, 128, 128)), (20, (0, 64, 128)), (255, VOID_COLOR)],
)
def test_voc_colors(index: int, color: tuple[int, int, int]) -> None:
    assert voc_color(index) == color


def test_all_256_voc_colors_differ() -> None:
    assert len({voc_color(i) for i in range(256)}) == 256


def test_voc_is_lifted_to_exactly_these_colors() -> None:
    assert drawn(voc_label_map())[1:] == [f"#{text}" for text in LIFTED.split()]


def test_lifting_keeps_the_order_of_lightness() -> None:
    label_map = voc_label_map()
    before = oklch(np.array(label_map.colors, np.uint8))[1:, 0]
    after = oklch(overlay_colors(label_map))[1:, 0]
    assert (np.diff(after[np.argsort(before)]) > -0.005).all()
    assert after.min() > 0.59


def test_own_colors_are_drawn_as_they_are() -> None:
    label_map = own_label_map([f"class {i}" for i in range(12)])
    assert drawn(label_map) == [hex_color(color) for color in label_map.colors]


def test_one_dark_class_lifts_all_and_none_falls_under_the_line() -> None:
    label_map = own_label_map(["cell"]).with_class("nucleus", (10, 10, 60)).with_class("white", (255, 255, 255))
    assert drawn(label_map)[1] != hex_color(label_map.colors[1])
    assert (oklch(overlay_colors(label_map))[:, 0] > 0.59).all()


def test_the_colors_given_out_can_be_changed_without_changing_the_next() -> None:
    overlay_colors(voc_label_map())[:] = 0
    assert drawn(voc_label_map())[1] == "#EA7060"


def test_own_colors_are_told_apart_by_everybody() -> None:
    assert min(least_distance(a, [b]) for a, b in combinations(OWN_COLORS, 2)) == pytest.approx(0.114, abs=0.0005)
    lightness = oklch(np.array(OWN_COLORS, np.uint8))[:, 0]
    assert (lightness >= 0.60).all()
    assert (lightness <= 0.9005).all()


def test_distance_to_nothing_is_endless() -> None:
    assert least_distance((1, 2, 3), []) == float("inf")


def test_new_classes_get_the_own_colors_in_order() -> None:
    assert next_own_color([]) == color_of_hex("#FFB224")
    assert next_own_color([OWN_COLORS[1], OWN_COLORS[0], (0, 0, 0)]) == OWN_COLORS[2]


def test_further_colors_are_light_enough_new_and_far_from_all_before() -> None:
    taken = list(OWN_COLORS)
    for _ in range(12):
        color = next_own_color(taken)
        assert 0.60 <= oklch(np.array(color, np.uint8))[0] <= 0.90
        assert least_distance(color, [*taken, VOID_COLOR]) > 0.05
        taken.append(color)


def test_even_the_last_class_gets_a_color_of_its_own() -> None:
    label_map = own_label_map([f"class {i}" for i in range(100)])
    assert len(set(label_map.colors)) == 101


def test_hex_and_back() -> None:
    assert color_of_hex(" #fFb224") == (255, 178, 36)
    assert hex_color((255, 178, 36)) == "#FFB224"
    for bad in ("", "#FFF", "#GGGGGG", "red", "#FFB22400"):
        with pytest.raises(ValueError, match=r"."):
            color_of_hex(bad)


def test_a_map_of_one_class_can_be_drawn() -> None:
    assert overlay_colors(LabelMap((LabelClass("all", (255, 200, 0)),))).shape == (1, 3)
