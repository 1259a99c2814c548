"""A scripted painting session in a process of its own, to be killed at any moment.

`python -m tests.fakes.painting FOLDER SCRATCH SEED` paints, goes from image to image and saves, and prints one line for
each stroke before it is made, with a question mark, and one after it was finished: key, x, y, label. It never ends by
itself.
"""

import os
import random
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication

from fcn_gui.core.stroke import Stroke, Tool
from fcn_gui.qt.session_model import SessionModel
from tests.fakes.segmenter import FakeSegmenter
from tests.unit.session.workshop import MAP, new_session


class Painter:
    """Does one random thing each time the event loop is idle."""

    def __init__(self, model: SessionModel, seed: int) -> None:
        self._model = model
        self._random = random.Random(seed)

    def act(self) -> None:
        document = self._model.document
        if document is None or self._model.label_map is None:
            return
        chance = self._random.random()
        if chance < 0.06:
            self._model.go(self._random.choice((-1, 1)))
        elif chance < 0.12:
            self._model.save_now()
        else:
            self._paint(document.key, document.shape)

    def _paint(self, key: str, shape: tuple[int, int]) -> None:
        x, y = self._random.randrange(shape[1]), self._random.randrange(shape[0])
        label = self._random.choice((0, 1, 2, 255))
        print("?", key, x, y, label, flush=True)
        self._model.apply_stroke(Stroke(Tool.BRUSH, label, ((x + 0.5, y + 0.5),), 0.6))
        print(key, x, y, label, flush=True)


def main() -> None:
    folder, scratch, seed = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    app = QGuiApplication([])
    model = SessionModel(new_session(scratch), FakeSegmenter)
    model.label_map_wanted.connect(lambda _: model.choose_label_map(MAP))
    painter, timer = Painter(model, seed), QTimer()
    timer.timeout.connect(painter.act)
    model.open_folder(folder)
    timer.start(0)
    app.exec()


if __name__ == "__main__":
    main()
