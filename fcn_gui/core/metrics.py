"""The measures of segmentation, all from one confusion matrix over the whole set (never a mean of per-image values).

n_ij is the number of pixels of class i that were called j, t_i = Σ_j n_ij (Long et al. 2015, §5):
pixel accuracy Σ n_ii / Σ t_i · mean accuracy mean(n_ii / t_i) · IU_i = n_ii / (t_i + Σ_j n_ji − n_ii) ·
mean IU mean(IU_i) · frequency weighted IU Σ t_i IU_i / Σ t_i. Means are over the classes present in the truth; the
other rule (`Over.UNION`) takes a class that is only said into mean IU, with 0, as the paper's score.py does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from fcn_gui.core.border_bands import borders
from fcn_gui.core.raster import Inside, Mask

Confusion = NDArray[np.int64]
TRIMAP_SIDE_PX = 11
DRAWS = 2000
"""Of a bootstrap."""


def confusion_matrix(truth: Mask, labels: Mask, classes: int, where: Inside | None = None) -> Confusion:
    """K×K int64, truth in rows; pixels whose truth is void or no class drop out, so does what `where` leaves out.

    Labels must be classes where the truth is counted: ValueError where one is not, or where the sizes differ.
    """
    if truth.shape != labels.shape:
        raise ValueError(f"truth {truth.shape} and labels {labels.shape} differ in size")
    counted = truth < classes
    if where is not None:
        counted &= where
    said = labels[counted]
    if said.size and said.max() >= classes:
        raise ValueError(f"label {said.max()} is none of the {classes} classes")
    pairs = truth[counted].astype(np.int64) * classes + said
    return np.bincount(pairs, minlength=classes * classes).reshape(classes, classes).astype(np.int64)


def trimap(truth: Mask) -> Inside:
    """True within the 11×11 squares around pixels whose left or upper neighbour has another label, void included."""
    edge = borders(truth).astype(np.uint8)
    near: Inside = cv2.dilate(edge, np.ones((TRIMAP_SIDE_PX, TRIMAP_SIDE_PX), np.uint8)) > 0
    return near


class Over(StrEnum):
    """The classes that mean IU is over: those of the truth, or all that the truth has or that were said."""

    TRUTH = "truth"
    UNION = "union"


@dataclass(frozen=True)
class Measures:
    """Fractions 0…1; nan where no class is present. `iu`, `accuracy` are K float64, nan for classes not counted."""

    pixel_accuracy: float
    mean_accuracy: float
    mean_iu: float
    frequency_weighted_iu: float
    iu: NDArray[np.float64]
    accuracy: NDArray[np.float64]

    @classmethod
    def from_confusion(cls, confusion: Confusion, over: Over = Over.TRUTH) -> Measures:
        """All measures of a K×K matrix with truth in rows; `over` decides about `iu` and its mean, nothing else."""
        right = np.diag(confusion).astype(np.float64)
        truth = confusion.sum(1).astype(np.float64)
        present = truth > 0
        iu, accuracy = np.full(len(truth), np.nan), np.full(len(truth), np.nan)
        if not present.any():
            nan = float("nan")
            return cls(nan, nan, nan, nan, iu, accuracy)
        union = truth + confusion.sum(0) - right
        counted = present if over is Over.TRUTH else union > 0
        iu[counted] = right[counted] / union[counted]
        accuracy[present] = right[present] / truth[present]
        return cls(
            pixel_accuracy=float(right.sum() / truth.sum()),
            mean_accuracy=float(accuracy[present].mean()),
            mean_iu=float(iu[counted].mean()),
            frequency_weighted_iu=float((truth[present] * iu[present]).sum() / truth.sum()),
            iu=iu,
            accuracy=accuracy,
        )


def mean_iu(confusion: Confusion, over: Over = Over.TRUTH) -> float:
    """Mean IU over the classes present in the truth, or as `over` says; nan where there is none."""
    return Measures.from_confusion(confusion, over).mean_iu


@dataclass(frozen=True)
class Bootstrap:
    """How much more `b` has of a figure than `a`: the difference on all images, an interval, how often b was ahead."""

    difference: float
    low: float
    high: float
    wins: float


Figures = NDArray[np.float64]
Statistic = Callable[[Figures], Figures]
"""D×… means over drawn images → D figures."""


def paired_bootstrap(
    a: Sequence[ArrayLike],
    b: Sequence[ArrayLike],
    statistic: Statistic | None = None,
    seed: int = 0,
    level: float = 0.95,
    is_one_sided: bool = False,
) -> Bootstrap:
    """`statistic` of b minus that of a on the same images, which are drawn again with replacement `DRAWS` times.

    `a` and `b` hold an array an image, as a rule its confusion matrix; `statistic` gets the mean of these over the
    drawn images (mean IU by default; a mean of matrices has the same as their sum). At `level` the interval is
    two-sided, or each of its ends is a one-sided bound. Raises ValueError where the images are not the same or none.
    """
    if len(a) != len(b) or not len(a):
        raise ValueError(f"a paired comparison needs the same images on both sides, not {len(a)} and {len(b)}")
    of = mean_ius if statistic is None else statistic
    stack_a, stack_b = (np.stack([np.asarray(each, np.float64) for each in side]) for side in (a, b))
    rng = np.random.default_rng(seed)
    times = rng.multinomial(len(a), np.full(len(a), 1 / len(a)), size=DRAWS) / len(a)
    differences = of(np.tensordot(times, stack_b, 1)) - of(np.tensordot(times, stack_a, 1))
    outside = 1 - level if is_one_sided else (1 - level) / 2
    low, high = np.quantile(differences, [outside, 1 - outside])
    whole = float(of(stack_b.mean(0)[None])[0] - of(stack_a.mean(0)[None])[0])
    return Bootstrap(whole, float(low), float(high), float((differences > 0).mean()))


def mean_ius(matrices: Figures) -> Figures:
    """D×K×K → D mean IUs, each over the classes present in its truth."""
    right = np.diagonal(matrices, axis1=1, axis2=2)
    truth = matrices.sum(2)
    union = truth + matrices.sum(1) - right
    iu = np.divide(right, union, out=np.zeros_like(right), where=union > 0)
    present = truth > 0
    sums: Figures = (iu * present).sum(1) / present.sum(1)
    return sums
