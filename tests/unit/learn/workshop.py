"""A data set of coloured shapes and a small untrained start, for tests that train."""

import dataclasses
from pathlib import Path

import numpy as np
import torch
from PIL import Image as PillowImage

from fcn_gui.core.checkpoint import Checkpoint
from fcn_gui.core.label_map import LabelMap, own_label_map
from fcn_gui.disk.checkpoint_file import checkpoint_id
from fcn_gui.disk.dataset import Dataset, DatasetItem
from fcn_gui.disk.mask_file import write_mask
from fcn_gui.net.checkpoint import to_checkpoint
from fcn_gui.net.fcn import FCN, build_trunk, strides_down_to
from fcn_gui.net.preset import VOC21_LIGHT

COLORS = ((90, 90, 90), (220, 40, 40), (40, 60, 220))


def shapes(folder: Path, count: int, label_map: LabelMap) -> Dataset:
    """`count` images of 64×96 with rectangles in the colour of their class."""
    folder.mkdir(parents=True, exist_ok=True)
    items = []
    for index in range(count):
        rng = np.random.default_rng(index)
        truth = np.zeros((64, 96), np.uint8)
        for label in range(1, len(label_map)):
            y, x = rng.integers(0, 40), rng.integers(0, 60)
            truth[y : y + 24, x : x + 30] = label
        noise = rng.integers(-15, 16, (64, 96, 3))
        image = np.clip(np.array(COLORS)[truth] + noise, 0, 255).astype(np.uint8)
        image_path, mask_path = folder / f"{index}.png", folder / f"{index}.mask.png"
        PillowImage.fromarray(image).save(image_path)
        write_mask(mask_path, truth, label_map)
        items.append(DatasetItem(str(index), image_path, mask_path))
    return Dataset(items, label_map, "pairs")


def untrained(label_map: LabelMap | None = None, finest: int = 4) -> Checkpoint:
    """A start whose trunk carries signal (random weights of fitting size) and whose score rows are zero."""
    torch.manual_seed(0)
    label_map = label_map or own_label_map(["red", "blue"])
    trunk = build_trunk("mobilenet_v2")
    network = FCN(trunk, strides_down_to(trunk, finest), len(label_map))
    for name, parameter in network.named_parameters():
        if name.startswith("trunk") and parameter.dim() > 1:
            torch.nn.init.kaiming_normal_(parameter)
    like = Checkpoint({}, "mobilenet_v2", network.strides, label_map, VOC21_LIGHT.at(256).to_json())
    checkpoint = to_checkpoint(network, like)
    return dataclasses.replace(checkpoint, id=checkpoint_id(checkpoint))
