"""Checkpoints as networks and back. Strict: every tensor must be there, in its shape, and no other."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from fcn_gui.core.checkpoint import Checkpoint
from fcn_gui.core.errors import CheckpointError
from fcn_gui.core.label_map import LabelMap
from fcn_gui.net.fcn import FCN, build_trunk, strides_down_to
from fcn_gui.net.preset import Preset

_NEVER = -1e4
"""A score that no other is below; float16 holds it."""


def network_from(checkpoint: Checkpoint, *, is_shared: bool = False) -> FCN:
    """A float32 network with the weights of `checkpoint`, ready to predict; CheckpointError with the reason.

    `is_shared`: for one that only predicts; its trunk has the float32 arrays of the checkpoint, not a copy of them.
    """
    Preset.from_json(checkpoint.preset)
    network = FCN(build_trunk(checkpoint.trunk), checkpoint.strides, len(checkpoint.label_map))
    _check_tensors(checkpoint, {name: tuple(value.shape) for name, value in network.state_dict().items()})
    state = {
        name: torch.from_numpy(_writable(value, is_copied=is_shared and not name.startswith("trunk.")))
        for name, value in checkpoint.tensors.items()
    }
    network.load_state_dict(state, assign=is_shared)
    network.eval()
    return network


def fresh(trunk: str, label_map: LabelMap, finest: int | None = None, seed: int = 0) -> Checkpoint:
    """A start of random weights on which signals keep their size (He et al. 2015), and score rows of zero.

    `finest`: FCN-8s for 8; as fine as the trunk has it where nobody says. CheckpointError for a trunk without it.
    """
    built = build_trunk(trunk)
    network = FCN(
        built, strides_down_to(built, finest or min(tap.stride for tap in built.taps.values())), len(label_map)
    )
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in built.parameters():
            if parameter.dim() > 1:
                nn.init.kaiming_normal_(parameter, generator=generator)
            else:
                parameter.zero_()
    return to_checkpoint(network, Checkpoint({}, trunk, network.strides, label_map, built.preset.to_json()))


def to_checkpoint(network: FCN, like: Checkpoint, *, half: bool = False) -> Checkpoint:
    """The weights of `network` with the description of `like`, whose child it is; float16 where `half`."""
    dtype = np.float16 if half else np.float32
    tensors = {name: value.detach().cpu().numpy().astype(dtype) for name, value in network.state_dict().items()}
    parent = like.id or like.parent
    return dataclasses.replace(like, tensors=tensors, strides=network.strides, parent=parent, receipt=None, id="")


def adapted(checkpoint: Checkpoint, label_map: LabelMap) -> Checkpoint:
    """The same weights for another label map: names that it knows keep their score rows, new rows start from zero."""
    if checkpoint.label_map == label_map:
        return checkpoint
    from_row = [checkpoint.label_map.index(name) for name in label_map.names]
    tensors = {
        name: _rows(value, from_row) if name.startswith("score_") else value
        for name, value in checkpoint.tensors.items()
    }
    return dataclasses.replace(checkpoint, tensors=tensors, label_map=label_map)


def taught_rows(network: FCN) -> Tensor:
    """K bool on the CPU: classes with anything but zero in any score layer; the others were never taught."""
    parameters = [parameter.detach() for name, parameter in network.named_parameters() if name.startswith("score_")]
    found = torch.stack(
        [parameter.flatten(1).any(1) if parameter.dim() > 1 else parameter != 0 for parameter in parameters]
    )
    return found.any(0).cpu()


def silence_untaught(network: FCN) -> None:
    """Make a network that only predicts never answer with a class that it was never taught."""
    untaught = ~taught_rows(network)
    with torch.no_grad():
        network.get_parameter("score_fr.bias")[untaught] = _NEVER


def _writable(value: NDArray, is_copied: bool) -> NDArray[np.float32]:
    """As torch wants arrays: float32, in order, and no warning; the array itself where it is that and may be."""
    return np.array(value, np.float32) if is_copied else np.require(value, np.float32, ["C", "W"])


def _rows(value: NDArray, from_row: list[int | None]) -> NDArray:
    rows = np.zeros((len(from_row), *value.shape[1:]), value.dtype)
    for row, known in enumerate(from_row):
        if known is not None:
            rows[row] = value[known]
    return rows


def _check_tensors(checkpoint: Checkpoint, wanted: Mapping[str, tuple[int, ...]]) -> None:
    missing, strange = set(wanted) - set(checkpoint.tensors), set(checkpoint.tensors) - set(wanted)
    if missing or strange:
        which = f"lacks {min(missing)}" if missing else f"has {min(strange)}, which is not known"
        raise CheckpointError(f"the checkpoint {which}: it does not fit {checkpoint.trunk}; choose another.")
    for name, shape in wanted.items():
        if tuple(checkpoint.tensors[name].shape) != shape:
            found = tuple(checkpoint.tensors[name].shape)
            raise CheckpointError(f"the checkpoint's {name} has shape {found}, not {shape}; choose another.")


def restrided(checkpoint: Checkpoint, strides: tuple[int, ...]) -> Checkpoint:
    """The same weights with other strides: score layers that it lacks start from zero, others are dropped."""
    if tuple(strides) == checkpoint.strides:
        return checkpoint
    network = FCN(build_trunk(checkpoint.trunk), strides, len(checkpoint.label_map))
    tensors = {
        name: checkpoint.tensors[name] if name in checkpoint.tensors else np.zeros(tuple(value.shape), np.float32)
        for name, value in network.state_dict().items()
        if name in checkpoint.tensors or name.startswith("score_")
    }
    return dataclasses.replace(checkpoint, tensors=tensors, strides=network.strides)
