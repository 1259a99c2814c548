"""Puts the program together: the only place that knows both the window and the network.

The front of the window is shown first; all that it doesn't need for that is imported and joined when it has been
painted, a few modules a turn of the event loop, and torch on the network's thread.
"""

from __future__ import annotations

import gc
import logging
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from fcn_gui.core.errors import FcnGuiError
from fcn_gui.core.settings import Settings
from fcn_gui.disk.bundled import icons_dir
from fcn_gui.disk.user_data import UserData
from fcn_gui.qt import display

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
_LATER = (
    *("PIL.Image", "cv2", "fcn_gui.session.session", "fcn_gui.qt.session_model"),
    *("fcn_gui.widgets.canvas", "fcn_gui.widgets.class_panel", "fcn_gui.widgets.interior"),
)
"""Imported one a turn, so that the window answers between them."""


@dataclass
class Opening:
    """What the window needs to show itself; `window` is not shown yet and has no interior."""

    app: QApplication
    settings: Settings
    user_data: UserData
    appearance: Appearance
    window: MainWindow


@dataclass
class Program(Opening):
    """The parts of a running program, the window's interior joined."""

    model: SessionModel
    view: ViewState


def run(folder: Path | None = None, project_dir: Path | None = None) -> int:
    """Show the window, on `folder` where one is given, until it is closed; the exit code. Raises DisplayError."""
    display.demand()
    from PySide6.QtWidgets import QApplication

    opening = open_window(QApplication(sys.argv[:1]), UserData.standard())
    with ExitStack() as at_end:
        opening.window.first_painted.connect(lambda: _after_first_paint(opening, folder, project_dir, at_end))
        opening.window.show()
        return int(opening.app.exec())


def build(app: QApplication, user_data: UserData, segmenter_factory: SegmenterFactory | None = None) -> Program:
    """All parts joined; `segmenter_factory` makes the network when it is first needed (torch by default)."""
    return join(open_window(app, user_data), segmenter_factory)


def open_window(app: QApplication, user_data: UserData) -> Opening:
    """The window's front, from light modules only."""
    from fcn_gui.widgets.appearance import Appearance
    from fcn_gui.widgets.icons import IconStore
    from fcn_gui.widgets.main_window import MainWindow

    app.setApplicationName("fcn-gui")
    app.setDesktopFileName("fcn-gui")
    settings = Settings(user_data.load_settings())
    appearance = Appearance(app, IconStore(icons_dir()), str(settings.get("view.theme")))
    window = MainWindow(appearance, settings, user_data, _sample_folder(user_data))
    return Opening(app, settings, user_data, appearance, window)


def join(opening: Opening, segmenter_factory: SegmenterFactory | None = None) -> Program:
    """The session behind the window's front, and what an open folder needs on screen."""
    from fcn_gui.qt.session_model import SessionModel
    from fcn_gui.qt.view_state import ViewState
    from fcn_gui.session.session import Session
    from fcn_gui.widgets.interior import Interior

    settings, window = opening.settings, opening.window
    model = SessionModel(Session(settings), segmenter_factory or _torch_segmenter(settings))
    view = ViewState(settings)
    window.join(Interior(window.front, model, view, window.memory))
    return Program(opening.app, settings, opening.user_data, opening.appearance, window, model, view)


def _torch_segmenter(settings: Settings) -> SegmenterFactory:
    def make() -> Segmenter:
        from fcn_gui.learn.segmenter import TorchSegmenter

        # What was imported stays: looking through it for garbage holds every thread up for a tenth of a second.
        gc.freeze()
        return TorchSegmenter(str(settings.get("net.device")))

    return make


def _after_first_paint(opening: Opening, folder: Path | None, project_dir: Path | None, at_end: ExitStack) -> None:
    _take_turns(_the_rest(opening, folder, project_dir, at_end))


def _take_turns(steps: Iterator[None]) -> None:
    """One step now and the next when the window has answered what came in meanwhile."""
    from PySide6.QtCore import QTimer

    for _ in steps:
        QTimer.singleShot(0, lambda: _take_turns(steps))
        return


def _the_rest(opening: Opening, folder: Path | None, project_dir: Path | None, at_end: ExitStack) -> Iterator[None]:
    """All that the first paint did not need."""
    _log_to(opening.user_data)
    at_end.callback(_report_crashes(opening).uninstall)
    yield
    for name in _LATER:
        import_module(name)
        yield
    program = join(opening)
    at_end.callback(program.model.shutdown)
    yield
    if folder is not None:
        program.model.open_folder(folder, project_dir)
    program.model.warm_up()
    yield
    _offer_samples(program)
    _tell_notices(program)


def _offer_samples(program: Program) -> None:
    from fcn_gui.disk.samples import copy_samples

    try:
        copy_samples(_sample_folder(program.user_data))
    except FcnGuiError as error:
        _log.warning("%s", error)
    program.window.refresh()


def _sample_folder(user_data: UserData) -> Path:
    return user_data.data_dir / "sample"


def _tell_notices(program: Program) -> None:
    from fcn_gui.session.messages import Message

    for text in (*program.user_data.notices, *program.settings.problems):
        program.window.show_message(Message("warn", text))


def _report_crashes(program: Opening) -> CrashReporter:
    from fcn_gui.qt.crash import CrashReporter
    from fcn_gui.session.messages import Message

    reporter = CrashReporter(program.user_data.log_path, program.window)

    def copy(report: CrashReport) -> None:
        program.app.clipboard().setText(report.text)
        program.window.show_message(Message("info", "The report is in the clipboard."))

    def tell(report: CrashReport) -> None:
        where = f" The log is {report.log_path}." if report.log_path else ""
        actions = (("Copy report", partial(copy, report)),)
        program.window.show_message(Message("error", report.summary + where, actions))

    reporter.crashed.connect(tell)
    reporter.install()
    return reporter


def _log_to(user_data: UserData) -> None:
    """Warnings and worse go to the log; a place that can't be written is no reason not to start."""
    from logging.handlers import RotatingFileHandler

    try:
        user_data.log_path.parent.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(user_data.log_path, maxBytes=_LOG_BYTES, backupCount=_LOG_FILES, encoding="utf-8")
    except OSError as error:
        logging.basicConfig(level=logging.WARNING)
        _log.warning("no log is kept: %s", error)
        return
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
