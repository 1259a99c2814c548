"""How wide the docks are for a window's size: pure figures, in logical pixels."""

from __future__ import annotations

from dataclasses import dataclass

from fcn_gui.widgets.theme import Height

COMPACT_BELOW_WIDTH, COMPACT_BELOW_HEIGHT, WIDE_FROM = 1200, 780, 1920
LEAST_WIDTH, LEAST_HEIGHT = 1024, 700


@dataclass(frozen=True)
class Layout:
    """Widths of the left and right docks, height of the learning panel."""

    left_px: int
    right_px: int
    learning_px: int
    is_compact: bool = False
    is_wide: bool = False


def layout_for(width: int, height: int) -> Layout:
    """The layout of a window of this size."""
    if width < COMPACT_BELOW_WIDTH or height < COMPACT_BELOW_HEIGHT:
        return Layout(64, 240, Height.HEAD, is_compact=True)
    if width >= WIDE_FROM:
        return Layout(280, 300, 220, is_wide=True)
    return Layout(240, 280, 172)
