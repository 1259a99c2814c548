"""What the person has chosen to see and to paint with: tool, class, size, mode and sliders.

Nothing here belongs to an image; tool, class and size are all that goes along from one image to the next.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, overload

from PySide6.QtCore import QObject, Signal

from fcn_gui.core.raster import VOID
from fcn_gui.core.settings import Settings
from fcn_gui.core.stroke import Tool

T = TypeVar("T")
MODES = ("mask", "heatmap", "uncertainty", "difference", "doubts", "comparison")
"""The last two have no segment of their own: they are looked at for a moment."""
LEAST_RADIUS_PX, MOST_RADIUS_PX = 0.5, 500.0
RADIUS_STEP = 1.15
"""Ratio of one notch; small brushes change by one pixel of diameter at least."""


@dataclass(frozen=True)
class CursorFacts:
    """What lies under the cursor: pixel column `x` and row `y`, its label and vouch (0, 1, 2).

    `probabilities` are the two likeliest (label, 0…1), `heat` that of the heatmap's class; empty without prediction.
    """

    x: int
    y: int
    label: int
    vouch: int
    probabilities: tuple[tuple[int, float], ...] = ()
    heat: float | None = None


class _Field(Generic[T]):
    """A value that says when it changed; `clean` brings any value into its range."""

    def __init__(self, default: T, clean: Callable[[T], T] | None = None, setting: str = "") -> None:
        self.default = default
        self.clean = clean
        self.setting = setting
        self.name = ""

    def __set_name__(self, owner: type[QObject], name: str) -> None:
        self.name = name

    @overload
    def __get__(self, view: None, owner: type[QObject]) -> _Field[T]: ...
    @overload
    def __get__(self, view: ViewState, owner: type[QObject]) -> T: ...
    def __get__(self, view: ViewState | None, owner: type[QObject]) -> T | _Field[T]:
        return self if view is None else view.values_by_name.get(self.name, self.default)

    def __set__(self, view: ViewState, value: T) -> None:
        value = self.clean(value) if self.clean else value
        if value != view.values_by_name.get(self.name, self.default):
            view.values_by_name[self.name] = value
            view.keep(self.name, self.setting, value)


def _between(least: float, most: float) -> Callable[[float], float]:
    return lambda value: float(min(max(value, least), most))


def _mode(value: str) -> str:
    if value not in MODES:
        raise ValueError(f"a mode is one of {MODES}, not {value!r}")
    return value


def _label(value: int) -> int:
    if not 0 <= value <= VOID:
        raise ValueError(f"a label is 0…{VOID}, not {value}")
    return value


class ViewState(QObject):
    """State of the window's view and tools; `changed(field)` after each change, `cursor_moved(CursorFacts | None)`.

    Fields: `chosen_tool` · `label` (255 void) · `last_label` · `radius_px` image pixels · `mode` of MODES ·
    `heatmap_label` (None: the active class) · `opacity`, `heat_opacity`, `hide_below` 0…1 ·
    `uncertainty` margin under which dots lie over the mask, 0 off; `dots_below` the same in its own mode ·
    `outline_px` 0…6 ·
    `most_percent` of the image that a hole or speck is at most, 0.001…5 ·
    `grey_photo` · `hidden` classes · `hovered_label` dims the others · `bare` hides everything ·
    `brightness`, `contrast` −1…1 · `gamma` 0.2…5.
    """

    changed = Signal(str)
    cursor_moved = Signal(object)

    chosen_tool = _Field(Tool.BRUSH, Tool)
    label = _Field(1, _label)
    last_label = _Field(0, _label)
    radius_px = _Field(9.0, _between(LEAST_RADIUS_PX, MOST_RADIUS_PX), "brush.radius_px")
    mode = _Field("mask", _mode)
    heatmap_label: _Field[int | None] = _Field(None)
    opacity = _Field(0.45, _between(0, 1), "view.opacity")
    heat_opacity = _Field(0.8, _between(0, 1))
    outline_px = _Field(2.0, _between(0, 6), "view.outline_px")
    most_percent = _Field(0.1, _between(0.001, 5), "regions.most_percent")
    hide_below = _Field(0.05, _between(0, 0.95))
    grey_photo = _Field(True)
    uncertainty = _Field(0.0, _between(0, 1))
    dots_below = _Field(0.5, _between(0.05, 1))
    hidden: _Field[frozenset[int]] = _Field(frozenset(), frozenset)
    hovered_label: _Field[int | None] = _Field(None)
    bare = _Field(False)
    brightness = _Field(0.0, _between(-1, 1))
    contrast = _Field(0.0, _between(-1, 1))
    gamma = _Field(1.0, _between(0.2, 5))

    def __init__(self, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.values_by_name: dict[str, Any] = {}
        self._settings = settings
        self._held_tool: Tool | None = None
        for name, field in _fields().items():
            if field.setting:
                stored = settings.get(field.setting)
                self.values_by_name[name] = field.clean(stored) if field.clean else stored

    def keep(self, name: str, setting: str, value: Any) -> None:
        """Remember a changed field in the settings, where it has a row there, and say so."""
        if setting:
            self._settings.set(setting, value)
        self.changed.emit(name)
        if name == "chosen_tool":
            self.changed.emit("tool")

    @property
    def tool(self) -> Tool:
        """The tool in hand: a held one, else the chosen one. Setting it chooses."""
        return self._held_tool or self.chosen_tool

    @tool.setter
    def tool(self, tool: Tool) -> None:
        self.chosen_tool = tool

    def hold(self, tool: Tool | None) -> None:
        """Take another tool for a moment (None: back to the chosen one)."""
        if tool is not self._held_tool:
            before = self.tool
            self._held_tool = tool
            if self.tool is not before:
                self.changed.emit("tool")

    def choose_label(self, label: int) -> None:
        """Make a class the active one and remember the one before it."""
        if label != self.label:
            self.last_label, self.label = self.label, label

    def swap_labels(self) -> None:
        """Back to the last class."""
        self.choose_label(self.last_label)

    def step_radius(self, notches: float) -> None:
        """Grow (or shrink) the brush by `notches`; it lands on whole pixels of diameter."""
        diameter = 2 * self.radius_px
        wanted = diameter * RADIUS_STEP**notches
        step = max(1.0, abs(round(wanted) - round(diameter)))
        self.radius_px = (round(diameter) + (step if notches > 0 else -step)) / 2

    def toggle_hidden(self, label: int) -> None:
        """Hide a class, or show it again."""
        self.hidden = self.hidden ^ {label}

    @property
    def shown_heatmap_label(self) -> int:
        """The class whose heatmap shows."""
        return self.label if self.heatmap_label is None else self.heatmap_label

    def toggle_mode(self, mode: str) -> None:
        """Show `mode`, or the mask again where it shows already."""
        self.mode = "mask" if self.mode == mode else mode


def _fields() -> dict[str, _Field[Any]]:
    return {name: value for name, value in vars(ViewState).items() if isinstance(value, _Field)}
