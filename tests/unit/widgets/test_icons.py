"""Icons: every one that is named is there, in the colour and at the ratio asked for."""

import pytest
from PySide6.QtGui import QColor, QIcon
from PySide6.QtWidgets import QApplication

from fcn_gui.disk.bundled import icons_dir
from fcn_gui.widgets.action_rows import ACTIONS
from fcn_gui.widgets.icons import IconStore
from fcn_gui.widgets.image_delegate import STATE_ICONS
from fcn_gui.widgets.messages import KINDS

NAMED = (
    {row.icon for row in ACTIONS if row.icon}
    | {name for name, _ in STATE_ICONS.values()}
    | {name for name, _ in KINDS.values()}
)


@pytest.mark.parametrize("name", sorted(NAMED))
def test_every_icon_that_is_named_is_there(name: str) -> None:
    assert (icons_dir() / f"{name}.svg").is_file()


def test_the_licence_lies_beside_them() -> None:
    text = (icons_dir() / "LICENSE").read_text("utf-8")
    assert "ISC License" in text and "Feather" in text


def test_an_icon_has_the_colour_and_the_devices_pixels(qapp: QApplication) -> None:
    store = IconStore(icons_dir())
    pixmap = store.pixmap("circle", "#FF8078", 16, 2.0)
    assert (pixmap.width(), pixmap.devicePixelRatio()) == (32, 2.0)
    image = pixmap.toImage()
    inks = {image.pixelColor(x, 16).name().upper() for x in range(32) if image.pixelColor(x, 16).alpha() == 255}
    assert inks == {"#FF8078"}


def test_small_icons_get_a_stronger_stroke(qapp: QApplication) -> None:
    store = IconStore(icons_dir())

    def ink(size: int) -> float:
        image = store.pixmap("circle", "#000000", size, 1.0).toImage()
        covered = sum(image.pixelColor(x, y).alphaF() for x in range(size) for y in range(size))
        return covered / size  # of a circle's line: its width in pixels, times a constant

    assert ink(13) / 13 > 1.15 * ink(14) / 14


def test_a_checked_and_a_disabled_button_look_different(qapp: QApplication) -> None:
    icon = IconStore(icons_dir()).icon("check", "#ADB1BA", 18, on="#8AADFF", disabled="#7C818B")

    def strongest(mode: QIcon.Mode, state: QIcon.State) -> str:
        image = icon.pixmap(18, 18, mode, state).toImage()
        pixels = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
        return max(pixels, key=QColor.alphaF).name().upper()

    assert strongest(QIcon.Mode.Normal, QIcon.State.Off) == "#ADB1BA"
    assert strongest(QIcon.Mode.Normal, QIcon.State.On) == "#8AADFF"
    assert strongest(QIcon.Mode.Disabled, QIcon.State.Off) == "#7C818B"


def test_an_unknown_icon_is_an_error(qapp: QApplication) -> None:
    with pytest.raises(FileNotFoundError):
        IconStore(icons_dir()).pixmap("no-such-icon", "#000000", 16)
