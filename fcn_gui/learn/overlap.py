"""The Lovász-softmax loss (Berman, Triki & Blaschko 2018): a convex stand-in for 1 − mean IU."""

from __future__ import annotations

import torch
from torch import Tensor


def overlap_loss(log_p: Tensor, truth: Tensor, counted: Tensor) -> Tensor:
    """Mean over the classes in the truth of a batch; 0 where all probability is on the truth, 1 where none is.

    `log_p` N×K×h×w log-probabilities, `truth` N×h×w classes, `counted` N×h×w bool: pixels left out have no part.
    """
    p = log_p.permute(0, 2, 3, 1)[counted].exp()
    labels = truth[counted]
    present = torch.unique(labels)
    if not present.numel():
        return log_p.sum() * 0
    losses = [_of_class(p[:, label], labels == label) for label in present.tolist()]
    return torch.stack(losses).mean()


def _of_class(p: Tensor, is_class: Tensor) -> Tensor:
    """Σ error · (how much the Jaccard loss grows when that pixel joins the wrong ones), largest errors first."""
    errors, order = torch.sort((is_class.float() - p).abs(), descending=True)
    return (errors * growth(is_class[order])).sum()


def growth(is_class: Tensor) -> Tensor:
    """P float: by how much 1 − IU rises as the first 1, 2, … of the pixels become wrong; `is_class` has one."""
    mine = is_class.float()
    total = mine.sum()
    left = total - mine.cumsum(0)
    union = total + (1 - mine).cumsum(0)
    loss = 1 - left / union
    return torch.diff(loss, prepend=loss.new_zeros(1))
