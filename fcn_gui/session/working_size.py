"""How large the network sees the photos of a project where the person leaves that to the program.

What a checkpoint was taught it was taught at its own size; how large its photos are best seen is another question, and
in a project it is a person's seconds that answer it. Classes that it does not know are learned from its taps by the
refit alone, and there a still finer look is worth more (docs/decisions/working-size.md).
"""

from fcn_gui.core.checkpoint import Checkpoint
from fcn_gui.core.label_map import LabelMap
from fcn_gui.core.setting_rows import WORKING_SIZE
from fcn_gui.core.settings import Settings

FINER_PX = 1025
"""The finest look that is taken unasked."""


def wanted_long_side(settings: Settings, checkpoint: Checkpoint, label_map: LabelMap) -> int | str | None:
    """The working long side in pixels, or "native"; None: as the preset of `checkpoint` has it.

    `checkpoint` has its classes by the names of now. Where it knows half of the classes (background is one), the side
    that its preset has for projects, if any; else twice its own side, up to `FINER_PX`.
    """
    if settings.get(WORKING_SIZE) != "auto":
        return settings.long_side
    known = sum(checkpoint.label_map.index(name) is not None for name in label_map.names)
    own, of_projects = (checkpoint.preset.get(side) for side in ("long_side", "project_side"))
    if 2 * known >= len(label_map):
        return of_projects if isinstance(of_projects, int) and of_projects else None
    if not isinstance(own, int) or own >= FINER_PX:
        return None
    return min(2 * own - 1, FINER_PX)
