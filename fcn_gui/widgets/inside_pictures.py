"""The pictures of the page FCN inside, made from a look stride by stride; named as in the stored example."""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QPainter

from fcn_gui.core.overlay import heatmap_rgba, laid_over, mask_rgba, muted_photo
from fcn_gui.core.palette import Colors
from fcn_gui.core.raster import Image, Rect
from fcn_gui.qt.images import to_array, to_qimage
from fcn_gui.session.inside import busiest_part, part_of
from fcn_gui.session.skips import Skips
from fcn_gui.widgets.score_layers import draw_dots
from fcn_gui.widgets.skip_picture import OPACITY, Mode, picture_of

PLACES, ANSWERS, HEATMAP = "places", "answers", "heatmap"
SAYS, DOUBT, UNSURE = "says", "doubt", "unsure"
LINE_OPACITY, FRAME_COLOR, DOTS_EVERY_PX = 0.5, (255, 255, 255), 9


def labels_at(stride: int) -> str:
    """Name of the picture of the labels that the skip of a stride changed; of all labels for the coarsest."""
    return f"labels-{stride}s"


def added_at(stride: int) -> str:
    """Name of the picture of what the skip of a stride added; of the heatmap for the coarsest."""
    return f"added-{stride}s"


def pictures_of(skips: Skips, label: int, colors: Colors, unsure_below: float) -> Mapping[str, Image]:
    """h×w×3 by name, in the order of the page; heatmaps are those of `label`, `colors` K×3 those of the classes.

    What the skips add is shown on the part of the photo where they change most; it is framed in the heatmap.
    """
    photo, muted, part = skips.photo, muted_photo(skips.photo), busiest_part(skips, label)
    heat = picture_of(skips, 0, Mode.HEAT, label, colors)
    doubt = _at_size(1 - skips.doubt.margins.astype(np.float32), photo)
    pictures = {
        PLACES: _ruled(photo, skips.places.rows, skips.places.cols),
        ANSWERS: laid_over(muted, heatmap_rgba(skips.places.answers(label))),
        HEATMAP: _framed(heat, part) if len(skips.looks) > 1 else heat,
    }
    near = part_of(skips, part)
    for mode, name in ((Mode.CHANGED, labels_at), (Mode.ADDED, added_at)):
        for number, look in enumerate(near.looks):
            pictures[name(look.stride)] = picture_of(near, number, mode, label, colors)
    pictures[SAYS] = laid_over(photo, mask_rgba(skips.looks[-1].labels, colors, OPACITY))
    pictures[DOUBT] = laid_over(muted, heatmap_rgba(doubt))
    pictures[UNSURE] = _dotted(muted, _at_size(skips.doubt.beside_borders.astype(np.float32), photo), unsure_below)
    return pictures


def _ruled(photo: Image, rows: NDArray[np.intp], cols: NDArray[np.intp]) -> Image:
    """Lines between the pixels that go to different places."""
    is_line = np.zeros(photo.shape[:2], bool)
    is_line[1:][rows[1:] != rows[:-1]] = True
    is_line[:, 1:][:, cols[1:] != cols[:-1]] = True
    line = np.zeros((*photo.shape[:2], 4), np.uint8)
    line[is_line] = (*FRAME_COLOR, round(255 * LINE_OPACITY))
    return laid_over(photo, line)


def _framed(picture: Image, part: Rect) -> Image:
    framed = picture.copy()
    for color, width in (((0, 0, 0), 4), (FRAME_COLOR, 2)):
        cv2.rectangle(framed, (part.x0, part.y0), (part.x1 - 1, part.y1 - 1), color, width)
    return framed


def _dotted(photo: Image, margins: NDArray[np.float32], amount: float) -> Image:
    """Dots as the view Uncertainty has them."""
    image, every = to_qimage(photo), DOTS_EVERY_PX
    sampled = margins[every // 2 :: every, every // 2 :: every]
    painter = QPainter(image)
    draw_dots(painter, sampled, (0, 0, every), Rect.of(photo.shape), amount)
    painter.end()
    return to_array(image)


def _at_size(values: NDArray[np.float32], photo: Image) -> NDArray[np.float32]:
    height, width = photo.shape[:2]
    if values.shape == (height, width):
        return values
    return np.asarray(cv2.resize(values, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
