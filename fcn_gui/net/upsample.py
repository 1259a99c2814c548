"""Fixed bilinear upsampling whose grid points lie exactly on pixels.

A map of stride s has its point i at pixel s·i, so n points span s·(n − 1) + 1 pixels and the corners of the map are
corners of the image: nothing is shifted by half a pixel, and what is linear over the map stays linear over the pixels.
"""

import torch
from torch import Tensor
from torch.nn import functional


def aligned_size(size: int, stride: int) -> int:
    """The smallest stride·n + 1 (n ≥ 0) that is not below `size` (≥ 1): the sizes that a map of `stride` spans."""
    return -(-(size - 1) // stride) * stride + 1


def upsample(scores: Tensor, factor: int) -> Tensor:
    """N×K×h×w at stride s·factor → N×K×(factor·(h−1)+1)×(factor·(w−1)+1) at stride s; factor ≥ 1."""
    if factor == 1:
        return scores
    height, width = scores.shape[-2:]
    size = (factor * (height - 1) + 1, factor * (width - 1) + 1)
    return functional.interpolate(scores, size, mode="bilinear", align_corners=True)


def sample(values: Tensor, rows: Tensor, cols: Tensor) -> Tensor:
    """K×h×w → K×R×C: bilinear at grid positions `rows` (R) and `cols` (C), clamped to the grid."""
    at = [_as_share(rows, values.shape[1]), _as_share(cols, values.shape[2])]
    grid = torch.stack(torch.meshgrid(*at, indexing="ij")[::-1], -1)[None].to(values.device)
    sampled = functional.grid_sample(
        values[None].float(), grid, mode="bilinear", padding_mode="border", align_corners=True
    )
    return sampled[0]


def _as_share(position: Tensor, points: int) -> Tensor:
    """Grid positions as grid_sample wants them: −1 for the first point, 1 for the last."""
    return position.float() / max(1, points - 1) * 2 - 1
