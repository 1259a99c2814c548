"""An accelerator with too little memory, on a machine without one."""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import torch
from torch import Tensor

from fcn_gui.net.device import Device


@dataclass(frozen=True)
class SmallDevice(Device):
    """Computes on the CPU under another name, and is out of memory for more than `most_px` pixels of images at once."""

    name: str = "cpu:0"
    text: str = "GPU pretended"
    most_px: int = 0

    def place(self, x: Tensor) -> Tensor:
        if x.shape[1] == 3 and x[:, 0].numel() > self.most_px:
            raise torch.OutOfMemoryError(f"CUDA out of memory: {x[:, 0].numel()} pixels.")
        return super().place(x)

    def autocast(self) -> AbstractContextManager[object]:
        return nullcontext()
