"""What a window shows at once: top bar, welcome page, bottom line. Nothing here waits for numpy or the session."""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtWidgets import QMainWindow, QStackedWidget

from fcn_gui.core.settings import Settings
from fcn_gui.widgets.appearance import Appearance
from fcn_gui.widgets.facts import Facts
from fcn_gui.widgets.focus_ring import FocusRing
from fcn_gui.widgets.menus import ActionSet
from fcn_gui.widgets.messages import MessageBar
from fcn_gui.widgets.own_keys import key_overrides
from fcn_gui.widgets.status_line import StatusLine
from fcn_gui.widgets.top_bar import TopBar
from fcn_gui.widgets.welcome import RecentFolders, Welcome


class Front:
    """The parts of `window` that stand before its first paint; `samples_dir` is where the sample photos belong."""

    def __init__(
        self,
        window: QMainWindow,
        appearance: Appearance,
        settings: Settings,
        user_data: RecentFolders,
        samples_dir: Path | None = None,
    ) -> None:
        self.window, self.appearance, self.settings = window, appearance, settings
        self.user_data, self.samples_dir = user_data, samples_dir
        self.actions = ActionSet(appearance, window, key_overrides(settings))
        self.actions.update(Facts(has_sample=samples_dir is not None and samples_dir.is_dir()))
        self.top_bar = TopBar(appearance, self.actions)
        self.welcome = Welcome(appearance, self.actions, user_data)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.welcome)
        window.setWindowTitle("fcn-gui")
        window.addToolBar(self.top_bar)
        window.setCentralWidget(self.pages)
        window.setStatusBar(StatusLine(appearance))
        if sys.platform == "darwin":
            self.actions.fill_menu(window.menuBar())
        self.messages = MessageBar(appearance, self.welcome)
        self.focus_ring = FocusRing(appearance, window)
