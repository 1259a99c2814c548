"""Window request to first paint, beside an empty PySide6 window in the same run."""

import os
import statistics
import subprocess
import sys
import time

EMPTY = """
import os, time
from PySide6.QtWidgets import QApplication, QMainWindow
class Window(QMainWindow):
    def paintEvent(self, event):
        print(time.time(), flush=True); os._exit(0)
app = QApplication([]); window = Window(); window.resize(1440, 900); window.show(); app.exec()
"""
PROGRAM = """
import os, time
from fcn_gui import app
app._after_first_paint = lambda *_: (print(time.time(), flush=True), os._exit(0))
from fcn_gui.cli.main import main
main([])
"""
RUNS = 9


def seconds_to_first_paint(code: str) -> float:
    asked = time.time()
    told = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )
    return float(told.stdout) - asked


def test_first_paint(capsys):
    seconds_to_first_paint(EMPTY), seconds_to_first_paint(PROGRAM)  # fill the file cache
    pairs = [(seconds_to_first_paint(EMPTY), seconds_to_first_paint(PROGRAM)) for _ in range(RUNS)]
    empty, program = (statistics.median(times) for times in zip(*pairs, strict=True))
    with capsys.disabled():
        print(f"\nfirst paint: {program:.3f} s, empty window {empty:.3f} s, ratio {program / empty:.2f}")
    assert program <= 1.5 * empty + 0.3
