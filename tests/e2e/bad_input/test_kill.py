"""kill -9 at any moment of painting in the real window: every finished stroke is there again, and no half file.

FCN_GUI_KILLS says how often (3; the release check takes 20).
"""

import json
import os
import random
import time
from pathlib import Path

import pytest
from PIL import Image as PillowImage

from fcn_gui.disk.checkpoint_file import read_checkpoint
from tests.e2e.alone import start
from tests.e2e.bad_input.conftest import MakeDesk
from tests.e2e.desk import Desk
from tests.unit.session.workshop import make_folder

KILLS = int(os.environ.get("FCN_GUI_KILLS", "3"))
MOMENTS = ("!learn.retrain", "!learn.rollback", "!file.save", "any")
Stroke = tuple[str, int, int, int]
Strokes = dict[str, dict[tuple[int, int], int]]


def paint_until_killed(folder: Path, home: Path, seed: int, moment: str) -> tuple[Strokes, Stroke | None]:
    """The last label of each painted pixel, and the stroke that was under way: it may be there or not."""
    chance = random.Random(seed)
    process = start("tests.e2e.bad_input.painter", folder, home, seed)
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(chance.randrange(5, 150))]
    while moment != "any" and lines[-1].split() != ["!", moment[1:]]:
        lines.append(process.stdout.readline())
        assert lines[-1], "the painter ended by itself"
    time.sleep(chance.random() * 0.05)  # anywhere in what it does then
    assert process.poll() is None
    process.kill()
    rest, _ = process.communicate()
    return read_lines([*lines, *rest.split("\n")[:-1]])


def read_lines(lines: list[str]) -> tuple[Strokes, Stroke | None]:
    """What the painter printed."""
    painted: Strokes = {}
    begun: Stroke | None = None
    for line in lines:
        *mark, key, x, y, label = line.split() if not line.startswith("!") else ("!", "", 0, 0, 0)
        if mark == ["?"]:
            begun = key, int(x), int(y), int(label)
        elif not mark:
            begun = None
            painted.setdefault(key, {})[int(x), int(y)] = int(label)
    return painted, begun


def check_files(project: Path) -> None:
    """Whatever bears its own name is whole."""
    for path in project.rglob("*.png"):
        PillowImage.open(path).load()
    for path in (*project.glob("*.json"), *project.glob("checkpoints/*.json")):
        json.loads(path.read_text())
    for path in project.glob("checkpoints/*.safetensors"):
        read_checkpoint(path)


def check_strokes(desk: Desk, wanted: Strokes, begun: Stroke | None) -> None:
    for key, pixels in wanted.items():
        masked = desk.show(key).masked
        for (x, y), label in pixels.items():
            assert masked.vouch[y, x] > 0, f"{key} at {x}, {y}"
            if masked.mask[y, x] != label:
                assert (key, x, y, masked.mask[y, x]) == begun, "only the stroke under way may lie over it"
                pixels[x, y] = int(masked.mask[y, x])


@pytest.mark.timeout(60 + 40 * KILLS)
def test_every_finished_stroke_is_there_after_each_kill(make_desk: MakeDesk, tmp_path: Path) -> None:
    folder, home = make_folder(tmp_path / "photos", 5), tmp_path / "home"
    wanted: Strokes = {}
    for kill in range(KILLS):
        painted, begun = paint_until_killed(folder, home, kill, MOMENTS[kill % len(MOMENTS)])
        for key, pixels in painted.items():
            wanted.setdefault(key, {}).update(pixels)
        check_files(folder / ".fcn-gui")
        desk = make_desk(home=tmp_path / f"home{kill}").open(folder)
        assert not desk.model.is_read_only, "a killed process leaves no lock"
        assert not [message.text for message in desk.told if message.kind == "error"]
        assert desk.document.prediction is not None, "the last good checkpoint answers"
        check_strokes(desk, wanted, begun)
        desk.close()
        files = [path for path in (folder / ".fcn-gui").rglob("*") if path.is_file()]
        assert not [path.name for path in files if path.suffix in (".fcn-tmp", ".part")]
        assert [path.name for path in files if path.suffix == ".jsonl"] == ["state.jsonl"], "all strokes are saved"
    assert wanted
