"""The window: it assembles the panels, joins their signals to the model and the actions, and decides nothing."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QCloseEvent, QDesktopServices, QDragEnterEvent, QDropEvent, QResizeEvent
from PySide6.QtWidgets import QMainWindow, QStackedWidget

from fcn_gui.core.label_map import LabelMap
from fcn_gui.core.raster import VOID
from fcn_gui.core.settings import Settings
from fcn_gui.qt.job_board import JobStatus
from fcn_gui.qt.session_model import SessionModel
from fcn_gui.qt.view_state import ViewState
from fcn_gui.session.messages import Message
from fcn_gui.widgets.appearance import Appearance
from fcn_gui.widgets.canvas import Canvas
from fcn_gui.widgets.class_panel import ClassPanel
from fcn_gui.widgets.commands import Parts, commands, facts_of
from fcn_gui.widgets.dropping import dropped_folder
from fcn_gui.widgets.focus_ring import FocusRing, chain_focus
from fcn_gui.widgets.folders import Folders
from fcn_gui.widgets.image_list import ImageList
from fcn_gui.widgets.image_rows import short_name
from fcn_gui.widgets.label_map_bar import LabelMapBar
from fcn_gui.widgets.layout import LEAST_HEIGHT, LEAST_WIDTH, Layout, layout_for
from fcn_gui.widgets.learning_panel import LearningPanel
from fcn_gui.widgets.menus import ActionSet
from fcn_gui.widgets.messages import MessageBar
from fcn_gui.widgets.settings_dialog import key_overrides
from fcn_gui.widgets.sheets import Sheets, State
from fcn_gui.widgets.status_bar import StatusBar
from fcn_gui.widgets.this_image import ThisImage
from fcn_gui.widgets.top_bar import TopBar
from fcn_gui.widgets.view_panel import ViewPanel
from fcn_gui.widgets.welcome import RecentFolders, Welcome
from fcn_gui.widgets.workbench import Workbench, right_dock

_log = logging.getLogger(__name__)
_DOCKS = ("images", "learning", "classes")


class MainWindow(QMainWindow):
    """`trigger(action_id)` does what a key, a button or the palette does; `first_painted` comes once."""

    first_painted = Signal()

    def __init__(
        self,
        model: SessionModel,
        view: ViewState,
        appearance: Appearance,
        settings: Settings,
        user_data: RecentFolders,
        samples_dir: Path | None = None,
    ) -> None:
        super().__init__()
        self.model, self.view, self.appearance, self.settings = model, view, appearance, settings
        self._jobs: set[int] = set()
        self._layout: Layout | None = None
        self._is_painted = False
        self.setMinimumSize(LEAST_WIDTH, LEAST_HEIGHT)
        self.resize(1440, 900)
        self.setAcceptDrops(True)
        self.actions_set = ActionSet(appearance, self, key_overrides(settings))
        self.folders = Folders(self, model, user_data, samples_dir)
        self.sheets = Sheets(self, appearance, self.actions_set, State(model, view, settings))
        self._assemble(user_data)
        self.commands = commands(self._parts())
        self._join_model()
        self._join_panels()
        self._follow_project()
        self._follow_view("tool")
        self._follow_view("mode")

    def trigger(self, action_id: str) -> None:
        """Run an action if it can be used now. Raises KeyError for an unknown id."""
        self.refresh()
        if not self.actions_set.reason(action_id):
            self.commands[action_id]()
        self._facts_timer.start()

    def refresh(self) -> None:
        """Enable and disable actions by what is known now."""
        self._facts_timer.stop()
        self.actions_set.update(facts_of(self.model, self.view, len(self._jobs), self.folders.has_sample))
        for name in _DOCKS:
            self.actions_set.action(f"view.{name}").setChecked(self.workbench.is_shown(name))

    # Putting together

    def _assemble(self, user_data: RecentFolders) -> None:
        model, view, appearance = self.model, self.view, self.appearance
        self.top_bar = TopBar(appearance, self.actions_set)
        self.images = ImageList(model, appearance)
        self.canvas = Canvas(model, view, appearance)
        self.canvas.setProperty("drawsFocus", True)
        self.classes = ClassPanel(model, view, appearance)
        self.learning = LearningPanel(model, appearance, self.actions_set)
        panels = (ViewPanel(model, view, appearance), ThisImage(model))
        self.workbench = Workbench(self.images, self.canvas, right_dock(self.classes, panels), self.learning)
        self.welcome = Welcome(appearance, self.actions_set, user_data)
        self.status = StatusBar(model, view, appearance)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.welcome)
        self.pages.addWidget(self.workbench)
        self.addToolBar(self.top_bar)
        self.setCentralWidget(self.pages)
        self.setStatusBar(self.status)
        if sys.platform == "darwin":
            self.actions_set.fill_menu(self.menuBar())
        self.messages = MessageBar(appearance, self.workbench.area)
        self.welcome_messages = MessageBar(appearance, self.welcome)
        self.label_map_bar = LabelMapBar(appearance, self.workbench.area)
        self.messages.below = self.label_map_bar
        self.focus_ring = FocusRing(appearance, self)
        chain_focus([self.top_bar, self.welcome, *self.workbench.in_tab_order(), self.status])
        self._facts_timer = QTimer(self, singleShot=True, interval=0)
        self._facts_timer.timeout.connect(self.refresh)

    def _parts(self) -> Parts:
        shown = (self.canvas, self.images, self.classes, self.workbench, self.top_bar, self.messages)
        return Parts(self, self.model, self.view, *shown, self.sheets, self.folders, self.set_theme)

    def _join_model(self) -> None:
        model = self.model
        for signal in (
            model.project_opened,
            model.items_added,
            model.item_changed,
            model.document_opened,
            model.document_closed,
            model.prediction_changed,
            model.label_map_changed,
            model.history_changed,
            model.checkpoints_changed,
            model.device_changed,
        ):
            signal.connect(self._facts_timer.start)
        model.project_opened.connect(self._follow_project)
        model.project_closed.connect(self._follow_project)
        model.document_opened.connect(self._follow_document)
        model.document_closed.connect(self._follow_document)
        model.label_map_changed.connect(self._follow_label_map)
        model.label_map_wanted.connect(self._ask_label_map)
        model.message_posted.connect(self.show_message)
        model.job_progressed.connect(self._count_job)
        model.job_ended.connect(self._uncount_job)

    def _join_panels(self) -> None:
        self.actions_set.triggered.connect(self.trigger)
        self.view.changed.connect(self._follow_view)
        self.canvas.zoomed.connect(self.status.show_zoom)
        for bar in (self.messages, self.welcome_messages):
            bar.action_wanted.connect(self.run_message_action)
        self.label_map_bar.chosen.connect(self._choose_label_map)
        self.sheets.setting_changed.connect(self._apply_setting)
        self.folders.told.connect(self.show_message)
        self.learning.receipt_wanted.connect(self.sheets.show_receipt)
        self.classes.action_wanted.connect(self.trigger)
        self.images.open_wanted.connect(lambda: self.trigger("file.open_folder"))
        self.welcome.folder_wanted.connect(lambda path: self.folders.open(Path(path)))
        self.workbench.docks_changed.connect(self._facts_timer.start)
        self.workbench.area_resized.connect(self._place_bars)

    # Following the model

    def _ask_label_map(self, _folder: Path) -> None:
        self.label_map_bar.ask()
        self.messages.place()

    def _choose_label_map(self, label_map: LabelMap) -> None:
        self.model.choose_label_map(label_map)
        self.messages.place()
        self.canvas.setFocus(Qt.FocusReason.OtherFocusReason)

    def _follow_project(self) -> None:
        folder = self.model.folder
        self.top_bar.set_project(folder.name if folder is not None else "")
        self.setWindowTitle(f"{folder.name} – fcn-gui" if folder is not None else "fcn-gui")
        self.pages.setCurrentWidget(self.welcome if folder is None else self.workbench)
        if folder is None:
            self.label_map_bar.hide()
            self.welcome.reread()
        else:
            self.workbench.refresh_sizes()
            self.canvas.setFocus(Qt.FocusReason.OtherFocusReason)
        self._facts_timer.start()

    def _follow_document(self) -> None:
        document = self.model.document
        self.top_bar.set_image(short_name(document.key) if document is not None else "")

    def _follow_label_map(self) -> None:
        label_map = self.model.label_map
        if label_map is not None:
            self.label_map_bar.hide()
            if self.view.label != VOID and self.view.label >= len(label_map):
                self.view.choose_label(len(label_map) - 1)
        for number in range(10):
            has_name = label_map is not None and number < len(label_map)
            name = label_map.names[number] if label_map is not None and has_name else ""
            text = self.tr("Class {n}: {name}").format(n=number, name=name) if name else ""
            self.actions_set.set_text(f"class.{number}", text)

    def _follow_view(self, field: str) -> None:
        if field in ("tool", "chosen_tool"):
            self.actions_set.action(f"tool.{self.view.tool.value}").setChecked(True)
        elif field == "mode":
            self.actions_set.action(f"view.{self.view.mode}").setChecked(True)
        elif field == "label":
            self._facts_timer.start()

    def _count_job(self, status: JobStatus) -> None:
        if status.can_cancel and status.id not in self._jobs:
            self._jobs.add(status.id)
            self._facts_timer.start()

    def _uncount_job(self, job: int) -> None:
        self._jobs.discard(job)
        self._facts_timer.start()

    # Messages and settings

    def show_message(self, message: Message) -> None:
        """In the bar of the page that shows."""
        bar = self.messages if self.model.project is not None else self.welcome_messages
        bar.post(message)

    def run_message_action(self, wanted: str) -> None:
        """A button of a message: an action of the table, or a verb with its argument."""
        verb, _, argument = wanted.partition(":")
        if verb == "learn.receipt":
            self.sheets.show_receipt(argument)
        elif verb == "file.reveal":
            QDesktopServices.openUrl(QUrl.fromLocalFile(argument))
        elif wanted in self.commands:
            self.trigger(wanted)
        elif not self.model.run(wanted):
            _log.error("a message has a button that nobody knows: %s", wanted)

    def set_theme(self, preference: str) -> None:
        """`system`, `light` or `dark`, from now on."""
        self.settings.set("view.theme", preference)
        self._apply_setting("view.theme")

    def _apply_setting(self, setting: str) -> None:
        if setting == "view.theme":
            self.appearance.set_preference(str(self.settings.get("view.theme")))
        elif setting == "keys":
            self.actions_set.set_overrides(key_overrides(self.settings))
        self.folders.keep_settings(self.settings)
        if self.model.project is not None:
            self.model.keep_settings()

    # Qt

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and not self._is_painted:
            self._is_painted = True
            self.focus_ring.start()
            QTimer.singleShot(0, self.first_painted.emit)
        elif event.type() in (QEvent.Type.WindowActivate, QEvent.Type.WindowDeactivate):
            self.model.set_focus(event.type() == QEvent.Type.WindowActivate)
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        layout = layout_for(self.width(), self.height())
        if layout != self._layout:
            self._layout = layout
            self.top_bar.set_layout(layout.left_px, layout.right_px, layout.is_compact)
            self.classes.set_compact(layout.is_compact)
            self.workbench.apply_layout(layout)
        self._place_bars()

    def _place_bars(self) -> None:
        for bar in (self.messages, self.label_map_bar, self.welcome_messages):
            bar.place()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_folder(event.mimeData()) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        folder = dropped_folder(event.mimeData())
        if folder is not None:
            event.acceptProposedAction()
            self.folders.open(folder)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.folders.remember()
        self.folders.keep_settings(self.settings)
        self.model.shutdown()
        super().closeEvent(event)
