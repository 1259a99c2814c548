"""`fcn-gui train`: recipes by name."""

import json
from pathlib import Path

import pytest

from fcn_gui.cli.main import main
from fcn_gui.cli.train import RECIPES as NAMES
from fcn_gui.core.label_map import own_label_map
from fcn_gui.disk.checkpoint_file import read_checkpoint, write_checkpoint
from fcn_gui.learn.recipe import RECIPES
from tests.unit.learn.workshop import shapes, untrained

LABELS = own_label_map(["red", "blue"])


def test_the_command_knows_every_recipe() -> None:
    assert tuple(RECIPES) == NAMES


def test_the_heavy_recipe_by_its_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for item in shapes(tmp_path / "made", 2, LABELS).items:
        for kind, path in (("images", item.image_path), ("masks", item.mask_path)):
            (tmp_path / "data" / kind).mkdir(parents=True, exist_ok=True)
            path.rename(tmp_path / "data" / kind / f"{item.id}.png")
    (tmp_path / "data" / "labelmap.txt").write_text("background\nred\nblue\n")
    write_checkpoint(tmp_path / "start.safetensors", untrained(LABELS))
    target = tmp_path / "new.safetensors"
    log = tmp_path / "log.jsonl"
    arguments = [tmp_path / "data", "-o", target, "--from", tmp_path / "start.safetensors", "--recipe", "heavy"]
    arguments += ["--each-stage", "--log", log]
    with pytest.raises(SystemExit) as left:
        main(["train", *map(str, arguments), "--strides", "8s", "--epochs", "2", "--device", "cpu", "--json"])
    assert left.value.code in (0, None)
    facts = json.loads(capsys.readouterr().out)
    made = read_checkpoint(target)
    assert (made.id, made.strides, facts["epochs"]) == (facts["id"], (16, 8), 2)
    coarser = read_checkpoint(tmp_path / "new-16s.safetensors")
    assert (coarser.strides, dict(coarser.receipt or {})["steps"]) == ((16,), [2])
    assert len(list(tmp_path.glob("new*"))) == 2
    receipt = made.receipt or {}
    assert receipt["steps"] == [2, 2]
    assert dict(receipt["recipe"])["rates"] == [1e-10, 1e-12, 1e-14]  # type: ignore[call-overload]
    losses = [json.loads(line)["loss"] for line in log.read_text("utf-8").splitlines()]
    assert len(losses) == 4 and min(losses) > 0


def test_stages_can_only_be_kept_where_there_are_some(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["train", str(tmp_path), "-o", str(tmp_path / "new.safetensors"), "--each-stage"])
    assert left.value.code == 2
    assert "heavy and heavy-small" in capsys.readouterr().err
