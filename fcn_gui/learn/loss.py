"""The pixel-weighted loss Σ w · CE / Σ w of a step, and which of its terms are drawn.

A step may come in micro-batches. The sums are carried over them, never a mean of means: Σ w of the whole step is known
before the first forward pass, so each micro-batch adds its share of the one quotient.
"""

from enum import StrEnum

import torch
from torch import Tensor
from torch.nn import functional


class Sampling(StrEnum):
    """What is kept or dropped as one when the loss is sampled."""

    CELL = "cell"
    """A cell of the coarsest stride, as in the paper's loss sampling (Long et al. 2015, §4.3)."""
    PIXEL = "pixel"
    PATCH = "patch"
    """A whole sample."""


def draw_kept(
    shape: tuple[int, ...], q: float | Tensor, generator: torch.Generator, sampling: Sampling, stride: int
) -> Tensor:
    """s: N×H×W float32 of 0 and 1, each term kept with probability `q` (0…1), the same for the same generator state.

    Point i of a map of `stride` lies at pixel stride·i, and a cell is the pixels nearest to its point. `q` N×H×W gives
    each term its own; it has to be the same all over what is kept or dropped as one.
    """
    lowest, highest = (float(q.min()), float(q.max())) if isinstance(q, Tensor) else (q, q)
    if not 0 <= lowest <= highest <= 1:
        raise ValueError(f"the sampling probability is 0…1, not {q}")
    count, height, width = shape
    if lowest == 1:
        return torch.ones(shape)
    if sampling is not Sampling.CELL:
        size = (count, 1, 1) if sampling is Sampling.PATCH else shape
        return (torch.rand(size, generator=generator).expand(shape) < q).float()
    rows, cols = cells_of(height, stride), cells_of(width, stride)
    chance = torch.rand((count, int(rows[-1]) + 1, int(cols[-1]) + 1), generator=generator)
    return (chance[:, rows][:, :, cols] < q).float()


def cells_of(length: int, stride: int) -> Tensor:
    """Which cell each of `length` pixels in a row belongs to, from 0 on."""
    return (torch.arange(length) + stride // 2) // stride


def share_of_loss(scores: Tensor, labels: Tensor, weights: Tensor, total_weight: float) -> Tensor:
    """Σ w · CE of a micro-batch over `total_weight`, the Σ w of its whole step: the shares of a step add to its loss.

    `scores` N×K×H×W, `labels` N×H×W integer, `weights` N×H×W ≥ 0. Pixels of weight 0 are left out before anything is
    computed, so what stands there, void or not finite, has no part in loss or gradient. Exactly 0 where Σ w = 0.
    """
    counted = weights > 0
    of_pixels = scores.permute(0, 2, 3, 1)[counted]
    if total_weight <= 0:
        return of_pixels[:0].sum()
    entropy = functional.cross_entropy(of_pixels.float(), labels[counted].long(), reduction="none")
    return (entropy * weights[counted]).sum() / total_weight


def divergence(scores: Tensor, reference: Tensor, weights: Tensor, classes: Tensor) -> Tensor:
    """Σ w · KL(reference ‖ scores), both as softmax over `classes` alone: how far a copy has left what it started from.

    `scores`, `reference` N×K×H×W on one grid, `weights` N×H×W ≥ 0, `classes` K bool. The reference is a constant.
    Classes left out are free to rise and fall, so a new class is not held back by a network that never knew it.
    """
    counted = weights > 0
    mine = scores.permute(0, 2, 3, 1)[counted][:, classes].float().log_softmax(1)
    other = reference.detach().permute(0, 2, 3, 1)[counted][:, classes].float().log_softmax(1)
    apart = (other.exp() * (other - mine)).sum(1)
    return (apart * weights[counted]).sum()
