"""The window: it shows its front at once, takes the interior when that is ready, and decides nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QResizeEvent
from PySide6.QtWidgets import QMainWindow

from fcn_gui.core.settings import Settings
from fcn_gui.session.messages import Message
from fcn_gui.widgets.appearance import Appearance
from fcn_gui.widgets.dropping import dropped_folder
from fcn_gui.widgets.front import Front
from fcn_gui.widgets.layout import LEAST_HEIGHT, LEAST_WIDTH, Layout, layout_for
from fcn_gui.widgets.welcome import RecentFolders
from fcn_gui.widgets.window_memory import WindowMemory

if TYPE_CHECKING:
    from fcn_gui.qt.session_model import SessionModel
    from fcn_gui.qt.view_state import ViewState
    from fcn_gui.widgets.canvas import Canvas
    from fcn_gui.widgets.class_panel import ClassPanel
    from fcn_gui.widgets.commands import Command
    from fcn_gui.widgets.folders import Folders
    from fcn_gui.widgets.image_list import ImageList
    from fcn_gui.widgets.interior import Interior
    from fcn_gui.widgets.label_map_bar import LabelMapBar
    from fcn_gui.widgets.learning_panel import LearningPanel
    from fcn_gui.widgets.messages import MessageBar
    from fcn_gui.widgets.sheets import Sheets
    from fcn_gui.widgets.status_bar import StatusBar
    from fcn_gui.widgets.workbench import Workbench


class MainWindow(QMainWindow):
    """`first_painted` comes once. What is wished for before `join` is done by it; reading a part needs it."""

    first_painted = Signal()

    def __init__(
        self, appearance: Appearance, settings: Settings, user_data: RecentFolders, samples_dir: Path | None = None
    ) -> None:
        super().__init__()
        self._interior: Interior | None = None
        self._wishes: list[Callable[[Interior], object]] = []
        self._layout: Layout | None = None
        self._is_painted = False
        self.setMinimumSize(LEAST_WIDTH, LEAST_HEIGHT)
        self.memory = WindowMemory(self, user_data)
        self.memory.place()
        self.setAcceptDrops(True)
        self.appearance, self.settings = appearance, settings
        self.front = Front(self, appearance, settings, user_data, samples_dir)
        self.actions_set, self.welcome, self.pages = self.front.actions, self.front.welcome, self.front.pages
        self.top_bar, self.focus_ring = self.front.top_bar, self.front.focus_ring
        self.actions_set.triggered.connect(self.trigger)
        self.front.messages.action_wanted.connect(self.run_message_action)
        self.welcome.folder_wanted.connect(lambda path: self.open_folder(Path(path)))
        appearance.dress()

    def join(self, interior: Interior) -> None:
        """Take what an open folder needs, made for `front`, and do what was wished for so far."""
        self._interior = interior
        if self.isActiveWindow():
            interior.model.set_focus(True)
        wishes, self._wishes = self._wishes, []
        for wish in wishes:
            wish(interior)
        if self._is_painted:
            self._build_bench_soon()

    def trigger(self, action_id: str) -> None:
        """Run an action if it can be used then. Raises KeyError for an unknown id."""
        self._wish(lambda interior: interior.trigger(action_id))

    def open_folder(self, folder: Path) -> None:
        """Open a folder in place of the one that is open."""
        self._wish(lambda interior: interior.folders.open(folder))

    def run_message_action(self, wanted: str) -> None:
        """A button of a message: an action of the table, or a verb with its argument."""
        self._wish(lambda interior: interior.run_message_action(wanted))

    def show_message(self, message: Message) -> None:
        """In the bar of the page that shows."""
        if self._interior is None:
            self.front.messages.post(message)
        else:
            self._interior.show_message(message)

    def refresh(self) -> None:
        """Enable and disable actions by what is known now."""
        self._wish(lambda interior: interior.refresh())

    def set_theme(self, preference: str) -> None:
        """`system`, `light` or `dark`, from now on."""
        self._wish(lambda interior: interior.set_theme(preference))

    def _wish(self, wish: Callable[[Interior], object]) -> None:
        if self._interior is None:
            self._wishes.append(wish)
        else:
            wish(self._interior)

    # The parts of the interior

    @property
    def interior(self) -> Interior:
        """What `join` brought. Raises RuntimeError before that."""
        if self._interior is None:
            raise RuntimeError("the window has no interior yet")
        return self._interior

    @property
    def model(self) -> SessionModel:
        return self.interior.model

    @property
    def view(self) -> ViewState:
        return self.interior.view

    @property
    def commands(self) -> Mapping[str, Command]:
        return self.interior.commands

    @property
    def folders(self) -> Folders:
        return self.interior.folders

    @property
    def sheets(self) -> Sheets:
        return self.interior.sheets

    @property
    def status(self) -> StatusBar:
        return self.interior.status

    @property
    def canvas(self) -> Canvas:
        return self.interior.bench.canvas

    @property
    def images(self) -> ImageList:
        return self.interior.bench.images

    @property
    def classes(self) -> ClassPanel:
        return self.interior.bench.classes

    @property
    def learning(self) -> LearningPanel:
        return self.interior.bench.learning

    @property
    def workbench(self) -> Workbench:
        return self.interior.bench.page

    @property
    def messages(self) -> MessageBar:
        return self.interior.bench.messages

    @property
    def label_map_bar(self) -> LabelMapBar:
        return self.interior.bench.label_map_bar

    # Qt

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and not self._is_painted:
            self._is_painted = True
            self.focus_ring.start()
            QTimer.singleShot(0, self._after_first_paint)
        elif event.type() in (QEvent.Type.WindowActivate, QEvent.Type.WindowDeactivate) and self._interior is not None:
            self.model.set_focus(event.type() == QEvent.Type.WindowActivate)
        return super().event(event)

    def _after_first_paint(self) -> None:
        self.first_painted.emit()
        if self._interior is not None:
            self._build_bench_soon()

    def _build_bench_soon(self) -> None:
        QTimer.singleShot(0, lambda: self.interior.bench)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        layout = layout_for(self.width(), self.height())
        if layout != self._layout:
            self._layout = layout
            self.top_bar.set_layout(layout.left_px, layout.right_px, layout.is_compact)
            if self._interior is not None:
                self._interior.apply_layout(layout)
        self.front.messages.place()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_folder(event.mimeData()) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        folder = dropped_folder(event.mimeData())
        if folder is not None:
            event.acceptProposedAction()
            self.open_folder(folder)

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._interior is not None:
            self._interior.close()
        self.memory.keep()
        super().closeEvent(event)
