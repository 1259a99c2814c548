"""The light network with score layers drawn at random."""

import torch

from fcn_gui.core.checkpoint import Checkpoint
from fcn_gui.core.label_map import voc_label_map
from fcn_gui.net.checkpoint import to_checkpoint
from fcn_gui.net.fcn import FCN, build_trunk, strides_down_to
from fcn_gui.net.preset import VOC21_LIGHT, Preset


def untrained(preset: Preset = VOC21_LIGHT) -> Checkpoint:
    torch.manual_seed(0)
    trunk = build_trunk("mobilenet_v2")
    network = FCN(trunk, strides_down_to(trunk, 2), 21)
    for name, parameter in network.named_parameters():
        if name.startswith("score"):
            torch.nn.init.normal_(parameter)
    like = Checkpoint({}, "mobilenet_v2", (16, 8, 4, 2), voc_label_map(), preset.to_json(), id="c" * 16)
    return to_checkpoint(network, like)
