"""The simulated annotator at work: a made-up person takes images of known truth through a real session.

How many seconds does the machine save? Each mode works through the same images in the same order, in a project of its
own, until every mask is as good as by hand.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from fcn_gui.core.progress import Job, Progress, retold
from fcn_gui.core.settings import Settings
from fcn_gui.disk.dataset import Dataset
from fcn_gui.session import headless, jobs
from fcn_gui.session.engine import SegmenterFactory
from fcn_gui.session.ports import CorrectedImage
from fcn_gui.session.session import Session
from fcn_gui.session.simulate_background import Background, StepCounter, measure_pace
from fcn_gui.session.simulate_clock import PersonClock
from fcn_gui.session.simulate_folder import Scene, fully_vouched, lay_out, new_project
from fcn_gui.session.simulate_person import Person
from fcn_gui.session.simulate_result import Mode, ModeResult, Simulation


@dataclass(frozen=True)
class SimulationRequest:
    """Which images, from which weights, in which modes; `pace` (seconds a step) None: measured."""

    dataset: Dataset
    start_checkpoint: Path
    modes: Sequence[Mode] = tuple(Mode)
    seed: int = 0
    pace: float | None = None


def simulate(request: SimulationRequest, factory: SegmenterFactory, scratch: Path) -> Job[Simulation]:
    """Work through all modes, `manual` first. `scratch` is an empty folder for photographs and projects.

    Raises DatasetError, ImageError, MaskError, CheckpointError, LearningError.
    """
    found = Simulation()
    photos = scratch / "photos"
    photos.mkdir(parents=True)
    scenes = yield from lay_out(request.dataset, photos)
    desk = _Desk(request, StepCounter(factory), photos, scratch, scenes)
    if Mode.FULL in request.modes:
        found.pace = (yield from desk.pace()) if request.pace is None else request.pace
        yield Progress(text=f"A step of a fine-tune takes {found.pace:.3g} s")
    modes = [m for m in Mode if m is Mode.MANUAL or m in request.modes]
    for number, mode in enumerate(modes):
        before, total = number * len(scenes), len(modes) * len(scenes)
        job = desk.work(mode, found.pace or 0.0)
        found.modes[mode] = yield from _part_of(job, before, total)
    return found


def _part_of(job: Job[ModeResult], before: int, total: int) -> Job[ModeResult]:
    """The job with its progress as that of a part of all modes."""
    return (yield from retold(job, lambda progress: Progress(before + progress.done, total, progress.text)))


class _Desk:
    """The photographs, and a new project over them for each mode."""

    def __init__(
        self, request: SimulationRequest, steps: StepCounter, photos: Path, scratch: Path, scenes: list[Scene]
    ) -> None:
        self._request, self._steps = request, steps
        self._photos, self._scratch, self._scenes = photos, scratch, scenes

    def pace(self) -> Job[float]:
        """Seconds a step of a fine-tune, measured on the first image."""
        with self._opened("pace", PersonClock()) as session:
            first = CorrectedImage(self._scenes[0].key, lambda: fully_vouched(self._scenes[0], self._photos))
            return (yield from measure_pace(self._steps.engine(), session.live, [first]))

    def work(self, mode: Mode, pace: float) -> Job[ModeResult]:
        """All images in one mode."""
        clock = PersonClock()
        result = ModeResult(mode)
        with self._opened(mode, clock) as session:
            if mode is Mode.FROZEN:
                session.settings.set("learn.start", "prediction")
            # One of its own: what was looked at in another mode is not known yet.
            engine = self._steps.engine()
            if mode is not Mode.MANUAL:
                yield from jobs.warm_up(engine, session.live)
            background = Background(session, engine, self._steps, pace, self._request.seed)
            person = Person(
                session,
                None if mode is Mode.MANUAL else engine,
                background if mode is Mode.FULL else None,
                clock,
                result,
            )
            for number, (scene, following) in enumerate(zip_longest(self._scenes, self._scenes[1:])):
                words = f"{mode}: {scene.name}, {clock.seconds:.0f} s so far"
                yield Progress(number, len(self._scenes), words)
                for step in person.annotate(scene, following):  # of how many strokes or steps, nobody knows
                    yield Progress(number, len(self._scenes), f"{words}. {step.text}" if step.text else words)
            result.unfinished = int(background.is_unfinished)
            yield Progress(len(self._scenes), len(self._scenes), f"{mode}: {clock.seconds:.0f} s")
        return result

    @contextmanager
    def _opened(self, name: str, clock: PersonClock) -> Iterator[Session]:
        session = Session(Settings(), self._request.start_checkpoint, clock.now)
        place = new_project(self._scratch / name, self._request.seed)
        with headless.opened(session, self._photos, place, self._request.dataset.label_map):
            yield session
