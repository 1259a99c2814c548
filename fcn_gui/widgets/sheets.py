"""The sheets of the window, each made when it is first opened, so that the window shows sooner."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from fcn_gui.core.settings import Settings
from fcn_gui.qt.session_model import SessionModel
from fcn_gui.qt.view_state import ViewState
from fcn_gui.widgets.action_rows import ACTIONS
from fcn_gui.widgets.appearance import Appearance
from fcn_gui.widgets.class_finder import ClassFinder
from fcn_gui.widgets.class_removal import ClassRemoval
from fcn_gui.widgets.export_dialog import ExportDialog
from fcn_gui.widgets.inside_page import InsidePage
from fcn_gui.widgets.key_help import KeyHelp
from fcn_gui.widgets.menus import ActionSet, translated
from fcn_gui.widgets.messages import MessageList
from fcn_gui.widgets.note_sheet import NoteSheet
from fcn_gui.widgets.own_keys import key_overrides
from fcn_gui.widgets.palette_popup import Entry, FindPopup
from fcn_gui.widgets.receipt import ReceiptSheet
from fcn_gui.widgets.settings_dialog import SettingsDialog


@dataclass(frozen=True)
class State:
    """What the sheets show and change."""

    model: SessionModel
    view: ViewState
    settings: Settings


class Sheets(QObject):
    """Joined to the model, the view and the actions; `setting_changed(id)` when the settings sheet changed one."""

    setting_changed = Signal(str)

    def __init__(self, window: QWidget, appearance: Appearance, actions: ActionSet, state: State) -> None:
        super().__init__(window)
        self._window, self._appearance, self._actions = window, appearance, actions
        self._model, self._view, self._settings = state.model, state.view, state.settings

    @cached_property
    def palette(self) -> FindPopup:
        """Find an action."""
        popup = FindPopup(self._appearance, self._window, self._entries, self.tr("Find an action"))
        popup.chosen.connect(self._actions.triggered)
        return popup

    @cached_property
    def class_finder(self) -> ClassFinder:
        """Type to find a class."""
        finder = ClassFinder(self._appearance, self._window, self._model)
        finder.chosen.connect(lambda label: self._view.choose_label(int(label)))
        return finder

    @cached_property
    def class_removal(self) -> ClassRemoval:
        """What the pixels of a class become."""
        sheet = ClassRemoval(self._appearance, self._window, self._model)
        sheet.removal_wanted.connect(self._model.remove_class)
        return sheet

    @cached_property
    def export(self) -> ExportDialog:
        """Where to export to, and how."""
        dialog = ExportDialog(self._appearance, self._window, self._settings)
        dialog.export_wanted.connect(self._model.export)
        return dialog

    @cached_property
    def settings(self) -> SettingsDialog:
        """Settings and keys."""
        dialog = SettingsDialog(self._appearance, self._window, self._settings)
        dialog.changed.connect(self.setting_changed)
        return dialog

    @cached_property
    def receipt(self) -> ReceiptSheet:
        """A receipt in full."""
        sheet = ReceiptSheet(self._appearance, self._window)
        sheet.live_wanted.connect(self._model.make_live)
        sheet.comparison_wanted.connect(self._model.compare)
        return sheet

    @cached_property
    def note(self) -> NoteSheet:
        """A note on the open image."""
        sheet = NoteSheet(self._appearance, self._window)
        sheet.written.connect(self._model.set_note)
        return sheet

    @cached_property
    def key_help(self) -> KeyHelp:
        """All keys."""
        return KeyHelp(self._appearance, self._window, self._actions)

    @cached_property
    def inside(self) -> InsidePage:
        """FCN inside."""
        return InsidePage(self._appearance, self._window, self._model, self._view, self._actions)

    @cached_property
    def messages(self) -> MessageList:
        """Earlier messages."""
        return MessageList(self._appearance, self._window)

    def show_keys(self) -> None:
        """All keys as they are now."""
        self.key_help.show_keys(key_overrides(self._settings))

    def show_receipt(self, checkpoint: str) -> None:
        """The receipt of a checkpoint, where there is one of that id."""
        entry = next((each for each in self._model.checkpoints if each.id == checkpoint), None)
        if entry is not None:
            has_photo = self._model.document is not None
            self.receipt.show_entry(entry, self._model.checkpoints if has_photo else [])

    def edit_note(self) -> None:
        """The note on the open image."""
        document, project = self._model.document, self._model.project
        if document is not None and project is not None:
            self.note.ask(document.key, project.item(document.key).note)

    def _entries(self) -> list[Entry]:
        actions = self._actions
        return [
            Entry(
                row.id,
                actions.text(row.id).rstrip("…"),
                translated(row.menu),
                actions.key(row.id),
                row.icon,
                actions.reason(row.id),
            )
            for row in ACTIONS
            if row.id != "help.actions"
        ]
