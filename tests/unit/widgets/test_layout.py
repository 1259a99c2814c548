"""The layout table."""

import pytest

from fcn_gui.widgets.layout import layout_for


@pytest.mark.parametrize(
    ("size", "docks"),
    [
        ((1024, 700), (64, 240, 36)),
        ((1199, 900), (64, 240, 36)),
        ((1280, 720), (64, 240, 36)),
        ((1280, 800), (240, 280, 172)),
        ((1440, 900), (240, 280, 172)),
        ((1919, 1080), (240, 280, 172)),
        ((1920, 1080), (280, 300, 220)),
        ((2560, 1440), (280, 300, 220)),
    ],
)
def test_docks_are_as_wide_as_the_table_says(size: tuple[int, int], docks: tuple[int, int, int]) -> None:
    layout = layout_for(*size)
    assert (layout.left_px, layout.right_px, layout.learning_px) == docks
    assert layout.is_compact == (docks[0] == 64)
    assert layout.is_wide == (docks[0] == 280)
