"""What the start says of a whole image, at several scales and mirrored: a steadier answer than any single one.

Learning from it next to the truth keeps what the start knows (Hinton et al. 2015), and moves what it says at many
scales into what is said at one.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from fcn_gui.core.raster import Image
from fcn_gui.learn.crops import rescaled
from fcn_gui.net.fcn import FCN
from fcn_gui.net.preset import Preset, to_tensor, working_size
from fcn_gui.net.upsample import aligned_size, sample

SCALES = (0.9, 1.2, 1.5)
STRIDE = 8
"""Of the grid that the answer is kept on."""


class Teacher:
    """A frozen network, asked once for each image; answers are kept as float16."""

    def __init__(self, network: FCN, preset: Preset) -> None:
        self._network = network
        self._preset = preset
        self._answers: dict[str, Tensor] = {}

    def answer(self, key: str, image: Image) -> Tensor:
        """K×h×w float16 probabilities on a grid of `STRIDE` over the image at its working size."""
        if key not in self._answers:
            self._answers[key] = self._ask(image).half()
        return self._answers[key]

    @torch.inference_mode()
    def _ask(self, image: Image) -> Tensor:
        looks = [(scale, is_mirrored) for scale in SCALES for is_mirrored in (False, True)]
        total = sum(self._look(image, scale, is_mirrored) for scale, is_mirrored in looks)
        assert isinstance(total, Tensor)
        return total / len(looks)

    def _look(self, image: Image, scale: float, is_mirrored: bool) -> Tensor:
        preset = self._preset.at(round((self._preset.long_side - 1) * scale) + 1)
        seen = np.ascontiguousarray(image[:, ::-1]) if is_mirrored else image
        x = to_tensor(preset, seen, self._network.align).contiguous(memory_format=torch.channels_last)
        scores = self._network(x.to(next(self._network.parameters()).device))[0].cpu()
        size, looked_at = working_size(self._preset, image.shape), working_size(preset, image.shape)
        rows, cols = (torch.arange(0, aligned_size(side, STRIDE), STRIDE) for side in size)
        cols = size[1] - 1 - cols if is_mirrored else cols
        finest, first_px = self._network.strides[-1], self._network.first_px
        at_rows = (rescaled(rows, size[0], looked_at[0]) - first_px) / finest
        at_cols = (rescaled(cols, size[1], looked_at[1]) - first_px) / finest
        return sample(scores, at_rows, at_cols).softmax(0)
