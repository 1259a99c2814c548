"""What a session model tells: signals for what happened, properties for what is. Widgets read nothing else."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from fcn_gui.core.label_map import LabelMap
from fcn_gui.core.refinement import Refinement
from fcn_gui.session.checkpoints import CheckpointEntry
from fcn_gui.session.document import Document
from fcn_gui.session.measuring import Measurements
from fcn_gui.session.project import Project
from fcn_gui.session.session import Session
from fcn_gui.session.skips import Skips
from fcn_gui.session.start_checkpoint import StartFacts


class SessionFacts(QObject):
    """Signals are facts in the past, told on the main thread."""

    project_opened = Signal()
    project_closed = Signal()
    items_added = Signal(int, int)
    """First index and number of new items of the project."""
    scan_finished = Signal(int)
    """How many images the folder has."""
    item_changed = Signal(str)
    items_ranked = Signal()
    """Where next was counted anew."""
    document_opened = Signal()
    document_closed = Signal()
    mask_changed = Signal(object)
    """Rect of the open mask that looks different now."""
    prediction_changed = Signal()
    label_map_changed = Signal()
    relabelled = Signal(object)
    """LabelMapChange: labels mean something else now; told before `label_map_changed`."""
    label_map_wanted = Signal(object)
    """Path of a folder opened for the first time: choose its classes."""
    history_changed = Signal()
    superpixels_ready = Signal()
    """The open document has its superpixels."""
    job_progressed = Signal(object)
    """JobStatus."""
    job_ended = Signal(int, str, str, str)
    """id, kind, outcome (finished, failed, cancelled), text."""
    message_posted = Signal(object)
    """Message."""
    checkpoints_changed = Signal()
    learning_changed = Signal()
    measurements_changed = Signal()
    """Another image was measured, or all of them were."""
    skips_changed = Signal()
    """The open image was looked at stride by stride."""
    compared = Signal()
    """Two checkpoints were compared on the open image."""
    image_said = Signal(str)
    """A line about the open image: what the last refit did to it, or why its mask starts blank; "" for nothing."""
    refinement_changed = Signal()
    """Masks are made of predictions in another way from now on."""
    start_checkpoint_changed = Signal()
    start_checkpoint_refused = Signal(str)
    """Why the file that was chosen for new folders can't be used; the one before stays."""
    device_changed = Signal(str)
    saved = Signal(str)
    """The time of the last save, as the locale writes it."""
    thumbnail_ready = Signal(str)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._device_text = ""

    @property
    def session(self) -> Session:
        return self._session

    @property
    def project(self) -> Project | None:
        return self._session.project

    @property
    def document(self) -> Document | None:
        return self._session.document

    @property
    def label_map(self) -> LabelMap | None:
        return self._session.project.label_map if self._session.project else None

    @property
    def start_checkpoint(self) -> StartFacts:
        """What new folders start with."""
        return self._session.start.facts()

    @property
    def is_read_only(self) -> bool:
        return self._session.is_read_only

    @property
    def is_rewriting(self) -> bool:
        """All masks are being rewritten for another list of classes: nothing can be changed until that is done."""
        return self._session.is_rewriting

    @property
    def can_undo(self) -> bool:
        return self._session.can_undo

    @property
    def can_redo(self) -> bool:
        return self._session.can_redo

    @property
    def folder(self) -> Path | None:
        """The open folder of photographs."""
        return self.project.folder.folder if self.project else None

    @property
    def locked(self) -> frozenset[int]:
        """Classes that aren't painted over."""
        return self._session.locked

    @property
    def refinement(self) -> Refinement:
        """How borders of predictions are brought to those of the photographs."""
        return self._session.refinement

    @property
    def has_network(self) -> bool:
        """The network was loaded."""
        return bool(self._device_text)

    @property
    def device_text(self) -> str:
        """Device and precision in words, empty until the network was loaded."""
        return self._device_text

    @property
    def measurements(self) -> Measurements:
        """How good predictions are on the images of the folder, as far as it was measured."""
        return self._session.measurements

    @property
    def skips(self) -> Skips | None:
        """What the network says of the open image stride by stride, once somebody asked."""
        return self._session.skips

    @property
    def checkpoints(self) -> list[CheckpointEntry]:
        """The history, oldest first."""
        return self._session.checkpoint_entries
