"""The only QObject that holds the session: a person's verbs go in, facts come out as signals.

It decides nothing that the session could decide; it brings work to the threads and answers back.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, QEvent, QLocale, QObject, QTime, QTimer, Signal, Slot
from PySide6.QtGui import QImage

from fcn_gui.core.errors import FcnGuiError
from fcn_gui.core.label_map import LabelMap
from fcn_gui.core.palette import Color
from fcn_gui.core.prediction import Prediction
from fcn_gui.core.stroke import Stroke, Tool
from fcn_gui.qt.disk_worker import DiskWorker
from fcn_gui.qt.image_flow import ImageFlow
from fcn_gui.qt.job_board import JobBoard, JobStatus, describe
from fcn_gui.qt.learner import Learner, LearningCurve
from fcn_gui.qt.runner import Runner
from fcn_gui.qt.task import Task
from fcn_gui.qt.thumbnail_loader import ThumbnailLoader
from fcn_gui.session import jobs
from fcn_gui.session.change import Change, Write
from fcn_gui.session.checkpoints import CheckpointEntry
from fcn_gui.session.document import Document
from fcn_gui.session.editing import OpenImage
from fcn_gui.session.engine import Engine, SegmenterFactory
from fcn_gui.session.jobs import PredictRequest
from fcn_gui.session.messages import Message, not_saved
from fcn_gui.session.opening import Loaded, OpenedProject, open_project, scan
from fcn_gui.session.project import Project
from fcn_gui.session.saving import SavedElsewhereError
from fcn_gui.session.session import Session

SAVE_WHEN_IDLE_MS = 2000
SAVE_AGAIN_MS = 10_000


class SessionModel(QObject):
    """Verbs are slots and return at once. The session is only touched on the main thread."""

    project_opened = Signal()
    project_closed = Signal()
    items_added = Signal(int, int)
    """First index and number of new items of the project."""
    scan_finished = Signal(int)
    """How many images the folder has."""
    item_changed = Signal(str)
    document_opened = Signal()
    document_closed = Signal()
    mask_changed = Signal(object)
    """Rect of the open mask that looks different now."""
    prediction_changed = Signal()
    label_map_changed = Signal()
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
    device_changed = Signal(str)
    saved = Signal(str)
    """The time of the last save, as the locale writes it."""
    thumbnail_ready = Signal(str)
    _keys_found = Signal(object, object)

    def __init__(self, session: Session, segmenter_factory: SegmenterFactory, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._engine = Engine(segmenter_factory)
        self._network, self._reader = Runner("network"), Runner("reader")
        self._board = JobBoard(self)
        self._disk = DiskWorker(self)
        self._flow = ImageFlow(session, self._engine, (self._network, self._reader), self._board)
        self._learner = Learner(session, self._engine, self._network, self._disk, self._board)
        self._thumbnails = ThumbnailLoader(session, self)
        self._device_text = ""
        self._step = 1
        self._waiting_strokes: list[Stroke] = []
        self._save_timer = self._timer(SAVE_WHEN_IDLE_MS, self.save_now)
        self._again_timer = self._timer(SAVE_AGAIN_MS, self.save_now)
        self._is_shut = False
        self._connect()

    # What there is

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
    def is_read_only(self) -> bool:
        return self._session.is_read_only

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
    def jobs(self) -> list[JobStatus]:
        """What runs now, oldest first."""
        return self._board.running

    @property
    def has_network(self) -> bool:
        """The network was loaded."""
        return bool(self._device_text)

    @property
    def device_text(self) -> str:
        """Device and precision in words, empty until the network was loaded."""
        return self._device_text

    @property
    def checkpoints(self) -> list[CheckpointEntry]:
        """The history, oldest first."""
        return self._session.checkpoint_entries

    @property
    def learning(self) -> LearningCurve:
        return self._learner.curve

    @property
    def is_retraining(self) -> bool:
        return self._learner.is_retraining

    @property
    def is_busy(self) -> bool:
        """Something runs or is to be written; for a test that waits, and for a question before quitting."""
        runs = bool(self._board.running) or not self._network.is_idle or not self._reader.is_idle
        return runs or not self._disk.is_idle or self._flow.wanted is not None

    # The folder

    @Slot(object)
    def open_folder(self, path: Path, project_dir: Path | None = None) -> None:
        """Open a folder in place of the one that is open."""
        self.close_project()
        task = Task("open", open_project(Path(path), project_dir))
        self._board.watch(task, f"Opening {Path(path).name}", self._adopt)
        # Behind the writes of the folder before: it may be the same one, and its lock must be free.
        self._disk.run_after(task)

    @Slot()
    def close_project(self) -> None:
        """Save what there is to save and show nothing."""
        if self.project is None:
            return
        self._learner.stop()
        self._flow.forget(images=True)
        self._thumbnails.forget()
        self._reader.cancel("scan")
        self._waiting_strokes.clear()
        self._save_timer.stop()
        change = self._session.close()
        self.document_closed.emit()
        self.project_closed.emit()
        self._apply(change)

    @Slot(object)
    def choose_label_map(self, label_map: LabelMap) -> None:
        """The classes of a folder opened for the first time."""
        self._do(lambda: self._session.choose_label_map(label_map))

    # From image to image

    @Slot(str)
    def select(self, key: str) -> None:
        """Bring an image on the screen."""
        if self.project is None or key not in self.project:
            return
        if self.document is not None and self.document.key == key:
            self._flow.wanted = None
        else:
            self._flow.want(key)

    @Slot(int)
    def go(self, step: int) -> None:
        """To the image `step` places on in the list."""
        if self.project is None:
            return
        self._step = 1 if step >= 0 else -1
        here = self._flow.wanted or (self.document.key if self.document else None)
        key = self.project.neighbour(here, step)
        if key is not None:
            self.select(key)

    @Slot()
    def verify_and_next(self) -> None:
        """Say that the whole image is right, and go on."""
        self._do(self._session.verify)
        self.go(1)

    # The open image

    @Slot(object)
    def apply_stroke(self, stroke: Stroke) -> None:
        """One press-drag-release of a tool."""
        document = self.document
        if document is not None and stroke.tool is Tool.SMART and document.superpixels is None:
            self._waiting_strokes.append(stroke)
            self._flow.want_regions()
            return
        self._do(lambda: self._session.apply_stroke(stroke))

    def superpixels(self) -> NDArray[np.int32] | None:
        """H×W numbers of the open image's superpixels; None while they are made, `superpixels_ready` says when."""
        self._flow.want_regions()
        return self.document.superpixels if self.document else None

    @Slot(object)
    def accept_region(self, xy: tuple[float, float]) -> None:
        """Accept the region around a point, in image pixels."""
        self._do(lambda: self._session.accept_region((int(xy[1] // 1), int(xy[0] // 1))))

    @Slot(int)
    def accept_class(self, label: int) -> None:
        self._do(lambda: self._session.accept_class(label))

    @Slot()
    def unverify(self) -> None:
        self._do(self._session.unverify)

    @Slot()
    def undo(self) -> None:
        self._do(self._session.undo)

    @Slot()
    def redo(self) -> None:
        self._do(self._session.redo)

    @Slot()
    def repaint(self) -> None:
        """Predict the open image again; its unvouched pixels follow."""
        self._flow.predict_open()

    @Slot(str, str)
    def set_note(self, key: str, text: str) -> None:
        self._do(lambda: self._session.set_note(key, text))

    # Classes

    @Slot(int, bool)
    def set_locked(self, label: int, is_locked: bool) -> None:
        """A locked class isn't painted over."""
        self._session.lock_class(label, is_locked)
        self.label_map_changed.emit()

    @Slot(str)
    def add_class(self, name: str, color: Color | None = None) -> None:
        self._do(lambda: self._session.add_class(name, color))

    @Slot(int, str)
    def rename_class(self, label: int, name: str) -> None:
        self._do(lambda: self._session.rename_class(label, name))

    @Slot(int, object)
    def recolour_class(self, label: int, color: Color) -> None:
        self._do(lambda: self._session.recolour_class(label, color))

    # Learning and export

    @Slot()
    def retrain(self) -> None:
        self._learner.retrain()

    @Slot(str)
    def make_live(self, checkpoint: str) -> None:
        """Put a checkpoint of the history live; its predictions come with it."""
        self._do(lambda: self._session.make_live(checkpoint))
        self.checkpoints_changed.emit()

    @Slot()
    def rollback(self) -> None:
        self._do(self._session.rollback)
        self.checkpoints_changed.emit()

    @Slot(object, object)
    def export(self, target: Path, options: Mapping[str, object], overwrite: bool = False) -> None:
        """Write a VOC data set to `target`; `options` are fields of `disk.voc_truth.ExportOptions`."""
        self._learner.export(Path(target), {**options, "overwrite": overwrite})

    @Slot()
    def cancel_job(self, job: int | None = None) -> None:
        """Cancel one job, or the newest that can be."""
        self._board.cancel(job)

    def run(self, action: str) -> bool:
        """An action of a message that is the model's own, with its argument; False for one of the window's."""
        verb, _, argument = action.partition(":")
        if verb != "learn.live":
            return False
        self.make_live(argument)
        return True

    # Saving, seconds, the end

    @Slot()
    def save_now(self) -> None:
        """Write what is in memory only."""
        self._save_timer.stop()
        self._again_timer.stop()
        if self.project is not None:
            self._apply(self._session.save_all())

    @Slot()
    def keep_settings(self) -> None:
        """Settings of scope `project` were changed: write them into the project."""
        self._apply(self._session.keep_settings())

    @Slot()
    def note_activity(self) -> None:
        """Something was done: seconds count for 20 s more."""
        self._session.clock.note()

    @Slot(bool)
    def set_focus(self, has_focus: bool) -> None:
        """The window got or lost the focus."""
        self._session.clock.set_focus(has_focus)

    @Slot()
    def warm_up(self) -> None:
        """Load the network before it is needed; call it when the window has been painted."""
        task = Task("warm_up", jobs.warm_up(self._engine, self._session.live))
        self._board.watch(task, "Loading the network", self._look_at_device)
        self._network.submit(task)

    def thumbnail(self, key: str) -> QImage | None:
        """The photo with its mask, small; None while it is made, `thumbnail_ready` says when it is there."""
        return self._thumbnails.get(key)

    @Slot()
    def shutdown(self) -> None:
        """Save, end all jobs, join all threads. Nothing can be done afterwards."""
        if self._is_shut:
            return
        self.close_project()
        self._is_shut = True
        self._again_timer.stop()
        self._thumbnails.close()
        self._flow.close()
        self._network.close()
        self._reader.close()
        self._disk.close()
        # The ends of the last tasks are told while somebody is there to hear of them: a save may have failed.
        QCoreApplication.sendPostedEvents(None, QEvent.Type.MetaCall.value)

    # Answers

    def _connect(self) -> None:
        self._board.progressed.connect(self.job_progressed)
        self._board.ended.connect(self.job_ended)
        for teller in (self._board, self._flow, self._learner):
            teller.told.connect(self.message_posted)
        self._flow.image_ready.connect(self._show)
        self._flow.image_failed.connect(self._image_failed)
        self._flow.prediction_ready.connect(self._follow)
        self._flow.regions_ready.connect(self._regions_ready)
        self._learner.changed.connect(self._apply)
        self._learner.curve_changed.connect(self.learning_changed)
        self._learner.checkpoints_changed.connect(self.checkpoints_changed)
        self._learner.looked_again.connect(self._thumbnails.renew)
        self._thumbnails.ready.connect(self.thumbnail_ready)
        self._disk.wrote.connect(self._wrote)
        self._disk.failed.connect(self._not_written)
        self._keys_found.connect(self._add_items)

    def _timer(self, interval_ms: int, then: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(interval_ms)
        timer.timeout.connect(then)
        return timer

    def _do(self, verb: Callable[[], Change]) -> None:
        try:
            self._apply(verb())
        except FcnGuiError as error:
            self.message_posted.emit(Message("warn", str(error)))

    def _apply(self, change: Change) -> None:
        for write in change.writes:
            self._disk.submit(write)
        if change.label_map:
            self.label_map_changed.emit()
        if change.rect is not None:
            self.mask_changed.emit(change.rect)
        for key in change.keys:
            self.item_changed.emit(key)
        if change.history:
            self.history_changed.emit()
            self._save_timer.start()
        if change.predictions:
            self._predict_again()
        if change.message is not None:
            self.message_posted.emit(change.message)

    def _predict_again(self) -> None:
        self._session.reset_predictions()
        self._flow.forget()
        self._flow.predict_open()
        self._learner.second_look()

    def _adopt(self, opened: object) -> None:
        if not isinstance(opened, OpenedProject):
            return
        change = self._session.adopt(opened)
        self.project_opened.emit()
        self._apply(change)
        self.checkpoints_changed.emit()
        for message in opened.messages:
            self.message_posted.emit(message)
        if self.label_map is None:
            self.label_map_wanted.emit(opened.folder.folder)
        project = self.project
        task = Task("scan", scan(opened.folder, lambda keys: self._keys_found.emit(project, keys)))
        self._board.watch(task, "Looking for images", self._scanned)
        self._reader.submit(task)
        self.warm_up()

    def _add_items(self, project: Project, keys: list[str]) -> None:
        if project is not self.project:
            return
        first, count = self._session.add_items(keys)
        if count:
            self.items_added.emit(first, count)
        if self.document is None and self._flow.wanted is None:
            self.go(1)

    def _scanned(self, found: object) -> None:
        if self.project is None:
            return
        first = len(self.project.items)
        gone = self.project.forget_missing()
        if gone:
            self.items_added.emit(first, len(gone))
            text = f"{len(gone)} images with strokes are no longer in the folder. Their masks are kept."
            self.message_posted.emit(Message("warn", text))
        self.scan_finished.emit(int(found) if isinstance(found, int) else 0)

    def _show(self, image: Loaded | OpenImage, request: PredictRequest | None, prediction: Prediction | None) -> None:
        self._apply(self._session.leave())
        self._waiting_strokes.clear()
        change = self._session.show(image)
        followed = self._session.follow(request, prediction) if request and prediction else None
        self.document_opened.emit()
        self._apply(change)
        if followed is not None:
            self._apply_prediction(followed)
        elif self.document is not None and self.document.prediction is None:
            self._flow.predict_open()
        self._flow.look_ahead()

    def _image_failed(self, key: str, reason: str, was_wanted: bool) -> None:
        if self.project is None or key not in self.project:
            return
        self._apply(self._session.mark_problem(key, reason))
        if not was_wanted:
            return
        self.message_posted.emit(Message("error", reason))
        after = self.project.neighbour(key, self._step)
        if self.document is None and after is not None:
            self.select(after)

    def _follow(self, request: PredictRequest, prediction: Prediction) -> None:
        self._look_at_device()
        self._apply_prediction(self._session.follow(request, prediction))
        self._flow.look_ahead()

    def _apply_prediction(self, change: Change) -> None:
        self._apply(change)
        self.prediction_changed.emit()

    def _regions_ready(self, document: Document) -> None:
        if document is not self.document:
            return
        self.superpixels_ready.emit()
        strokes, self._waiting_strokes = self._waiting_strokes, []
        for stroke in strokes:
            self.apply_stroke(stroke)

    def _look_at_device(self, _: object = None) -> None:
        text = self._engine.device_text
        if text and text != self._device_text:
            self._device_text = text
            self.device_changed.emit(text)

    def _wrote(self, write: Write) -> None:
        if write.kind.startswith("save "):
            self._thumbnails.renew(write.kind.removeprefix("save "))
            self.saved.emit(QLocale().toString(QTime.currentTime(), QLocale.FormatType.ShortFormat))

    def _not_written(self, write: Write, error: Exception) -> None:
        self.message_posted.emit(not_saved(describe(error), isinstance(error, SavedElsewhereError)))
        if self.project is not None and self._session.has_unsaved:
            self._again_timer.start()
