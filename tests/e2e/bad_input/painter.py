"""Paints in the real window until it is killed: `python -m tests.e2e.bad_input.painter FOLDER HOME SEED`.

Prints a line before each stroke, with a question mark, and one after it: key, x, y, label. Before anything else that it
does it prints one with an exclamation mark and the action's id.
"""

import random
import sys
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from tests.e2e.alone import desk_alone
from tests.e2e.desk import Desk

ACTIONS = {"image.next": 5, "image.previous": 3, "file.save": 4, "learn.retrain": 3, "learn.rollback": 2, "live": 2}
STROKES = 60


class Painter:
    """Does one random thing each time the event loop is idle."""

    def __init__(self, desk: Desk, seed: int) -> None:
        self._desk = desk
        self._random = random.Random(seed)

    def act(self) -> None:
        if self._desk.model.document is None:
            return
        what = self._random.choices(["stroke", *ACTIONS], [STROKES, *ACTIONS.values()])[0]
        if what == "stroke":
            self._paint()
            return
        print("!", what, flush=True)
        if what == "live":
            self._desk.model.make_live(self._random.choice(self._desk.model.checkpoints).id)
        else:
            self._desk.window.trigger(what)

    def _paint(self) -> None:
        key, (height, width) = self._desk.document.key, self._desk.document.shape
        x, y = self._random.randrange(width), self._random.randrange(height)
        label = self._random.choice((0, 1, 2, 255))
        print("?", key, x, y, label, flush=True)
        self._desk.paint((x + 0.5, y + 0.5), label=label, radius_px=0.6)
        print(key, x, y, label, flush=True)


def main() -> None:
    folder, home, seed = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    desk = desk_alone(home).open(folder)
    painter, timer = Painter(desk, seed), QTimer()
    timer.timeout.connect(painter.act)
    timer.start(0)
    QApplication.exec()


if __name__ == "__main__":
    main()
