"""What a training in stages sees: whole photographs and their mirror images at the working size, with their truth.

Where the early layers are not to change, what the trunk's `look` makes of a photograph is worked out once and kept
beside that of its mirror image (which is not its mirror image: the published geometry has no middle).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fcn_gui.core.raster import Image
from fcn_gui.disk.dataset import DatasetItem
from fcn_gui.learn.features import FeatureCache, Features, kept
from fcn_gui.learn.lessons import Pictures
from fcn_gui.net.device import Device
from fcn_gui.net.fcn import FCN
from fcn_gui.net.preset import Preset, padded_size, to_tensor, working_size

_MOST_BYTES = 2 << 30
"""Of what `look` made: 1.5 MB for a photograph of 256×192 on VGG16."""


@dataclass(frozen=True)
class View:
    """An image of a data set as it is, or as its mirror image."""

    item: DatasetItem
    is_mirrored: bool = False


class Views:
    """Reads views; `is_look_fixed`: no gradient goes into the early layers of the networks that they are shown to."""

    def __init__(self, pictures: Pictures, preset: Preset, device: Device, is_look_fixed: bool) -> None:
        self._pictures, self._preset, self._device = pictures, preset, device
        self._looks = FeatureCache(_MOST_BYTES) if is_look_fixed else None

    def truth(self, view: View) -> NDArray[np.int64]:
        """H×W labels at the working size, each from the nearest pixel. Raises ImageError, MaskError."""
        _, truth = self._pictures.read(view.item)
        height, width = working_size(self._preset, truth.shape)
        scaled = cv2.resize(truth, (width, height), interpolation=cv2.INTER_NEAREST_EXACT)
        return (scaled[:, ::-1] if view.is_mirrored else scaled).astype(np.int64)

    def tensor_size(self, view: View, network: FCN) -> tuple[int, int]:
        """Height and width of the image tensor; views alike in it can go through the network together."""
        return padded_size(self._preset, self._pictures.read(view.item)[0].shape, network.align)

    def taps(self, network: FCN, views: Sequence[View]) -> Mapping[str, Tensor]:
        """The taps of views of one size, with the gradients that are wanted."""
        if self._looks is None:
            with self._device.autocast():
                return network.trunk(torch.cat([self._tensor(network, view) for view in views]))
        looked = [self._look(self._looks, network, view) for view in views]
        joined = {name: self._joined(looked, name) for name in looked[0].taps}
        with self._device.autocast():
            return network.trunk.complete(joined)

    def _look(self, looks: FeatureCache, network: FCN, view: View) -> Features:
        name = f"{view.item.id}/{view.is_mirrored}"
        found = looks.get(name)
        if found is None:
            with torch.no_grad(), self._device.autocast():
                looked = network.trunk.look(self._tensor(network, view))
            found = kept(looked, looked, (0, 0))
            looks.put(name, found)
        return found

    def _joined(self, looked: Sequence[Features], name: str) -> Tensor:
        """N×C×h×w float32, a point's values in a row."""
        return torch.stack([each.taps[name] for each in looked]).to(self._device.name).float().permute(0, 3, 1, 2)

    def _tensor(self, network: FCN, view: View) -> Tensor:
        image: Image = self._pictures.read(view.item)[0]
        if view.is_mirrored:
            image = np.ascontiguousarray(image[:, ::-1])
        return self._device.place(to_tensor(self._preset, image, network.align))
