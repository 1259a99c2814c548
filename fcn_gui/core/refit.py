"""Score layers solved anew over a checkpoint: what a refit gives, and what `refit.safetensors` keeps."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from fcn_gui.core.checkpoint import Checkpoint
from fcn_gui.core.errors import CheckpointError
from fcn_gui.core.label_map import LabelMap


@dataclass(frozen=True, eq=False)
class Refit:
    """`tensors` stand in for those of the same names in the checkpoint with the id `checkpoint`."""

    checkpoint: str
    label_map: LabelMap
    tensors: Mapping[str, NDArray[Any]]
    introduced: tuple[int, ...] = ()
    """Of the `new` classes, those that only the open image has."""
    new: tuple[int, ...] = ()
    """Classes that the checkpoint was never taught."""
    vouched: tuple[int, ...] = ()
    """Classes that somebody vouched for in any of the images."""
    judged: tuple[tuple[float, float], ...] = ()
    """Of images as they were finished: the seconds that it would have cost to put the first look of the checkpoint
    alone right, and that of the refit as it was before their strokes."""

    def on(self, checkpoint: Checkpoint) -> Checkpoint:
        """The checkpoint with these layers in the place of its own. CheckpointError where it is another one."""
        if checkpoint.id != self.checkpoint or not set(self.tensors) <= set(checkpoint.tensors):
            raise CheckpointError(f"The refit lies on checkpoint {self.checkpoint}, not on {checkpoint.id}.")
        tensors = {**checkpoint.tensors, **self.tensors}
        return dataclasses.replace(checkpoint, tensors=tensors, label_map=self.label_map)

    def without(self, names: Collection[str]) -> Refit:
        """The same without the rows of these classes: one that gets such a name later begins from zero."""
        kept = [label for label, name in enumerate(self.label_map.names) if name not in names]
        return dataclasses.replace(
            self,
            label_map=LabelMap(tuple(self.label_map.classes[label] for label in kept)),
            tensors={name: tensor[kept] for name, tensor in self.tensors.items()},
            introduced=tuple(kept.index(label) for label in self.introduced if label in kept),
            new=tuple(kept.index(label) for label in self.new if label in kept),
            vouched=tuple(kept.index(label) for label in self.vouched if label in kept),
        )
