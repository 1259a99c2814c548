"""How wide the docks are for a window's size: pure figures, in logical pixels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from fcn_gui.widgets.theme import Height

COMPACT_BELOW_WIDTH, COMPACT_BELOW_HEIGHT, WIDE_FROM = 1200, 780, 1920
LEAST_WIDTH, LEAST_HEIGHT = 1024, 700
SIDE_PX, BELOW_PX = (64, 480), (172, 400)
"""How narrow and how wide a dock may be dragged; the learning panel's body likewise."""


@dataclass(frozen=True)
class Layout:
    """Widths of the left and right docks, height of the learning panel."""

    left_px: int
    right_px: int
    learning_px: int
    is_compact: bool = False
    is_wide: bool = False

    @property
    def kind(self) -> str:
        """Sizes that a person gave the docks hold for windows of one kind."""
        return "compact" if self.is_compact else "wide" if self.is_wide else "normal"

    def with_sizes(self, kept: Mapping[str, Any]) -> Layout:
        """With the sizes of `kept` by field, where they are sane: they may come from a file."""

        def sane(name: str, usual: int, between: tuple[int, int]) -> int:
            value = kept.get(name)
            if isinstance(value, int) and not isinstance(value, bool) and between[0] <= value <= between[1]:
                return value
            return usual

        return replace(
            self,
            left_px=sane("left_px", self.left_px, SIDE_PX),
            right_px=sane("right_px", self.right_px, SIDE_PX),
            learning_px=sane("learning_px", self.learning_px, BELOW_PX),
        )


def layout_for(width: int, height: int) -> Layout:
    """The layout of a window of this size."""
    if width < COMPACT_BELOW_WIDTH or height < COMPACT_BELOW_HEIGHT:
        return Layout(64, 240, Height.HEAD, is_compact=True)
    if width >= WIDE_FROM:
        return Layout(280, 300, 220, is_wide=True)
    return Layout(240, 280, 172)
