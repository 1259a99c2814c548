"""What happens to a verb's `Change` and to the answers of the threads; the verbs themselves are in `session_model`.

Longer than other files: here the threads and all who use them are joined, which reads best in one piece.
"""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QLocale, QObject, QTime, QTimer, Signal, Slot

from fcn_gui.core.errors import FcnGuiError
from fcn_gui.core.prediction import Prediction
from fcn_gui.core.stroke import Stroke, Tool
from fcn_gui.core.superpixels import superpixels
from fcn_gui.qt.by_hand_counter import ByHandCounter
from fcn_gui.qt.comparer import Comparer
from fcn_gui.qt.disk_worker import DiskWorker
from fcn_gui.qt.guide import Guide
from fcn_gui.qt.image_flow import ImageFlow
from fcn_gui.qt.importer import Importer
from fcn_gui.qt.job_board import JobBoard, JobStatus, describe
from fcn_gui.qt.learner import Learner
from fcn_gui.qt.measurer import Measurer
from fcn_gui.qt.rechecker import Rechecker
from fcn_gui.qt.refits import Refits
from fcn_gui.qt.relabeller import Relabeller
from fcn_gui.qt.retrainer import Retrainer
from fcn_gui.qt.runner import Runner
from fcn_gui.qt.session_facts import SessionFacts
from fcn_gui.qt.stride_looker import StrideLooker
from fcn_gui.qt.task import Task
from fcn_gui.qt.thumbnail_loader import ThumbnailLoader
from fcn_gui.session import jobs
from fcn_gui.session.change import Change, Write
from fcn_gui.session.document import Document
from fcn_gui.session.editing import OpenImage
from fcn_gui.session.engine import Engine, SegmenterFactory
from fcn_gui.session.jobs import PredictRequest
from fcn_gui.session.messages import Message, counted, not_saved
from fcn_gui.session.opening import Loaded, OpenedProject, scan
from fcn_gui.session.project import Project
from fcn_gui.session.saving import SavedElsewhereError
from fcn_gui.session.session import Session

SAVE_WHEN_IDLE_MS, SAVE_AGAIN_MS, ARRIVALS_S = 2000, 10_000, 0.012


class SessionWork(SessionFacts):
    """Owns the threads; brings changes to them and to the signals, and their answers to the session."""

    _keys_found = Signal(object, object)

    def __init__(self, session: Session, segmenter_factory: SegmenterFactory, parent: QObject | None = None) -> None:
        super().__init__(session, parent)
        self._engine = Engine(segmenter_factory)
        self._network, self._reader = Runner("network"), Runner("reader")
        self._board = JobBoard(self)
        self._disk = DiskWorker(self)
        self._flow = ImageFlow(session, self._engine, (self._network, self._reader), self._board)
        self._refits = Refits(session, self._engine, self._network, self._flow)
        self._learner = Learner(session, self._engine, self._network, self._disk, self._board)
        self._retrainer = Retrainer(session, self._engine, self._network, self._disk, self._board)
        self._importer = Importer(session, self._disk, self._board)
        self._comparer = Comparer(session, self._engine, self._network, self._board)
        self._guide = Guide(session, self._engine, self._network, self._board)
        self._rechecker = Rechecker(session, self._engine, self._network, self._board)
        self._measurer = Measurer(session, self._engine, self._network, self._board)
        self._strides = StrideLooker(session, self._engine, self._network, self._board)
        self._by_hand = ByHandCounter(session, self)
        learning = self._retrainer, self._learner
        self._relabeller = Relabeller(session, learning, self._flow, self._disk, self._board)
        self._thumbnails = ThumbnailLoader(session, self)
        self._opening: Task | None = None
        self._step = 1
        self._waiting_strokes: list[Stroke] = []
        self._reasons: dict[str, str] = {}
        self._arrivals: deque[Callable[[], None]] = deque()
        self._arrival_timer = QTimer(self, singleShot=True, interval=0)
        self._save_timer = self._timer(SAVE_WHEN_IDLE_MS)
        self._again_timer = self._timer(SAVE_AGAIN_MS)
        self._connect()

    @property
    def jobs(self) -> list[JobStatus]:
        """What runs now, oldest first."""
        return self._board.running

    @property
    def is_busy(self) -> bool:
        """Something runs or is to be written; for a test that waits, and for a question before quitting."""
        runs = bool(self._board.running or self._arrivals) or not (self._network.is_idle and self._reader.is_idle)
        return runs or self._refits.is_busy or not self._disk.is_idle or self._flow.is_about_to_read

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
        self._session.clock.note()
        self._step = 1 if step >= 0 else -1
        here = self._flow.wanted or (self.document.key if self.document else None)
        key = self.project.neighbour(here, step)
        if key is not None:
            self.select(key)

    @Slot(object)
    def apply_stroke(self, stroke: Stroke) -> None:
        """One press-drag-release of a tool."""
        document = self.document
        if document is not None and stroke.tool is Tool.SMART and document.superpixels is None:
            self._waiting_strokes.append(stroke)
            self._flow.want_regions()
            return
        self._do(lambda: self._session.apply_stroke(stroke))

    @Slot()
    def save_now(self) -> None:
        """Write what is in memory only."""
        self._save_timer.stop()
        self._again_timer.stop()
        if self.project is not None:
            self._apply(self._session.save_all())

    @Slot()
    def warm_up(self) -> None:
        """Load the network before it is needed; call it when the window has been painted."""
        task = Task("warm_up", jobs.warm_up(self._engine, self._flow.live()))
        self._board.watch(task, "Loading the network", self._look_at_device)
        self._network.submit(task)

    def _connect(self) -> None:
        self._board.progressed.connect(self.job_progressed)
        self._board.ended.connect(self.job_ended)
        tellers = (
            self._board,
            self._flow,
            self._learner,
            self._retrainer,
            self._comparer,
            self._refits,
            self._relabeller,
            self._importer,
            self._measurer,
        )
        for teller in tellers:
            teller.told.connect(self.message_posted)
        self._flow.image_ready.connect(self._show)
        self._flow.image_failed.connect(self._image_failed)
        self._flow.prediction_ready.connect(self._follow)
        self._flow.regions_ready.connect(self._regions_ready)
        self._refits.changed.connect(self._apply_refit)
        self._learner.changed.connect(self._apply)
        self._importer.changed.connect(self._apply)
        self._importer.imported.connect(self._thumbnails.renew)
        self._relabeller.relabelled.connect(self.relabelled)
        self._relabeller.relabelled.connect(self._thumbnails.renew_all)
        self._relabeller.relabelled.connect(self._rechecker.follow)
        self._relabeller.changed.connect(self._apply)
        self._relabeller.began.connect(self._rechecker.hold)
        self._relabeller.ended.connect(self._rechecker.go_on)
        for moment in (self._relabeller.began, self._relabeller.ended):
            moment.connect(self._by_hand.wait)
        self._learner.checkpoints_changed.connect(self.checkpoints_changed)
        self._learner.made_live.connect(self._retrainer.give_up)
        self._retrainer.changed.connect(self._apply)
        self._comparer.found.connect(self.compared)
        self._retrainer.curve_changed.connect(self.learning_changed)
        self._retrainer.checkpoints_changed.connect(self.checkpoints_changed)
        self._relabeller.ended.connect(self._retrainer.go_on)
        self._learner.looked_again.connect(self._thumbnails.renew)
        self.history_changed.connect(self._by_hand.wait)
        self.scan_finished.connect(self._by_hand.wait)
        self._rechecker.checked.connect(self.item_changed)
        self._by_hand.counted.connect(self.item_changed)
        self._guide.ranked.connect(self.items_ranked)
        self._measurer.changed.connect(self.measurements_changed)
        self._relabeller.began.connect(self._measurer.stop)
        self._strides.changed.connect(self.skips_changed)
        self._thumbnails.ready.connect(self.thumbnail_ready)
        self._disk.wrote.connect(self._wrote)
        self._disk.failed.connect(self._not_written)
        self._keys_found.connect(lambda project, keys: self._arrive(partial(self._add_items, project, keys)))
        self._arrival_timer.timeout.connect(self._take_arrival)

    def _timer(self, interval_ms: int) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(interval_ms)
        timer.timeout.connect(self.save_now)
        return timer

    def _do(self, verb: Callable[[], Change]) -> None:
        self._session.clock.note()
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
            self._predict_again(is_other_network=not change.label_map)
        if change.proposals:
            self._propose_again()
        if change.history and change.rect is not None:
            self._refits.ask()
        if change.message is not None:
            self.message_posted.emit(change.message)

    def _propose_again(self) -> None:
        self.refinement_changed.emit()
        self._session.reset_predictions()
        self._flow.forget()
        self._flow.predict_open()

    def _predict_again(self, is_other_network: bool) -> None:
        self._session.reset_predictions()
        self._flow.forget()
        self._flow.predict_open()
        if is_other_network:
            self._learner.second_look()
            self._rechecker.start()
            self._guide.renew()

    def _adopt(self, task: Task, opened: object) -> None:
        if not isinstance(opened, OpenedProject):
            return
        if task is not self._opening:  # another folder was asked for meanwhile
            if opened.lock is not None:
                opened.lock.release()
            return
        change, self._reasons = self._session.adopt(opened), {}
        self.project_opened.emit()
        self._apply(change)
        self.checkpoints_changed.emit()
        for message in opened.messages:
            self.message_posted.emit(message)
        if self.label_map is None:
            self.label_map_wanted.emit(opened.folder.folder)
        project = self.project
        task = Task("scan", scan(opened.folder, lambda keys: self._keys_found.emit(project, keys)))
        scanned = partial(self._scanned, project)
        self._board.watch(task, "Looking for images", lambda found: self._arrive(partial(scanned, found)))
        self._reader.submit(task)
        self.warm_up()

    def _arrive(self, arrival: Callable[[], None]) -> None:
        """A few batches of images a turn of the event loop: a fast scan must not keep the hand waiting."""
        self._arrivals.append(arrival)
        self._arrival_timer.start()

    def _take_arrival(self) -> None:
        until = time.perf_counter() + ARRIVALS_S
        while self._arrivals and time.perf_counter() < until:
            self._arrivals.popleft()()
        if self._arrivals:
            self._arrival_timer.start()

    def _add_items(self, project: Project, keys: list[str]) -> None:
        if project is not self.project:
            return
        first, count = self._session.add_items(keys)
        if count:
            self.items_added.emit(first, count)
        if self.document is None and self._flow.wanted is None:
            self.go(1)

    def _scanned(self, project: Project | None, found: object) -> None:
        if self.project is None or project is not self.project:
            return
        first, gone = len(self.project.items), self.project.forget_missing()
        if gone:
            self.items_added.emit(first, len(gone))
            text = f"{counted(len(gone), 'image')} with strokes: no longer in the folder. The masks are kept."
            self.message_posted.emit(Message("warn", text))
        self.scan_finished.emit(int(found) if isinstance(found, int) else 0)

    def _show(self, image: Loaded | OpenImage, request: PredictRequest | None, prediction: Prediction | None) -> None:
        self._finish_waiting_strokes()
        self._apply(self._session.leave())
        change = self._session.show(image)
        followed = self._session.follow(request, prediction) if request and prediction else None
        self.document_opened.emit()
        self._apply(change)
        if followed is not None:
            self._apply_prediction(followed)
        elif self.document is not None and self.document.prediction is None:
            self._flow.predict_open()
        else:
            self.image_said.emit(self._why())
        self._flow.look_ahead_soon()
        self._refits.ahead()

    def _image_failed(self, key: str, told: Message, was_wanted: bool) -> None:
        if self.project is None or key not in self.project:
            return
        self._apply(self._session.mark_problem(key, told.text))
        if not was_wanted:
            return
        self.message_posted.emit(told)
        after = self.project.neighbour(key, self._step)
        if self.document is None and after is not None:
            self.select(after)

    def _follow(self, request: PredictRequest, prediction: Prediction) -> None:
        self._apply_prediction(self._session.follow(request, prediction))
        self._flow.look_ahead()
        self._refits.ahead()

    def _apply_prediction(self, change: Change) -> None:
        """What it says of the open image holds as long as its mask follows that prediction."""
        if self.document is not None and change.keys:  # else it was stale
            self._reasons[self.document.key] = change.said
        self._tell_prediction(replace(change, said=self._why()))

    def _apply_refit(self, change: Change) -> None:
        """Where it has nothing to say, what was said before it still holds."""
        if change.said and self.document is not None:
            self._reasons.pop(self.document.key, None)
        self._tell_prediction(replace(change, said=change.said or self._why()))

    def _tell_prediction(self, change: Change) -> None:
        self._look_at_device()
        self._apply(change)
        self.image_said.emit(change.said)
        self.prediction_changed.emit()

    def _why(self) -> str:
        """Why the mask of the open image is what it is, "" where that needs no words."""
        document = self.document
        return "" if document is None or document.is_verified else self._reasons.get(document.key, "")

    def _finish_waiting_strokes(self) -> None:
        """Strokes that wait for superpixels, before their image is left: a short wait here, but none is lost."""
        document = self.document
        if document is not None and self._waiting_strokes and document.superpixels is None:
            document.superpixels = superpixels(document.picture.image)
        strokes, self._waiting_strokes = self._waiting_strokes, []
        for stroke in strokes:
            self._do(partial(self._session.apply_stroke, stroke))

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
        if write.kind.startswith("follow "):
            self.item_changed.emit(write.kind.removeprefix("follow "))
        if write.kind.startswith("save "):
            self._thumbnails.renew(write.kind.removeprefix("save "))
            self.saved.emit(QLocale().toString(QTime.currentTime(), QLocale.FormatType.ShortFormat))

    def _not_written(self, write: Write, error: Exception) -> None:
        self.message_posted.emit(not_saved(describe(error), isinstance(error, SavedElsewhereError)))
        if self.project is not None and self._session.has_unsaved:
            self._again_timer.start()
