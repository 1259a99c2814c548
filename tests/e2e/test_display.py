"""A machine without a screen: the window says so in one line, what nobody has to see runs all the same."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fcn_gui.qt.display import do_without, is_missing
from tests.e2e.program import CHECKOUT, one_line_of_failure

SCREENS = ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY")
ONLY_THE_SCREEN = """
import json, sys
from fcn_gui.cli.autopilot import run
def drive(work, requested):
    from PySide6.QtWidgets import QApplication, QLabel
    app = QApplication(sys.argv[:1])
    label = QLabel("shown")
    label.show()
    print(app.platformName(), label.isVisible(), flush=True)
    sys.exit(0)
run.run = drive
from fcn_gui.cli.main import main
main(["demo", "--auto"])
"""


def without_screen(home: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Python with arguments, where neither X nor Wayland is."""
    environment = {name: value for name, value in os.environ.items() if name not in SCREENS}
    environment.update(PYTHONPATH=str(CHECKOUT), HOME=str(home))
    command = [sys.executable, *arguments]
    return subprocess.run(command, env=environment, cwd=home, capture_output=True, text=True, check=False, timeout=110)


pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems always have a screen")


@pytest.mark.parametrize("arguments", [(), (".",), (".", "--project", "masks"), ("demo", "--into", "copy")])
def test_the_window_without_a_screen_fails_with_one_line_and_touches_nothing(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    before = sorted(tmp_path.iterdir())
    line = one_line_of_failure(without_screen(tmp_path, "-m", "fcn_gui", *arguments))
    assert "no display" in line and "fcn-gui predict" in line
    assert sorted(tmp_path.iterdir()) == before


def test_the_demo_that_drives_itself_needs_no_screen(tmp_path: Path) -> None:
    told = without_screen(tmp_path, "-c", ONLY_THE_SCREEN)
    assert (told.returncode, told.stdout) == (0, "offscreen True\n"), told.stderr


@pytest.mark.parametrize("name", SCREENS)
def test_a_screen_or_a_platform_that_somebody_named_is_taken(name: str) -> None:
    environment = {name: "mine"}
    assert not is_missing(environment, "linux")
    do_without(environment)
    assert environment == {name: "mine"}


@pytest.mark.parametrize("system", ["darwin", "win32"])
def test_other_systems_have_their_screen_without_a_name_for_it(system: str) -> None:
    assert is_missing({}, "linux") and not is_missing({}, system)
