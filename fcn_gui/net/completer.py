"""The small network that completes strokes: maps around a stroke in, the probability that a cell is meant as well out.

It knows no class and no trunk: what it is shown are relations to the stroke (`learn/relations.py`), so that a windmill
is completed like a dog. How it was trained, and on what, is in models/completion/stroke-completion.md.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

from fcn_gui.core.errors import ProjectError
from fcn_gui.disk.bundled import completer_path

MAPS = 17
"""Maps that it is shown; `learn/relations.py` makes them."""
_WIDTHS = (16, 32, 48, 48)


class Completer(nn.Module):
    """Four scales, each half of the one before; what a scale found is handed to the next finer one."""

    def __init__(self) -> None:
        super().__init__()
        finest, fine, coarse, coarsest = _WIDTHS
        self.down = nn.ModuleList(
            _twice(before, after) for before, after in zip((MAPS, *_WIDTHS[:-1]), _WIDTHS, strict=True)
        )
        self.up = nn.ModuleList(
            [_once(coarsest + coarse, coarse), _once(coarse + fine, fine), _once(fine + finest, finest)]
        )
        self.said = nn.Conv2d(finest, 1, 1)

    def forward(self, maps: Tensor) -> Tensor:
        """N×17×h×w → N×h×w: log odds that a cell is meant."""
        found: list[Tensor] = []
        x = maps
        for scale, step in enumerate(self.down):
            x = step(functional.avg_pool2d(x, 2, ceil_mode=True) if scale else x)
            found.append(x)
        for step, finer in zip(self.up, found[-2::-1], strict=True):
            x = functional.interpolate(x, size=finer.shape[-2:], mode="bilinear", align_corners=False)
            x = step(torch.cat([x, finer], 1))
        odds: Tensor = self.said(x)[:, 0]
        return odds


@cache
def completer() -> Completer:
    """The one that the program brings along. Raises ProjectError where the installation lacks it or has it damaged."""
    network, path = Completer(), completer_path()
    try:
        network.load_state_dict({name: tensor.float() for name, tensor in load_file(path).items()})
    except (OSError, SafetensorError, RuntimeError) as error:
        raise ProjectError(f"{path} is damaged; install fcn-gui again.") from error
    return network.eval().to(memory_format=torch.channels_last)


@torch.inference_mode()
def meant(maps: NDArray[np.float32]) -> NDArray[np.float32]:
    """h×w probabilities, 0…1, for 17×h×w maps."""
    shown = torch.from_numpy(maps)[None].to(memory_format=torch.channels_last)
    found: NDArray[np.float32] = completer()(shown)[0].sigmoid().numpy()
    return found


def _once(before: int, after: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(before, after, 3, padding=1), nn.ReLU(inplace=True))


def _twice(before: int, after: int) -> nn.Sequential:
    return nn.Sequential(*_once(before, after), *_once(after, after))
