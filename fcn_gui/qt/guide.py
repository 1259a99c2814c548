"""Where next: looks through the folder when somebody asks for it, and says which image helps most."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from fcn_gui.core.errors import CheckpointError
from fcn_gui.core.image_io import read_image
from fcn_gui.core.raster import Image, Rect
from fcn_gui.qt.job_board import JobBoard
from fcn_gui.qt.runner import Runner
from fcn_gui.qt.task import Task
from fcn_gui.session.doubts import Doubted, doubted_regions
from fcn_gui.session.engine import Engine
from fcn_gui.session.project import Project, Status
from fcn_gui.session.session import Session
from fcn_gui.session.survey import Sight, spread, survey
from fcn_gui.session.where_next import Advice, Glance, Uncertain, next_region, uncertain_regions

SURVEY_PRIORITY = 95


class Guide(QObject):
    """Nothing is looked at before the first question; from then on what is known is kept up."""

    ranked = Signal()
    """The gains of the images were counted anew."""
    _seen = Signal(object, str, object)

    def __init__(self, session: Session, engine: Engine, network: Runner, board: JobBoard) -> None:
        super().__init__(board)
        self._session, self._engine, self._network, self._board = session, engine, network, board
        self._is_asked = self._is_stale = False
        self._regions_of, self._visited = "", list[Rect]()
        self._seen.connect(self._note)
        board.ended.connect(self._ended)

    def ask(self) -> list[Advice]:
        """The images that are left, most gain first, as far as they are known; the rest is looked at from now on."""
        self._is_asked = True
        self._look()
        return self._rank()

    def renew(self) -> None:
        """Another network answers: look anew, if somebody has asked before."""
        if self._board.is_running("survey"):
            self._is_stale = True
            self._network.cancel("survey")
        else:
            self._look()

    def follow_verify(self) -> None:
        """One image less is left, and others look like it: count anew, if somebody has asked before."""
        if self._is_asked:
            self._rank()

    def _look(self) -> None:
        project = self._session.project
        if not self._is_asked or project is None or self._board.is_running("survey"):
            return
        try:
            live = self._session.live
        except CheckpointError:
            return  # told by whoever predicts the open image
        sights = self._unknown(project)
        if live is None or all(sight.is_verified for sight in sights):
            return
        about = project, self._session.checkpoint_version
        job = survey(self._engine, live, spread(sights), lambda *found: self._seen.emit(about, *found))
        task = Task("survey", job, SURVEY_PRIORITY)
        self._board.watch(task, "Where next", lambda _: None, can_cancel=True)
        self._network.submit(task)

    def _unknown(self, project: Project) -> list[Sight]:
        known = self._session.where_next
        return [
            Sight(item.key, _reader(project.folder.image_path(item.key)), item.status is Status.VERIFIED)
            for item in project.items
            if not item.problem and not known.is_known(item)
        ]

    def _ended(self, _id: int, kind: str, _outcome: str, _text: str) -> None:
        if kind != "survey":
            return
        self._rank()
        if self._is_stale:
            self._is_stale = False
            self._look()

    def stop(self) -> None:
        """The folder is closed: nothing of it goes on."""
        self._is_asked = self._is_stale = False
        self._network.cancel("survey")

    def next_uncertain(self) -> Uncertain | Doubted | None:
        """A part of the open image to look at, the next one each time: uncertain, then vouched for but doubted.

        None where there is neither.
        """
        document = self._session.document
        if document is None or document.prediction is None:
            return None
        if document.key != self._regions_of:
            self._regions_of, self._visited = document.key, []
        masked = document.masked
        doubted = doubted_regions(document.prediction, masked.mask, masked.vouch)
        regions: list[Uncertain | Doubted] = [*uncertain_regions(document.prediction, masked.vouch), *doubted]
        return next_region(regions, self._visited)

    def _note(self, asked: tuple[Project, int], key: str, glance: Glance) -> None:
        project, version = asked
        if self._session.project is project and self._session.checkpoint_version == version:
            self._session.where_next.note(key, glance)

    def _rank(self) -> list[Advice]:
        project = self._session.project
        advice = self._session.where_next.rank(project.items) if project is not None else []
        self.ranked.emit()
        return advice


def _reader(path: Path) -> Callable[[], Image]:
    return partial(_read, path)


def _read(path: Path) -> Image:
    return read_image(path).image
