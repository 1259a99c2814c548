"""The window: it assembles the panels, joins their signals to the model and the actions, and decides nothing.

Longer than other files: it is the one place where everything meets, and reads best in one piece.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from functools import cached_property
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
from fcn_gui.widgets.bench import Bench
from fcn_gui.widgets.canvas import Canvas
from fcn_gui.widgets.class_panel import ClassPanel
from fcn_gui.widgets.commands import Command, Parts, commands, facts_of
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
from fcn_gui.widgets.top_bar import TopBar
from fcn_gui.widgets.welcome import RecentFolders, Welcome
from fcn_gui.widgets.workbench import Workbench

_log = logging.getLogger(__name__)
_DOCKS = ("images", "learning", "classes")
_VIEW_FIELDS = {
    "view.opacity": "opacity",
    "view.outline_px": "outline_px",
    "brush.radius_px": "radius_px",
    "regions.most_percent": "most_percent",
}


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
        self._is_painted = self._has_bench = False
        self.setMinimumSize(LEAST_WIDTH, LEAST_HEIGHT)
        self.resize(1440, 900)
        self.setAcceptDrops(True)
        self.actions_set = ActionSet(appearance, self, key_overrides(settings))
        self.folders = Folders(self, model, user_data, samples_dir)
        self.sheets = Sheets(self, appearance, self.actions_set, State(model, view, settings))
        self._assemble(user_data)
        self._join()
        self._follow_project()
        self._follow_view("tool")
        self._follow_view("mode")
        appearance.dress()

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
            is_shown = not self._has_bench or self.workbench.is_shown(name)
            self.actions_set.action(f"view.{name}").setChecked(is_shown)

    # Putting together

    def _assemble(self, user_data: RecentFolders) -> None:
        appearance = self.appearance
        self.top_bar = TopBar(appearance, self.actions_set)
        self.welcome = Welcome(appearance, self.actions_set, user_data)
        self.status = StatusBar(self.model, self.view, appearance)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.welcome)
        self.addToolBar(self.top_bar)
        self.setCentralWidget(self.pages)
        self.setStatusBar(self.status)
        if sys.platform == "darwin":
            self.actions_set.fill_menu(self.menuBar())
        self.welcome_messages = MessageBar(appearance, self.welcome)
        self.focus_ring = FocusRing(appearance, self)
        self._facts_timer = QTimer(self, singleShot=True, interval=0)
        self._facts_timer.timeout.connect(self.refresh)

    @cached_property
    def bench(self) -> Bench:
        """Built after the first paint, or before where somebody needs it."""
        bench = Bench(self.model, self.view, self.appearance, self.actions_set)
        self._has_bench = True
        self.pages.addWidget(bench.page)
        bench.messages.action_wanted.connect(self.run_message_action)
        bench.canvas.zoomed.connect(self.status.show_zoom)
        bench.label_map_bar.chosen.connect(self._choose_label_map)
        bench.learning.receipt_wanted.connect(self.sheets.show_receipt)
        bench.classes.action_wanted.connect(self.trigger)
        bench.images.open_wanted.connect(lambda: self.trigger("file.open_folder"))
        bench.page.docks_changed.connect(self._follow_docks)
        bench.page.area_resized.connect(bench.place_bars)
        if self._layout is not None:
            bench.classes.set_compact(self._layout.is_compact)
            bench.page.apply_layout(self._layout)
        chain_focus([self.top_bar, self.welcome, *bench.zones(), self.status])
        return bench

    @cached_property
    def commands(self) -> Mapping[str, Command]:
        """What each action does, by id."""
        shown = (self.canvas, self.images, self.classes, self.workbench, self.top_bar, self.messages)
        return commands(Parts(self, self.model, self.view, *shown, self.sheets, self.folders, self.set_theme))

    @property
    def canvas(self) -> Canvas:
        return self.bench.canvas

    @property
    def images(self) -> ImageList:
        return self.bench.images

    @property
    def classes(self) -> ClassPanel:
        return self.bench.classes

    @property
    def learning(self) -> LearningPanel:
        return self.bench.learning

    @property
    def workbench(self) -> Workbench:
        return self.bench.page

    @property
    def messages(self) -> MessageBar:
        return self.bench.messages

    @property
    def label_map_bar(self) -> LabelMapBar:
        return self.bench.label_map_bar

    def _join(self) -> None:
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
        self.actions_set.triggered.connect(self.trigger)
        self.view.changed.connect(self._follow_view)
        self.welcome_messages.action_wanted.connect(self.run_message_action)
        self.sheets.setting_changed.connect(self._apply_setting)
        self.folders.told.connect(self.show_message)
        self.welcome.folder_wanted.connect(lambda path: self.folders.open(Path(path)))

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
        if folder is None:
            if self._has_bench:
                self.label_map_bar.hide()
            self.pages.setCurrentWidget(self.welcome)
            self.welcome.reread()
        else:
            self.pages.setCurrentWidget(self.workbench)
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

    def _follow_docks(self) -> None:
        layout = self.workbench.layout_now
        self.top_bar.set_layout(layout.left_px, layout.right_px, layout.is_compact)
        self._facts_timer.start()

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
        elif setting in _VIEW_FIELDS:
            setattr(self.view, _VIEW_FIELDS[setting], self.settings.get(setting))
        self.folders.keep_settings(self.settings)
        if self.model.project is not None:
            self.model.keep_settings()

    # Qt

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and not self._is_painted:
            self._is_painted = True
            self.focus_ring.start()
            QTimer.singleShot(0, self._after_first_paint)
        elif event.type() in (QEvent.Type.WindowActivate, QEvent.Type.WindowDeactivate):
            self.model.set_focus(event.type() == QEvent.Type.WindowActivate)
        return super().event(event)

    def _after_first_paint(self) -> None:
        self.first_painted.emit()
        QTimer.singleShot(0, lambda: self.bench)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        layout = layout_for(self.width(), self.height())
        if layout != self._layout:
            self._layout = layout
            self.top_bar.set_layout(layout.left_px, layout.right_px, layout.is_compact)
            if self._has_bench:
                self.classes.set_compact(layout.is_compact)
                self.workbench.apply_layout(layout)
        self.welcome_messages.place()

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
