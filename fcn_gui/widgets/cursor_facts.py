"""What lies under the cursor, as numbers."""

from __future__ import annotations

import numpy as np

from fcn_gui.qt.view_state import CursorFacts
from fcn_gui.session.document import Document
from fcn_gui.widgets.tools import XY

SHOWN = 2


def facts_at(document: Document | None, xy: XY | None, heatmap_label: int) -> CursorFacts | None:
    """Facts of the pixel at image `xy`; None outside the image."""
    if document is None or xy is None:
        return None
    col, row = int(xy[0] // 1), int(xy[1] // 1)
    height, width = document.masked.mask.shape
    if not (0 <= row < height and 0 <= col < width):
        return None
    likeliest: tuple[tuple[int, float], ...] = ()
    heat = None
    if document.prediction is not None:
        probabilities = document.prediction.scores.probabilities_at(row, col)
        order = np.argsort(probabilities)[::-1][:SHOWN]
        likeliest = tuple((int(k), float(probabilities[k])) for k in order)
        heat = float(probabilities[heatmap_label]) if heatmap_label < len(probabilities) else None
    label, vouch = int(document.masked.mask[row, col]), int(document.masked.vouch[row, col])
    return CursorFacts(col, row, label, vouch, likeliest, heat)
