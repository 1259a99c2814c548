"""What keeps a copy from forgetting: what the live network says, of pixels that nobody vouched and of photographs.

The photographs are the samples that the program brings along. They stand for what the bundled checkpoint knows, and are
looked at only where most of what the live network was taught are classes of PASCAL VOC. None that is corrected or held
out in the project is among them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import torch
from torch import Tensor

from fcn_gui.core.errors import ImageError, ProjectError
from fcn_gui.core.image_io import read_image
from fcn_gui.core.label_map import LabelMap, voc_label_map
from fcn_gui.core.raster import Image
from fcn_gui.disk.bundled import samples_dir
from fcn_gui.learn.crops import Window, sample_grid
from fcn_gui.learn.loss import divergence
from fcn_gui.learn.samples import Batch, Corrections
from fcn_gui.net.predict import Predictor
from fcn_gui.net.preset import working_size

Fingerprint = tuple[tuple[int, ...], bytes]

_STRIDE = 8
_MOST_ANSWERS = 512


class Anchor:
    """The live network's scores of whole images, computed once and kept coarse: K×h×w at every 8th pixel or so."""

    def __init__(self, live: Predictor, corrections: Corrections) -> None:
        self._live = live
        self._corrections = corrections
        self._finest = live.network.strides[-1]
        self._every = max(_STRIDE, self._finest)
        self._answers: dict[int, Tensor] = {}

    def divergence(self, scores: Tensor, part: Batch, windows: Sequence[tuple[int, Window]], classes: Tensor) -> Tensor:
        """Sum over the free pixels of `part`, as far as they are looked at, of how far its `scores` (N×K×h×w at the
        finest stride) are from what was said, over `classes` (K bool) alone; in pixels.
        """
        said = torch.stack([self._said(index, window) for index, window in windows]).to(scores.device)
        thinned = self._live.network.at_pixels(scores, (part.free.shape[1], part.free.shape[2]), self._every)
        free = part.free[:, :: self._every, :: self._every].float()
        apart: Tensor = divergence(thinned, said, free, classes) * self._every**2
        return apart

    def _said(self, index: int, window: Window) -> Tensor:
        correction = self._corrections.get(index)
        if index not in self._answers:
            if len(self._answers) >= _MOST_ANSWERS:
                self._answers.pop(next(iter(self._answers)))
            values = self._live.score_batch([correction.image])[0].values
            step = self._every // self._finest
            self._answers[index] = torch.from_numpy(values[:, ::step, ::step].astype(np.float16))
        working = working_size(self._corrections.preset, correction.labels.shape)
        first_px = self._live.network.first_px
        return sample_grid(self._answers[index], window, working, self._every, self._every, first_px)


def photographs(not_these: Collection[Fingerprint]) -> list[Image]:
    """The bundled photographs but for those with one of these fingerprints; none where the installation lacks them."""
    try:
        paths = sorted((samples_dir() / "photos").glob("*.jpg"))
        found = [read_image(path).image for path in paths]
    except (ProjectError, ImageError):
        return []
    return [image for image in found if fingerprint(image) not in not_these]


def knows_photographs(label_map: LabelMap, taught: Tensor) -> bool:
    """True where most of the classes that were taught are PASCAL VOC's."""
    voc = voc_label_map()
    names = [name for name, is_taught in zip(label_map.names, taught.tolist(), strict=True) if is_taught]
    return sum(voc.index(name) is not None for name in names) > max(len(names) / 2, 1)


def fingerprint(image: Image) -> Fingerprint:
    """What equal images have in common, and hardly ever two others."""
    return image.shape, image[::16, ::16].tobytes()
