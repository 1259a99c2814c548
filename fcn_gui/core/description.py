"""What is loaded, in words for the status bar and `doctor`."""

from dataclasses import dataclass

from fcn_gui.core.label_map import LabelMap


@dataclass(frozen=True)
class Description:
    """The device and how it computes, the id of the live checkpoint, and the classes that it answers in."""

    device: str
    precision: str
    checkpoint: str
    label_map: LabelMap
