"""Classes removed, merged, put in another order, and all of it taken back: what every index becomes.

A mask is changed by a table of 256 labels. Class 0 stays where it is: it is what shows where nothing is predicted.
"""

from dataclasses import dataclass

import numpy as np

from fcn_gui.core.errors import LabelMapError
from fcn_gui.core.label_map import LabelClass, LabelMap
from fcn_gui.core.palette import next_own_color
from fcn_gui.core.raster import VOID, Mask

IDENTITY = bytes(range(256))


@dataclass(frozen=True)
class LabelMapChange:
    """From the label map `before` to `after`; `table[label]` is what a label becomes, 256 of them, void stays void.

    Indices that no class of `before` has stand for themselves: masks that hold them are refused elsewhere.
    """

    before: LabelMap
    after: LabelMap
    table: bytes

    def of(self, mask: Mask) -> Mask:
        """A new array with the labels of any uint8 array changed."""
        return np.frombuffer(self.table, np.uint8)[mask]

    def label(self, label: int) -> int:
        """What one label becomes."""
        return self.table[label]

    def keeps(self, label: int) -> bool:
        """The class itself goes on, it was not merged into another; void always does."""
        new = self.table[label]
        if label >= len(self.before) or new == VOID:
            return label == VOID
        return self.after.names[new] == self.before.names[label]

    def back(self, now: LabelMap) -> "LabelMapChange":
        """The way back for a label map that may have been renamed, recoloured and added to since.

        What was merged stays with the class it went to: which pixels it were only the masks of before know. A class
        added since gets another colour where it took that of one that comes back; LabelMapError where it took the name.
        """
        table = bytearray(IDENTITY)
        classes = list(self.before.classes)
        for index in range(len(self.before)):
            if self.keeps(index):
                classes[index] = now.classes[self.table[index]]
                table[self.table[index]] = index
        for index in range(len(self.after), len(now)):
            table[index] = len(classes)
            taken = [each.color for each in classes]
            added = now.classes[index]
            classes.append(LabelClass(added.name, next_own_color(taken)) if added.color in taken else added)
        return LabelMapChange(now, LabelMap(tuple(classes)), bytes(table))


def removal(label_map: LabelMap, label: int, into: int) -> LabelMapChange:
    """Without class `label`; its pixels become class `into` (255: void). Raises LabelMapError."""
    _check_can_go(label_map, label, "removed")
    if into == label or not (into == VOID or 0 <= into < len(label_map)):
        raise LabelMapError(f"{label_map.names[label]} can't become class {into}: choose another class, or void.")
    order = [index for index in range(len(label_map)) if index != label]
    table = bytearray(_table(order))
    table[label] = VOID if into == VOID else table[into]
    return LabelMapChange(label_map, _picked(label_map, order), bytes(table))


def move(label_map: LabelMap, label: int, to: int) -> LabelMapChange:
    """Class `label` at place `to`, 1 … K − 1, those between one place on. Raises LabelMapError."""
    _check_can_go(label_map, label, "moved")
    if not 1 <= to < len(label_map):
        raise LabelMapError(f"{label_map.names[label]} can't go there: {label_map.names[0]} stays the first class.")
    order = [index for index in range(len(label_map)) if index != label]
    order.insert(to, label)
    return LabelMapChange(label_map, _picked(label_map, order), _table(order))


def _check_can_go(label_map: LabelMap, label: int, done: str) -> None:
    if label == 0:
        name = label_map.names[0]
        raise LabelMapError(f"{name} can't be {done}: class 0 is what shows where nothing is predicted.")
    if not 0 < label < len(label_map):
        raise LabelMapError(f"There is no class {label}: choose one of the list.")


def _picked(label_map: LabelMap, order: list[int]) -> LabelMap:
    return LabelMap(tuple(label_map.classes[index] for index in order))


def _table(order: list[int]) -> bytes:
    """Where each index goes when the classes stand in this order."""
    table = bytearray(IDENTITY)
    for new, old in enumerate(order):
        table[old] = new
    return bytes(table)
