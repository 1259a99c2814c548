"""What the network says of one image."""

from dataclasses import dataclass

from fcn_gui.core.raster import Mask
from fcn_gui.core.scores import ScoreGrid


@dataclass(frozen=True)
class Prediction:
    """`labels` H×W uint8 is the argmax of `scores` at the size of the image; `checkpoint` is the id of the weights.

    `cleaned` H×W uint8 is what a mask starts from, None where that is `labels`.
    """

    labels: Mask
    scores: ScoreGrid
    checkpoint: str
    cleaned: Mask | None = None
    is_withheld: bool = False
    """The mask starts blank (`cleaned`), whatever the network says."""

    @property
    def proposal(self) -> Mask:
        """H×W uint8: what an unvouched pixel shows."""
        return self.labels if self.cleaned is None else self.cleaned
