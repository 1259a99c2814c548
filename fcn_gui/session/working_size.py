"""How large the network sees the photos of a project where the person leaves that to the program.

What a checkpoint was taught it was taught at its own size. Classes that it does not know are learned from its taps by
the refit alone, and there a finer look is worth more than the size that the weights are used to
(docs/decisions/working-size.md).
"""

from fcn_gui.core.checkpoint import Checkpoint
from fcn_gui.core.label_map import LabelMap
from fcn_gui.core.setting_rows import WORKING_SIZE
from fcn_gui.core.settings import Settings

FINER_PX = 1025
"""The finest look that is taken unasked."""


def wanted_long_side(settings: Settings, checkpoint: Checkpoint, label_map: LabelMap) -> int | str | None:
    """The working long side in pixels, or "native"; None: as the preset of `checkpoint` has it.

    `checkpoint` has its classes by the names of now. Twice its own side, up to `FINER_PX`, where it knows less than
    half of the classes.
    """
    if settings.get(WORKING_SIZE) != "auto":
        return settings.long_side
    known = sum(checkpoint.label_map.index(name) is not None for name in label_map.names)
    own = checkpoint.preset.get("long_side")
    if 2 * known >= len(label_map) or not isinstance(own, int) or own >= FINER_PX:
        return None
    return min(2 * own - 1, FINER_PX)
