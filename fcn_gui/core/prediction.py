"""What the network says of one image."""

from dataclasses import dataclass

from fcn_gui.core.raster import Mask
from fcn_gui.core.scores import ScoreGrid


@dataclass(frozen=True)
class Prediction:
    """`labels` H×W uint8 is the argmax of `scores` at the size of the image; `checkpoint` is the id of the weights."""

    labels: Mask
    scores: ScoreGrid
    checkpoint: str
