"""Files that are no checkpoint of ours: refused with the reason, and what was live stays live."""

import json
import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image as PillowImage
from safetensors.numpy import save_file

from fcn_gui.disk.bundled import model_path
from fcn_gui.disk.checkpoint_file import read_checkpoint, write_checkpoint
from tests.e2e.bad_input.conftest import MakeDesk
from tests.e2e.desk import Desk
from tests.e2e.program import fcn_gui, one_line_of_failure
from tests.unit.session.workshop import make_folder


class Bomb:
    """Runs a command when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.mark,)


def bad_files(folder: Path, mark: Path) -> dict[Path, str]:
    """Files and what must be said of each."""
    start = model_path("voc21-light")
    data = start.read_bytes()
    (folder / "text.safetensors").write_text("no checkpoint")
    (folder / "cut.safetensors").write_bytes(data[: len(data) // 2])
    save_file({"weight": np.zeros(3, np.float32)}, folder / "others.safetensors")
    (folder / "bomb.pth").write_bytes(pickle.dumps(Bomb(mark)))
    return {
        folder / "text.safetensors": "no checkpoint",
        folder / "cut.safetensors": "no checkpoint",
        folder / "others.safetensors": "not a checkpoint of fcn-gui",
        folder / "bomb.pth": "no checkpoint",
        folder / "gone.safetensors": "gone",
    }


def test_files_that_are_no_checkpoint_are_refused_with_the_reason(tmp_path: Path) -> None:
    mark = tmp_path / "it ran"
    for path, reason in bad_files(tmp_path, mark).items():
        line = one_line_of_failure(fcn_gui("checkpoints", "info", path))
        assert path.name in line
        assert reason in line
    assert not mark.exists(), "code in a checkpoint never runs"


def test_what_can_t_be_imported_is_one_line_and_runs_nothing(tmp_path: Path) -> None:
    mark = tmp_path / "it ran"
    (tmp_path / "text.pth").write_text("no checkpoint")
    torch.save({"state": Bomb(mark)}, tmp_path / "bomb.pth")
    torch.save({"weight": torch.zeros(3)}, tmp_path / "others.pth")
    reasons = {"text": "no checkpoint", "bomb": "would run code", "others": "no form that is known", "gone": "No such"}
    for name, reason in reasons.items():
        line = one_line_of_failure(fcn_gui("checkpoints", "import", tmp_path / f"{name}.pth", "-o", tmp_path / "out"))
        assert f"{name}.pth" in line and reason in line
    assert not mark.exists() and not (tmp_path / "out").exists()


@pytest.mark.parametrize("damage", ["shapes", "edited", "missing"])
def test_a_checkpoint_that_does_not_fit_its_network_is_refused_before_anything_is_written(
    tmp_path: Path, damage: str
) -> None:
    whole = read_checkpoint(model_path("voc21-light"))
    tensors, path = dict(whole.tensors), tmp_path / "odd.safetensors"
    name = "score_fr.weight"
    if damage == "missing":
        del tensors[name]
    elif damage == "shapes":
        tensors[name] = tensors[name][:, :7]
    write_checkpoint(path, replace(whole, tensors=tensors, id=""))
    if damage == "edited":
        data = bytearray(path.read_bytes())
        data[-5] ^= 1
        path.write_bytes(bytes(data))
    photos = make_folder(tmp_path / "photos", 1)
    line = one_line_of_failure(fcn_gui("predict", photos, "-o", tmp_path / "out", "--checkpoint", path))
    assert str(path) in line, "names the file"
    assert name in line or damage == "edited"
    assert not list(tmp_path.glob("out/*"))


def test_classes_that_have_no_name_in_common_are_an_error(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "set" / "images", 1).parent
    (folder / "masks").mkdir()
    PillowImage.fromarray(np.zeros((24, 32), np.uint8)).save(folder / "masks" / "p0.png")
    (folder / "labelmap.txt").write_text("# label:color_rgb:parts:actions\nzebra:60,150,60::\n")
    line = one_line_of_failure(fcn_gui("evaluate", folder))
    assert "none of the checkpoint's classes" in line
    assert "zebra" in line


def test_a_damaged_checkpoint_of_the_history_can_not_go_live_and_the_live_one_stays(
    make_desk: MakeDesk, photos: Path
) -> None:
    desk = make_desk().open(photos)
    desk.paint((10.5, 10.5), label=2)
    live = next(entry.id for entry in desk.model.checkpoints if entry.is_live)
    folder = photos / ".fcn-gui" / "checkpoints"
    folder.mkdir(exist_ok=True)
    (folder / "0123456789abcdef.safetensors").write_bytes(b"no weights")
    (folder / "0123456789abcdef.json").write_text(json.dumps({"parent": live, "receipt": {"number": 1}}))
    desk.close()
    again = make_desk().open(photos)
    assert [entry.id for entry in again.model.checkpoints if entry.is_live] == [live]
    again.model.make_live("0123456789abcdef")
    again.rest()
    assert "0123456789abcdef.safetensors" in again.texts()
    assert [entry.id for entry in again.model.checkpoints if entry.is_live] == [live], "the live one stays"
    again.model.repaint()
    again.rest()
    assert again.document.prediction is not None
    assert again.document.masked.mask[10, 10] == 2


def test_a_live_checkpoint_that_was_damaged_is_told_and_painting_goes_on(make_desk: MakeDesk, photos: Path) -> None:
    desk = make_desk().open(photos)
    for key in ("p0.png", "p1.png", "p2.png"):
        desk.show(key)
        desk.paint((10.5, 10.5), (20.5, 10.5), label=2)
        desk.paint((4.5, 20.5), label=0)
    desk.model.retrain()
    desk.until(lambda: not desk.model.is_retraining)
    desk.rest()
    made = next(entry for entry in desk.model.checkpoints if entry.number == 1)
    desk.model.make_live(made.id)
    desk.rest()
    desk.close()
    weights = photos / ".fcn-gui" / "checkpoints" / f"{made.id}.safetensors"
    weights.write_bytes(weights.read_bytes()[:-20])
    again = make_desk().open(photos)
    assert weights.name in again.texts()
    again.paint((15.5, 15.5), label=1)
    assert again.document.masked.mask[15, 15] == 1
    again.model.rollback()
    again.rest()
    assert again.document.prediction is not None, "the one before still predicts"


def test_a_project_of_a_newer_program_is_refused_and_not_rewritten(make_desk: MakeDesk, photos: Path) -> None:
    make_desk().open(photos).close()
    header = photos / ".fcn-gui" / "project.json"
    facts = json.loads(header.read_text())
    key = next(name for name, value in facts.items() if "version" in name or value == 1)
    facts[key] = 999
    header.write_text(json.dumps(facts))
    before = header.read_bytes()
    again: Desk = make_desk().open(photos)
    assert again.model.project is None
    assert "newer" in again.texts()
    assert str(header) in again.texts()
    again.close()
    assert header.read_bytes() == before
