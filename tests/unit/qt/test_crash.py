"""No exception ends in silence: it is logged, and told with a report that can be copied."""

import logging
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from fcn_gui.qt.crash import CrashReport, CrashReporter


@pytest.fixture
def reporter(qtbot: QtBot, tmp_path: Path) -> Iterator[CrashReporter]:
    before = sys.excepthook, threading.excepthook
    made = CrashReporter(tmp_path / "fcn-gui.log")
    made.install()
    yield made
    made.uninstall()
    assert (sys.excepthook, threading.excepthook) == before


def broken() -> None:
    raise RuntimeError("a wheel came off")


def raise_here() -> None:
    """What the interpreter does with an exception that nobody caught."""
    try:
        broken()
    except RuntimeError:
        sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]


def test_a_crash_is_logged_and_told(
    qtbot: QtBot, reporter: CrashReporter, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[CrashReport] = []
    reporter.crashed.connect(told.append)
    raise_here()
    qtbot.waitUntil(lambda: bool(told))
    report = told[0]
    assert "a wheel came off" in report.summary
    assert "in broken" in report.text
    assert "PySide6" in report.text
    assert str(tmp_path / "fcn-gui.log") in report.text
    assert [record.levelno for record in caplog.records] == [logging.CRITICAL]


def test_a_crash_on_another_thread_is_told_on_the_main_thread(qtbot: QtBot, reporter: CrashReporter) -> None:
    told: list[bool] = []
    reporter.crashed.connect(lambda _: told.append(threading.current_thread() is threading.main_thread()))
    thread = threading.Thread(target=broken)
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: bool(told))
    assert told == [True]


def test_an_interrupt_is_no_crash(qtbot: QtBot, reporter: CrashReporter, capsys: pytest.CaptureFixture) -> None:
    told: list[CrashReport] = []
    reporter.crashed.connect(told.append)
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert "KeyboardInterrupt" in capsys.readouterr().err
    assert told == []
