"""Labels of refined scores at the size of the image, by the quick argmax of `grid_labels`.

The ways themselves are numpy and live in `core/refinement`: start masks, tests and engines without torch use them too.
"""

from fcn_gui.core.raster import Image, Mask
from fcn_gui.core.refinement import Refinement, coherent, kept
from fcn_gui.core.scores import ScoreGrid
from fcn_gui.net.grid_labels import grid_labels


def refined(grid: ScoreGrid, image: Image, way: Refinement, vouched: Mask | None = None) -> Mask:
    """H×W uint8 labels of `grid` over its `image` (H×W×3), made coherent in this `way`.

    `vouched` H×W uint8: labels that are known to be right, 255 elsewhere. They stay, and their neighbours hear them.
    """
    if way is Refinement.OFF:
        return kept(grid_labels(grid), vouched)
    found = coherent(grid, image, way, vouched)
    return kept(found.named(grid_labels(found.grid)), vouched)
