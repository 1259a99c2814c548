"""One object per gesture: it gathers points while the hand moves and ends as a stroke, or is thrown away.

No Qt and no pixels here: what a gesture shows while it is open is the stage's business.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto
from itertools import pairwise
from math import hypot

from fcn_gui.core.stroke import Stroke, Tool

XY = tuple[float, float]
Segment = tuple[XY, XY]
LEAST_MOVE_PX = 0.2
"""Image pixels; a hand that rests adds no points."""
TAKES_REGION = (Tool.FILL, Tool.SMART)


class Intent(Enum):
    """What a press on the canvas is for."""

    NONE = auto()
    PAN = auto()
    PICK = auto()
    PAINT = auto()
    LINE = auto()
    ERASE = auto()
    FORBIDDEN = auto()


@dataclass(frozen=True)
class Press:
    """A button of mouse or pen going down: `button` left, middle, right or eraser (the pen's other end)."""

    button: str
    has_shift: bool = False
    has_alt: bool = False
    has_space: bool = False


def intent_of(press: Press, *, is_read_only: bool, has_last_point: bool, tool: Tool) -> Intent:
    """What a press means: pan before pick before paint; Shift only where there is a point to draw a line from."""
    if press.button == "middle" or (press.has_space and press.button == "left"):
        return Intent.PAN
    if press.button == "left" and press.has_alt:
        return Intent.PICK
    if press.button not in ("left", "right", "eraser"):
        return Intent.NONE
    if is_read_only:
        return Intent.FORBIDDEN
    if press.button in ("right", "eraser"):
        return Intent.ERASE
    draws_lines = tool in (Tool.BRUSH, Tool.ERASER)
    return Intent.LINE if press.has_shift and has_last_point and draws_lines else Intent.PAINT


@dataclass
class BrushGesture:
    """Brush or eraser from press to release; `label` None erases. Points are image xy, the radius image pixels."""

    label: int | None
    radius_px: float
    points: list[XY]
    is_open: bool = True

    @property
    def erases(self) -> bool:
        """It gives pixels back instead of a label."""
        return self.label is None

    def segments(self, first: int = 0) -> list[Segment]:
        """The straight pieces from point number `first` on; a single dab is a piece of no length."""
        points = self.points[first:]
        return [(points[0], points[0])] if len(points) == 1 else list(pairwise(points))

    def move(self, xy: XY) -> list[Segment]:
        """Go on to `xy`; what was added."""
        last = self.points[-1]
        if hypot(xy[0] - last[0], xy[1] - last[1]) < LEAST_MOVE_PX:
            return []
        self.points.append(xy)
        return [(last, xy)]

    def end(self) -> Stroke:
        """The stroke to apply."""
        self.is_open = False
        tool = Tool.ERASER if self.erases else Tool.BRUSH
        return Stroke(tool, self.label, tuple(self.points), self.radius_px, self.erases)


@dataclass
class PolygonGesture:
    """Corners set by clicks; it stays open between them. `hover` is where the next one would be."""

    label: int
    points: list[XY] = field(default_factory=list)
    hover: XY | None = None

    def add(self, xy: XY, near_px: float) -> bool:
        """Set a corner; True where the click closed the polygon: within `near_px` image pixels of the first."""
        if len(self.points) >= 3 and hypot(xy[0] - self.points[0][0], xy[1] - self.points[0][1]) <= near_px:
            return True
        if not self.points or hypot(xy[0] - self.points[-1][0], xy[1] - self.points[-1][1]) >= LEAST_MOVE_PX:
            self.points.append(xy)
        return False

    def move(self, xy: XY) -> None:
        """The next corner would be here."""
        self.hover = xy

    def remove_last(self) -> bool:
        """Take the last corner back; False when none is left."""
        if self.points:
            self.points.pop()
        return bool(self.points)

    def end(self) -> Stroke | None:
        """The stroke, None with fewer than three corners."""
        if len(self.points) < 3:
            return None
        return Stroke(Tool.POLYGON, self.label, tuple(self.points))


@dataclass
class PanGesture:
    """A hand on the photograph; positions are logical screen pixels."""

    last: XY

    def move(self, xy: XY) -> XY:
        """How far to pan."""
        step = (xy[0] - self.last[0], xy[1] - self.last[1])
        self.last = xy
        return step


def region_stroke(tool: Tool, label: int, xy: XY) -> Stroke:
    """The click of fill region or smart region."""
    return Stroke(tool, label, (xy,))
