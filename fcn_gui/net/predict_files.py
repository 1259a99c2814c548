"""Many images through the network: read and written by other threads, in batches of equal size, in bounded memory."""

from __future__ import annotations

import time
from collections import defaultdict, deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from fcn_gui.core.errors import FcnGuiError
from fcn_gui.core.image_io import read_image
from fcn_gui.core.prediction import Prediction
from fcn_gui.core.progress import Job, Progress
from fcn_gui.core.raster import Image
from fcn_gui.net.predict import Predictor

BATCH = 4
_THREADS = 2
_AHEAD = 3
"""How many batches are decoded ahead, so that images of a rare size don't hold the others up."""

Write = Callable[[Path, Image, Prediction], None]


@dataclass
class PredictReport:
    """How many images were predicted and written, which were not and why, and how long it took."""

    done: int = 0
    failed: list[tuple[Path, str]] = field(default_factory=list)
    seconds: float = 0.0


@dataclass(frozen=True)
class _Read:
    path: Path
    image: Image | None
    reason: str = ""


def predict_files(predictor: Predictor, paths: Sequence[Path], write: Write, batch: int = BATCH) -> Job[PredictReport]:
    """Predict every image and hand it to `write`, which runs on other threads, once for each image.

    What reading or `write` say went wrong (FcnGuiError) is told in the report, and the rest goes on. Closing the job
    ends it between two batches; what was predicted by then is still written.
    """
    report, started = PredictReport(), time.perf_counter()
    with ThreadPoolExecutor(_THREADS, "read") as readers, ThreadPoolExecutor(_THREADS, "write") as writers:
        writing: deque[Future[tuple[Path, str]]] = deque()
        for ready in _batches(predictor, iter(paths), readers, batch, report):
            images = [each.image for each in ready if each.image is not None]
            for each, prediction in zip(ready, predictor.predict_batch(images), strict=True):
                writing.append(writers.submit(_written, write, each, prediction))
            while len(writing) > _AHEAD * batch or (writing and writing[0].done()):
                _note(report, writing.popleft())
            yield Progress(report.done + len(report.failed), len(paths), ready[-1].path.name)
        while writing:
            _note(report, writing.popleft())
            yield Progress(report.done + len(report.failed), len(paths))
    report.seconds = time.perf_counter() - started
    return report


def _batches(
    predictor: Predictor, paths: Iterator[Path], readers: ThreadPoolExecutor, batch: int, report: PredictReport
) -> Generator[list[_Read], None, None]:
    """Images of equal tensor size, `batch` at a time, fewer only at the end or where a size is rare."""
    reading = deque(readers.submit(_read, path) for path in islice(paths, _AHEAD * batch))
    waiting: dict[tuple[int, int], list[_Read]] = defaultdict(list)
    while reading:
        read = reading.popleft().result()
        reading.extend(readers.submit(_read, path) for path in islice(paths, 1))
        if read.image is None:
            report.failed.append((read.path, read.reason))
            continue
        size = predictor.size_of(read.image.shape)
        waiting[size].append(read)
        if len(waiting[size]) == batch:
            yield waiting.pop(size)
        elif sum(map(len, waiting.values())) >= _AHEAD * batch:
            yield waiting.pop(max(waiting, key=lambda alike: len(waiting[alike])))
    yield from waiting.values()


def _read(path: Path) -> _Read:
    try:
        return _Read(path, read_image(path).image)
    except FcnGuiError as error:
        return _Read(path, None, str(error))


def _written(write: Write, read: _Read, prediction: Prediction) -> tuple[Path, str]:
    assert read.image is not None
    try:
        write(read.path, read.image, prediction)
    except FcnGuiError as error:
        return read.path, str(error)
    return read.path, ""


def _note(report: PredictReport, written: Future[tuple[Path, str]]) -> None:
    path, reason = written.result()
    if reason:
        report.failed.append((path, reason))
    else:
        report.done += 1
