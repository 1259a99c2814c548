"""A crash of our own: told with a report that can be copied and the log's place; all strokes are there on restart."""

import json
from pathlib import Path

from tests.e2e.alone import start
from tests.e2e.bad_input.conftest import MakeDesk


def test_a_crash_is_told_and_costs_no_stroke(make_desk: MakeDesk, photos: Path, tmp_path: Path) -> None:
    process = start("tests.e2e.bad_input.crashing", photos, tmp_path / "home")
    said, _ = process.communicate(timeout=100)
    told = json.loads(said)
    log = tmp_path / "home" / "log"
    assert "RuntimeError: a wheel came off" in told["message"]
    assert "Your strokes are safe." in told["message"]
    assert str(log) in told["message"], "the log's place"
    assert told["clipboard before"] == "the person's own words", "nothing is copied unasked"
    for report in (told["clipboard"], told["log"]):
        assert "in wheel_came_off" in report
        assert "PySide6" in report
    assert str(log) in told["clipboard"]
    assert told["then"] == "The report is in the clipboard."
    assert told["log"].count("RuntimeError: a wheel came off") >= 3, "each crash is in the log"
    desk = make_desk().open(photos)
    assert "Reopened after a crash" in desk.texts()
    first = desk.show("p0.png").masked
    assert first.mask[[5, 10, 10], [5, 10, 20]].tolist() == [2, 2, 1]
    assert first.vouch[[5, 10, 10], [5, 10, 20]].all()
    assert desk.show("p1.png").masked.vouch[7, 7] > 0
