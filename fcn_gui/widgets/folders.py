"""Opening and closing folders, where to export to, and what the user's data keep of them."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any

from PySide6.QtCore import QObject, QStandardPaths, QTimer, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from fcn_gui.core.errors import FcnGuiError
from fcn_gui.core.settings import Settings
from fcn_gui.qt.session_model import SessionModel
from fcn_gui.session.messages import Message
from fcn_gui.session.project import Status
from fcn_gui.widgets.export_dialog import ExportDialog
from fcn_gui.widgets.recent_facts import recent_facts
from fcn_gui.widgets.welcome import RecentFolders

REMEMBER_MS = 2000
_log = logging.getLogger(__name__)


class Folders(QObject):
    """`told(Message)` where something could not be kept."""

    told = Signal(object)

    def __init__(self, window: QWidget, model: SessionModel, user_data: RecentFolders, samples: Path | None) -> None:
        super().__init__(window)
        self._window, self._model, self._user_data, self._samples = window, model, user_data, samples
        self._timer = QTimer(self, singleShot=True, interval=REMEMBER_MS)
        self._timer.timeout.connect(self._remember_soon)
        self._writing = Lock()
        model.items_added.connect(lambda _first, _count: self._timer.start())

    @property
    def has_sample(self) -> bool:
        """The sample photos are there."""
        return self._samples is not None and self._samples.is_dir()

    def ask(self) -> None:
        """Let the person choose a folder and open it."""
        start = str(self._model.folder or Path.home())
        name = QFileDialog.getExistingDirectory(self._window, self.tr("Open a folder of photos"), start)
        if name:
            self.open(Path(name))

    def open(self, folder: Path) -> None:
        """Open a folder in place of the one that is open."""
        self.remember()
        self._model.open_folder(folder)

    def open_sample(self) -> None:
        """Open the user's own copy of the sample photos."""
        if self._samples is not None:
            self.open(self._samples)

    def close(self) -> None:
        """Close the folder; the welcome page says how far it is."""
        self.remember()
        self._model.close_project()

    def ask_export(self, dialog: ExportDialog) -> None:
        """Propose a new folder beside the person's pictures."""
        project, folder = self._model.project, self._model.folder
        if project is None or folder is None:
            return
        pictures = Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation))
        root = pictures if pictures.is_dir() else folder.parent
        verified = sum(item.status is Status.VERIFIED for item in project.items)
        dialog.ask(root / f"{folder.name}-voc", verified, len(project.items))

    def ask_masks(self) -> None:
        """Let the person choose a folder of masks, and import them as proposals."""
        start = str(self._model.folder or Path.home())
        name = QFileDialog.getExistingDirectory(self._window, self.tr("Import masks from a folder"), start)
        if name:
            self._model.import_masks(Path(name))

    def remember(self) -> None:
        """Keep the open folder among the recent ones, with what is known of it."""
        self._timer.stop()
        folder = self._model.folder
        if folder is not None:
            self._keep(folder, recent_facts(self._model))

    def _remember_soon(self) -> None:
        """The same while somebody paints: what waits for the disk is not for the main thread."""
        folder = self._model.folder
        if folder is not None:
            self._model.in_background("recent folders", partial(self._keep, folder, recent_facts(self._model)))

    def _keep(self, folder: Path, facts: Mapping[str, Any]) -> None:
        with self._writing:
            try:
                self._user_data.remember_folder(folder, facts)
            except FcnGuiError as error:
                _log.warning("%s", error)

    def keep_settings(self, settings: Settings) -> None:
        """Store what the person set."""
        try:
            self._user_data.save_settings(settings.changed("user"))
        except FcnGuiError as error:
            self.told.emit(Message("warn", str(error)))
