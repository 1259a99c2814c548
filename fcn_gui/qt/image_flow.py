"""How images come on the screen: read and predicted off the main thread, the next ones ahead of time."""

from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal

from fcn_gui.core.errors import CheckpointError
from fcn_gui.core.prediction import Prediction
from fcn_gui.disk.mask_file import UnknownLabelError
from fcn_gui.qt.job_board import JobBoard, describe
from fcn_gui.qt.runner import Runner
from fcn_gui.qt.task import Task
from fcn_gui.session import jobs
from fcn_gui.session.checkpoints import LiveModel
from fcn_gui.session.document import Document
from fcn_gui.session.editing import OpenImage
from fcn_gui.session.engine import Engine
from fcn_gui.session.jobs import PredictRequest
from fcn_gui.session.learning import photograph_name
from fcn_gui.session.look_ahead import LookAhead
from fcn_gui.session.messages import Message, cant_be_opened
from fcn_gui.session.opening import Loaded, load
from fcn_gui.session.session import Session

OPEN_PRIORITY, AHEAD_PRIORITY = 10, 60
AHEAD = 2
AHEAD_BYTES = 512 << 20
AHEAD_AFTER_MS = 60
"""An image that is shown is painted first: to read the next ones meanwhile would keep it waiting."""


@dataclass(frozen=True)
class Ahead:
    """An image read before it was asked for, and its prediction once that is there."""

    loaded: Loaded
    request: PredictRequest | None = None
    prediction: Prediction | None = None

    @property
    def nbytes(self) -> int:
        """Memory of its arrays."""
        return 3 * self.loaded.picture.image.nbytes + (self.prediction.nbytes if self.prediction else 0)


class ImageFlow(QObject):
    """Serves the session with images and predictions; what to do with them is for the model that listens."""

    image_ready = Signal(object, object, object)
    """Loaded or OpenImage that was asked for; PredictRequest and Prediction where they were made ahead, or None."""
    image_failed = Signal(str, object, bool)
    """Key and `Message`, and whether it was asked for."""
    prediction_ready = Signal(object, object)
    """PredictRequest and Prediction for the open image."""
    regions_ready = Signal(object)
    """A `Document` got its superpixels."""
    told = Signal(object)
    """Message."""

    def __init__(self, session: Session, engine: Engine, runners: tuple[Runner, Runner], board: JobBoard) -> None:
        super().__init__(board)
        self._session, self._engine, self._board = session, engine, board
        self._network, self._reader = runners
        # Their own thread: seconds of a large photograph must not keep the next image waiting.
        self._regions_runner = Runner("regions")
        self._ahead: LookAhead[Ahead] = LookAhead(AHEAD + 1, AHEAD_BYTES)
        self._loads: dict[str, Task] = {}
        self._predicts: dict[tuple[str, int], Task] = {}
        self._regions: Task | None = None
        self.wanted: str | None = None
        """The key that was asked for last and is not on the screen yet."""
        self._is_held = False
        self._ahead_timer = QTimer(self, singleShot=True)
        self._ahead_timer.timeout.connect(self.look_ahead)

    @property
    def is_about_to_read(self) -> bool:
        """An image was asked for, or the next ones are looked at in a moment."""
        return self.wanted is not None or self._ahead_timer.isActive()

    def want(self, key: str) -> None:
        """Bring an image on the screen: at once where it is in memory."""
        self.wanted = key
        if self._is_held:
            return
        recalled = self._session.recall(key)
        ahead = self._ahead.get(key)
        self._ahead.drop(key)  # once it was shown, what was read before may be older than its mask
        if recalled is not None:
            self._arrived(recalled, None, None)
        elif ahead is not None:
            self._arrived(ahead.loaded, ahead.request, ahead.prediction)
        elif key not in self._loads:
            self._load(key, OPEN_PRIORITY)

    def predict_open(self, is_asked: bool = False) -> None:
        """Ask for the prediction of the open image by what is live now; `is_asked`: by a person, who then sees it."""
        request = self._session.predict_request(is_asked) if self.live() is not None else None
        if request is None or (not is_asked and (request.key, request.live.version) in self._predicts):
            return
        task = self._predict(request, OPEN_PRIORITY)
        self._board.watch(
            task,
            "Predicting",
            lambda answer: self._predicted(request, answer),
            lambda error: self._not_predicted(request),
        )
        self._network.submit(task)

    def live(self) -> LiveModel | None:
        """What answers now; None, and told, where its weights are gone."""
        try:
            return self._session.live
        except CheckpointError as error:
            self.told.emit(Message("error", str(error)))
            return None

    def look_ahead(self) -> None:
        """Read and predict the images that come next in the list."""
        project, document = self._session.project, self._session.document
        if project is None or document is None or self._is_held:
            return
        for key in project.ahead(document.key, AHEAD):
            if key in self._ahead:
                self._predict_ahead(key)
            elif key not in self._loads and self._session.recall(key) is None:
                self._load(key, AHEAD_PRIORITY)

    def look_ahead_soon(self) -> None:
        """`look_ahead`, once the image that is shown now has been painted."""
        self._ahead_timer.start(AHEAD_AFTER_MS)

    def want_regions(self) -> None:
        """Make the superpixels of the open image, once."""
        document = self._session.document
        if document is None or document.superpixels is not None or self._regions is not None:
            return
        task = self._regions = Task("regions", jobs.find_superpixels(document.picture.image))
        task.finished.connect(lambda found: self._got_regions(document, found))
        task.failed.connect(lambda error: self._got_regions(document, None, error))
        task.cancelled.connect(lambda: self._got_regions(document, None))
        self._regions_runner.submit(task, is_latest_of_kind=True)

    def close(self) -> None:
        """End the thread of its own."""
        self._regions_runner.close()

    def hold(self) -> None:
        """Read nothing until `go_on`, and drop what was read or is being read: its files are about to change."""
        wanted = self.wanted
        self.forget(images=True)
        self.wanted = wanted
        self._is_held = True

    def go_on(self) -> None:
        """Read again, first what was asked for meanwhile."""
        if self._is_held:
            self._is_held = False
            if self.wanted is not None:
                self.want(self.wanted)

    def forget(self, *, images: bool = False) -> None:
        """Drop what was predicted ahead, since other weights answer now; with `images` all that was read ahead."""
        kept = [] if images else [ahead.loaded for key in self._ahead if (ahead := self._ahead.get(key))]
        self._ahead.clear()
        for loaded in kept:
            self._put(Ahead(loaded))
        self._network.cancel("predict ahead")
        if images:
            self._ahead_timer.stop()
            self.wanted, self._is_held = None, False
            self._reader.cancel("load")
            self._regions_runner.cancel()
            self._network.cancel("predict")
            self._loads.clear()
            self._predicts.clear()

    def _load(self, key: str, priority: int) -> None:
        task = self._loads[key] = Task("load", load(self._session.load_request(key)), priority)
        task.finished.connect(lambda loaded: self._loaded(key, task, loaded))
        task.failed.connect(lambda error: self._not_loaded(key, task, error))
        task.cancelled.connect(lambda: self._done_loading(key, task))
        self._reader.submit(task)

    def _loaded(self, key: str, task: Task, loaded: Loaded) -> None:
        if not self._done_loading(key, task):
            return
        if self.wanted == key:
            self._arrived(loaded, None, None)
        elif self._session.in_memory(key) is None:
            self._put(Ahead(loaded))
            self._predict_ahead(key)

    def _not_loaded(self, key: str, task: Task, error: Exception) -> None:
        if self._done_loading(key, task):
            was_wanted = self.wanted == key
            self.wanted = None if was_wanted else self.wanted
            told = cant_be_opened(describe(error), isinstance(error, UnknownLabelError))
            self.image_failed.emit(key, told, was_wanted)

    def _done_loading(self, key: str, task: Task) -> bool:
        """False when the task belongs to a folder that is no longer open."""
        if self._loads.get(key) is not task:
            return False
        del self._loads[key]
        return self._session.project is not None

    def _arrived(
        self, image: Loaded | OpenImage, request: PredictRequest | None, prediction: Prediction | None
    ) -> None:
        self.wanted = None
        self.image_ready.emit(image, request, prediction)

    def _put(self, ahead: Ahead) -> None:
        self._ahead.put(ahead.loaded.key, ahead, ahead.nbytes)

    def _predict_ahead(self, key: str) -> None:
        ahead, live = self._ahead.get(key), self.live()
        if ahead is None or live is None or ahead.prediction is not None or (key, live.version) in self._predicts:
            return
        name = photograph_name(key, ahead.loaded.digest)
        request = PredictRequest(key, ahead.loaded.picture.image, live, name)
        task = self._predict(request, AHEAD_PRIORITY)
        task.finished.connect(lambda answer: self._predicted(request, answer))
        task.failed.connect(lambda _: self._not_predicted(request))
        task.cancelled.connect(lambda: self._not_predicted(request))
        self._network.submit(task)

    def _predict(self, request: PredictRequest, priority: int) -> Task:
        kind = "predict" if priority == OPEN_PRIORITY else "predict ahead"
        task = Task(kind, jobs.predict(self._engine, request), priority)
        self._predicts[request.key, request.live.version] = task
        return task

    def _predicted(self, request: PredictRequest, answer: object) -> None:
        self._predicts.pop((request.key, request.live.version), None)
        if request.live.version != self._session.version or not isinstance(answer, Prediction):
            return
        document = self._session.document
        ahead = self._ahead.get(request.key)
        if document is not None and document.key == request.key:
            self.prediction_ready.emit(request, answer)
        elif ahead is not None:
            self._put(Ahead(ahead.loaded, request, answer))

    def _not_predicted(self, request: PredictRequest) -> bool:
        self._predicts.pop((request.key, request.live.version), None)
        return False

    def _got_regions(self, document: Document, found: object, error: Exception | None = None) -> None:
        self._regions = None
        if error is not None:
            self.told.emit(Message("error", describe(error)))
        if found is not None:
            document.superpixels = found  # type: ignore[assignment]
            self.regions_ready.emit(document)
