"""The photograph of an export: the same bytes where it is a JPEG that is shown as it lies, else encoded once."""

import io
from pathlib import Path

import numpy as np
from PIL import Image as PillowImage

from fcn_gui.core.errors import ExportError, ImageError
from fcn_gui.core.image_io import FORMATS, exif_orientation, read_image
from fcn_gui.core.raster import Image
from fcn_gui.disk.atomic import write_new
from fcn_gui.disk.jpeg_metadata import without_metadata

QUALITY = 95
_LONGEST_SIDE = 65_500  # of a JPEG
_FARTHEST = 12.0  # mean difference of a sound encoding; noise at quality 95 stays under 5
_ORIENTATION_TAG = 0x0112
_DAMAGE = (OSError, ValueError, TypeError, LookupError, SyntaxError, RuntimeError, AttributeError)


def write_voc_image(source: Path, image: Image, target: Path, keep_metadata: bool) -> bool:
    """Write `target` (new, .jpg) for the photograph `source`, read as `image` H×W×3, and read it back.

    Returns whether it had to be encoded anew. Raises ImageError, ExportError where what was written differs, OSError.
    """
    data = _copied(source, image, keep_metadata)
    is_encoded = data is None
    if data is None:
        data = _encoded(source, image, keep_metadata)
    write_new(target, data)
    if target.read_bytes() != data:
        raise ExportError(f"{target} holds something else than was written; check the drive and export again.")
    back = read_image(target).image
    if back.shape != image.shape or (not is_encoded and not np.array_equal(back, image)):
        raise ExportError(f"{target} shows another picture than {source}; report this.")
    if is_encoded and _mean_difference(back, image) > _FARTHEST:
        raise ExportError(f"{target} differs too much from {source} after encoding; report this.")
    return is_encoded


def _copied(source: Path, image: Image, keep_metadata: bool) -> bytes | None:
    """The bytes to write for a JPEG, None where it has to be encoded."""
    try:
        data = source.read_bytes()
    except OSError as error:
        raise ImageError(f"{source.name} can't be read any more ({error.strerror}); bring it back.") from error
    if data[:3] != b"\xff\xd8\xff" or exif_orientation(source) != 1:
        return None
    if keep_metadata:
        return data
    try:
        bare = without_metadata(data)
        with PillowImage.open(io.BytesIO(bare), formats=("JPEG",)) as opened:
            is_same = opened.mode not in ("RGB", "L") or np.array_equal(np.asarray(opened.convert("RGB")), image)
    except _DAMAGE:
        return None
    return bare if is_same else None


def _encoded(source: Path, image: Image, keep_metadata: bool) -> bytes:
    height, width = image.shape[:2]
    if max(height, width) > _LONGEST_SIDE:
        raise ImageError(f"{source.name} is {width} × {height} pixels, too long for a JPEG; cut it into parts.")
    buffer = io.BytesIO()
    extra = _metadata(source) if keep_metadata else {}
    try:
        PillowImage.fromarray(image).save(buffer, "JPEG", quality=QUALITY, subsampling=0, **extra)
    except (OSError, ValueError) as error:
        if not extra:
            raise ImageError(f"{source.name} can't be written as JPEG ({error}); save it as JPEG yourself.") from error
        return _encoded(source, image, keep_metadata=False)  # metadata too long for a JPEG
    return buffer.getvalue()


def _metadata(source: Path) -> dict[str, bytes]:
    """EXIF but for the rotation, and the colour profile, of a picture whose colours were not converted."""
    try:
        with PillowImage.open(source, formats=FORMATS) as opened:
            exif = opened.getexif()
            exif.pop(_ORIENTATION_TAG, None)
            profile = opened.info.get("icc_profile") if opened.mode == "RGB" else None
            found = {"exif": exif.tobytes() if len(exif) else b"", "icc_profile": profile or b""}
    except _DAMAGE:
        return {}  # damaged metadata is no reason to leave a picture out
    return {name: value for name, value in found.items() if value}


def _mean_difference(one: Image, other: Image) -> float:
    return float(np.mean(np.abs(one.astype(np.int16) - other)))
