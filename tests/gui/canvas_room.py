"""A canvas alone in a window, over a real model with the fake segmenter and one photograph of coloured squares."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image as PillowImage
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QPointingDevice, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from fcn_gui.core.raster import Mask
from fcn_gui.qt.session_model import SessionModel
from fcn_gui.qt.view_state import ViewState
from fcn_gui.session.document import Document
from fcn_gui.widgets.appearance import Appearance
from fcn_gui.widgets.canvas import Canvas
from tests.fakes.segmenter import FakeSegmenter
from tests.unit.session.workshop import COW, GRASS, MAP, TREE, new_session

LEFT, RIGHT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton
PLAIN = Qt.KeyboardModifier.NoModifier
SHIFT, CTRL, ALT = (Qt.KeyboardModifier[f"{name}Modifier"] for name in ("Shift", "Control", "Alt"))
SIZE_WH = (120, 90)


def squares(size_wh: tuple[int, int] = SIZE_WH) -> tuple[np.ndarray, Mask]:
    """A photograph with a cow (1) left and a tree (2) right on grass (0), and what is where."""
    width, height = size_wh
    mask = np.zeros((height, width), np.uint8)
    mask[height // 3 : 2 * height // 3, width // 6 : width // 2] = 1
    mask[height // 4 : 3 * height // 4, 2 * width // 3 : 5 * width // 6] = 2
    return np.array([GRASS, COW, TREE], np.uint8)[mask], mask


@dataclass
class Room:
    """The canvas and all that stands behind it; positions of gestures are image pixels."""

    qtbot: QtBot
    model: SessionModel
    view: ViewState
    canvas: Canvas
    truth: Mask

    @property
    def document(self) -> Document:
        document = self.model.document
        assert document is not None
        return document

    @property
    def mask(self) -> Mask:
        return self.document.masked.mask

    @property
    def vouch(self) -> Mask:
        return self.document.masked.vouch

    def at(self, xy: tuple[float, float]) -> QPoint:
        """Where an image point lies on the canvas."""
        stage = self.canvas.stage
        assert stage is not None
        x, y = stage.viewport.to_screen(xy)
        return QPoint(round(x), round(y))

    def press(self, xy: tuple[float, float], button: Qt.MouseButton = LEFT, keys: Qt.KeyboardModifier = PLAIN) -> None:
        QTest.mousePress(self.canvas, button, keys, self.at(xy))

    def move(self, xy: tuple[float, float], button: Qt.MouseButton = LEFT, keys: Qt.KeyboardModifier = PLAIN) -> None:
        """A move with the button down (NoButton: only hovering)."""
        at = QPointF(self.at(xy))
        event = QMouseEvent(
            QEvent.Type.MouseMove, at, self.canvas.mapToGlobal(at), Qt.MouseButton.NoButton, button, keys
        )
        QApplication.sendEvent(self.canvas, event)

    def release(
        self, xy: tuple[float, float], button: Qt.MouseButton = LEFT, keys: Qt.KeyboardModifier = PLAIN
    ) -> None:
        QTest.mouseRelease(self.canvas, button, keys, self.at(xy))

    def click(self, xy: tuple[float, float], button: Qt.MouseButton = LEFT, keys: Qt.KeyboardModifier = PLAIN) -> None:
        self.press(xy, button, keys)
        self.release(xy, button, keys)

    def drag(
        self, *path: tuple[float, float], button: Qt.MouseButton = LEFT, keys: Qt.KeyboardModifier = PLAIN
    ) -> None:
        """Press at the first point, move through the others, release at the last."""
        self.press(path[0], button, keys)
        for xy in path[1:]:
            self.move(xy, button, keys)
        self.release(path[-1], button, keys)

    def hover(self, xy: tuple[float, float]) -> None:
        self.move(xy, Qt.MouseButton.NoButton)

    def wheel(
        self,
        xy: tuple[float, float],
        angle: tuple[int, int] = (0, 120),
        pixels: tuple[int, int] = (0, 0),
        keys: Qt.KeyboardModifier = PLAIN,
        phase: Qt.ScrollPhase = Qt.ScrollPhase.NoScrollPhase,
    ) -> None:
        at = QPointF(self.at(xy))
        device = QPointingDevice.primaryPointingDevice()
        event = QWheelEvent(
            at,
            self.canvas.mapToGlobal(at),
            QPoint(*pixels),
            QPoint(*angle),
            Qt.MouseButton.NoButton,
            keys,
            phase,
            False,
            Qt.MouseEventSource.MouseEventNotSynthesized,
            device,
        )
        QApplication.sendEvent(self.canvas, event)

    def color_at(self, xy: tuple[float, float]) -> tuple[int, int, int]:
        """What is painted at an image point."""
        color = self.canvas.grab().toImage().pixelColor(self.at(xy))
        return color.red(), color.green(), color.blue()


def settle(qtbot: QtBot, model: SessionModel) -> None:
    """Wait until the image is open, predicted, and nothing runs."""

    def is_quiet() -> bool:
        return not model.is_busy and model.document is not None and model.document.prediction is not None

    qtbot.waitUntil(is_quiet, timeout=20_000)


@contextmanager
def room_over(
    qtbot: QtBot, tmp_path: Path, appearance: Appearance, size_wh: tuple[int, int] = SIZE_WH, count: int = 1
) -> Iterator[Room]:
    """A room of its own; everything is shut down at the end. The fake predicts what is really there."""
    image, truth = squares(size_wh)
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(count):
        PillowImage.fromarray(image).save(folder / f"p{number}.png")
    session = new_session(tmp_path / "scratch", np.array([GRASS, COW, TREE], np.float32))
    model = SessionModel(session, FakeSegmenter)
    model.open_folder(folder)
    qtbot.waitUntil(lambda: model.document is not None, timeout=20_000)
    model.choose_label_map(MAP)
    settle(qtbot, model)
    view = ViewState(session.settings)
    canvas = Canvas(model, view, appearance)
    canvas.resize(600, 480)
    qtbot.addWidget(canvas)
    canvas.show()
    qtbot.waitExposed(canvas)
    canvas.activateWindow()
    canvas.setFocus()
    qtbot.waitUntil(canvas.isActiveWindow)
    yield Room(qtbot, model, view, canvas, truth)
    canvas.close()
    model.shutdown()
