"""What an open folder needs behind the front: it joins the panels, the model and the actions, and decides nothing.

Longer than other files: it is the one place where everything meets, and reads best in one piece.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer, QUrl
from PySide6.QtGui import QDesktopServices

from fcn_gui.core.label_map import LabelMap
from fcn_gui.core.raster import VOID
from fcn_gui.core.setting_rows import START_CHECKPOINT
from fcn_gui.qt.job_board import JobStatus
from fcn_gui.qt.session_model import SessionModel
from fcn_gui.qt.view_state import ViewState
from fcn_gui.session.messages import Message, without_classes
from fcn_gui.widgets.bench import Bench
from fcn_gui.widgets.commands import Command, Parts, commands, facts_of
from fcn_gui.widgets.focus_ring import chain_focus
from fcn_gui.widgets.folders import Folders
from fcn_gui.widgets.front import Front
from fcn_gui.widgets.image_rows import short_name
from fcn_gui.widgets.layout import Layout, layout_for
from fcn_gui.widgets.motion import system_reduces_motion
from fcn_gui.widgets.own_keys import key_overrides
from fcn_gui.widgets.sheets import Sheets, State
from fcn_gui.widgets.status_bar import StatusBar
from fcn_gui.widgets.window_memory import WindowMemory
from fcn_gui.widgets.workbench import DOCKS

_log = logging.getLogger(__name__)
_VIEW_FIELDS = {
    "view.opacity": "opacity",
    "view.outline_px": "outline_px",
    "brush.radius_px": "radius_px",
    "regions.most_percent": "most_percent",
}


class Interior(QObject):
    """`trigger(action_id)` does what a key, a button or the palette does."""

    def __init__(self, front: Front, model: SessionModel, view: ViewState, memory: WindowMemory) -> None:
        super().__init__(front.window)
        self.front, self.model, self.view, self.settings = front, model, view, front.settings
        self._memory = memory
        self._jobs: set[int] = set()
        self._has_bench = False
        self._facts_timer = QTimer(self, singleShot=True, interval=0)
        self._facts_timer.timeout.connect(self.refresh)
        self.folders = Folders(front.window, model, front.user_data, front.samples_dir)
        self.sheets = Sheets(front.window, front.appearance, front.actions, State(model, view, front.settings))
        self.status = StatusBar(model, view, front.appearance)
        front.window.setStatusBar(self.status)
        self._join()
        self._apply_motion()
        front.welcome.start.attach(model)
        if model.folder is not None:
            self._follow_project()
        self._follow_view("tool")
        self._follow_view("mode")
        self.refresh()

    def trigger(self, action_id: str) -> None:
        """Run an action if it can be used now. Raises KeyError for an unknown id."""
        self.refresh()
        if not self.front.actions.reason(action_id):
            self.commands[action_id]()
        self._facts_timer.start()

    def _refresh_soon(self, *_: object) -> None:
        """Not the timer's own `start`: a number that a signal says would be how long it waits."""
        self._facts_timer.start()

    def refresh(self) -> None:
        """Enable and disable actions by what is known now."""
        self._facts_timer.stop()
        self.front.actions.update(facts_of(self.model, self.view, len(self._jobs), self.folders.has_sample))
        for name in DOCKS:
            is_shown = not self._has_bench or self.bench.page.is_shown(name)
            self.front.actions.action(f"view.{name}").setChecked(is_shown)

    def apply_layout(self, layout: Layout) -> None:
        """The window has another size."""
        if self._has_bench:
            self.bench.classes.set_compact(layout.is_compact)
            self.bench.page.apply_layout(layout)
            self._follow_docks()

    def close(self) -> None:
        """Keep what is to be kept; nothing can be done afterwards."""
        self.folders.remember()
        self.folders.keep_settings(self.settings)
        self.model.shutdown()

    # Putting together

    @cached_property
    def bench(self) -> Bench:
        """Built after the first paint, or before where somebody needs it."""
        front = self.front
        bench = Bench(self.model, self.view, front.appearance, front.actions)
        self._has_bench = True
        front.pages.addWidget(bench.page)
        bench.messages.action_wanted.connect(self.run_message_action)
        bench.canvas.zoomed.connect(self.status.show_zoom)
        bench.label_map_bar.chosen.connect(self._choose_label_map)
        bench.learning.receipt_wanted.connect(self.sheets.show_receipt)
        bench.classes.action_wanted.connect(self.trigger)
        bench.images.open_wanted.connect(lambda: self.trigger("file.open_folder"))
        bench.page.docks_changed.connect(self._follow_docks)
        bench.page.area_resized.connect(bench.place_bars)
        layout = layout_for(front.window.width(), front.window.height())
        bench.classes.set_compact(layout.is_compact)
        bench.page.apply_layout(layout)
        self._memory.arrange(bench)
        chain_focus([front.top_bar, front.welcome, *bench.zones(), self.status])
        return bench

    @cached_property
    def commands(self) -> Mapping[str, Command]:
        """What each action does, by id."""
        bench, front = self.bench, self.front
        shown = (bench.canvas, bench.images, bench.classes, bench.page, front.top_bar, bench.messages)
        return commands(Parts(front.window, self.model, self.view, *shown, self.sheets, self.folders, self.set_theme))

    def _join(self) -> None:
        model = self.model
        for signal in (
            model.project_opened,
            model.items_added,
            model.item_changed,
            model.document_opened,
            model.document_closed,
            model.prediction_changed,
            model.compared,
            model.label_map_changed,
            model.history_changed,
            model.checkpoints_changed,
            model.device_changed,
        ):
            signal.connect(self._refresh_soon)
        model.project_opened.connect(self._follow_project)
        model.project_closed.connect(self._follow_project)
        model.document_opened.connect(self._follow_document)
        model.document_closed.connect(self._follow_document)
        model.label_map_changed.connect(self._follow_label_map)
        model.label_map_wanted.connect(self._ask_label_map)
        model.message_posted.connect(self.show_message)
        model.job_progressed.connect(self._count_job)
        model.job_ended.connect(self._uncount_job)
        self.view.changed.connect(self._follow_view)
        self.sheets.setting_changed.connect(self._apply_setting)
        self.front.welcome.start.changed.connect(lambda: self._apply_setting(START_CHECKPOINT))
        self.folders.told.connect(self.show_message)

    # Following the model

    def _ask_label_map(self, _folder: Path) -> None:
        self.bench.label_map_bar.ask()
        self.bench.messages.place()

    def _choose_label_map(self, label_map: LabelMap) -> None:
        self.model.choose_label_map(label_map)
        if self.bench.messages.current == without_classes():
            self.bench.messages.dismiss()
        self.bench.messages.place()
        self.bench.canvas.setFocus(Qt.FocusReason.OtherFocusReason)

    def _follow_project(self) -> None:
        folder = self.model.folder
        self.front.top_bar.set_project(folder.name if folder is not None else "")
        self.front.window.setWindowTitle(f"{folder.name} – fcn-gui" if folder is not None else "fcn-gui")
        if folder is None:
            if self._has_bench:
                self.bench.label_map_bar.hide()
            self.front.pages.setCurrentWidget(self.front.welcome)
            self.front.welcome.reread()
        else:
            self.front.pages.setCurrentWidget(self.bench.page)
            self.bench.page.refresh_sizes()
            self._follow_docks()
            self.bench.canvas.setFocus(Qt.FocusReason.OtherFocusReason)
        self._facts_timer.start()

    def _follow_document(self) -> None:
        document = self.model.document
        self.front.top_bar.set_image(short_name(document.key) if document is not None else "")

    def _follow_label_map(self) -> None:
        label_map = self.model.label_map
        if label_map is not None:
            self.bench.label_map_bar.hide()
            if self.view.label != VOID and self.view.label >= len(label_map):
                self.view.choose_label(len(label_map) - 1)
        for number in range(10):
            has_name = label_map is not None and number < len(label_map)
            name = label_map.names[number] if label_map is not None and has_name else ""
            text = self.tr("Class {n}: {name}").format(n=number, name=name) if name else ""
            self.front.actions.set_text(f"class.{number}", text)

    def _follow_docks(self) -> None:
        layout = self.bench.page.layout_now
        self.front.top_bar.set_layout(layout.left_px, layout.right_px, layout.is_compact)
        self._facts_timer.start()

    def _follow_view(self, field: str) -> None:
        if field in ("tool", "chosen_tool"):
            self.front.actions.action(f"tool.{self.view.tool.value}").setChecked(True)
        elif field == "mode":
            self.front.actions.action(f"view.{self.view.mode}").setChecked(True)
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
        bar = self.bench.messages if self.model.project is not None else self.front.messages
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

    def _apply_motion(self) -> None:
        wanted = self.settings.get("view.motion") == "system"
        self.front.appearance.has_motion = wanted and not system_reduces_motion()

    def _apply_setting(self, setting: str) -> None:
        if setting == "view.theme":
            self.front.appearance.set_preference(str(self.settings.get("view.theme")))
        elif setting == "view.motion":
            self._apply_motion()
        elif setting == "keys":
            self.front.actions.set_overrides(key_overrides(self.settings))
        elif setting in _VIEW_FIELDS:
            setattr(self.view, _VIEW_FIELDS[setting], self.settings.get(setting))
        self.folders.keep_settings(self.settings)
        if self.model.project is not None:
            self.model.keep_settings()
