"""The refit after each stroke, on the network's thread: the newest wants the answer, older ones are cancelled."""

from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Signal

from fcn_gui.core.errors import FcnGuiError
from fcn_gui.qt.image_flow import OPEN_PRIORITY, ImageFlow
from fcn_gui.qt.job_board import describe
from fcn_gui.qt.runner import Runner
from fcn_gui.qt.task import Task
from fcn_gui.session.change import Change
from fcn_gui.session.engine import Engine
from fcn_gui.session.messages import Message
from fcn_gui.session.project import Project
from fcn_gui.session.proposal import CostRequest
from fcn_gui.session.refit_judging import JudgeRequest, judge_refit, judge_starts
from fcn_gui.session.refitting import REST_S
from fcn_gui.session.repainting import Extent, RepaintRequest, RepaintResult, refit_ahead, repaint
from fcn_gui.session.session import Session

AHEAD_OF_VERIFY_PRIORITY, PREPARE_PRIORITY, COST_PRIORITY = 65, 70, 75
AHEAD = "refit ahead"


class Refits(QObject):
    """Asks for refits and hands their answers to the session."""

    changed = Signal(object)
    """Change; `said` is what the refit did, "" where it left the open image alone."""
    told = Signal(object)
    """Message."""

    def __init__(self, session: Session, engine: Engine, network: Runner, flow: ImageFlow) -> None:
        super().__init__(flow)
        self._session, self._engine, self._network, self._flow = session, engine, network, flow
        self._prepared: Project | None = None
        self._running: dict[int, Task] = {}
        self._told: set[str] = set()
        self._hand_rests = QTimer(self, singleShot=True, interval=round(REST_S * 1000))
        self._hand_rests.timeout.connect(self._refit_ahead)
        flow.prediction_ready.connect(lambda *_: self.prepare())

    @property
    def is_busy(self) -> bool:
        """A refit or its judgement was asked for, and its end was not told yet."""
        return bool(self._running)

    def ask(self, is_forced: bool = False) -> bool:
        """Refit on what is vouched now; False where there is nothing to learn from."""
        self._hand_rests.stop()
        self._network.cancel(AHEAD)
        request = self._request(is_forced)
        if request is not None:
            # Behind a prediction of the open image that was asked for before: that one is its first look.
            self._submit(request, is_forced, OPEN_PRIORITY)
        self._judge()
        return request is not None

    def _judge(self) -> None:
        """After a verify, in idle time: which way of starting a mask is cheapest by now, and is the refit worth it."""
        project, costs = self._session.project, self._session.cost_request()
        if costs is not None:
            task = Task("start costs", judge_starts(self._engine, costs), COST_PRIORITY)
            task.finished.connect(lambda found: self._costed(project, costs, found))
            self._network.submit(task)
        refit = self._session.judge_request()
        if refit is not None:
            task = Task("judge refit", judge_refit(self._engine, refit), COST_PRIORITY)
            self._hold(task)
            task.finished.connect(lambda seconds: self._judged(project, refit, seconds))
            self._network.submit(task)

    def prepare(self) -> None:
        """Once a project is open: look at its corrected images in idle time, before the first stroke."""
        if self._prepared is self._session.project or self._session.project is None:
            return
        self._prepared = self._session.project
        request = self._request(is_forced=False)
        if request is not None:
            self._submit(replace(request, extent=Extent.NOTHING), False, PREPARE_PRIORITY)

    def ahead(self) -> None:
        """Once the hand rests: solve what a verify of the open image would teach, so that the next image is ready."""
        self._network.cancel(AHEAD)
        self._hand_rests.start()

    def _refit_ahead(self) -> None:
        try:
            request = self._session.ahead_request()
        except FcnGuiError:
            return  # what is wrong is told when it is asked for in earnest
        if request is not None:
            self._network.submit(Task(AHEAD, refit_ahead(self._engine, request), AHEAD_OF_VERIFY_PRIORITY))

    def stop(self) -> None:
        """The folder is closed."""
        self._prepared = None
        self._hand_rests.stop()
        self._network.cancel(AHEAD)
        self._network.cancel("refit")
        self._network.cancel("judge refit")
        self._network.cancel("start costs")

    def _request(self, is_forced: bool) -> RepaintRequest | None:
        try:
            return self._session.repaint_request(is_forced)
        except FcnGuiError as error:
            self.told.emit(Message("warn", str(error)))
            return None

    def _submit(self, request: RepaintRequest, is_forced: bool, priority: int) -> None:
        project = self._session.project
        task = Task("refit", repaint(self._engine, request), priority)
        self._hold(task)
        task.finished.connect(lambda result: self._answered(project, request, result, is_forced))
        task.failed.connect(lambda error: self.told.emit(Message("error", describe(error))))
        self._network.submit(task, is_latest_of_kind=True)

    def _hold(self, task: Task) -> None:
        """Until its end was told: the runner lets go of it before that."""
        number = task.id
        self._running[number] = task
        for end in (task.finished, task.failed):
            end.connect(lambda _: self._running.pop(number, None))
        task.cancelled.connect(lambda: self._running.pop(number, None))

    def _answered(self, project: Project | None, request: RepaintRequest, result: object, is_forced: bool) -> None:
        if self._session.project is not project or not isinstance(result, RepaintResult):
            return
        if result.trouble and result.trouble not in self._told:
            self._told.add(result.trouble)
            self.told.emit(Message("warn", result.trouble))
        change = self._session.repainted(request, result)
        self.changed.emit(change)
        if is_forced and result.refit is None:
            self._flow.predict_open(is_asked=True)
        if change.refit:
            self._look_again(change)
        self.ahead()

    def _costed(self, project: Project | None, request: CostRequest, costs: object) -> None:
        if self._session.project is project and isinstance(costs, dict):
            self.changed.emit(self._session.start_costed(request, costs))

    def _judged(self, project: Project | None, request: JudgeRequest, seconds: object) -> None:
        if self._session.project is project and isinstance(seconds, tuple):
            change = self._session.refit_judged(request, seconds)
            self.changed.emit(change)
            if change.refit:
                self._look_again(change)

    def _look_again(self, change: Change) -> None:
        """What was predicted ahead is of an older refit; so is the open image where nobody has touched it."""
        self._flow.forget()
        opened = self._session.open_image
        if opened is not None and change.rect is None and not opened.item.is_corrected:
            self._flow.predict_open()
        self._flow.look_ahead()
