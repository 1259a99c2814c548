"""Several looks at one photograph: at further sizes, and mirrored.

Each look errs in its own places, above all at borders and on what is thin; their mean errs less. It costs ten forward
passes, so it is for whoever asks (docs/decisions/refine.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from fcn_gui.core.raster import Image
from fcn_gui.core.refinement import averaged
from fcn_gui.core.scores import ScoreGrid
from fcn_gui.net.predict import Predictor
from fcn_gui.net.preset import Preset

FACTORS = (1.2, 1.5)
"""Further working sizes, in parts of the usual one."""
LOOKS = 2 * (1 + len(FACTORS))


def further_looks(predictor: Predictor, image: Image) -> Iterator[ScoreGrid]:
    """Scores of all looks at an H×W×3 uint8 `image` but the usual one. Raises DeviceError."""
    mirror_image = np.ascontiguousarray(image[:, ::-1])
    yield predictor.score_batch([mirror_image])[0].mirrored()
    for preset in further_presets(predictor.preset, image.shape):
        at_size = predictor.with_preset(preset)
        yield at_size.score_batch([image])[0]
        yield at_size.score_batch([mirror_image])[0].mirrored()


def further_presets(preset: Preset, shape: tuple[int, ...]) -> tuple[Preset, ...]:
    """At the further working sizes; where that is native, of an image of `shape`."""
    usual = preset.long_side or max(shape[:2])
    return tuple(preset.at(int(usual * factor)) for factor in FACTORS)


class ManyLooks(Predictor):
    """A predictor whose scores are the mean of all looks."""

    def __init__(self, usual: Predictor) -> None:
        super().__init__(usual.network, usual.preset, usual.device, usual.checkpoint)
        self._usual = usual

    def score_batch(self, images: Sequence[Image]) -> list[ScoreGrid]:
        grids = self._usual.score_batch(images)
        self.notice, self.device = self._usual.notice, self._usual.device
        return [averaged([grid, *further_looks(self._usual, image)]) for grid, image in zip(grids, images, strict=True)]
