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
    attuned: ScoreGrid | None = None
    """The scores of the same network after it learned from what it was sure of here; None where it was not asked to."""
    cleaned: Mask | None = None
    is_withheld: bool = False
    """The mask starts blank (`cleaned`), whatever the network says."""

    @property
    def nbytes(self) -> int:
        """Memory of its arrays."""
        attuned = 0 if self.attuned is None else self.attuned.values.nbytes
        cleaned = 0 if self.cleaned is None else self.cleaned.nbytes
        return self.labels.nbytes + self.scores.values.nbytes + attuned + cleaned

    def at_size(self, shape: tuple[int, int]) -> "Prediction":
        """As it is of the same image at another size (H, W), not cleaned up."""
        scores, attuned = self.scores.at_size(shape), self.attuned
        return Prediction(scores.labels(), scores, self.checkpoint, None if attuned is None else attuned.at_size(shape))

    def scores_of(self, *, is_attuned: bool) -> ScoreGrid:
        """`attuned`, where that is asked for and known; else `scores`."""
        return self.attuned if is_attuned and self.attuned is not None else self.scores

    @property
    def proposal(self) -> Mask:
        """H×W uint8: what an unvouched pixel shows."""
        return self.labels if self.cleaned is None else self.cleaned
