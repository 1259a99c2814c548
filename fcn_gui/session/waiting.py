"""What could not be written yet, packed: hours of work on a folder that takes nothing stay small in memory.

The photograph itself is read again when the image is opened again; what a person did is in no other place.
"""

import zlib
from dataclasses import dataclass, replace

import numpy as np

from fcn_gui.core.errors import MaskError
from fcn_gui.core.raster import Mask, Vouch
from fcn_gui.session.document import Document
from fcn_gui.session.project import Item
from fcn_gui.session.stroke_log import StrokeLog

_QUICK = 1  # zlib level: 2 ms for a megapixel, a thirtieth of its size or less


@dataclass(frozen=True)
class PackedMaps:
    """Mask and vouch map of an image of `shape` (H, W), and its first look while that isn't on disk either."""

    shape: tuple[int, int]
    packed_mask: bytes
    packed_vouch: bytes
    packed_first_look: bytes | None

    @classmethod
    def of(cls, document: Document) -> "PackedMaps":
        """As they are now; nothing is shared with the document."""
        first_look = None if document.first_look_is_saved else document.first_look
        return cls(
            document.shape,
            _pack(document.masked.mask),
            _pack(document.masked.vouch),
            None if first_look is None else _pack(first_look),
        )

    @property
    def mask(self) -> Mask:
        """A new H×W array at each call, as are the others."""
        return self._unpack(self.packed_mask)

    @property
    def vouch(self) -> Vouch:
        return self._unpack(self.packed_vouch)

    @property
    def first_look(self) -> Mask | None:
        """None where it is on disk or was never made."""
        return None if self.packed_first_look is None else self._unpack(self.packed_first_look)

    def with_mask(self, mask: Mask) -> "PackedMaps":
        """The same with another H×W mask."""
        return replace(self, packed_mask=_pack(mask))

    def check_fits(self, key: str, shape: tuple[int, ...]) -> None:
        """Raise MaskError where the image `key` is of another shape (H, W) by now; nothing is ever resized."""
        if self.shape != shape:
            (height, width), (now_height, now_width) = self.shape, shape
            raise MaskError(
                f"{key} is {now_width}×{now_height} pixels now, and its mask, which could not be saved yet, is "
                f"{width}×{height}. The mask is kept: bring the image of before back."
            )

    def _unpack(self, packed: bytes) -> Mask:
        return np.frombuffer(zlib.decompress(packed), np.uint8).reshape(self.shape).copy()


@dataclass(frozen=True)
class WaitingImage:
    """An image that was left and could not be written; `log` counts its strokes on from where it was left."""

    item: Item
    log: StrokeLog
    maps: PackedMaps


def _pack(plane: Mask) -> bytes:
    return zlib.compress(plane.tobytes(), _QUICK)
