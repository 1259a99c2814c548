"""kill -9 at any moment: every finished stroke is there on reopening, and no file is half written.

FCN_GUI_KILLS says how often (5; the release check takes 20).
"""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage

from fcn_gui.core.progress import run_to_end
from fcn_gui.session import headless
from fcn_gui.session.opening import open_project
from tests.unit.session.workshop import MAP, make_folder, new_session

ROOT = Path(__file__).parents[3]
KILLS = int(os.environ.get("FCN_GUI_KILLS", "5"))
Strokes = dict[str, dict[tuple[int, int], int]]
Stroke = tuple[str, int, int, int]


def paint_until_killed(folder: Path, scratch: Path, seed: int) -> tuple[Strokes, Stroke | None]:
    """Let a process paint, kill it after some strokes, and give the label that each pixel was painted with last.

    And the stroke that was begun and not told as finished, which may be on disk or not.
    """
    chance = random.Random(seed)
    command = [sys.executable, "-m", "tests.fakes.painting", str(folder), str(scratch), str(seed)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    painted: Strokes = {}
    lines = []
    for _ in range(chance.randrange(3, 120)):
        lines.append(process.stdout.readline())
    time.sleep(chance.random() * 0.02)  # anywhere between two strokes, not always right after one
    process.kill()
    rest, _ = process.communicate()
    lines += rest.split("\n")[:-1]
    begun: Stroke | None = None
    for line in lines:
        *mark, key, x, y, label = line.split()
        if mark:
            begun = key, int(x), int(y), int(label)
        else:
            begun = None
            painted.setdefault(key, {})[int(x), int(y)] = int(label)
    return painted, begun


@pytest.mark.timeout(60 + 30 * KILLS)
@pytest.mark.parametrize("seed", range(KILLS))
def test_every_finished_stroke_is_there_after_a_kill(tmp_path: Path, seed: int) -> None:
    folder, scratch = make_folder(tmp_path / "photos"), tmp_path / "scratch"
    new_session(scratch)
    wanted: Strokes = {}
    for sitting in range(2):
        painted, begun = paint_until_killed(folder, scratch, 100 * sitting + seed)
        for key, pixels in painted.items():
            wanted.setdefault(key, {}).update(pixels)
        found = run_to_end(open_project(folder))
        assert found.lock is not None, "a killed process leaves no lock"
        for path in (folder / ".fcn-gui").rglob("*.png"):
            PillowImage.open(path).load()
        for key, pixels in wanted.items():
            mask, vouch = found.folder.read_mask(key), found.folder.read_vouch(key)
            assert mask is not None, key
            assert vouch is not None, key
            for (x, y), label in pixels.items():
                assert vouch[y, x] > 0, f"{key} at {x}, {y}"
                if mask[y, x] != label:
                    assert (key, x, y, mask[y, x]) == begun, "only the stroke that was under way may lie over it"
                    pixels[x, y] = int(mask[y, x])
        found.lock.release()
    with headless.opened(new_session(scratch), folder, label_map=MAP) as session:
        for key in wanted:
            assert session.need_project().item(key).held_out is not None
            headless.show(session, key)
            assert session.document is not None
            assert np.isin(session.document.masked.vouch, (0, 1, 2)).all()
    left = [path for path in (folder / ".fcn-gui").rglob("*") if path.name.endswith((".fcn-tmp", ".part", ".jsonl"))]
    assert [path.name for path in left] == ["state.jsonl"]
