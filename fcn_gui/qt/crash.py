"""A crash of our own: written to the log, and told with a report that can be copied. Work goes on where it can."""

import logging
import platform
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import numpy as np
import PySide6
from PySide6.QtCore import QObject, Qt, Signal

from fcn_gui import __version__

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class CrashReport:
    """`summary` is one line for the message bar, `text` everything, to be copied; `log_path` where it stands too."""

    summary: str
    text: str
    log_path: Path | None


class CrashReporter(QObject):
    """While installed, no exception of any thread ends in silence."""

    crashed = Signal(object)
    """CrashReport, on the main thread."""
    _caught = Signal(object)

    def __init__(self, log_path: Path | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._log_path = log_path
        self._before: tuple[Callable[..., object], Callable[..., object]] | None = None
        self._caught.connect(self.crashed, Qt.ConnectionType.QueuedConnection)

    def install(self) -> None:
        """Take over `sys.excepthook` and that of threads."""
        if self._before is None:
            self._before = sys.excepthook, threading.excepthook
            sys.excepthook = self._hook
            threading.excepthook = lambda args: self._hook(args.exc_type, args.exc_value, args.exc_traceback)

    def uninstall(self) -> None:
        """Give them back."""
        if self._before is not None:
            sys.excepthook, threading.excepthook = self._before
            self._before = None

    def _hook(self, kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error or kind(), trace)
            return
        report = report_of(kind, error, trace, self._log_path)
        _log.critical("%s", report.text)
        self._caught.emit(report)


def report_of(
    kind: type[BaseException], error: BaseException | None, trace: TracebackType | None, log_path: Path | None
) -> CrashReport:
    """What a person can copy: versions, system, traceback; no names of images."""
    lines = "".join(traceback.format_exception(kind, error, trace))
    facts = (
        f"fcn-gui {__version__}, Python {platform.python_version()}, PySide6 {PySide6.__version__}, "
        f"numpy {np.__version__}, {platform.platform()}"
    )
    where = f"\nLog: {log_path}" if log_path else ""
    summary = f"Something broke here ({kind.__name__}: {error}). Your strokes are safe."
    return CrashReport(summary, f"{facts}{where}\n\n{lines}", log_path)
