"""The contrasts that the look promises, computed anew from the tokens."""

import pytest
from PySide6.QtGui import QFont

from fcn_gui.widgets.stylesheet import stylesheet
from fcn_gui.widgets.theme import DARK, LEAST_FONT_PX, LIGHT, TOKEN_NAMES, TYPE_SCALE, Theme, contrast, font_px

GROUNDS = ("chrome", "panel", "raised", "field", "soft", "menu")
PROMISED = {
    "text": (10.0, 13.3),
    "text2": (5.6, 5.4),
    "accent": (5.4, 4.9),
    "ok": (5.8, 4.8),
    "warn": (6.6, 5.1),
    "err": (4.9, 4.6),
}


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21.0)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)
    assert contrast("#123456", "#123456") == 1.0


@pytest.mark.parametrize("token", PROMISED)
@pytest.mark.parametrize(("theme", "column"), [(DARK, 0), (LIGHT, 1)], ids=["dark", "light"])
def test_words_can_be_read_on_every_ground(theme: Theme, column: int, token: str) -> None:
    lowest = min(contrast(theme.hex(token), theme.hex(ground)) for ground in GROUNDS)
    assert lowest >= PROMISED[token][column]


@pytest.mark.parametrize(("theme", "on_fill", "ctl"), [(DARK, 4.9, 3.7), (LIGHT, 5.5, 3.1)], ids=["dark", "light"])
def test_the_filled_button_and_quiet_icons_can_be_seen(theme: Theme, on_fill: float, ctl: float) -> None:
    assert contrast(theme.hex("on_fill"), theme.hex("fill")) >= on_fill
    assert contrast(theme.hex("ctl"), theme.hex("panel")) >= ctl


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
def test_the_filled_button_stays_readable_under_the_mouse(theme: Theme, qapp: object) -> None:
    sheet = stylesheet(theme, QFont())
    rules = [line for line in sheet.splitlines() if line.startswith('QPushButton[kind="filled"]:')]
    grounds = [rule.split("background: ")[1][:7] for rule in rules if "disabled" not in rule]
    assert len(grounds) == 2
    assert all(contrast(theme.hex("on_fill"), ground) >= 4.5 for ground in grounds)


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
def test_every_token_is_a_colour_and_the_sheet_has_no_gap(theme: Theme, qapp: object) -> None:
    assert all(theme.color(name).isValid() for name in TOKEN_NAMES)
    sheet = stylesheet(theme, QFont())
    assert "$" not in sheet
    assert theme.hex("panel") in sheet


def test_hover_is_a_wash_and_pressed_twice_of_it() -> None:
    assert DARK.color("hover").alphaF() == pytest.approx(0.06, abs=0.003)
    assert DARK.color("pressed").alphaF() == pytest.approx(0.12, abs=0.003)
    assert LIGHT.color("hover").alphaF() == pytest.approx(0.05, abs=0.003)
    assert LIGHT.color("hover").red() == 0


def test_text_is_never_too_small(qapp: object) -> None:
    tiny = QFont()
    tiny.setPixelSize(8)
    assert all(font_px(tiny, role) >= LEAST_FONT_PX for role in TYPE_SCALE)
    large = QFont()
    large.setPixelSize(20)
    assert font_px(large, "title") > font_px(large, "figure") > font_px(large, "body") > font_px(large, "small")
