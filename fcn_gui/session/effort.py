"""What a prediction costs a person, in the seconds of the simulated annotator, in steps that others can run between."""

from collections.abc import Generator

import numpy as np

from fcn_gui.core.annotation_cost import LOOK_S, MOST_STROKES, VERIFY_S, Annotator, paint, scaled_mask
from fcn_gui.core.progress import Job, Progress
from fcn_gui.core.raster import VOID, Mask, Vouch


def vouched_truth(mask: Mask, vouch: Vouch) -> Mask:
    """The mask where a person vouched for it, void elsewhere; H×W uint8."""
    truth: Mask = np.where(vouch > 0, mask, VOID).astype(np.uint8)
    return truth


def by_hand(truth: Mask, text: str) -> Job[tuple[float, int]]:
    """Seconds and strokes of painting `truth` (H×W uint8, 255 void) on a blank mask. `text` says so on the way."""
    return (yield from _corrected(np.zeros(truth.shape, np.uint8), truth, text))


def correcting(start: Mask, truth: Mask, text: str, by_hand_s: float) -> Job[float]:
    """Seconds of the cheaper way to `truth`: from `start`, or from a blank mask, which takes `by_hand_s`."""
    seconds, _ = yield from _corrected(start, truth, text, by_hand_s)
    return min(seconds, by_hand_s)


def _corrected(
    start: Mask, truth: Mask, text: str, bound_s: float = float("inf")
) -> Generator[Progress, None, tuple[float, int]]:
    """Beyond `bound_s` seconds the work is broken off."""
    annotator, mask = Annotator(scaled_mask(truth)), scaled_mask(start).copy()
    seconds, strokes = LOOK_S + VERIFY_S, 0
    while strokes < MOST_STROKES and seconds <= bound_s:
        yield Progress(text=text)
        stroke = annotator.next_stroke(mask)
        if stroke is None:
            break
        paint(mask, stroke)
        seconds, strokes = seconds + stroke.seconds, strokes + 1
    return seconds, strokes
