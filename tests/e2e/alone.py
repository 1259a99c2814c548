"""A desk in a process of its own, for what ends a process: crashes and kills. Started as `python -m` by a test."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from fcn_gui.session.engine import SegmenterFactory
from tests.e2e.desk import ByColour, Desk
from tests.e2e.program import CHECKOUT


class Patience:
    """Waits as pytest-qt does, where there is no pytest."""

    @staticmethod
    def waitExposed(window: QWidget) -> None:
        QTest.qWaitForWindowExposed(window)

    @staticmethod
    def waitUntil(holds: Callable[[], bool], timeout: int) -> None:
        until = time.monotonic() + timeout / 1000
        while not holds():
            if time.monotonic() > until:
                raise TimeoutError(f"still waiting after {timeout} ms")
            QTest.qWait(5)


def desk_alone(home: Path, factory: SegmenterFactory = ByColour) -> Desk:
    """The real window with its own event loop in this process."""
    QApplication.instance() or QApplication(sys.argv[:1])
    return Desk(Patience(), home, factory)  # type: ignore[arg-type]


def start(module: str, *arguments: object) -> "subprocess.Popen[str]":
    """Run a module of the tests in another process; its standard output can be read line by line."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(command, cwd=CHECKOUT, env=environment, stdout=subprocess.PIPE, text=True)
