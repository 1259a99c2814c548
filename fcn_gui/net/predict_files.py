"""A list of files to predictions: reading and writing go on in other threads while the network works."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

from fcn_gui.core.errors import FcnGuiError
from fcn_gui.core.image_io import read_image
from fcn_gui.core.prediction import Prediction
from fcn_gui.core.progress import Job, Progress
from fcn_gui.core.raster import Image
from fcn_gui.net.predict import Predictor

Deliver = Callable[[Path, Image, Prediction], None]
BATCH = 4
"""Images of one size that go through the network together."""
_READ_AHEAD = 8
"""Decoded images that wait for others of their size, at most: what memory is spent on."""


@dataclass
class FilesReport:
    """What became of the files: how many were delivered, and which failed and why."""

    done: int = 0
    failed: list[tuple[Path, str]] = field(default_factory=list)
    seconds: float = 0.0


def predict_files(
    predictor: Predictor, files: Sequence[Path], deliver: Deliver, batch: int = BATCH
) -> Job[FilesReport]:
    """Predict every file and give it to `deliver` on another thread; what can't be read or written is in the report.

    Order is kept but for images of another size, which wait until a batch of theirs is full or `_READ_AHEAD` wait.
    """
    report, started = FilesReport(), perf_counter()
    with ThreadPoolExecutor(1, "read") as readers, ThreadPoolExecutor(1, "write") as writers:
        writing: deque[tuple[Path, Future[None]]] = deque()
        for group in _batches(predictor, _decoded(readers, files, report), batch):
            predictions = predictor.predict_batch([image for _, image in group])
            for (path, image), prediction in zip(group, predictions, strict=True):
                writing.append((path, writers.submit(deliver, path, image, prediction)))
            while len(writing) > _READ_AHEAD:
                _settle(writing.popleft(), report)
            yield Progress(report.done + len(report.failed), len(files), group[-1][0].name)
        while writing:
            _settle(writing.popleft(), report)
    report.seconds = perf_counter() - started
    return report


def _decoded(readers: ThreadPoolExecutor, files: Sequence[Path], report: FilesReport) -> Iterator[tuple[Path, Image]]:
    ahead: deque[tuple[Path, Future[Image]]] = deque()
    waiting = iter(files)
    while True:
        while len(ahead) < BATCH and (path := next(waiting, None)) is not None:
            ahead.append((path, readers.submit(_read, path)))
        if not ahead:
            return
        path, future = ahead.popleft()
        try:
            yield path, future.result()
        except FcnGuiError as error:
            report.failed.append((path, str(error)))


def _read(path: Path) -> Image:
    return read_image(path).image


def _batches(
    predictor: Predictor, images: Iterator[tuple[Path, Image]], batch: int
) -> Iterator[list[tuple[Path, Image]]]:
    waiting: dict[tuple[int, int], list[tuple[Path, Image]]] = {}
    for path, image in images:
        group = waiting.setdefault(predictor.size_of(image.shape), [])
        group.append((path, image))
        if len(group) >= batch:
            yield waiting.pop(predictor.size_of(image.shape))
        elif sum(len(other) for other in waiting.values()) >= _READ_AHEAD:
            yield waiting.pop(max(waiting, key=lambda size: len(waiting[size])))
    yield from waiting.values()


def _settle(item: tuple[Path, Future[None]], report: FilesReport) -> None:
    path, future = item
    try:
        future.result()
        report.done += 1
    except FcnGuiError as error:
        report.failed.append((path, str(error)))
