"""How much each vouched pixel counts when the network learns: provenance · edge · balance.

All three are computed at the size of the original image, in float32; crops, flips and scales take the product along.
What is drawn by chance (sampling) is in `learn/loss.py`, since it is drawn afresh for every step.
"""

import math
from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

from fcn_gui.core.raster import ACCEPTED, CORRECTED, VOID, Inside, Mask, Rect, Vouch, check_mask

Weights = NDArray[np.float32]

EMPHASIS = 3.0
EDGE_GAIN = 1.0
EDGE_SIGMA_PX = 3.0
LEAST_BALANCE, MOST_BALANCE = 0.25, 4.0

_REACH_IN_SIGMAS = 6.5
"""Where the edge factor ends: 5 · exp(−6.5² / 2) < 4e-9 is lost in a float32 near 1."""


def provenance(mask: Mask, vouch: Vouch, emphasis: float = EMPHASIS) -> Weights:
    """H×W float32: 0 for unvouched and void pixels, 1 for accepted ones, `emphasis` (1…10) for corrected ones."""
    check_mask(mask)
    check_mask(vouch, mask.shape)
    if not 1 <= emphasis <= 10:
        raise ValueError(f"correction emphasis is 1…10, not {emphasis}")
    out = np.zeros(mask.shape, np.float32)
    out[vouch == ACCEPTED] = 1
    out[vouch == CORRECTED] = emphasis
    out[mask == VOID] = 0
    return out


def edge(mask: Mask, vouch: Vouch, gain: float = EDGE_GAIN, sigma_px: float = EDGE_SIGMA_PX) -> Weights:
    """H×W float32: 1 + gain · exp(−d² / (2 · sigma_px²)), d from pixel centre to that of the nearest other class.

    Only vouched pixels count as another class, and void is none; d is exact. 1 where there is no other class, and where
    the pixel itself is void or unvouched, since it has no weight. `gain` 0…5 (0 switches it off), `sigma_px` 0.5…20.
    """
    check_mask(mask)
    check_mask(vouch, mask.shape)
    if not 0 <= gain <= 5 or not 0.5 <= sigma_px <= 20:
        raise ValueError(f"edge gain is 0…5 and sigma 0.5…20 px, not {gain} and {sigma_px}")
    out = np.ones(mask.shape, np.float32)
    counted = (vouch > 0) & (mask != VOID)
    present = np.flatnonzero(np.bincount(mask[counted], minlength=VOID))
    if gain == 0 or present.size < 2:
        return out
    reach = math.ceil(_REACH_IN_SIGMAS * sigma_px)
    for label in present:
        own = counted & (mask == label)
        _raise_near_others(out, own, counted & ~own, gain, sigma_px, reach)
    return out


def _raise_near_others(out: Weights, own: Inside, others: Inside, gain: float, sigma_px: float, reach: int) -> None:
    around = Rect.around(own)
    assert around is not None
    at = around.grown(reach).clipped(own.shape).slices
    if not others[at].any():
        return
    free = np.ascontiguousarray(~others[at]).view(np.uint8)
    distance = cv2.distanceTransform(free, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    near = own[at] & (distance <= reach)
    # In float64: numpy's float32 exp differs in the last bit with where an array lies in memory, from run to run.
    out[at][near] += (gain * np.exp(distance[near].astype(np.float64) ** 2 / (-2 * sigma_px**2))).astype(np.float32)


def class_mass(mask: Mask, provenance: Weights, classes: int) -> NDArray[np.float64]:
    """N_k of one image: the sum of `provenance` over its pixels of each class, `classes` float64."""
    counted = provenance > 0
    labels = mask[counted]
    if labels.size and int(labels.max()) >= classes:
        raise ValueError(f"class {int(labels.max())} is not one of {classes}")
    return np.bincount(labels, provenance[counted].astype(np.float64), classes).astype(np.float64)


def balance(masses: Iterable[NDArray[np.float64]]) -> Weights:
    """b_k float32 from the class masses of all images that the loss may see, whole and before any crop.

    clip(√(mean(N) / N_k), 0.25, 4), the mean over the classes with N_k > 0; 0 for the others, which have no pixel.
    """
    total = np.sum(list(masses), axis=0)
    out = np.zeros(np.shape(total), np.float32)
    present = total > 0
    if present.any():
        out[present] = np.sqrt(total[present].mean() / total[present])
        out[present] = out[present].clip(LEAST_BALANCE, MOST_BALANCE)
    return out


def weight(mask: Mask, provenance: Weights, edge: Weights, balance: Weights) -> Weights:
    """H×W float32: provenance · edge · balance of the pixel's class; void pixels have none."""
    of_label = np.zeros(VOID + 1, np.float32)
    of_label[: len(balance)] = balance
    of_label[VOID] = 0
    out: Weights = provenance * edge * of_label[mask]
    return out
