"""Two classes of a network made one: a row of the score layers that answers where either of two did.

The score of a pixel is linear in a row, and no row gives the larger of two scores. The sum of both rows, each less the
mean of all, comes near it, and a little less than the sum nearer: figures in `docs/decisions/rewriting-classes.md`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

SCORE_LAYERS = "score_"
"""What the names of all score layers begin with; their first axis is the class."""
PART = 0.9
"""Of the sum: the whole of it reaches beyond outlines."""
Tensors = Mapping[str, NDArray[Any]]


def merged_rows(tensors: Tensors, merges: Sequence[tuple[int, int]]) -> Tensors:
    """Weights in which class `into` of each (into, gone) knows what both knew; the row `gone` is left as it is.

    A class that was never taught (its weights are 0 in every score layer) knows nothing: the other row is taken whole.
    """
    layers = {name: np.array(value, np.float32) for name, value in tensors.items() if name.startswith(SCORE_LAYERS)}
    weights = [value for value in layers.values() if value.ndim > 1]
    if not merges or not weights:
        return tensors
    for into, gone in merges:
        taught = np.any([value.reshape(len(value), -1).any(1) for value in weights], 0)
        if not taught[gone]:
            continue
        for value in layers.values():
            mean = value[taught].mean(0)
            both = mean + PART * (value[into] + value[gone] - 2 * mean)
            value[into] = both if taught[into] else value[gone]
    return {**tensors, **{name: value.astype(tensors[name].dtype) for name, value in layers.items()}}
