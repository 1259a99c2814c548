"""Colours, type and spacing of the window: the only place where a colour stands.

Stylesheet, palette and painters read `Theme`; a theme is immutable, `appearance.Appearance` says which one is on.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

from PySide6.QtGui import QColor, QFont, QFontInfo, QPalette


@dataclass(frozen=True)
class Tokens:
    """One colour per use, as `#RRGGBB`."""

    canvas: str
    chrome: str
    panel: str
    raised: str
    field: str
    menu: str
    line: str
    edge: str
    ctl: str
    text: str
    text2: str
    text3: str
    accent: str
    fill: str
    soft: str
    ok: str
    warn: str
    err: str


class Space:
    """Distances in logical pixels."""

    TIGHT, SMALL, ROW, MEDIUM, PANEL, LARGE, WIDE, HUGE = 4, 6, 8, 8, 12, 16, 24, 32


class Radius:
    """Corner radii in logical pixels."""

    KEY, BUTTON, MESSAGE, PALETTE, DROP = 4, 6, 8, 10, 12


class Height:
    """Heights in logical pixels."""

    TOP_BAR, HEAD, IMAGE_ROW, CLASS_ROW, OPTION, BUTTON, WELCOME_BUTTON, PALETTE_ROW, STATUS = (
        44,
        36,
        52,
        30,
        30,
        28,
        36,
        32,
        26,
    )


TYPE_SCALE = {"small": 0.92, "body": 1.0, "heading": 1.04, "figure": 1.76, "title": 2.24}
"""Sizes as ratios of the system's font size."""

LEAST_FONT_PX = 11
ON_FILL = "#FFFFFF"
"""Text on the filled button, in both themes."""


@dataclass(frozen=True)
class Theme:
    """What painters and the stylesheet read."""

    tokens: Tokens
    is_dark: bool

    def color(self, token: str) -> QColor:
        """The colour of a token; `hover` and `pressed` are washes to lay over what is there."""
        if token in ("hover", "pressed"):
            wash = QColor(255, 255, 255) if self.is_dark else QColor(0, 0, 0)
            share = 0.06 if self.is_dark else 0.05
            wash.setAlphaF(share if token == "hover" else 2 * share)
            return wash
        return QColor(self.hex(token))

    def hex(self, token: str) -> str:
        """`#RRGGBB` of a token; `on_fill` is the text on the filled button."""
        return ON_FILL if token == "on_fill" else str(getattr(self.tokens, token))

    def palette(self) -> QPalette:
        """The palette for style Fusion, from the same tokens."""
        palette = QPalette()
        for role, token in _ROLES.items():
            palette.setColor(role, self.color(token))
        for role in (QPalette.ColorRole.Text, QPalette.ColorRole.WindowText, QPalette.ColorRole.ButtonText):
            palette.setColor(QPalette.ColorGroup.Disabled, role, self.color("text3"))
        return palette


_Role = QPalette.ColorRole
_ROLES = {
    _Role.Window: "panel",
    _Role.WindowText: "text",
    _Role.Base: "field",
    _Role.AlternateBase: "panel",
    _Role.Text: "text",
    _Role.PlaceholderText: "text2",
    _Role.Button: "raised",
    _Role.ButtonText: "text",
    _Role.BrightText: "on_fill",
    _Role.Highlight: "soft",
    _Role.HighlightedText: "text",
    _Role.Link: "accent",
    _Role.LinkVisited: "accent",
    _Role.ToolTipBase: "menu",
    _Role.ToolTipText: "text",
    _Role.Light: "raised",
    _Role.Midlight: "edge",
    _Role.Mid: "line",
    _Role.Dark: "edge",
    _Role.Shadow: "canvas",
    _Role.Accent: "accent",
}

DARK = Theme(
    Tokens(
        canvas="#141517",
        chrome="#1B1C1F",
        panel="#212226",
        raised="#2D2F34",
        field="#17181B",
        menu="#26282C",
        line="#303237",
        edge="#484B53",
        ctl="#777C86",
        text="#E8E9EC",
        text2="#ADB1BA",
        text3="#7C818B",
        accent="#8AADFF",
        fill="#3868E4",
        soft="#2A3552",
        ok="#5CC98B",
        warn="#F0B64A",
        err="#FF8078",
    ),
    is_dark=True,
)
LIGHT = Theme(
    Tokens(
        canvas="#D3D4D7",
        chrome="#ECEDEF",
        panel="#F7F7F8",
        raised="#FFFFFF",
        field="#FFFFFF",
        menu="#FFFFFF",
        line="#DADCE0",
        edge="#C2C5CB",
        ctl="#868B95",
        text="#1B1D22",
        text2="#555A64",
        text3="#888D97",
        accent="#2456D3",
        fill="#2B5FE0",
        soft="#DCE5FA",
        ok="#13713F",
        warn="#855300",
        err="#BD2F28",
    ),
    is_dark=False,
)
TOKEN_NAMES = tuple(field.name for field in fields(Tokens))


def font_px(system: QFont, role: str) -> int:
    """Pixel size of a text of `role` (see TYPE_SCALE) where the system's font is `system`, never under 11."""
    return max(LEAST_FONT_PX, round(QFontInfo(system).pixelSize() * TYPE_SCALE[role]))


def font_for(system: QFont, role: str, weight: int = 400, tabular: bool = False) -> QFont:
    """The system's font at the size of `role`; `tabular` for figures that stand in columns or change."""
    font = QFont(system)
    font.setPixelSize(font_px(system, role))
    font.setWeight(QFont.Weight(weight))
    if tabular:
        font.setFeature(QFont.Tag("tnum"), 1)
    return font


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two `#RRGGBB` colours, 1…21 (WCAG 2.1, relative luminance)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: str) -> float:
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
