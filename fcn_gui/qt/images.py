"""Arrays as QImages that own their bytes, and back."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from fcn_gui.core.raster import Image


def to_qimage(array: NDArray[np.uint8]) -> QImage:
    """A QImage of an H×W (grey), H×W×3 (RGB) or H×W×4 (RGBA, straight alpha) uint8 array; it owns its bytes."""
    if array.dtype != np.uint8 or array.ndim not in (2, 3):
        raise ValueError(f"a picture is H×W, H×W×3 or H×W×4 uint8, not {array.shape} {array.dtype}")
    channels = 1 if array.ndim == 2 else array.shape[2]
    kinds = {1: QImage.Format.Format_Grayscale8, 3: QImage.Format.Format_RGB888, 4: QImage.Format.Format_RGBA8888}
    if channels not in kinds:
        raise ValueError(f"a picture has 1, 3 or 4 channels, not {channels}")
    array = np.ascontiguousarray(array)
    height, width = array.shape[:2]
    # The constructor only borrows the buffer; the copy owns it, whatever becomes of the array.
    return QImage(array.data, width, height, width * channels, kinds[channels]).copy()


def to_array(image: QImage) -> Image:
    """The H×W×3 uint8 RGB pixels of a QImage, copied."""
    rgb = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(rgb.constBits(), np.uint8).reshape(rgb.height(), rgb.bytesPerLine())
    return rows[:, : rgb.width() * 3].reshape(rgb.height(), rgb.width(), 3).copy()
