"""Fully connected layers as convolutions (the paper's §3.1), computed as matrix products where nothing is learned.

The 411 MB of fc6 are read where they lie: the library's own convolution brings them into an order of its own at each
call, which takes longer than the arithmetic does for a photograph. In a lower precision a copy of them is kept, made
once while they stand.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

_MOST_BYTES = 64 << 20
"""Of the inputs that are laid out for one product."""


class FullyConnected(nn.Conv2d):
    """A convolution of a square kernel without padding, with many channels."""

    def __init__(self, inputs: int, outputs: int, size: int) -> None:
        """Weights are not set."""
        super().__init__(inputs, outputs, size, device="meta")
        self.to_empty(device="cpu")
        self._lower: tuple[tuple[object, ...], Tensor] | None = None

    def reset_parameters(self) -> None:
        """Nothing: whoever builds one sets its weights, and 100 million random numbers take their time."""

    def __deepcopy__(self, memo: dict[int, object]) -> FullyConnected:
        copied = FullyConnected(self.in_channels, self.out_channels, self.kernel_size[0])
        copied.weight = nn.Parameter(self.weight.detach().clone(), self.weight.requires_grad)
        assert self.bias is not None
        copied.bias = nn.Parameter(self.bias.detach().clone(), self.bias.requires_grad)
        return copied.train(self.training)

    def forward(self, x: Tensor) -> Tensor:
        """N×inputs×h×w → N×outputs×(h − size + 1)×(w − size + 1)."""
        if torch.is_grad_enabled():
            return super().forward(x)
        kind = x.device.type
        dtype = torch.get_autocast_dtype(kind) if torch.is_autocast_enabled(kind) else self.weight.dtype
        with torch.autocast(kind, enabled=False):
            return self._product(x.to(dtype))

    def _product(self, x: Tensor) -> Tensor:
        assert self.bias is not None
        matrix, bias = self._matrix(x.dtype), self.bias.to(x.dtype)
        size = self.kernel_size[0]
        seen = x.permute(0, 2, 3, 1).unfold(1, size, 1).unfold(2, size, 1)  # N×h×w×C×size×size, nothing copied yet
        if _is_channels_last(self.weight):
            seen = seen.permute(0, 1, 2, 4, 5, 3)
        batch, height, width = seen.shape[:3]
        out = x.new_empty(batch, height, width, self.out_channels)
        rows = max(1, _MOST_BYTES // (width * matrix.shape[1] * x.element_size()))
        for one, said in zip(seen, out, strict=True):
            for first in range(0, height, rows):
                columns = one[first : first + rows].reshape(-1, matrix.shape[1])
                said[first : first + rows] = torch.addmm(bias, columns, matrix.T).view(-1, width, self.out_channels)
        return out.permute(0, 3, 1, 2)

    def _matrix(self, dtype: torch.dtype) -> Tensor:
        """outputs×(all inputs of a unit), in the order in which the weights lie in memory."""
        weight = self.weight.detach()
        if _is_channels_last(weight):
            weight = weight.permute(0, 2, 3, 1)
        matrix = weight.reshape(self.out_channels, -1)
        if dtype == matrix.dtype:
            self._lower = None
            return matrix
        if self.weight.is_inference():  # such don't count their changes
            return matrix.to(dtype)
        state = (dtype, self.weight.data_ptr(), self.weight._version)
        if self._lower is None or self._lower[0] != state:
            self._lower = None
            self._lower = state, matrix.to(dtype)
        return self._lower[1]


def _is_channels_last(weight: Tensor) -> bool:
    return weight.is_contiguous(memory_format=torch.channels_last) and not weight.is_contiguous()
