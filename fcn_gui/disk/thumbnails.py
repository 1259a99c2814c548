"""Small pictures kept between sessions; the folder may be deleted at any time.

A picture is found by the key of its photograph and by `stamp`, whatever says that it is still the same (size and time,
or a digest); a photograph that changed simply isn't found.
"""

import hashlib
import io
import os
from pathlib import Path

import numpy as np
from PIL import Image as PillowImage

from fcn_gui.core.errors import SaveError
from fcn_gui.core.raster import Image, check_image
from fcn_gui.disk.atomic import write_bytes

_QUALITY = 88


def file_stamp(path: Path) -> str:
    """Size and time of a file, "" where it is gone."""
    try:
        facts = path.stat()
    except OSError:
        return ""
    return f"{facts.st_size}-{facts.st_mtime_ns}"


class ThumbnailCache:
    """Pictures in `folder`. Nothing that goes wrong here matters: a miss is None, a failed write False."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, key: str, stamp: str) -> Image | None:
        """h×w×3 uint8, None where there is none or it is damaged."""
        try:
            with PillowImage.open(self._path(key, stamp), formats=("JPEG",)) as opened:
                return np.array(opened.convert("RGB"), np.uint8)
        except (OSError, ValueError, SyntaxError):
            return None

    def write(self, key: str, stamp: str, image: Image) -> bool:
        """Keep an h×w×3 uint8 picture; False where it could not be kept."""
        check_image(image)
        buffer = io.BytesIO()
        PillowImage.fromarray(image).save(buffer, "JPEG", quality=_QUALITY)
        try:
            write_bytes(self._path(key, stamp), buffer.getvalue(), durable=False)
        except SaveError:
            return False
        return True

    def prune(self, max_bytes: int = 256 << 20) -> int:
        """Delete the pictures longest not written until at most `max_bytes` are left; returns how many went."""
        found = sorted(self._stored(), reverse=True)
        total, removed = 0, 0
        for _, size, path in found:
            total += size
            if total > max_bytes:
                Path(path).unlink(missing_ok=True)
                removed += 1
        return removed

    def _stored(self) -> list[tuple[float, int, str]]:
        try:
            with os.scandir(self._folder) as entries:
                return [(e.stat().st_mtime, e.stat().st_size, e.path) for e in entries if e.name.endswith(".jpg")]
        except OSError:
            return []

    def _path(self, key: str, stamp: str) -> Path:
        name = hashlib.sha256(f"{key}\0{stamp}".encode("utf-8", "surrogateescape")).hexdigest()
        return self._folder / f"{name[:40]}.jpg"
