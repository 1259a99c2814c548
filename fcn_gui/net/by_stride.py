"""What a network says down to each of its strides: FCN-16s, then FCN-8s … of one set of weights (the paper's §4.2).

The bias of all score layers counts from the coarsest on: how layers that learned together share it is chance. So what
a finer stride adds is what it sees there, and not a constant for each class.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from fcn_gui.core.raster import Image
from fcn_gui.core.scores import ScoreGrid
from fcn_gui.net.fcn import FCN
from fcn_gui.net.predict import Predictor, grid_from


def scores_by_stride(predictor: Predictor, image: Image) -> dict[int, ScoreGrid]:
    """Scores of one image, coarsest stride first; the last ones are those of `score_batch`. Raises DeviceError."""
    network, heard = predictor.network, list[Mapping[str, Tensor]]()
    # How the network is run (device, precision, tiles) is the predictor's affair: here its trunk is only listened to.
    listener = network.get_submodule("trunk").register_forward_hook(lambda _module, _inputs, taps: heard.append(taps))
    try:
        whole = predictor.score_batch([image])[0]
    finally:
        listener.remove()
    finest = network.strides[-1]
    if heard:
        with torch.inference_mode():
            fused = network.fusions(network.score(heard[-1]))
        values = {stride: said[0].cpu().numpy() for stride, said in fused.items()}
        first_px = network.trunk.lattice.first_px
        found = {
            stride: grid_from(predictor.preset, said, image.shape, stride, first_px(stride))
            for stride, said in values.items()
        }
    else:  # in tiles, which only tell what they come to in the end
        parts = {stride: predictor.with_network(down_to(network, stride)) for stride in network.strides[:-1]}
        found = {stride: part.score_batch([image])[0] for stride, part in parts.items()}
    early = {stride: replace(grid, values=grid.values + _bias_below(network, stride)) for stride, grid in found.items()}
    return {**early, finest: whole}


def down_to(network: FCN, finest: int) -> FCN:
    """The network without its finer score layers; it shares trunk and layers, nothing is copied."""
    part = FCN(network.trunk, [stride for stride in network.strides if stride >= finest], network.classes)
    for name in part.stride_of:
        part.add_module(name, network.get_submodule(name))
    return part.eval()


def _bias_below(network: FCN, stride: int) -> NDArray[np.float32]:
    """K×1×1: the bias of the layers at finer strides."""
    total = torch.zeros(network.classes)
    for name, at in network.stride_of.items():
        layer = network.get_submodule(name)
        if at < stride and isinstance(layer, nn.Conv2d) and layer.bias is not None:
            total += layer.bias.detach().float().cpu()
    return total.numpy()[:, None, None]
