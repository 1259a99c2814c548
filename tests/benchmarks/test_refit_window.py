"""From the release of a stroke to the repainted or completed mask in the real window, idle and while a fine-tune runs.

Real events, real network, 20 corrected images. Every few strokes a plain forward pass is taken on the same thread and
in the same run: the ratio to these is what counts. `FCN_GUI_STROKES` says how many strokes (200).
"""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from fcn_gui.app import Program, build
from fcn_gui.core.progress import Job, Progress
from fcn_gui.disk.user_data import UserData
from fcn_gui.qt.image_flow import OPEN_PRIORITY
from fcn_gui.qt.task import Task
from fcn_gui.session.change import Change
from tests.benchmarks.test_event_loop import Painter, open_folder
from tests.benchmarks.test_refit import IMAGES, photographs

STROKES = int(os.environ.get("FCN_GUI_STROKES", "200"))
PLAIN_EVERY, PATIENCE_S = 5, 120
DOG = 5
"""Its number among the photographs: strokes over the middle of the canvas are strokes along its body."""
WIDE_PX = 25
"""Radius of a brush for which strokes are completed: it is as wide as a body."""


class Watch:
    """Strokes of a person, and how long each was without its answer."""

    def __init__(self, painter: Painter, repaints: str) -> None:
        self._painter, self._model = painter, painter.program.model
        self._model.session.settings.set("learn.repaint", repaints)
        self._answers: list[float] = []
        self.completed = 0
        self._model._refits.changed.connect(self._answered)  # after the model's own: the mask has it
        self._number = 0

    def _answered(self, change: Change) -> None:
        self._answers.append(time.perf_counter())
        self.completed += change.said.startswith("Completed")

    def ratios(self, strokes: int, while_true=lambda: True) -> tuple[list[float], float]:
        """Of each stroke, its wait by the median of the plain forward passes around it; that median, in ms."""
        waits, plain = [], [self.plain_s() for _ in range(3)]
        while len(waits) < strokes and while_true():
            waits.append(self.stroke_s())
            if len(waits) % PLAIN_EVERY == 0:
                plain.append(self.plain_s())
        usual = float(np.median(plain))
        return [each / usual for each in waits], usual * 1000

    def stroke_s(self) -> float:
        """Release to the repainted mask: the answer is told when the mask has it."""
        canvas = self._painter.program.window.canvas
        place = canvas.rect().center()
        self._number += 1
        y = place.y() - 90 + 12 * (self._number % 16)
        QTest.keyClick(canvas, (Qt.Key.Key_0, Qt.Key.Key_1, Qt.Key.Key_2)[self._number % 3])
        QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=type(place)(place.x() - 120, y))
        for step in range(1, 8):
            QTest.mouseMove(canvas, type(place)(place.x() - 120 + 30 * step, y + step % 3))
            self._painter.turn(1 / 60)
        before = len(self._answers)
        released = time.perf_counter()
        QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=type(place)(place.x() + 120, y))
        self._wait(lambda: len(self._answers) > before)
        wait = self._answers[-1] - released
        self._painter.turn(0.15)
        if self._model.session.settings.get("learn.repaint") == "auto":  # the next stroke too has a dog to complete
            before = len(self._answers)
            QTest.keyClick(canvas, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
            self._wait(lambda: len(self._answers) > before)
            self._painter.turn(0.15)
        return wait

    def plain_s(self) -> float:
        """A plain forward pass of the open image, to its labels, where the window's network runs."""
        took: list[float] = []
        image = self._model.document.picture.image

        def look() -> Job[None]:
            yield Progress(text="Looking")
            segmenter = self._model._engine.ready(self._model.session.live)
            started = time.perf_counter()
            segmenter.predict(image)
            took.append(time.perf_counter() - started)

        self._model._network.submit(Task("plain", look(), OPEN_PRIORITY))
        self._wait(lambda: bool(took))
        return took[0]

    def _wait(self, condition) -> None:
        """Short turns of the event loop: what is waited for is told there."""
        until = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < until, "the window did not get there"
            self._painter.turn(0.001)


@pytest.fixture
def painter(qapp: QApplication, tmp_path: Path) -> Iterator[Painter]:
    program: Program = build(qapp, UserData(tmp_path / "c", tmp_path / "d", tmp_path / "l"))
    program.window.show()
    program.model.warm_up()
    yield Painter(program)
    program.window.close()


def verify_all(painter: Painter) -> None:
    """All images are corrected; the dog is open, and not verified any more."""
    model = painter.program.model
    for number in (*range(DOG), *range(DOG + 1, IMAGES), DOG):
        key = f"{number:02}.png"
        model.select(key)
        painter.wait(lambda key=key: model.document.key == key and model.document.prediction is not None)
        model.session.verify()
        model.session.need_project().item(key).held_out = False
    model.session.undo()
    painter.wait(lambda: not model.is_busy)


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("repaints", ["always", "auto"])
def test_release_to_the_answer_in_the_window(painter: Painter, tmp_path: Path, repaints: str, capsys) -> None:
    """`always` repaints the whole image after each stroke; `auto`, as it is shipped, completes strokes."""
    open_folder(painter, photographs(tmp_path))
    verify_all(painter)
    model, watch = painter.program.model, Watch(painter, repaints)
    if repaints == "auto":
        painter.program.view.radius_px = WIDE_PX
    for _ in range(3):
        watch.stroke_s()
    idle, plain_ms = watch.ratios(STROKES)
    with capsys.disabled():
        print(f"\nrepaint {repaints}; {model._engine.device_text}, load {os.getloadavg()[0]:.1f}")
        told = f"p50 {np.median(idle):.2f}, p95 {np.percentile(idle, 95):.2f}, {len(idle)} strokes"
        print(f"idle: {told}; a pass {plain_ms:.0f} ms")
    painter.program.window.trigger("learn.retrain")
    painter.wait(lambda: any("Fine-tuning" in job.text for job in model.jobs))
    busy, busy_ms = watch.ratios(STROKES, lambda: model.is_retraining)
    model.cancel_job()
    painter.wait(lambda: not model.is_busy)
    busy = [each * busy_ms / plain_ms for each in busy]  # by a pass that nothing else runs beside
    with capsys.disabled():
        told = f"p50 {np.median(busy):.2f}, p95 {np.percentile(busy, 95):.2f}, {len(busy)} strokes"
        print(f"fine-tuning: {told}; a pass meanwhile {busy_ms:.0f} ms, load {os.getloadavg()[0]:.1f}")
        print(f"strokes completed: {watch.completed}")
    assert watch.completed or repaints == "always"
    assert np.median(idle) <= 1
    assert np.percentile(idle, 95) <= 2
    assert np.percentile(busy, 95) <= 4
