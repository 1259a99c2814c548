"""What it would cost a person to put a first look right: each wrong region outlined by hand.

An upper bound that goes by the simulated annotator's seconds for a polygon; only differences of it are used.
"""

import cv2
import numpy as np

from fcn_gui.core.raster import VOID, Mask

DECIDE_S, CLOSE_S, SECONDS_A_PX = 2.45, 0.28, 0.2 / 4
LEAST_SHARE, LEAST_PX = 0.0004, 12
"""Regions of fewer pixels are let go: a share of the image, at least so many."""


def look_seconds(labels: Mask, truth: Mask) -> float:
    """Seconds to turn `labels` into `truth` (both H×W, 255 in the truth: not known), region by region."""
    wrong = (labels != truth) & (truth != VOID)
    least = max(LEAST_PX, int(LEAST_SHARE * truth.size))
    seconds = 0.0
    for label in np.unique(truth[wrong]):
        outlines, _ = cv2.findContours(
            (wrong & (truth == label)).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE
        )
        for outline in outlines:
            if cv2.contourArea(outline) >= least:
                seconds += DECIDE_S + CLOSE_S + SECONDS_A_PX * cv2.arcLength(outline, True)
    return seconds
