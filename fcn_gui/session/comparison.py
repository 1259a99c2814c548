"""What two checkpoints say of one photograph, beside each other; which of them is live makes no difference."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fcn_gui.core.progress import Job, Progress
from fcn_gui.core.raster import Mask
from fcn_gui.disk.checkpoint_file import read_checkpoint
from fcn_gui.session.checkpoints import CheckpointEntry, LiveModel
from fcn_gui.session.engine import Engine, known_as
from fcn_gui.session.ports import CorrectedImage


@dataclass(frozen=True)
class ComparisonRequest:
    """A snapshot: the image, two entries of the history and where their weights lie, and the classes of now."""

    live: LiveModel
    image: CorrectedImage
    entries: tuple[CheckpointEntry, CheckpointEntry]
    paths: tuple[Path, Path]


@dataclass(frozen=True)
class Comparison:
    """H×W uint8 labels of the image `key` as both predict them, raw and without a refit."""

    key: str
    numbers: tuple[int, int]
    before: Mask
    after: Mask

    @property
    def changed(self) -> float:
        """Share of the pixels that differ, 0…1."""
        return float(np.count_nonzero(self.before != self.after)) / self.before.size


def compare_checkpoints(engine: Engine, request: ComparisonRequest) -> Job[Comparison]:
    """Predict the image by both. Raises CheckpointError; what is live stays loaded."""
    yield Progress(text="Comparing checkpoints")
    before, after = yield from _labels(engine, request, request.paths)
    first, second = request.entries
    return Comparison(request.image.key, (first.number, second.number), before, after)


def _labels(engine: Engine, request: ComparisonRequest, paths: Sequence[Path]) -> Job[list[Mask]]:
    found: list[Mask] = []
    for path in paths:
        checkpoint = known_as(read_checkpoint(path), request.live)
        yield Progress(len(found), len(paths), "Comparing checkpoints")
        found += yield from engine.ready(request.live).evaluate(checkpoint, [request.image])
    return found
