"""What painting the verified images by hand would have cost, counted once a mask and kept in the cache."""

import hashlib
import json
import logging
from collections.abc import Callable, Sequence
from pathlib import Path

from fcn_gui.core.annotation_cost import scaled_mask
from fcn_gui.core.errors import FcnGuiError
from fcn_gui.core.progress import Job, Progress
from fcn_gui.core.raster import Mask
from fcn_gui.disk.atomic import write_text
from fcn_gui.session.effort import by_hand, vouched_truth
from fcn_gui.session.ports import CorrectedImage

_log = logging.getLogger(__name__)
NAME = "by_hand.json"


class ByHandBook:
    """Seconds by hand by the digest of the mask, in one small file that may be deleted at any time."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self._known: dict[str, float] | None = None

    def get(self, digest: str) -> float | None:
        """Seconds, None where they were not counted."""
        return self._read().get(digest)

    def put(self, digest: str, seconds: float) -> None:
        """Keep them; a cache that can't be written is no reason to stop."""
        self._read()[digest] = seconds
        try:
            write_text(self._path, json.dumps(self._read()))
        except FcnGuiError as error:
            _log.info("seconds by hand are not kept: %s", error)

    def _read(self) -> dict[str, float]:
        if self._known is None:
            try:
                kept = json.loads(self._path.read_text("utf-8"))
            except (OSError, ValueError):
                kept = {}
            rows = kept.items() if isinstance(kept, dict) else ()
            self._known = {name: float(value) for name, value in rows if isinstance(value, int | float)}
        return self._known


def count_by_hand(
    book: ByHandBook, images: Sequence[CorrectedImage], deliver: Callable[[str, float], None]
) -> Job[int]:
    """`deliver(key, seconds)` for each of `images`, those that are in the book first. How many had to be counted."""
    fresh: list[tuple[CorrectedImage, str]] = []
    for number, image in enumerate(images):
        yield Progress(number, len(images), "Reading verified images")
        truth = _truth(image)
        if truth is None:
            continue
        digest = hashlib.sha256(truth.tobytes() + repr(truth.shape).encode()).hexdigest()
        seconds = book.get(digest)
        if seconds is None:
            fresh.append((image, digest))
        else:
            deliver(image.key, seconds)
    counted = 0
    for image, digest in fresh:
        truth = _truth(image)
        if truth is not None:
            seconds = (yield from by_hand(truth, f"Counting seconds by hand: {image.key}")).seconds
            book.put(digest, seconds)
            deliver(image.key, seconds)
            counted += 1
    return counted


def _truth(image: CorrectedImage) -> Mask | None:
    """At the size at which the annotator works; None for an image that can't be read now."""
    try:
        _, mask, vouch = image.read()
    except FcnGuiError as error:
        _log.info("seconds by hand leave out %s: %s", image.key, error)
        return None
    return scaled_mask(vouched_truth(mask, vouch))
