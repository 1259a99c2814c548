"""The table of settings: type, default, range and words of each. The settings dialog is made from it."""

from dataclasses import dataclass
from math import isfinite
from typing import Any, Literal

Value = bool | int | float | str
KEYS = "keys."


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
    scope: Literal["user", "project"] = "user"

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


# fmt: off
SETTINGS: tuple[SettingRow, ...] = (
    SettingRow("view.theme", str, "system", None, None, "Theme", "Light and dark, or as the system has it",
               ("system", "light", "dark")),
    SettingRow("view.opacity", float, 0.45, 0.0, 1.0, "Mask opacity", "How much of the photo the colours hide"),
    SettingRow("view.outline_px", float, 2.0, 0.0, 6.0, "Outline", "Width of the outline of vouched pixels, on screen"),
    SettingRow("brush.radius_px", float, 9.0, 0.5, 500.0, "Brush radius", "In image pixels"),
    SettingRow("brush.snap_to_edges", bool, False, None, None, "Snap to edges",
               "Let a stroke end where the photo has an edge"),
    SettingRow("learn.correction_emphasis", float, 3.0, 1.0, 10.0, "Correction emphasis",
               "How much more a corrected pixel counts than an accepted one", scope="project"),
    SettingRow("learn.edge_gain", float, 1.0, 0.0, 5.0, "Edge emphasis",
               "How much more pixels at the border of a class count; 0 switches it off", scope="project"),
    SettingRow("learn.edge_sigma_px", float, 3.0, 0.5, 20.0, "Edge width",
               "How far from the border that reaches, in pixels", scope="project"),
    SettingRow("learn.sampling_q", float, 1.0, 0.05, 1.0, "Sampling",
               "Part of the pixels that each step looks at", scope="project"),
    SettingRow("learn.steps", int, 0, 0, 100_000, "Fine-tune steps",
               "How long a fine-tune takes; 0 lets the program choose", scope="project"),
    SettingRow("learn.kept_checkpoints", int, 10, 1, 1000, "Kept checkpoints",
               "Weights that are kept beside the live one and its parents", scope="project"),
    SettingRow("export.only_verified", bool, True, None, None, "Only verified images",
               "Leave out images that nobody verified"),
    SettingRow("export.unvouched", str, "void", None, None, "Unvouched pixels",
               "Written as void, or as they are predicted", ("void", "predicted")),
    SettingRow("export.void_band_px", int, 0, 0, 50, "Void band",
               "Width of a void band along borders, as VOC has it; 0 for none"),
    SettingRow("export.keep_metadata", bool, True, None, None, "Keep metadata",
               "Leave data such as GPS positions in the photos"),
    SettingRow("net.device", str, "auto", None, None, "Device", "Where the network runs",
               ("auto", "cpu", "cuda", "mps")),
)
# fmt: on
