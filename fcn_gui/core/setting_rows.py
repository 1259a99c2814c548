"""The table of settings: type, default, range and words of each. The settings dialog is made from it."""

from dataclasses import dataclass
from math import isfinite
from typing import Any, Literal

Value = bool | int | float | str
KEYS = "keys."
Scope = Literal["user", "project"]
START_CHECKPOINT = "net.start_checkpoint"
RETRAIN_AFTER = "learn.retrain_after"
WORKING_SIZE, LONG_SIDE = "net.working_size", "net.long_side_px"


@dataclass(frozen=True)
class SettingRow:
    """One setting. Numbers lie in `minimum` … `maximum` where given; a text is one of `choices` where there are any."""

    id: str
    type: type[bool] | type[int] | type[float] | type[str]
    default: Value
    minimum: float | None = None
    maximum: float | None = None
    text: str = ""
    tooltip: str = ""
    choices: tuple[str, ...] = ()
    scope: Scope = "user"

    def fitting(self, value: Any) -> Value:
        """The value as the row's type; ValueError, in words, where it has another type or is out of range."""
        if self.type is float and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if not isinstance(value, self.type) or (self.type is not bool and isinstance(value, bool)):
            raise ValueError(f"{self.id} can't be {value!r}, it is {self._kind}")
        if isinstance(value, int | float) and not self._is_in_range(value):
            raise ValueError(f"{self.id} can't be {value!r}, it is {self._kind}")
        if self.choices and value not in self.choices:
            raise ValueError(f"{self.id} can't be {value!r}, it is {self._kind}")
        return self.type(value)

    def _is_in_range(self, value: float) -> bool:
        return (
            isfinite(value)
            and (self.minimum is None or value >= self.minimum)
            and (self.maximum is None or value <= self.maximum)
        )

    @property
    def _kind(self) -> str:
        if self.choices:
            return f"one of {', '.join(self.choices)}"
        if self.type in (int, float) and self.minimum is not None and self.maximum is not None:
            return f"{'a whole number' if self.type is int else 'a number'} from {self.minimum:g} to {self.maximum:g}"
        return {bool: "yes or no", int: "a whole number", float: "a number", str: "a text"}[self.type]


def _switch(id: str, default: bool, text: str, tooltip: str) -> SettingRow:
    return SettingRow(id, bool, default, text=text, tooltip=tooltip)


def _choice(id: str, choices: tuple[str, ...], text: str, tooltip: str) -> SettingRow:
    """One of `choices`, the first by default."""
    return SettingRow(id, str, choices[0], text=text, tooltip=tooltip, choices=choices, scope=_scope(id))


def _number(id: str, default: float, between: tuple[float, float], text: str, tooltip: str) -> SettingRow:
    """A whole number where the default is one."""
    return SettingRow(id, type(default), default, *between, text, tooltip, scope=_scope(id))


def _scope(id: str) -> Scope:
    """What changes the answers of the network belongs to the project; when a machine may be busy, to the person."""
    is_of_project = id.startswith("learn.") and id != RETRAIN_AFTER
    return "project" if is_of_project or id in (WORKING_SIZE, LONG_SIDE) else "user"


SETTINGS: tuple[SettingRow, ...] = (
    _choice("view.theme", ("system", "light", "dark"), "Theme", "Light or dark, or as the system has it"),
    _choice(
        "view.motion",
        ("system", "off"),
        "Motion",
        "Panels and messages may move, unless the system has it off",
    ),
    _number("view.opacity", 0.45, (0, 1), "Mask opacity", "How much of the photo the colours hide"),
    _number("view.outline_px", 2.0, (0, 6), "Outline", "Width of the outline of vouched pixels, on screen"),
    _number("brush.radius_px", 9.0, (0.5, 500), "Brush radius", "In image pixels"),
    _number(
        "regions.most_percent",
        0.1,
        (0.001, 5),
        "Largest hole or speck",
        "In percent of the image; what is larger is neither filled nor removed",
    ),
    _switch("brush.snap_to_edges", False, "Snap to edges", "Let a stroke end where the photo has an edge"),
    _switch(
        "images.where_next", False, "Verify goes where next", "Open the image that helps most, not the next in the list"
    ),
    _number(
        "learn.correction_emphasis",
        3.0,
        (1, 10),
        "Correction emphasis",
        "How much more a corrected pixel counts than an accepted one",
    ),
    _number(
        "learn.edge_gain",
        1.0,
        (0, 5),
        "Edge emphasis",
        "How much more pixels at the border of a class count; 0 switches it off",
    ),
    _number("learn.edge_sigma_px", 3.0, (0.5, 20), "Edge width", "How far from the border that reaches, in pixels"),
    _choice(
        "learn.start",
        ("auto", "prediction", "blank"),
        "A mask starts",
        "Auto: from a cleaned-up prediction, or blank where the network hardly knows the photo or saved nothing lately",
    ),
    _choice(
        "learn.refine",
        ("off", "fast", "crf", "wide", "looks", "guided", "superpixels"),
        "Refine borders",
        "Bring predicted borders to the photo's; crf: slower; wide: for large things; looks: for thin ones, slowest",
    ),
    _choice(
        "learn.repaint",
        ("auto", "always", "never"),
        "Repaint after a stroke",
        "Auto: in the first image with a class that is new, only where the network is surer. R repaints at any time",
    ),
    _switch(
        "learn.complete_strokes",
        True,
        "Complete strokes",
        "After a stroke what else of its object is surely meant follows (with Auto above); undo takes both back",
    ),
    _number("learn.sampling_q", 1.0, (0.05, 1), "Sampling", "Part of the pixels that each step looks at"),
    _number(
        "learn.steps",
        0,
        (0, 100_000),
        "Fine-tune steps",
        "How many steps a fine-tune takes; 0 lets the program choose",
    ),
    _number(
        RETRAIN_AFTER,
        4,
        (0, 1000),
        "Fine-tune after",
        "So many newly verified images start one by themselves, the very first image at once; 0: only by hand",
    ),
    _number(
        "learn.kept_checkpoints",
        10,
        (1, 1000),
        "Kept checkpoints",
        "Weights that are kept beside the live one and its parents",
    ),
    _switch("export.only_verified", True, "Only verified images", "Leave out images that nobody verified"),
    _choice(
        "export.unvouched",
        ("void", "predicted"),
        "Unvouched pixels",
        "Written as void, or as they are predicted",
    ),
    _number(
        "export.void_band_px",
        0,
        (0, 50),
        "Void band",
        "Width of a void band along borders, as VOC has it; 0 for none",
    ),
    _switch("export.keep_metadata", True, "Keep metadata", "Leave data such as GPS positions in the photos"),
    SettingRow(
        START_CHECKPOINT,
        str,
        "",
        text="Checkpoint for new folders",
        tooltip="A file of one's own that new folders start with; empty for the one that comes with the program",
    ),
    _choice("net.device", ("auto", "cpu", "cuda", "mps"), "Device", "Where the network runs"),
    _choice(
        WORKING_SIZE,
        ("auto", "checkpoint", "own", "native"),
        "Working size",
        "How large the network sees a photo: as pays in a project (finer for classes that are new to it), as the "
        "checkpoint has it, at the long side below, or every pixel",
    ),
    _number(LONG_SIDE, 513, (256, 4096), "Own long side", "In pixels, for a working size of one's own"),
)
