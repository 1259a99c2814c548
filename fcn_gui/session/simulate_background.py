"""Fine-tunes in the background of a simulation: on the person's clock, `steps × pace` seconds each.

The work itself is done at once when it is asked for, on the corrections of that moment; its end is held back until the
person's seconds have come to it.
"""

import time
from collections.abc import Callable
from typing import Any, cast

from fcn_gui.core.checkpoint import Checkpoint
from fcn_gui.core.errors import CheckpointError, LearningError
from fcn_gui.core.progress import Job, Progress, retold
from fcn_gui.session import headless, jobs
from fcn_gui.session.background_learning import Due
from fcn_gui.session.checkpoints import LiveModel
from fcn_gui.session.engine import Engine, SegmenterFactory
from fcn_gui.session.jobs import RetrainResult
from fcn_gui.session.opening import read_marks
from fcn_gui.session.ports import CorrectedImage, FineTuneRequest, Segmenter
from fcn_gui.session.session import Session
from fcn_gui.session.simulate_result import ModeResult

PACE_STEPS = 3


class StepCounter:
    """Engines whose fine-tunes are counted step by step, those of the gate's folds too."""

    def __init__(self, factory: SegmenterFactory) -> None:
        self._factory = factory
        self.steps = 0

    def engine(self) -> Engine:
        return Engine(lambda: cast(Segmenter, _Counted(self._factory(), self._count)))

    def _count(self) -> None:
        self.steps += 1


class _Counted:
    """A segmenter whose fine-tunes tell of each step; it is the same in all else."""

    def __init__(self, inner: Segmenter, count: Callable[[], None]) -> None:
        self._inner, self._count = inner, count

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def fine_tune(self, request: FineTuneRequest) -> Job[Checkpoint]:
        done = 0

        def count(progress: Progress) -> Progress:
            nonlocal done
            while done < progress.done:
                done += 1
                self._count()
            return progress

        return (yield from retold(self._inner.fine_tune(request), count))


class Background:
    """What is due by itself, as in the window: one fine-tune at a time, after the first verified image and so on."""

    def __init__(self, session: Session, engine: Engine, steps: StepCounter, pace: float, seed: int) -> None:
        self._session, self._engine, self._steps = session, engine, steps
        self._pace, self._seed = pace, seed
        self._due_at: float | None = None
        self._learned: RetrainResult | None = None
        self._waits = False

    @property
    def is_unfinished(self) -> bool:
        """A fine-tune was begun and is not due yet, or its candidate waits to be judged."""
        return self._due_at is not None or self._waits

    def verified(self, now: float) -> Job[None]:
        """One more image is verified: a candidate that waits may be judged now, or a new one learned."""
        yield from self._go_on(now)

    def catch_up(self, now: float, result: ModeResult) -> Job[bool]:
        """Ends what is due by `now` of the person's seconds; True where another network is live since."""
        is_new = False
        while self._due_at is not None and self._due_at <= now:
            ended_at, learned = self._due_at, self._learned
            self._due_at = self._learned = None
            self._waits = learned is not None and learned.verdict.is_waiting
            is_accepted = learned is not None and learned.verdict.accepted
            result.accepted += is_accepted
            result.refused += not (is_accepted or self._waits)
            is_new = is_new or is_accepted
            end = self._session.learning_failed() if learned is None else self._session.learned(learned)
            headless.carry_out(end)
            yield from self._go_on(ended_at)
        return is_new

    def _go_on(self, now: float) -> Job[None]:
        """What is to be done next, if anything."""
        due, waiting = self._session.due(), self._session.waiting_request()
        if due is Due.JUDGING and waiting is not None:
            self._session.background.begin(due)
            yield from self._begin(now, jobs.judge_waiting(self._engine, *waiting))
        elif due is Due.LEARNING:
            self._session.background.begin(due)
            yield from self._begin(now, self._retrain())

    def _begin(self, now: float, job: Job[RetrainResult | None]) -> Job[None]:
        before = self._steps.steps
        self._learned = yield from job
        self._due_at = now + (self._steps.steps - before) * self._pace

    def _retrain(self) -> Job[RetrainResult | None]:
        session = self._session
        headless.carry_out(session.save_all())
        headless.carry_out(session.decide_sides((yield from read_marks(session.undecided()))))
        try:
            return (yield from jobs.retrain(self._engine, session.retrain_request(self._seed)))
        except LearningError:  # such as a loss that is not finite: refused, the live network stays
            return None


def measure_pace(engine: Engine, live: LiveModel | None, images: list[CorrectedImage]) -> Job[float]:
    """Seconds that a step of a fine-tune takes on this machine now. Raises LearningError, CheckpointError."""
    if live is None:
        raise CheckpointError("There is no checkpoint to learn from.")
    yield Progress(text="Measuring the pace of learning")
    job = engine.ready(live).fine_tune(FineTuneRequest(live.label_map, images, steps=PACE_STEPS + 1))
    begun = ended = time.perf_counter()
    steps = 0
    try:
        for progress in job:
            if progress.done > steps:
                steps, ended = progress.done, time.perf_counter()
                begun = ended if steps == 1 else begun
            yield Progress(0, 0, "Measuring the pace of learning")
    finally:
        job.close()
    return (ended - begun) / max(1, steps - 1)
