"""Taps of images that were looked at: with them score rows are solved, and predictions made, without the trunk.

Taps are kept as float16 (a photograph of 500×375 has 3 MB of them) within a bound of bytes; those used least recently
go first, and are computed again when they are asked for.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from fcn_gui.core.raster import Image
from fcn_gui.core.scores import ScoreGrid
from fcn_gui.learn.score_rows import ScoreRows
from fcn_gui.net.fcn import FCN
from fcn_gui.net.lattice import read_at
from fcn_gui.net.predict import Predictor, grid_from
from fcn_gui.net.preset import Preset, grid_axes

CACHE_BYTES = 256 << 20
_MOST_HALF = 65504.0


@dataclass(frozen=True)
class Features:
    """The taps of an image of `shape` (H, W) on the CPU: by score layer h×w×C float16, a point's values in a row."""

    taps: Mapping[str, Tensor]
    shape: tuple[int, int]

    @property
    def nbytes(self) -> int:
        """Memory of the taps."""
        return sum(tap.numel() * tap.element_size() for tap in self.taps.values())


class FeatureCache:
    """The newest taps by name, never more than `most_bytes` of them."""

    def __init__(self, most_bytes: int = CACHE_BYTES) -> None:
        self._most_bytes = most_bytes
        self._kept: OrderedDict[str, Features] = OrderedDict()
        self.nbytes = 0
        """Memory of all that is kept."""

    def get(self, name: str) -> Features | None:
        """What is kept under `name`, which is the most recently used from now on."""
        if name not in self._kept:
            return None
        self._kept.move_to_end(name)
        return self._kept[name]

    def put(self, name: str, features: Features) -> None:
        """Keep `features` in place of older ones of that name; those larger than the bound are not kept."""
        self.drop(name)
        if features.nbytes > self._most_bytes:
            return
        self._kept[name] = features
        self.nbytes += features.nbytes
        while self.nbytes > self._most_bytes:
            _, oldest = self._kept.popitem(last=False)
            self.nbytes -= oldest.nbytes

    def drop(self, name: str) -> None:
        """Forget one."""
        before = self._kept.pop(name, None)
        self.nbytes -= before.nbytes if before is not None else 0

    def clear(self) -> None:
        """Forget all."""
        self._kept.clear()
        self.nbytes = 0

    def __contains__(self, name: object) -> bool:
        return name in self._kept

    def __len__(self) -> int:
        return len(self._kept)


def look(predictor: Predictor, image: Image) -> tuple[ScoreGrid, Features | None]:
    """Scores of one image and the taps that gave them; None where they were not computed in one piece."""
    seen: list[Mapping[str, Tensor]] = []
    trunk = predictor.network.get_submodule("trunk")
    # How the network is run (device, precision, tiles) is the predictor's affair: here its trunk is only listened to.
    listener = trunk.register_forward_hook(lambda _module, _inputs, taps: seen.append(taps))
    try:
        grid = predictor.score_batch([image])[0]
    finally:
        listener.remove()
    shape = (image.shape[0], image.shape[1])
    is_whole = len(seen) == 1 and _is_whole(seen[0], predictor, shape)
    return grid, kept(seen[0], predictor.network.stride_of, shape) if is_whole else None


def grid_of(features: Features, rows: ScoreRows, network: FCN, preset: Preset) -> ScoreGrid:
    """The scores that a network with these score rows gives on the taps of an image, on the CPU."""
    values = network.fuse(_scores(features, rows, network))[0].numpy()
    return grid_from(preset, values, features.shape, network.strides[-1], network.first_px)


def grids_of(features: Features, rows: ScoreRows, network: FCN, preset: Preset) -> dict[int, ScoreGrid]:
    """The same as they stand at each stride, coarsest first; all of the bias counts from the coarsest on."""
    fused, lattice = network.fusions(_scores(features, rows, network)), network.trunk.lattice
    return {
        stride: grid_from(preset, said[0].numpy(), features.shape, stride, lattice.first_px(stride))
        for stride, said in fused.items()
    }


def _scores(features: Features, rows: ScoreRows, network: FCN) -> dict[int, Tensor]:
    scores: dict[int, Tensor] = {}
    parts, biases = rows.by_tap(network), rows.biases(network)
    for name, stride in network.stride_of.items():
        tap = features.taps[name]
        said = torch.addmm(biases[name][:, None], parts[name], tap.flatten(0, 1).float().T)
        said = said.reshape(1, -1, *tap.shape[:2])
        scores[stride] = scores[stride] + said if stride in scores else said
    return scores


def features_at(features: Features, pixels: np.ndarray, network: FCN, preset: Preset) -> Tensor:
    """M×D float32: all taps side by side at M `pixels` (flat indices into H×W), as scores are upsampled."""
    down, across = (
        torch.from_numpy((axis.start + index * axis.step).astype(np.float32))
        for axis, index in zip(grid_axes(preset, features.shape, 1), np.divmod(pixels, features.shape[1]), strict=True)
    )
    read = []
    for name, stride in network.stride_of.items():
        tap = features.taps[name]
        rows, cols = network.reads(down, stride, tap.shape[0]), network.reads(across, stride, tap.shape[1])
        read.append(read_at(tap, rows, cols))
    return torch.cat(read, 1)


def _is_whole(taps: Mapping[str, Tensor], predictor: Predictor, shape: tuple[int, int]) -> bool:
    size, network = predictor.size_of(shape), predictor.network
    return all(
        taps[name].shape[0] == 1 and taps[name].shape[2:] == network.tap_shape(size, stride)
        for name, stride in network.stride_of.items()
    )


def kept(taps: Mapping[str, Tensor], names: Iterable[str], shape: tuple[int, int]) -> Features:
    """Those `names` of the taps of one image, or of what `look` of a trunk gives for them, as they are kept."""
    halves = {}
    for name in names:
        # Cloned outside of inference mode: what was made inside it can't take part in a gradient.
        half = taps[name][0].clamp(-_MOST_HALF, _MOST_HALF).to("cpu", torch.float16)
        halves[name] = half.permute(1, 2, 0).contiguous().clone()
    return Features(halves, shape)
