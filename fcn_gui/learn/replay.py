"""What keeps a refit from forgetting: pixels of the bundled photographs, where scores are to stay as they are.

A class that is new beside those of PASCAL VOC is told from them only on the images that hold it: on others its row says
anything, and takes half of their pixels. So a refit of such a class sees some photographs that have none of it as well
(docs/decisions/the-refit.md).
"""

from __future__ import annotations

from collections.abc import Callable, Collection

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fcn_gui.core.errors import ImageError, ProjectError
from fcn_gui.core.image_io import digest, read_image
from fcn_gui.core.label_map import LabelMap, voc_label_map
from fcn_gui.core.progress import Job, Progress
from fcn_gui.core.raster import Image
from fcn_gui.disk.bundled import samples_dir
from fcn_gui.learn.features import Features, features_at
from fcn_gui.net.fcn import FCN
from fcn_gui.net.preset import Preset

Look = Callable[[str, Image], Features | None]
"""The taps of an image by its name, "" where they are not to be kept; None where there are none in one piece."""

THOROUGH_PIXELS, PIXELS = 500, 125
"""Of each photograph, for a refit for images to come and for one while somebody paints."""
READ_A_STROKE = 1
"""Photographs that one while somebody paints looks at first: who painted a stroke is not to wait for all of them."""
_GOLDEN = (5**0.5 - 1) / 2


class Replay:
    """What is read on the bundled photographs by one network; each is looked at once, when it is needed first."""

    def __init__(self, network: FCN, preset: Preset) -> None:
        self._network, self._preset = network, preset
        self._read: list[tuple[str, Tensor]] = []
        """Of each photograph the digest of its file, and M×D; M is 0 where it can't be looked at."""

    def read(self, look: Look, most: int | None = None) -> Job[None]:
        """Look at `most` photographs that were not looked at yet, or all; what an interrupted one has read stays."""
        try:
            paths = sorted((samples_dir() / "photos").glob("*.jpg"))
        except ProjectError:  # an installation without them
            return
        for path in paths[len(self._read) :][:most]:
            try:
                name, features = digest(path), look("", read_image(path).image)
            except ImageError:
                name, features = "", None
            self._read.append((name, torch.zeros(0, 0) if features is None else self._at(features)))
            yield Progress(text="Remembering photographs")

    def pixels(self, own: Collection[str], is_thorough: bool) -> Tensor | None:
        """M×D of all photographs but those whose digest is among the project's `own`; None without any."""
        most = THOROUGH_PIXELS if is_thorough else PIXELS
        found = [read[:most] for name, read in self._read if len(read) and name not in own]
        return torch.cat(found) if found else None

    def _at(self, features: Features) -> Tensor:
        return features_at(features, _spread(features.shape), self._network, self._preset)


def is_needed(label_map: LabelMap, vouched: Tensor) -> bool:
    """Whether a class that is none of PASCAL VOC's is `vouched` (K bool)."""
    voc = voc_label_map()
    return any(voc.index(label_map.names[label]) is None for label in vouched.nonzero()[:, 0].tolist())


def _spread(shape: tuple[int, int]) -> NDArray[np.int64]:
    """Pixels (flat indices into H×W) any first part of which lies evenly over the image."""
    numbers = np.arange(1, THOROUGH_PIXELS + 1)
    return (numbers * _GOLDEN % 1 * (shape[0] * shape[1])).astype(np.int64)
