"""Masks from elsewhere that can't be used: each refused with its reason, in one message; everything else goes on."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QFileDialog

from tests.e2e.bad_input.conftest import MakeDesk
from tests.e2e.bad_input.test_masks import put
from tests.e2e.desk import Desk
from tests.unit.session.workshop import SIZE

TREE = np.full(SIZE, 2, np.uint8)


@pytest.fixture
def masks(tmp_path: Path) -> Path:
    """One that is sound, for p0.png."""
    (tmp_path / "masks").mkdir()
    put(tmp_path / "masks" / "p0.png", TREE)
    return tmp_path / "masks"


def bring_in(desk: Desk, source: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Choose the folder in the menu; what is told at the end."""
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(source))
    desk.window.trigger("file.import_masks")
    desk.rest()
    return desk.told[-1].text


def test_another_size_a_damaged_file_and_an_unknown_index_are_told_in_one_message(
    desk: Desk, photos: Path, masks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(masks / "p1.png", TREE[:10, :20])
    (masks / "p2.png").write_bytes((masks / "p0.png").read_bytes()[:40])
    put(masks / "p3.png", np.full(SIZE, 77, np.uint8))
    desk.open(photos)
    told = bring_in(desk, masks, monkeypatch)
    assert told.startswith("1 mask imported as proposal; 3 refused: ")
    for reason in ("p1.png is 20 × 10 pixels, its image 32 × 24", "p2.png is ", "p3.png has the unknown value 77"):
        assert reason in told
    assert (desk.document.masked.mask == 2).all()
    for key in ("p1.png", "p2.png", "p3.png"):
        assert (desk.show(key).masked.mask != 2).any(), key
    assert not [message for message in desk.told if message.kind == "error"]


def test_of_many_only_the_first_reasons_are_told(
    desk: Desk, photos: Path, masks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        (masks / f"p{number}.png").write_bytes(b"nothing")
    desk.open(photos)
    told = bring_in(desk, masks, monkeypatch)
    assert told.startswith("0 masks imported as proposals; 4 refused: p0.png is no mask")
    assert told.endswith("And 1 more, see the log.")


def test_a_list_of_classes_that_is_none_stops_the_import(
    desk: Desk, photos: Path, masks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (masks / "class_names.txt").write_text("background\ncow\ncow")
    desk.open(photos)
    assert "line 3" in bring_in(desk, masks, monkeypatch)
    assert not desk.item("p0.png").is_imported


def test_a_window_that_is_read_only_imports_nothing(
    make_desk: MakeDesk, photos: Path, masks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = make_desk().open(photos), make_desk().open(photos)
    assert second.model.is_read_only
    before = second.document.masked.mask.copy()
    assert not second.window.actions_set.action("file.import_masks").isEnabled()
    second.model.import_masks(masks)
    second.rest()
    assert "read-only" in second.told[-1].text
    assert (second.document.masked.mask == before).all()
    assert not first.item("p0.png").is_imported


def test_a_repaint_in_a_window_that_is_read_only_takes_nothing_from_the_other(
    make_desk: MakeDesk, photos: Path, masks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = make_desk().open(photos)
    bring_in(first, masks, monkeypatch)
    first.model.save_now()
    first.rest()
    second = make_desk().open(photos)
    assert second.model.is_read_only
    assert second.item("p0.png").is_imported
    project = photos / ".fcn-gui"
    before = {path: path.read_bytes() for path in (*project.glob("imported/*"), project / "state.jsonl")}
    imported = second.document.masked.mask.copy()
    second.model.repaint()
    second.rest()
    assert (second.document.masked.mask != imported).any(), "it may look"
    assert {path: path.read_bytes() for path in before} == before


def test_masks_that_cannot_be_written_are_refused_and_nothing_is_lost(
    desk: Desk, photos: Path, masks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.open(photos)
    desk.paint((10.5, 10.5), label=1)
    desk.rest()
    before = desk.document.masked.mask.copy(), desk.document.masked.vouch.copy()
    assert before[1].any()
    (photos / ".fcn-gui" / "masks").rename(photos / ".fcn-gui" / "masks before")
    (photos / ".fcn-gui" / "masks").write_text("a file in its place")
    assert "1 refused" in bring_in(desk, masks, monkeypatch)
    assert (desk.document.masked.mask == before[0]).all()
    assert (desk.document.masked.vouch == before[1]).all()
    (photos / ".fcn-gui" / "masks").unlink()
    (photos / ".fcn-gui" / "masks before").rename(photos / ".fcn-gui" / "masks")
    desk.model.save_now()
    desk.rest()
