"""What a prediction costs a person, in the seconds of the simulated annotator, in steps that others can run between."""

import numpy as np

from fcn_gui.core.annotation_cost import Cost, Follow, correction, scaled_mask
from fcn_gui.core.progress import Job, Progress, retold
from fcn_gui.core.raster import VOID, Mask, Vouch


def vouched_truth(mask: Mask, vouch: Vouch) -> Mask:
    """The mask where a person vouched for it, void elsewhere; H×W uint8."""
    truth: Mask = np.where(vouch > 0, mask, VOID).astype(np.uint8)
    return truth


def by_hand(truth: Mask, text: str) -> Job[Cost]:
    """Painting `truth` (H×W uint8, 255 void) on a blank mask. `text` says so on the way."""
    return (yield from corrected(np.zeros(truth.shape, np.uint8), truth, text))


def correcting(start: Mask, truth: Mask, text: str, by_hand_s: float) -> Job[float]:
    """Seconds of the cheaper way to `truth`: from `start`, or from a blank mask, which takes `by_hand_s`."""
    cost = yield from corrected(start, truth, text, by_hand_s)
    return min(cost.seconds, by_hand_s)


def corrected(
    start: Mask, truth: Mask, text: str, bound_s: float | None = None, follow: Follow | None = None
) -> Job[Cost]:
    """From `start` to `truth`, both at the size of the image. Beyond `bound_s` seconds the work is broken off.

    `follow`: what a tool does after each stroke, at the size at which the person works.
    """
    job = correction(scaled_mask(start), scaled_mask(truth), bound_s=bound_s, follow=follow)
    return (yield from retold(job, lambda _: Progress(text=text)))
