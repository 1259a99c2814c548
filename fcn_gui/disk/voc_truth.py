"""What an export says of an image: mask and vouch map, and what the person wants of unvouched pixels and borders."""

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from fcn_gui.core.label_map import LabelMap
from fcn_gui.core.raster import UNVOUCHED, VOID, Inside, Mask, Vouch, check_mask


@dataclass(frozen=True)
class ExportOptions:
    """`unvouched`: what pixels nobody vouched for become. `void_index`: void as 255, or as background (for CVAT).

    `void_band_px`: void on both sides of every border, this wide each. `keep_metadata`: EXIF and the like, GPS too.
    `overwrite`: replace a target that is not empty.
    """

    only_verified: bool = True
    unvouched: Literal["void", "predicted"] = "void"
    void_band_px: int = 0
    void_index: Literal[255, "background"] = 255
    keep_metadata: bool = True
    overwrite: bool = False


def exported_mask(mask: Mask, vouch: Vouch, label_map: LabelMap, options: ExportOptions) -> Mask:
    """H×W uint8 as it goes into SegmentationClass."""
    check_mask(mask)
    check_mask(vouch, mask.shape)
    truth = mask.copy()
    if options.unvouched == "void":
        truth[vouch == UNVOUCHED] = VOID
    if options.void_band_px > 0:
        truth[border_band(truth, options.void_band_px)] = VOID
    if options.void_index == "background":
        truth[truth == VOID] = background_index(label_map)
    return truth


def background_index(label_map: LabelMap) -> int:
    """The class named background, else class 0, which is background by convention."""
    return label_map.index("background") or 0


def border_band(mask: Mask, width_px: int) -> Inside:
    """H×W bool: pixels within `width_px` of a border between two classes; void is none."""
    edge = np.zeros(mask.shape, np.uint8)
    across = (mask[:, 1:] != mask[:, :-1]) & (mask[:, 1:] != VOID) & (mask[:, :-1] != VOID)
    down = (mask[1:] != mask[:-1]) & (mask[1:] != VOID) & (mask[:-1] != VOID)
    edge[:, 1:] |= across
    edge[:, :-1] |= across
    edge[1:] |= down
    edge[:-1] |= down
    if width_px > 1 and edge.any():
        disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * width_px - 1, 2 * width_px - 1))
        edge = np.asarray(cv2.dilate(edge, disc), np.uint8)
    return edge.astype(bool)
