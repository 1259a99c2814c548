"""What Pillow can open, in any of its modes → H×W×3 uint8 RGB.

Transparent parts lie over white; more than 8 bits a channel are brought to 8 between the 0.5 and 99.5 percentiles of
all values of the picture; CMYK goes through the colour profile of its file where there is a usable one.
"""

import io
from typing import Any, BinaryIO

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage
from PIL import ImageCms

from fcn_gui.core.raster import Image

LOW_PERCENT, HIGH_PERCENT = 0.5, 99.5


def rgb_of(opened: PillowImage.Image, notes: list[str]) -> Image:
    """H×W×3 uint8 of the current frame, as stored (not turned); adds to `notes` what was done.

    Raises what Pillow raises for damaged files.
    """
    if opened.mode[0] in "IF":
        notes.append("grey, more than 8 bits, scaled between its 0.5 and 99.5 percentiles")
        return np.repeat(to_8_bit(np.asarray(opened))[:, :, None], 3, axis=2)
    if _is_deep(opened):
        deep = _deep_pixels(opened)
        if deep is not None:
            notes.append("16 bits a channel, scaled between its 0.5 and 99.5 percentiles")
            return _over_white(deep, notes)
    if opened.mode in ("1", "L", "LA", "La"):
        notes.append("grey")
    if opened.mode in ("P", "PA"):
        notes.append("palette")
    if opened.mode in ("CMYK", "LAB"):
        notes.append(f"{opened.mode} brought to RGB")
        return np.asarray(_from_print(opened), np.uint8)
    if opened.has_transparency_data:
        return _over_white(np.asarray(opened.convert("RGBA")), notes)
    return np.asarray(opened.convert("RGB"), np.uint8)


def _from_print(opened: PillowImage.Image) -> PillowImage.Image:
    """CMYK and LAB → RGB, by the file's own colour profile where it has a usable one."""
    profile = io.BytesIO(opened.info.get("icc_profile") or b"")
    try:
        source = ImageCms.createProfile("LAB") if opened.mode == "LAB" else ImageCms.getOpenProfile(profile)
        converted = ImageCms.profileToProfile(opened, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, TypeError, OSError):
        opened.load()  # a damaged file is told as such, not as a missing profile
        return opened.convert("RGB")
    return opened.convert("RGB") if converted is None else converted


def _is_deep(opened: PillowImage.Image) -> bool:
    """True for 16 bits a channel in colour, of which Pillow would only keep the upper 8."""
    tiles: list[Any] = getattr(opened, "tile", [])
    return opened.format in ("PNG", "TIFF") and any(";16" in str(tile[3]) for tile in tiles)


def _deep_pixels(opened: PillowImage.Image) -> Image | None:
    """H×W×3 or H×W×4 uint8 of a PNG or TIFF with 16 bits a channel; None where OpenCV can't read it."""
    file: BinaryIO = getattr(opened, "fp")  # noqa: B009
    opened.load()  # OpenCV takes a file that is cut short for a whole one; Pillow doesn't
    file.seek(0)
    pixels = cv2.imdecode(np.frombuffer(file.read(), np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None or pixels.dtype != np.uint16 or pixels.shape[2:] not in ((3,), (4,)):
        return None
    colors = to_8_bit(np.ascontiguousarray(pixels[:, :, 2::-1]))
    if pixels.shape[2] == 3:
        return colors
    return np.dstack([colors, (pixels[:, :, 3] // 256).astype(np.uint8)])


def _over_white(pixels: Image, notes: list[str]) -> Image:
    """H×W×3 stays; H×W×4 loses its alpha channel, over white where that lets anything through."""
    if pixels.shape[2] == 3:
        return pixels
    colors, alpha = pixels[:, :, :3], pixels[:, :, 3:]
    if (alpha == 255).all():
        notes.append("alpha channel left out, nothing is transparent")
        return colors
    notes.append("transparent parts over white")
    mixed = colors.astype(np.uint16) * alpha + np.uint16(255) * (255 - alpha.astype(np.uint16))
    return ((mixed + 127) // 255).astype(np.uint8)


def to_8_bit(values: NDArray) -> NDArray[np.uint8]:
    """Numbers of any kind → uint8 of the same shape: the 0.5 percentile of all finite ones is 0, the 99.5 is 255."""
    if values.dtype == np.uint16:
        low, high = _uint16_percentiles(values)
        table = _between(np.arange(65536, dtype=np.float32), low, high)
        return np.asarray(table[values])
    finite = values if values.dtype.kind in "iub" else np.where(np.isfinite(values), values, np.nan)
    sample = finite.ravel()[:: max(1, finite.size // 4_000_000)]
    sample = sample[~np.isnan(sample)]
    if not sample.size:
        return np.zeros(values.shape, np.uint8)
    low, high = (float(v) for v in np.percentile(sample, [LOW_PERCENT, HIGH_PERCENT]))
    if low == high:
        low, high = float(sample.min()), float(sample.max())
    return _between(np.nan_to_num(values.astype(np.float32), nan=low, posinf=high, neginf=low), low, high)


def _uint16_percentiles(values: NDArray[np.uint16]) -> tuple[float, float]:
    seen = np.cumsum(np.bincount(values.ravel(), minlength=65536))
    low, high = (int(np.searchsorted(seen, seen[-1] * part / 100)) for part in (LOW_PERCENT, HIGH_PERCENT))
    if low == high:
        low, high = int(values.min()), int(values.max())
    return float(low), float(high)


def _between(values: NDArray[np.float32], low: float, high: float) -> NDArray[np.uint8]:
    part = np.clip((values - low) * (255 / max(high - low, 1e-12)), 0, 255)
    return np.asarray(np.rint(part), np.uint8)
