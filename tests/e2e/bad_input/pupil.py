"""Learns in the real window until it is killed: `python -m tests.e2e.bad_input.pupil FOLDER HOME`.

Paints and verifies three images, so that fine-tune and gate come by themselves, then goes back and forth between the
checkpoints for ever. Prints the key of each image that is verified, and a line with an exclamation mark for everything
that the retrain says of itself and before each change of the live checkpoint.
"""

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from PySide6.QtTest import QTest

from fcn_gui.core.checkpoint import Checkpoint
from fcn_gui.core.cleanup import RAW, Cleanup
from fcn_gui.core.progress import Job, Progress
from fcn_gui.core.raster import Mask
from fcn_gui.core.refit import Refit
from fcn_gui.qt.job_board import JobStatus
from fcn_gui.session.ports import CorrectedImage, FineTuneRequest, RefitRequest
from tests.e2e.alone import desk_alone
from tests.e2e.desk import ByColour, Desk
from tests.unit.session.workshop import corrections, photo

STEP_S = 0.01
T = TypeVar("T")


class Slow(ByColour):
    """Takes as long for a step as a small network does, and learns nothing from a stroke alone."""

    def refit(self, request: RefitRequest) -> Job[Refit | None]:
        yield Progress(text="Refitting colours")
        return None

    def fine_tune(self, request: FineTuneRequest) -> Job[Checkpoint]:
        return (yield from _slowly(super().fine_tune(request)))

    def evaluate(
        self, checkpoint: Checkpoint, images: Sequence[CorrectedImage], cleanup: Cleanup = RAW
    ) -> Job[list[Mask]]:
        return (yield from _slowly(super().evaluate(checkpoint, images, cleanup)))


def _slowly(job: Job[T]) -> Job[T]:
    while True:
        try:
            progress = next(job)
        except StopIteration as stop:
            result: T = stop.value
            return result
        time.sleep(STEP_S)
        yield progress


def learn(desk: Desk) -> None:
    """Three images, each painted whole and verified by its key."""
    for number in range(3):
        key = f"p{number}.png"
        desk.model.select(key)
        desk.until(lambda key=key: desk.document.key == key and desk.document.prediction is not None)
        for stroke in corrections(photo(number)[1], every=1):
            desk.model.apply_stroke(stroke)
        desk.window.trigger("mask.verify_next")
        print(key, flush=True)


def say(status: JobStatus) -> None:
    if status.kind == "retrain":
        print("!", status.text, flush=True)


def main() -> None:
    desk = desk_alone(Path(sys.argv[2]), Slow).open(Path(sys.argv[1]))
    desk.model.job_progressed.connect(say)
    learn(desk)
    desk.until(lambda: any(entry.is_live and entry.number for entry in desk.model.checkpoints))
    while True:
        before = next(entry.id for entry in desk.model.checkpoints if entry.is_live)
        other = next(entry.id for entry in desk.model.checkpoints if entry.id != before)
        print("! make live", flush=True)
        desk.model.make_live(other)
        while not any(entry.is_live and entry.id == other for entry in desk.model.checkpoints):
            QTest.qWait(1)


if __name__ == "__main__":
    main()
