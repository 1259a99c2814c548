"""Whether the network foresaw what a person painted, and what it may then paint by itself."""

import numpy as np
import pytest

from fcn_gui.core.mask import VouchedMask
from fcn_gui.core.raster import Mask, Rect
from fcn_gui.core.stroke import Coverage
from fcn_gui.session.foresight import LARGE, Foreseen, foresaw, most_to_begin_with, most_to_go_on

CELL, ELSEWHERE = Rect(4, 4, 14, 14), Rect(20, 4, 30, 14)


def predicted(*cells: Rect) -> Mask:
    found = np.zeros((20, 40), np.uint8)
    for cell in cells:
        found[cell.slices] = 1
    return found


def painted(rect: Rect, said: Mask, label: int = 1) -> Foreseen | None:
    masked = VouchedMask(np.zeros((20, 40), np.uint8), np.zeros((20, 40), np.uint8))
    patch = masked.paint(Coverage(rect, np.ones((rect.height, rect.width), bool)), label)
    step = () if patch is None else (patch,)
    return foresaw(said, masked.mask, masked.vouch, step)


def test_a_region_painted_as_it_was_predicted_was_foreseen() -> None:
    assert painted(CELL, predicted(CELL, ELSEWHERE)) == Foreseen(1.0, 100)


def test_half_of_it() -> None:
    found = painted(Rect(4, 4, 14, 9), predicted(CELL))
    assert found == Foreseen(pytest.approx(0.5), 100)


def test_who_says_the_same_everywhere_foresees_nothing() -> None:
    found = painted(CELL, np.ones((20, 40), np.uint8))
    assert found == Foreseen(pytest.approx(100 / 800), 800)


def test_another_class_was_not_foreseen() -> None:
    assert painted(CELL, predicted(CELL), label=2) == Foreseen(0.0, 100)


def test_a_stroke_that_changes_no_label_says_nothing() -> None:
    assert painted(CELL, predicted(CELL), label=0) is None
    assert painted(Rect(0, 0, 0, 0), predicted(CELL)) is None


def test_the_last_three_strokes_decide_and_the_largest_of_them_bounds() -> None:
    seen, missed = Foreseen(0.7, 30), Foreseen(0.6, 90)
    assert most_to_go_on((seen, seen)) == 0
    assert most_to_go_on((missed, seen, Foreseen(0.9, 80), seen)) == 80
    assert most_to_go_on((seen, seen, missed)) == 0


def test_one_stroke_decides_where_only_one_is_asked_for() -> None:
    seen, missed = Foreseen(0.7, 30), Foreseen(0.6, 90)
    assert most_to_go_on((missed, seen), 1) == 30
    assert most_to_go_on((seen, missed), 1) == most_to_go_on((), 1) == 0


def test_after_a_large_foreseen_stroke_any_region_may_follow_in_the_first_image_of_a_class() -> None:
    pixels = 10_000
    crumb, large = Foreseen(0.9, round(LARGE * pixels) - 1), Foreseen(0.9, round(LARGE * pixels))
    assert most_to_begin_with((crumb,), pixels) == crumb.area
    assert most_to_begin_with((crumb, large), pixels) == pixels
    assert most_to_begin_with((large, crumb), pixels) == crumb.area
    assert most_to_begin_with((large, Foreseen(0.1, 9000)), pixels) == most_to_begin_with((), pixels) == 0
