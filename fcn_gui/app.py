"""Puts the program together: the only place that knows both the window and the network.

The window is shown first; torch is imported on the network's thread when the window has been painted.
"""

from __future__ import annotations

import gc
import logging
import logging.handlers
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fcn_gui.core.errors import FcnGuiError
from fcn_gui.core.settings import Settings
from fcn_gui.disk.bundled import icons_dir
from fcn_gui.disk.samples import copy_samples
from fcn_gui.disk.user_data import UserData

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from fcn_gui.qt.crash import CrashReport, CrashReporter
    from fcn_gui.qt.session_model import SessionModel
    from fcn_gui.qt.view_state import ViewState
    from fcn_gui.session.engine import SegmenterFactory
    from fcn_gui.session.ports import Segmenter
    from fcn_gui.widgets.appearance import Appearance
    from fcn_gui.widgets.main_window import MainWindow

_log = logging.getLogger(__name__)
_LOG_BYTES, _LOG_FILES = 1 << 20, 3


@dataclass
class Program:
    """The parts of a running program; `window` is not shown yet."""

    app: QApplication
    settings: Settings
    user_data: UserData
    model: SessionModel
    view: ViewState
    appearance: Appearance
    window: MainWindow


def run(folder: Path | None = None, project_dir: Path | None = None) -> int:
    """Show the window, on `folder` where one is given, until it is closed; the exit code."""
    from PySide6.QtWidgets import QApplication

    user_data = UserData.standard()
    _log_to(user_data)
    program = build(QApplication(sys.argv[:1]), user_data)
    reporter = _report_crashes(program)
    program.window.first_painted.connect(lambda: _after_first_paint(program, folder, project_dir))
    program.window.show()
    try:
        return int(program.app.exec())
    finally:
        program.model.shutdown()
        reporter.uninstall()


def build(app: QApplication, user_data: UserData, segmenter_factory: SegmenterFactory | None = None) -> Program:
    """All parts joined; `segmenter_factory` makes the network when it is first needed (torch by default)."""
    from fcn_gui.qt.session_model import SessionModel
    from fcn_gui.qt.view_state import ViewState
    from fcn_gui.session.session import Session
    from fcn_gui.widgets.appearance import Appearance
    from fcn_gui.widgets.icons import IconStore
    from fcn_gui.widgets.main_window import MainWindow

    app.setApplicationName("fcn-gui")
    app.setDesktopFileName("fcn-gui")
    settings = Settings(user_data.load_settings())
    model = SessionModel(Session(settings), segmenter_factory or _torch_segmenter(settings))
    view = ViewState(settings)
    appearance = Appearance(app, IconStore(icons_dir()), str(settings.get("view.theme")))
    window = MainWindow(model, view, appearance, settings, user_data, _sample_folder(user_data))
    return Program(app, settings, user_data, model, view, appearance, window)


def _torch_segmenter(settings: Settings) -> SegmenterFactory:
    def make() -> Segmenter:
        from fcn_gui.learn.segmenter import TorchSegmenter

        # What was imported stays: looking through it for garbage holds every thread up for a tenth of a second.
        gc.freeze()
        return TorchSegmenter(str(settings.get("net.device")))

    return make


def _after_first_paint(program: Program, folder: Path | None, project_dir: Path | None) -> None:
    if folder is not None:
        program.model.open_folder(folder, project_dir)
    program.model.warm_up()
    try:
        copy_samples(_sample_folder(program.user_data))
    except FcnGuiError as error:
        _log.warning("%s", error)
    program.window.refresh()
    _tell_notices(program)


def _sample_folder(user_data: UserData) -> Path:
    return user_data.data_dir / "sample"


def _tell_notices(program: Program) -> None:
    from fcn_gui.session.messages import Message

    for text in (*program.user_data.notices, *program.settings.problems):
        program.window.show_message(Message("warn", text))


def _report_crashes(program: Program) -> CrashReporter:
    from fcn_gui.qt.crash import CrashReporter
    from fcn_gui.session.messages import Message

    reporter = CrashReporter(program.user_data.log_path, program.window)

    def tell(report: CrashReport) -> None:
        program.app.clipboard().setText(report.text)
        where = f" The report is in the clipboard and in {report.log_path}." if report.log_path else ""
        program.window.show_message(Message("error", report.summary + where))

    reporter.crashed.connect(tell)
    reporter.install()
    return reporter


def _log_to(user_data: UserData) -> None:
    """Warnings and worse go to the log; a place that can't be written is no reason not to start."""
    try:
        user_data.log_path.parent.mkdir(parents=True, exist_ok=True)
        handler = logging.handlers.RotatingFileHandler(
            user_data.log_path, maxBytes=_LOG_BYTES, backupCount=_LOG_FILES, encoding="utf-8"
        )
    except OSError as error:
        logging.basicConfig(level=logging.WARNING)
        _log.warning("no log is kept: %s", error)
        return
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
