"""An export replaces a folder as a whole or not at all, and only when it was asked to."""

import json
import subprocess
from pathlib import Path

from PySide6.QtTest import QTest

from tests.e2e.bad_input.conftest import MakeDesk
from tests.e2e.desk import LEFT, Desk
from tests.e2e.program import fcn_gui, one_line_of_failure


def verified(desk: Desk, photos: Path) -> Desk:
    """The folder open with its first image painted and verified."""
    desk.open(photos)
    desk.paint((10.5, 10.5), label=2)
    desk.model.verify_and_next()
    desk.rest()
    return desk


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_full_target_is_refused_in_the_window_until_it_may_be_replaced(
    desk: Desk, photos: Path, tmp_path: Path
) -> None:
    verified(desk, photos)
    target = tmp_path / "voc"
    target.mkdir()
    (target / "thesis.txt").write_text("ten years of work")
    desk.model.export(target, {})
    desk.rest()
    assert str(target) in desk.told[-1].text
    assert "not empty" in desk.told[-1].text
    assert contents(target) == {"thesis.txt": b"ten years of work"}
    desk.window.trigger("file.export")
    dialog = desk.window.sheets.export
    dialog.target.setText(str(target))
    assert not dialog.export.isEnabled() or not dialog.overwrite.isChecked()
    dialog.overwrite.setChecked(True)
    QTest.mouseClick(dialog.export, LEFT)
    desk.until(lambda: "Exported 1 verified image" in desk.texts())
    assert "thesis.txt" not in contents(target)
    assert "SegmentationClass/p0.png" in contents(target)


def test_the_command_line_refuses_without_overwrite(make_desk: MakeDesk, photos: Path, tmp_path: Path) -> None:
    verified(make_desk(), photos).close()
    target = tmp_path / "voc"
    target.mkdir()
    (target / "thesis.txt").write_text("ten years of work")
    line = one_line_of_failure(fcn_gui("export", photos, "-o", target))
    assert str(target) in line
    assert "--overwrite" in line
    assert contents(target) == {"thesis.txt": b"ten years of work"}
    told: subprocess.CompletedProcess[str] = fcn_gui("export", photos, "-o", target, "--overwrite", "--json")
    assert told.returncode == 0, told.stderr
    facts = json.loads(told.stdout)
    assert (facts["written"], facts["verified"], len(facts["left_out"])) == (1, 1, 3)
    assert "thesis.txt" not in contents(target)


def test_photographs_are_never_the_target(desk: Desk, photos: Path) -> None:
    verified(desk, photos)
    before = {path: data for path, data in contents(photos).items() if not path.startswith(".fcn-gui")}
    desk.model.export(photos, {}, overwrite=True)
    desk.rest()
    assert str(photos) in desk.told[-1].text
    assert {path: data for path, data in contents(photos).items() if not path.startswith(".fcn-gui")} == before


def test_what_can_not_be_exported_is_left_out_with_the_reason(
    make_desk: MakeDesk, photos: Path, tmp_path: Path
) -> None:
    desk = verified(make_desk(), photos)
    desk.show("p1.png")
    desk.paint((10.5, 10.5), label=1)
    desk.model.verify_and_next()
    desk.rest()
    desk.close()
    (photos / "p1.png").write_bytes(b"")
    told = fcn_gui("export", photos, "-o", tmp_path / "voc", "--json")
    facts = json.loads(told.stdout)
    assert facts["written"] == 1
    reasons = {row["file"]: row["reason"] for row in facts["left_out"]}
    assert "empty" in reasons["p1.png"]
