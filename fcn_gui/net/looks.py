"""Several looks at one photograph: at further sizes, and mirrored.

Each look errs in its own places, above all at borders and on what is thin; their mean errs less. It costs ten forward
passes, so it is for whoever asks (docs/decisions/refine.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from fcn_gui.core.raster import Image
from fcn_gui.core.refinement import Refinement, averaged
from fcn_gui.core.scores import ScoreGrid
from fcn_gui.net.predict import Predictor
from fcn_gui.net.preset import Preset

FACTORS = (1.2, 1.5)
"""Further working sizes, in parts of the usual one."""
LOOKS = 2 * (1 + len(FACTORS))


def further_looks(predictor: Predictor, image: Image) -> Iterator[ScoreGrid]:
    """Scores of all looks at an H×W×3 uint8 `image` but the usual one. Raises DeviceError."""
    usual, mirror_image = predictor.preset, np.ascontiguousarray(image[:, ::-1])
    yield predictor.look([mirror_image], usual)[0].mirrored()
    for preset in further_presets(usual, image.shape):
        yield predictor.look([image], preset)[0]
        yield predictor.look([mirror_image], preset)[0].mirrored()


def further_presets(preset: Preset, shape: tuple[int, ...]) -> tuple[Preset, ...]:
    """At the further working sizes; where that is native, of an image of `shape`."""
    usual = preset.long_side or max(shape[:2])
    return tuple(preset.at(int(usual * factor)) for factor in FACTORS)


class ManyLooks(Predictor):
    """A predictor whose scores are the mean of all looks."""

    @classmethod
    def where_wanted(cls, usual: Predictor, way: Refinement) -> Predictor:
        """In the place of the `usual` one where that is how borders are refined."""
        if way is not Refinement.LOOKS:
            return usual
        return cls(usual.network, usual.preset, usual.device, usual.checkpoint)

    def score_batch(self, images: Sequence[Image]) -> list[ScoreGrid]:
        usual = super().score_batch(images)
        return [averaged([grid, *further_looks(self, image)]) for grid, image in zip(usual, images, strict=True)]
