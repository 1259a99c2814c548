"""The window while somebody paints: gaps of the event loop when idle, while predicting, while retraining, while saving.

Real window, real mouse events at 60 a second, real network.
"""

import itertools
import math
import os
import time
from collections.abc import Iterator

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QEvent, QEventLoop, QObject, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from fcn_gui.app import Program, build
from fcn_gui.core.label_map import voc_label_map
from fcn_gui.disk.samples import copy_samples
from fcn_gui.disk.user_data import UserData
from tests.benchmarks.heartbeat import Heartbeat

SECONDS = float(os.environ.get("FCN_GUI_PAINT_SECONDS", "60"))
FRAME_S = 1 / 60
PATIENCE_S = 300


class Painter:
    """A person who paints circles, and goes on as long as they are told to."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.strokes = 0
        self.worst_move_ms = 0.0
        self.moves_ms: list[float] = []

    def turn(self, seconds: float) -> None:
        until = time.perf_counter() + seconds
        while True:
            self.program.app.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 2)
            if time.perf_counter() >= until:
                return
            time.sleep(0.0005)

    def wait(self, condition, step_s: float = 0.01) -> None:
        until = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < until, "the window did not get there"
            self.turn(step_s)

    def stroke(self) -> None:
        """A circle of 40 moves."""
        canvas = self.program.window.canvas
        middle = canvas.rect().center()
        radius = 60 + 20 * (self.strokes % 4)
        places = []
        for step in range(40):
            angle = 2 * math.pi * step / 40
            offset = int(radius * math.cos(angle)), int(radius * math.sin(angle))
            places.append(middle + type(middle)(*offset))
        QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=places[0])
        for place in places:
            started = time.perf_counter()
            QTest.mouseMove(canvas, place)
            self.program.app.processEvents()
            self.moves_ms.append((time.perf_counter() - started) * 1000)
            self.turn(FRAME_S)
        QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=places[-1])
        self.strokes += 1

    def paint_for(self, seconds: float, while_true=lambda: True) -> dict[str, float]:
        heart = Heartbeat()
        heart.start()
        until = time.monotonic() + seconds
        while time.monotonic() < until and while_true():
            self.stroke()
            self.turn(0.3)
        return heart.stop()


@pytest.fixture
def painter(qapp: QApplication, tmp_path) -> Iterator[Painter]:
    copy_samples(tmp_path / "photos")
    program = build(qapp, UserData(tmp_path / "c", tmp_path / "d", tmp_path / "l"))
    program.settings.set("learn.retrain_after", 0)
    program.window.show()
    program.model.warm_up()
    yield Painter(program)
    program.window.close()


def open_folder(painter: Painter, folder) -> None:
    model = painter.program.model
    model.open_folder(folder)
    painter.wait(lambda: model.project is not None)
    model.choose_label_map(voc_label_map())
    painter.wait(lambda: model.document is not None and model.document.prediction is not None)
    painter.wait(lambda: not model.is_busy)


def show(capsys, name: str, figures: dict[str, float]) -> None:
    with capsys.disabled():
        print(f"\n{name}: " + ", ".join(f"{key} {value:.1f}" for key, value in figures.items()))


@pytest.mark.timeout(900)
def test_gaps_while_predicting_and_retraining(painter: Painter, tmp_path, capsys):
    model, window = painter.program.model, painter.program.window
    heart = Heartbeat()
    open_folder(painter, tmp_path / "photos")
    heart.start()
    painter.turn(5)
    idle = heart.stop()
    show(capsys, "idle", idle)
    painting = painter.paint_for(SECONDS / 4)
    show(capsys, "painting", painting)

    keys = itertools.cycle(item.key for item in model.project.items[3:])
    heart.start()
    for _ in range(10):
        model.select(next(keys))
        painter.wait(lambda: not model.is_busy)
    predicting = heart.stop()
    show(capsys, "opening and predicting", predicting)

    for name in ("cow.jpg", "dog.jpg", "sheep.jpg", "duck.jpg"):
        model.select(name)
        painter.wait(lambda name=name: model.document.key == name and model.document.prediction is not None)
        window.trigger("mask.verify_next")
        painter.wait(lambda: not model.is_busy)
    window.trigger("learn.retrain")
    retraining = painter.paint_for(SECONDS, lambda: model.is_retraining)
    show(capsys, "painting while retraining", retraining)
    for figures in (painting, predicting, retraining):
        assert figures["p99_ms"] <= max(16.0, 2 * idle["p99_ms"])
        assert figures["max_ms"] <= max(150.0, 2 * idle["max_ms"])
    model.cancel_job()
    painter.wait(lambda: not model.is_busy)


def slowness() -> float:
    """How long a thread that only works takes for a second of work, in seconds: 1 on a machine that is ours alone."""
    begun, worked = time.perf_counter(), time.thread_time()
    while time.thread_time() < worked + 0.05:
        pass
    return (time.perf_counter() - begun) / (time.thread_time() - worked)


class Painted(QObject):
    """How often all of a widget was painted."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__()
        self.count = 0
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QPaintEvent) and isinstance(watched, QWidget) and event.rect() == watched.rect():
            self.count += 1
        return False


@pytest.mark.timeout(300)
def test_the_next_image_is_soon_on_the_screen(painter: Painter, tmp_path, capsys):
    """From the key to the photograph with its mask, where both were made ahead."""
    model, canvas = painter.program.model, painter.program.window.canvas
    open_folder(painter, tmp_path / "photos")
    painted, waits_ms, works_ms, slow = Painted(canvas), [], [], []
    for _ in range(15):
        painter.turn(0.3)
        before, count = model.document.key, painted.count
        started, worked = time.perf_counter(), time.thread_time()
        model.go(1)
        painter.wait(lambda count=count: painted.count > count and not canvas.is_getting_ready, step_s=0.001)
        waits_ms.append((time.perf_counter() - started) * 1000)
        works_ms.append((time.thread_time() - worked) * 1000)
        slow.append(slowness())
        assert model.document.key != before and model.document.prediction is not None
        painter.wait(lambda: not model.is_busy)
    figures = {"p50_ms": np.median(waits_ms), "max_ms": max(waits_ms), "own_p50_ms": np.median(works_ms)}
    figures["slowness"] = np.median(slow)
    show(capsys, "the next image", figures)
    assert np.median(waits_ms) <= 50.0 * np.median(slow)


@pytest.mark.timeout(300)
def test_a_brush_move_on_a_large_photograph(painter: Painter, tmp_path, capsys):
    large = tmp_path / "large"
    large.mkdir()
    noise = np.random.default_rng(0).integers(0, 255, (300, 400, 3), np.uint8)
    cv2.imwrite(str(large / "large.jpg"), cv2.resize(noise, (4000, 3000), interpolation=cv2.INTER_CUBIC))
    open_folder(painter, large)
    heart = Heartbeat()
    heart.start()
    painter.turn(3)
    idle = heart.stop()
    for zoom in (None, 1.0, 4.0):
        if zoom:
            painter.program.window.canvas.zoom_by(zoom / painter.program.window.canvas.zoom)
        painter.moves_ms = []
        gaps = painter.paint_for(10)
        p99 = float(np.percentile(painter.moves_ms, 99))
        show(capsys, f"brush on 4000×3000, zoom {zoom or 'fit'}", {"move_p99_ms": p99, **gaps})
        assert p99 <= max(16.0, 2 * idle["p99_ms"])
