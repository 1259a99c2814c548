"""Window request to first paint, with and without a folder, beside an empty PySide6 window in the same run.

The child tells the moment when the real window has been painted for the first time, and ends: what comes afterwards
isn't measured. Processor time is told beside wall time, since machines are shared.
"""

import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

EMPTY = """
import os, time
from PySide6.QtWidgets import QApplication, QMainWindow
class Window(QMainWindow):
    def paintEvent(self, event):
        print(time.time(), flush=True); os._exit(0)
app = QApplication([]); window = Window(); window.resize(1440, 900); window.show(); app.exec()
"""
PROGRAM = """
import os, sys, time
from fcn_gui import app
app._after_first_paint = lambda *_: (print(time.time(), flush=True), os._exit(0))
from fcn_gui.cli.main import main
main(sys.argv[1:])
"""
RUNS = 9


class Start(NamedTuple):
    """One start: seconds from the request to the first paint, and of processor time until then."""

    wall: float
    cpu: float


def start(code: str, *arguments: str) -> Start:
    asked, before = time.time(), resource.getrusage(resource.RUSAGE_CHILDREN)
    told = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Start(float(told.stdout) - asked, cpu)


def test_first_paint(capsys, tmp_path: Path):
    kinds = {"empty window": (EMPTY,), "first paint": (PROGRAM,), "with a folder": (PROGRAM, str(tmp_path))}
    for kind in kinds.values():
        start(*kind)  # fill the file cache
    starts = [[start(*kind) for kind in kinds.values()] for _ in range(RUNS)]
    wall, cpu = ([statistics.median(times) for times in zip(*rows, strict=True)] for rows in _apart(starts))
    with capsys.disabled():
        for number, name in enumerate(kinds):
            ratio = wall[number] / wall[0]
            print(f"\n{name}: {wall[number]:.3f} s, ratio {ratio:.2f}; processor {cpu[number]:.3f} s", end="")
        print(f"\nlimit: {1.5 * wall[0] + 0.3:.3f} s")
    assert max(wall[1:]) <= 1.5 * wall[0] + 0.3


def _apart(starts: list[list[Start]]) -> tuple[list[list[float]], list[list[float]]]:
    return [[each.wall for each in row] for row in starts], [[each.cpu for each in row] for row in starts]
