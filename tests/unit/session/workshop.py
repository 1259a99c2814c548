"""Folders of photographs of coloured squares, and a session over them with the fake segmenter."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import numpy as np
from PIL import Image as PillowImage

from fcn_gui.core.label_map import LabelMap, own_label_map
from fcn_gui.core.raster import Image, Mask
from fcn_gui.core.settings import Settings
from fcn_gui.core.stroke import Stroke, Tool
from fcn_gui.session import headless
from fcn_gui.session.engine import Engine, SegmenterFactory
from fcn_gui.session.session import Session
from tests.fakes.segmenter import UNKNOWN, FakeSegmenter, write_start

MAP = own_label_map(["background", "cow", "tree"])
GRASS, COW, TREE = (60, 150, 60), (130, 80, 40), (20, 60, 20)
WRONG = np.array([COW, GRASS, TREE], np.float32)
"""Colours with which the fake takes grass for a cow and a cow for grass, so that there is something to learn."""
SIZE = (24, 32)


UNTAUGHT = WRONG.copy()
UNTAUGHT[1:] = UNKNOWN
"""A start that was never taught a class but grass."""


def photo(number: int) -> tuple[Image, Mask]:
    """A cow and a tree somewhere on grass, with a little noise of its own, and what is where."""
    rng = np.random.default_rng(number)
    mask = np.zeros(SIZE, np.uint8)
    for label, side in ((2, 6), (1, 9)):
        y, x = rng.integers(0, SIZE[0] - side), rng.integers(0, SIZE[1] - side)
        mask[y : y + side, x : x + side] = label
    image = np.array([GRASS, COW, TREE], np.int16)[mask] + rng.integers(-6, 7, (*SIZE, 3))
    return image.astype(np.uint8), mask


def make_folder(folder: Path, count: int = 4) -> Path:
    """`count` photographs p0.png, p1.png, …"""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        PillowImage.fromarray(photo(number)[0]).save(folder / f"p{number}.png")
    return folder


def new_session(scratch: Path, colors: np.ndarray | None = WRONG) -> Session:
    """A session whose start checkpoint lies in `scratch`."""
    scratch.mkdir(parents=True, exist_ok=True)
    start = scratch / "start.safetensors"
    return Session(Settings(), start if start.exists() else write_start(scratch, MAP, colors))


@contextmanager
def at_work(
    folder: Path,
    scratch: Path,
    label_map: LabelMap | None = MAP,
    key: str | None = "p0.png",
    segmenter: SegmenterFactory = FakeSegmenter,
) -> Iterator[tuple[Session, Engine]]:
    """`folder` open, `key` on the screen with its prediction; saved and closed at the end."""
    engine = Engine(segmenter)
    with headless.opened(new_session(scratch), folder, label_map=label_map) as session:
        if key is not None:
            headless.show(session, key, engine)
        yield session, engine


def dab(x: float, y: float, label: int | None = 1, radius: float = 2.0, erase: bool = False) -> Stroke:
    """One touch of the brush."""
    return Stroke(Tool.ERASER if erase else Tool.BRUSH, label, ((x, y),), radius, erase)


def most_of_a_cow(x: float, y: float, label: int) -> Stroke:
    """A stroke around one that has its middle there, which leaves its right quarter."""
    left, right, top, bottom = x - 2.5, x + 0.5, y - 2.5, y + 2.5
    return Stroke(Tool.BRUSH, label, ((left, top), (left, bottom), (right, bottom), (right, top), (left, top)), 2.0)


def corrections(truth: Mask, every: int = 3) -> Iterator[Stroke]:
    """Thin strokes along every third row that paint what is where."""
    for y in range(0, truth.shape[0], every):
        edges = [0, *(np.flatnonzero(np.diff(truth[y])) + 1).tolist(), truth.shape[1]]
        for first, last in pairwise(edges):
            points = ((first + 0.5, y + 0.5), (last - 0.5, y + 0.5))
            yield Stroke(Tool.BRUSH, int(truth[y, first]), points, 0.6)


def finish(session: Session, engine: Engine, key: str, truth: Mask) -> None:
    """Paint the whole of an image and verify it."""
    headless.show(session, key, engine)
    for stroke in corrections(truth, every=1):
        session.apply_stroke(stroke)
    headless.carry_out(session.verify())


def correct(session: Session, engine: Engine, key: str, truth: Mask) -> None:
    """Show an image and paint what is where."""
    headless.show(session, key, engine)
    for stroke in corrections(truth):
        session.apply_stroke(stroke)
