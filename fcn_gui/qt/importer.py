"""The import of masks from elsewhere: read and written on the disk's thread, behind everything that is to be saved."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from fcn_gui.core.errors import FcnGuiError
from fcn_gui.qt.disk_worker import DiskWorker
from fcn_gui.qt.job_board import JobBoard
from fcn_gui.qt.task import Task
from fcn_gui.session.importing import ImportedMask, ImportReport, import_masks
from fcn_gui.session.messages import Message, counted, masks_imported, no_mask_fits
from fcn_gui.session.project import Project
from fcn_gui.session.session import Session

KIND = "import"
IMPORT_PRIORITY = 90
"""After each mask whatever else is to be written goes first."""


class Importer(QObject):
    """One import at a time."""

    changed = Signal(object)
    """Change."""
    imported = Signal(str)
    """Key of an image whose mask is another one on disk."""
    told = Signal(object)
    """Message."""
    _arrived = Signal(object, object)

    def __init__(self, session: Session, disk: DiskWorker, board: JobBoard) -> None:
        super().__init__(board)
        self._session, self._disk, self._board = session, disk, board
        self._count = 0
        self._task: Task | None = None
        self._arrived.connect(self._take)

    def start(self, source: Path) -> None:
        """Import the masks in a folder."""
        try:
            if (refused := self._session.refusal) is not None:
                self.told.emit(refused)
                return
            if self._board.is_running(KIND):
                self.told.emit(Message("info", "Masks are being imported: wait for the end, or cancel it."))
                return
            self.changed.emit(self._session.save_all())
            request = self._session.import_request(source)
        except FcnGuiError as error:
            self.told.emit(Message("warn", str(error)))
            return
        project, self._count = self._session.project, 0
        task = self._task = Task(KIND, import_masks(request, lambda mask: self._arrived.emit(project, mask)))
        task.cancelled.connect(lambda: self._cancelled(project))
        told = f"Importing masks from {source.name}"
        self._board.watch(task, told, lambda report: self._finished(project, source, report), can_cancel=True)
        self._disk.run_after(task, IMPORT_PRIORITY)

    def stop(self) -> None:
        """The folder is closed: what was imported stays."""
        if self._task is not None and self._board.is_running(KIND):
            self._task.cancel()
        self._task = None

    def _take(self, project: Project, mask: ImportedMask) -> None:
        if self._session.project is project:
            self._count += 1
            self.changed.emit(self._session.take_import(mask))
            self.imported.emit(mask.key)

    def _finished(self, project: Project | None, source: Path, report: object) -> None:
        if self._session.project is not project or not isinstance(report, ImportReport):
            return
        if not (report.imported or report.verified or report.refused):
            self.told.emit(no_mask_fits(source.name))
        else:
            self.told.emit(masks_imported(report.imported, report.verified, report.refused))

    def _cancelled(self, project: Project | None) -> None:
        if self._session.project is project and project is not None:
            self.told.emit(Message("info", f"Cancelled: {counted(self._count, 'mask')} imported as proposals so far."))
