"""A window comes back where it was, and on a screen that is there now."""

import pytest
from PySide6.QtCore import QRect

from fcn_gui.widgets.layout import LEAST_HEIGHT, LEAST_WIDTH, layout_for
from fcn_gui.widgets.window_memory import kept_rect, on_screen

LAPTOP, MONITOR = QRect(0, 0, 1920, 1040), QRect(1920, -200, 2560, 1400)


@pytest.mark.parametrize(
    ("wanted", "screens", "expected"),
    [
        (QRect(100, 80, 1300, 800), [LAPTOP], QRect(100, 80, 1300, 800)),
        (QRect(2000, 0, 1300, 800), [LAPTOP, MONITOR], QRect(2000, 0, 1300, 800)),
        (QRect(1500, 600, 1300, 800), [LAPTOP], QRect(620, 240, 1300, 800)),
        (QRect(-900, -500, 1300, 800), [LAPTOP], QRect(0, 0, 1300, 800)),
        (QRect(0, 0, 5000, 4000), [LAPTOP], QRect(0, 0, 1920, 1040)),
    ],
)
def test_it_lies_on_a_screen(wanted: QRect, screens: list[QRect], expected: QRect) -> None:
    assert on_screen(wanted, screens) == expected


def test_when_its_monitor_is_gone_it_comes_to_the_middle_of_the_first_screen() -> None:
    assert on_screen(QRect(2000, 0, 1300, 800), [LAPTOP]) == QRect(310, 120, 1300, 800)


def test_it_is_never_smaller_than_the_least_window_and_its_title_stays_in_reach() -> None:
    small = on_screen(QRect(10, 10, 50, 50), [QRect(0, 0, 800, 600)])
    assert (small.width(), small.height()) == (LEAST_WIDTH, LEAST_HEIGHT)
    assert (small.x(), small.y()) == (0, 0)


def test_without_a_screen_it_says_so() -> None:
    with pytest.raises(ValueError, match="no screen"):
        on_screen(QRect(0, 0, 10, 10), [])


@pytest.mark.parametrize(
    "kept",
    [
        {},
        {"x": 0, "y": 0, "width": 1000},
        {"x": 0, "y": 0, "width": 0, "height": 700},
        {"x": "0", "y": 0, "width": 1000, "height": 700},
        {"x": True, "y": 0, "width": 1000, "height": 700},
        {"x": 10**9, "y": 0, "width": 1000, "height": 700},
    ],
)
def test_what_is_no_rectangle_is_left_out(kept: dict[str, object]) -> None:
    assert kept_rect(kept) is None


@pytest.mark.parametrize("bad", [{"left_px": 5}, {"right_px": 4000}, {"learning_px": "172"}, {"left_px": True}])
def test_sizes_of_docks_that_are_not_sane_are_left_out(bad: dict[str, object]) -> None:
    layout = layout_for(1440, 900)
    assert layout.with_sizes(bad) == layout
    assert layout.with_sizes({**bad, "right_px": 333}).right_px == 333
