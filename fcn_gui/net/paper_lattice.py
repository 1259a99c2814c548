"""The geometry of the published nets: padding of 100, pools that round up, zero-extending deconvolutions, crops.

Unit i of a map lies at pixel 8i − 95.5 (pool3), 16i − 91.5 (pool4) and 32i + 12.5 (score_fr). The published crops of 5
(pool4) and 9 (pool3) make them meet after each doubling, those of 19, 27 and 31 at the end put pixel 0 at pixel 0. Here
pool3 is cropped by 2 more, at the left and above, to the points that some pixel of the image needs.

A deconvolution with the fixed bilinear weights is bilinear interpolation with zeros beyond the map. The last one only
reads inside of it (for the 32s: once the map has a rim of zeros), so scores may be kept at the points and brought up
where somebody looks. The doublings before do read beyond it: that fades what `score_fr` says in the outer 25 pixels.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from fcn_gui.net.lattice import Reads

PAD = 100
"""Of the first convolution: the canvas is 198 px higher and wider than the image."""
POOL4_CROP, POOL3_CROP = 5, 9
UNSEEN = 2
"""Points of pool3 after its published crop that lie left of all that pixel 0 reads."""
_FIRST_PX = {32: 12.5 - 32, 16: -11.5, 8: -23.5 + 8 * UNSEEN}
_HALF_STEPS = (0.25, 0.75, 0.75, 0.25)


def halved(size: int, times: int) -> int:
    """What `times` pools of 2 leave of `size`, each rounded up."""
    return -(-size // (1 << times))


def canvas(size: int) -> int:
    """Size of the first map for an image side of `size` px."""
    return size + 2 * (PAD - 1)


class PaperLattice:
    """Crops and upsampling of FCN-32s, 16s and 8s; any size from 1×1 on."""

    @property
    def align(self) -> int:
        """Any size will do."""
        return 1

    def first_px(self, finest: int) -> float:
        """Left of the image, so that every pixel lies between two points."""
        return _FIRST_PX[finest]

    def shape(self, size: tuple[int, int], stride: int) -> tuple[int, int]:
        """score_fr has f = pool5 − 6 units, pool4 the 2f + 2 of its upsampling, pool3 what the pixels need."""
        height, width = (self._points(side, stride) for side in size)
        return height, width

    def raised(self, scores: Tensor, stride: int, finer: int, shape: tuple[int, int]) -> Tensor:
        """Doubled by the fixed deconvolution (kernel 4, stride 2, zeros beyond the map), cropped to the finer tap."""
        first = UNSEEN if finer == 8 else 0
        return doubled(scores)[..., first : first + shape[0], first : first + shape[1]]

    def finished(self, scores: Tensor, finest: int) -> Tensor:
        """Only the map of the 32s ends before the image does: beyond it there are zeros."""
        return functional.pad(scores, (1, 1, 1, 1)) if finest == 32 else scores

    def at_pixels(self, scores: Tensor, finest: int, size: tuple[int, int], every: int) -> Tensor:
        """What the published last deconvolution and crop give."""
        up = functional.interpolate(scores, scale_factor=float(finest), mode="bilinear", align_corners=False)
        crop = round(finest / 2 - 0.5 - self.first_px(finest))
        return up[..., crop : crop + size[0] : every, crop : crop + size[1] : every]

    def reads(self, px: Tensor, stride: int, finest: int, points: int) -> Reads:
        """Through the last upsampling, then through each doubling down to the tap: up to three points."""
        at = (px - self.first_px(finest)) / finest
        low = at.floor()
        found = torch.stack([low, low + 1], 1).long()
        shares = torch.stack([1 - (at - low), at - low], 1)
        if finest == 32:
            found = found - 1  # of the rim
        finer = finest
        while finer < stride:
            found, shares = _before_doubling(found + (UNSEEN if finer == 8 else 0), shares)
            finer *= 2
        return _merged(found, shares, points)

    def _points(self, side: int, stride: int) -> int:
        units = halved(canvas(side), 5) - 6
        if stride == 32:
            return units
        if stride == 16:
            return 2 * units + 2
        return int((side - 1 - self.first_px(8)) // 8) + 2


def doubled(scores: Tensor) -> Tensor:
    """N×K×h×w → N×K×(2h+2)×(2w+2): the bilinear deconvolution of kernel 4 and stride 2, each class by itself."""
    batch, classes, height, width = scores.shape
    taps = scores.new_tensor(_HALF_STEPS)
    flat = scores.reshape(batch * classes, 1, height, width)
    up = functional.conv_transpose2d(flat, torch.outer(taps, taps)[None, None], stride=2)
    return up.view(batch, classes, 2 * height + 2, 2 * width + 2)


def _before_doubling(found: Tensor, shares: Tensor) -> tuple[Tensor, Tensor]:
    """Points of a doubled map as two points each of the map before: i gives to 2i … 2i + 3 by ¼, ¾, ¾, ¼."""
    near = torch.div(found - 1, 2, rounding_mode="floor")
    # 2i + 1 and 2i + 2 have i as their nearer point; the other one is the neighbour on their side of it.
    other = torch.where(found % 2 == 1, near - 1, near + 1)
    return torch.cat([near, other], 1), torch.cat([0.75 * shares, 0.25 * shares], 1)


def _merged(found: Tensor, shares: Tensor, points: int) -> Reads:
    """Each point once; those beyond the map are zeros and count for nothing."""
    first = found.min(1, keepdim=True).values
    slots = int((found - first).max()) + 1 if len(found) else 1
    sums = torch.zeros(len(found), slots).scatter_add_(1, found - first, shares.float())
    at = first + torch.arange(slots)
    inside = (at >= 0) & (at < points)
    return Reads(at.clamp(0, points - 1), sums * inside)
