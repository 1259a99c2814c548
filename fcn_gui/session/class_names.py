"""What classes were called before, and which were merged: neither may cost what the network knows.

A checkpoint keeps the classes that it was made with; whoever loads it is told what they are now.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from fcn_gui.core.checkpoint import Checkpoint
from fcn_gui.core.label_map import BACKGROUND, LabelMap
from fcn_gui.core.label_map_change import LabelMapChange
from fcn_gui.core.merged_rows import merged_rows
from fcn_gui.core.raster import VOID
from fcn_gui.core.refit import Refit


class Formerly(NamedTuple):
    """The class `now` was called `before`, or has taken in the class `before`."""

    now: str
    before: str
    is_merged: bool = False


def known_names(
    label_map: LabelMap, formerly: Sequence[Formerly], classes: LabelMap
) -> tuple[LabelMap, tuple[tuple[int, int], ...]]:
    """Classes by the names of now (`formerly` oldest first), and which (into, gone) of them are one class now.

    `classes` are those of the project: a class that it has again stays by itself.
    """
    merges: list[tuple[int, int]] = []
    for place, each in enumerate(formerly):
        now, before = label_map.index(each.now), label_map.index(each.before)
        if before is None or (each.is_merged and _is_back(each.before, formerly[place + 1 :], classes)):
            continue
        if now is None:
            label_map = label_map.renamed(before, each.now)
        elif each.is_merged:
            merges.append((now, before))
    return label_map, tuple(merges)


def checkpoint_by_names(checkpoint: Checkpoint, formerly: Sequence[Formerly], classes: LabelMap) -> Checkpoint:
    """The checkpoint with its classes as they are now."""
    label_map, merges = known_names(checkpoint.label_map, formerly, classes)
    return replace(checkpoint, label_map=label_map, tensors=merged_rows(checkpoint.tensors, merges))


def refit_by_names(refit: Refit, formerly: Sequence[Formerly], classes: LabelMap) -> Refit:
    """The refit with its classes as they are now."""
    label_map, merges = known_names(refit.label_map, formerly, classes)
    return replace(refit, label_map=label_map, tensors=merged_rows(refit.tensors, merges))


def after_change(formerly: Sequence[Formerly], change: LabelMapChange) -> tuple[Formerly, ...]:
    """What holds once labels have changed: a class that went to another one is known as that from now on.

    What went to void is forgotten. So is what went to the background: where nothing else is predicted, that shows.
    """
    merged, lost = [], set()
    for label, name in enumerate(change.before.names):
        if change.keeps(label):
            continue
        into = change.label(label)
        if into == VOID or change.after.names[into] == BACKGROUND:
            lost.add(name)
        else:
            merged.append(Formerly(change.after.names[into], name, True))
    return (*_without(formerly, lost), *merged)


def to_json(formerly: Sequence[Formerly]) -> list[list[object]]:
    """As a project's header keeps it."""
    return [list(each) if each.is_merged else [each.now, each.before] for each in formerly]


def from_json(kept: object) -> tuple[Formerly, ...]:
    """What a header holds of it; anything else in its place is left out."""
    rows = kept if isinstance(kept, list | tuple) else ()
    whole = [row for row in rows if isinstance(row, list | tuple) and len(row) in (2, 3)]
    return tuple(Formerly(str(row[0]), str(row[1]), len(row) == 3 and row[2] is True) for row in whole)


def _is_back(name: str, later: Sequence[Formerly], classes: LabelMap) -> bool:
    """A class of that name was made anew after it had gone."""
    return classes.index(name) is not None or any(each.before == name for each in later)


def _without(formerly: Sequence[Formerly], gone: set[str]) -> tuple[Formerly, ...]:
    """All but what led to a class that is gone: its names are free again."""
    free = set(gone)
    for each in reversed(formerly):
        if each.now in free:
            free.add(each.before)
    return tuple(each for each in formerly if each.now not in free)
