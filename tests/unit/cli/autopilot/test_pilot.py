"""The pilot steps a script in the event loop, waits for what it waits for, and never leaves the window hanging."""

import pytest
from pytestqt.qtbot import QtBot

from fcn_gui.cli.autopilot.pilot import AutopilotError, Pilot, Script, Until


def run(qtbot: QtBot, script: Script[object]) -> Pilot:
    pilot = Pilot(script)
    with qtbot.waitSignal(pilot.ended, timeout=5000):
        pilot.start()
    return pilot


def test_it_returns_what_the_script_returns_and_goes_through_the_loop_between(qtbot: QtBot) -> None:
    seen: list[str] = []

    def script() -> Script[object]:
        from PySide6.QtCore import QTimer

        QTimer.singleShot(0, lambda: seen.append("loop"))
        yield None
        yield Until("the loop", lambda: "loop" in seen)
        seen.append("script")
        return 7

    pilot = run(qtbot, script())
    assert (pilot.result, pilot.error, seen) == (7, None, ["loop", "script"])


def test_a_condition_that_never_holds_ends_with_an_error_that_says_for_what_it_waited(qtbot: QtBot) -> None:
    def script() -> Script[object]:
        yield Until("the end of the world", lambda: False, most_s=0.05)

    pilot = run(qtbot, script())
    assert isinstance(pilot.error, AutopilotError)
    assert "the end of the world" in str(pilot.error)


def test_an_error_of_the_script_ends_it(qtbot: QtBot) -> None:
    def script() -> Script[object]:
        yield None
        raise ValueError("broken")

    pilot = run(qtbot, script())
    with pytest.raises(ValueError, match="broken"):
        raise pilot.error  # type: ignore[misc]
