"""Many images through the network: read and written by other threads, largest first, in bounded memory."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from fcn_gui.core.errors import FcnGuiError
from fcn_gui.core.image_io import read_image, read_size
from fcn_gui.core.prediction import Prediction
from fcn_gui.core.progress import Job, Progress
from fcn_gui.core.raster import Image
from fcn_gui.net.predict import Predictor

AT_ONCE = 4
"""Images in one forward pass, where they are of equal size and the device is not a processor: that one is as fast with
one at a time, in half of the memory."""
_THREADS = 2
_AHEAD = 3
"""How many batches are decoded ahead, and how many may wait to be written."""

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


def at_once(predictor: Predictor) -> int:
    """How many images share a forward pass on the predictor's device."""
    return 1 if predictor.device.name == "cpu" else AT_ONCE


def predict_files(
    predictor: Predictor, paths: Sequence[Path], write: Write, batch: int | None = None
) -> Job[PredictReport]:
    """Predict every image and hand it to `write`, which runs on other threads, once for each image.

    The largest come first: what does not fit is known at once, and the memory that they took serves all the others.
    What reading or `write` say went wrong (FcnGuiError) is told in the report, and the rest goes on. Closing the job
    ends it between two batches (of `at_once` images, or `batch`); what was predicted by then is still written.
    """
    batch = batch or at_once(predictor)
    report, started = PredictReport(), time.perf_counter()
    with ThreadPoolExecutor(_THREADS, "read") as readers, ThreadPoolExecutor(_THREADS, "write") as writers:
        writing: deque[Future[tuple[Path, str]]] = deque()
        for ready in _batches(predictor, paths, readers, batch, report):
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
    predictor: Predictor, paths: Sequence[Path], readers: ThreadPoolExecutor, batch: int, report: PredictReport
) -> Generator[list[_Read], None, None]:
    """Images of equal tensor size, `batch` at a time, fewer only where a size ends."""
    sizes = readers.map(lambda path: _size(predictor, path), paths)
    largest_first = iter([path for _, path in sorted(zip(sizes, paths, strict=True), key=lambda each: each[0])])
    reading = deque(readers.submit(_read, path) for path in islice(largest_first, _AHEAD * batch))
    alike: list[_Read] = []
    size = (0, 0)
    while reading:
        read = reading.popleft().result()
        reading.extend(readers.submit(_read, path) for path in islice(largest_first, 1))
        if read.image is None:
            report.failed.append((read.path, read.reason))
            continue
        its_size = predictor.size_of(read.image.shape)
        if alike and (its_size != size or len(alike) == batch):
            yield alike
            alike = []
        size = its_size
        alike.append(read)
    if alike:
        yield alike


def _size(predictor: Predictor, path: Path) -> tuple[int, int, int]:
    """Sorts the largest tensors first, those of one size beside each other; what can't be read comes last."""
    try:
        height, width = predictor.size_of(read_size(path))
    except FcnGuiError:
        return 0, 0, 0
    return -height * width, height, width


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
