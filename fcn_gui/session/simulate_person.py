"""The made-up person before one image after the other: looks, strokes through the session's verbs, verifies."""

import numpy as np

from fcn_gui.core.annotation_cost import LOOK_S, MOST_STROKES, VERIFY_S, Annotator
from fcn_gui.core.annotator_hand import Habit, HandStroke
from fcn_gui.core.errors import ProjectError
from fcn_gui.core.metrics import confusion_matrix
from fcn_gui.core.progress import Job, Progress
from fcn_gui.core.stroke import Stroke, Tool
from fcn_gui.session import headless, jobs
from fcn_gui.session.change import Change
from fcn_gui.session.document import Document
from fcn_gui.session.engine import Engine
from fcn_gui.session.refitting import REST_S
from fcn_gui.session.session import Session
from fcn_gui.session.simulate_background import Background
from fcn_gui.session.simulate_clock import PersonClock
from fcn_gui.session.simulate_folder import Scene
from fcn_gui.session.simulate_result import ImageResult, Mode, ModeResult


class Person:
    """Works in an open session. Without `engine` every image starts from class 0, without `background` none learns."""

    def __init__(
        self,
        session: Session,
        engine: Engine | None,
        background: Background | None,
        clock: PersonClock,
        result: ModeResult,
    ) -> None:
        self._session, self._engine, self._background = session, engine, background
        self._refits = engine is not None and result.mode in (Mode.REFIT, Mode.FULL)
        self._clock, self._result = clock, result
        self._habit = Habit()
        self._ahead_since = 0.0
        """Since when, in the person's seconds, the mask of the next image is being made ahead."""
        self._answered_at = 0.0
        """When, in the person's seconds, the machine had nothing more to do for what the person did last."""

    def annotate(self, scene: Scene, following: Scene | None = None) -> Job[None]:
        """Bring one image to its truth, as well as by hand, and verify it. `following` comes next."""
        clock, classes = self._clock, len(self._session.need_label_map())
        seconds, waiting = clock.seconds, clock.waiting
        document = self._open(scene)
        begun_with = document.masked.mask.copy()
        first = begun_with if document.first_look is None else document.first_look
        strokes = yield from self._correct(document, scene)
        yield from self._verify(following)
        self._result.images.append(
            ImageResult(
                scene.name,
                clock.seconds - seconds,
                clock.waiting - waiting,
                strokes,
                strokes >= MOST_STROKES,
                confusion_matrix(scene.truth, first, classes),
                confusion_matrix(scene.truth, document.masked.mask, classes),
            )
        )

    def _open(self, scene: Scene) -> Document:
        clock = self._clock
        begun = clock.measure()
        headless.show(self._session, scene.key, self._engine)
        clock.wait_until(self._ahead_since + clock.measure() - begun)
        self._ahead_since = self._answered_at = clock.seconds
        return self._document()

    def _correct(self, document: Document, scene: Scene) -> Job[int]:
        """Stroke after stroke until the mask is as good as by hand; how many."""
        annotator = Annotator(scene.truth, self._habit)
        self._work(LOOK_S)
        for done in range(MOST_STROKES):
            stroke = annotator.next_stroke(document.masked.mask)
            if stroke is None:
                return done
            self._stroke(stroke)
            yield from self._catch_up()
            yield Progress(done)
        return MOST_STROKES

    def _stroke(self, stroke: HandStroke) -> None:
        """One stroke, and what the session needs until it is answered; the disk is not waited for."""
        self._work(stroke.seconds)
        begun = self._clock.measure()
        change = make_stroke(self._session, stroke)
        is_new = self._refit()
        took = self._clock.measure() - begun
        self._clock.wait_after_stroke(took)
        self._answered_at = self._clock.seconds + took
        if is_new:
            self._ahead_since = self._clock.seconds
        headless.carry_out(change)

    def _refit(self) -> bool:
        """What the window does after a stroke and a verify, in the modes that learn from them.

        True where other score layers make first looks since, so that what was made ahead is stale.
        """
        if not self._refits or self._engine is None:
            return False
        return headless.refit(self._session, self._engine).refit

    def _refit_ahead(self, following: Scene | None) -> float:
        """What the window does while nothing else is to be done; when, in the person's seconds, that is at its end.

        It begins with every answer to a stroke, and the next stroke ends it without a trace: so it is done here once,
        before the verify, and counted from the last answer.
        """
        if not self._refits or self._engine is None:
            return 0.0
        begun = self._clock.measure()
        if following is not None:
            headless.look_ahead(self._session, following.key, self._engine)
        headless.refit_ahead(self._session, self._engine)
        return self._answered_at + REST_S + self._clock.measure() - begun

    def _verify(self, following: Scene | None) -> Job[None]:
        solved_at = self._refit_ahead(following)
        self._work(VERIFY_S)
        headless.carry_out(self._session.verify())
        begun = self._clock.measure()
        if self._refit():  # the next image is looked at when it is done
            ready_at = max(self._clock.seconds, solved_at)
            self._ahead_since = ready_at + self._clock.measure() - begun
        if self._refits and self._engine is not None:  # in idle time
            headless.judge_start(self._session, self._engine)
            if headless.judge_refit(self._session, self._engine).refit:
                self._ahead_since = self._clock.seconds
        if self._background is not None:
            yield from self._catch_up()
            yield from self._background.verified(self._clock.seconds)

    def _catch_up(self) -> Job[None]:
        """What the background has finished by now goes live, and the open image follows as it does in the window."""
        if self._background is None or not (yield from self._background.catch_up(self._clock.seconds, self._result)):
            return
        self._session.reset_predictions()
        self._ahead_since = self._clock.seconds
        request = self._session.predict_request()
        if self._engine is not None and request is not None:
            prediction = yield from jobs.predict(self._engine, request)
            headless.carry_out(self._session.follow(request, prediction))

    def _work(self, seconds: float) -> None:
        self._session.clock.note()
        self._clock.work(seconds)
        self._session.clock.note()

    def _document(self) -> Document:
        document = self._session.document
        if document is None:
            raise ProjectError("No image is open.")
        return document


def make_stroke(session: Session, stroke: HandStroke) -> Change:
    """One stroke of the hand as the session's own: a fill is a click, the others paint the very pixels they cover."""
    covered = stroke.covered
    if stroke.tool is Tool.FILL:
        y, x = np.argwhere(covered.inside)[0].tolist()
        point = (covered.rect.x0 + x + 0.5, covered.rect.y0 + y + 0.5)
        return session.apply_stroke(Stroke(Tool.FILL, stroke.label, (point,)))
    return session.paint_pixels(covered, stroke.label)
