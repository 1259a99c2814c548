"""The program from its start: what the first paint waits for, and that all the rest comes after it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.session.workshop import make_folder

AT_FIRST_PAINT = """
import json, os, sys
from fcn_gui import app
HEAVY = ("torch", "numpy", "cv2", "scipy", "PIL", "click", "fcn_gui.session.session")
def tell(opening, *_):
    seen = {"heavy": [n for n in HEAVY if n in sys.modules], "shown": opening.window.welcome.isVisible()}
    print(json.dumps(seen), flush=True)
    os._exit(0)
app._after_first_paint = tell
from fcn_gui.cli.main import main
main(sys.argv[1:])
"""
UNTIL_OPEN = """
import json, sys
from PySide6.QtCore import QTimer
from fcn_gui import app
from tests.e2e.desk import ByColour
open_window = app.open_window
def watched(*arguments):
    opening = open_window(*arguments)
    window, had_interior = opening.window, []
    def look():
        if window._interior is None or (len(sys.argv) > 1 and window.model.project is None):
            return
        window.timer.stop()
        folder = window.model.folder
        print(json.dumps({"at_first_paint": had_interior, "folder": folder and folder.name}), flush=True)
        window.close()
    window.first_painted.connect(lambda: had_interior.append(window._interior is not None))
    window.timer = QTimer(window, interval=5)
    window.timer.timeout.connect(look)
    window.timer.start()
    return opening
app.open_window = watched
app._torch_segmenter = lambda settings: ByColour
from fcn_gui.cli.main import main
main(sys.argv[1:])
"""
BROKEN = """
import json
from PySide6.QtCore import QTimer
from fcn_gui import app
app._LATER = ("no_such_module",)
open_window = app.open_window
def watched(*arguments):
    opening = open_window(*arguments)
    window = opening.window
    def look():
        if window.front.messages.current is None:
            return
        window.timer.stop()
        print(json.dumps(window.front.messages.current.text), flush=True)
        window.close()
    window.timer = QTimer(window, interval=5)
    window.timer.timeout.connect(look)
    window.timer.start()
    return opening
app.open_window = watched
from fcn_gui.cli.main import main
main([])
"""
ROOT = Path(__file__).parents[2]


def start(code: str, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    own = {"HOME": str(home), **{f"XDG_{kind}_HOME": str(home / kind) for kind in ("CONFIG", "DATA", "STATE", "CACHE")}}
    env = {**os.environ, **own, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, env=env, cwd=home, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize("named", ["", "absolute", "relative"])
def test_the_first_paint_waits_for_nothing_heavy(tmp_path: Path, named: str) -> None:
    folder = make_folder(tmp_path / "photos", 1)
    arguments = {"": (), "absolute": (str(folder),), "relative": ("photos",)}[named]
    done = start(AT_FIRST_PAINT, tmp_path, *arguments)
    assert json.loads(done.stdout) == {"heavy": [], "shown": True}, done.stderr


@pytest.mark.parametrize("named", [(), ("photos",), ("photos", "--project", "masks-of-mine")])
def test_the_rest_joins_after_the_first_paint_and_the_folder_opens(tmp_path: Path, named: tuple[str, ...]) -> None:
    make_folder(tmp_path / "photos", 2)
    done = start(UNTIL_OPEN, tmp_path, *named)
    assert json.loads(done.stdout) == {"at_first_paint": [False], "folder": "photos" if named else None}, done.stderr
    assert (done.returncode, done.stderr) == (0, "")


def test_a_command_wins_over_a_folder_of_its_name(tmp_path: Path) -> None:
    (tmp_path / "export").mkdir()
    done = start(AT_FIRST_PAINT, tmp_path, "export")
    assert done.returncode == 2 and "Usage: fcn-gui export" in done.stderr


def test_a_part_that_is_missing_is_told_in_the_window_that_shows(tmp_path: Path) -> None:
    done = start(BROKEN, tmp_path)
    assert "no_such_module" in json.loads(done.stdout) and done.returncode == 0
    (log,) = tmp_path.rglob("fcn-gui.log")
    assert "no_such_module" in log.read_text("utf-8")
