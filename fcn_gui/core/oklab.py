"""OKLab and OKLCH (Björn Ottosson, 2020), and what colour-blind people see (Machado, Oliveira, Fernandes, 2009).

Distances in OKLab say how different two colours look; hue, chroma and lightness can be changed one at a time in OKLCH.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
_FROM_LMS, _FROM_LAB = np.linalg.inv(_TO_LMS), np.linalg.inv(_TO_LAB)

# Machado 2009, severity 1.0, on linear RGB.
COLOR_BLINDNESS: dict[str, Floats] = {
    "protan": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deutan": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritan": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}


def _linear(rgb: NDArray[np.uint8]) -> Floats:
    """…×3 sRGB 0…255 → linear 0…1."""
    part = np.asarray(rgb, np.float64) / 255
    return np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)


def _lab_of_linear(linear: Floats) -> Floats:
    lab: Floats = np.cbrt(linear @ _TO_LMS.T) @ _TO_LAB.T
    return lab


def _linear_of_lab(lab: Floats) -> Floats:
    linear: Floats = (lab @ _FROM_LAB.T) ** 3 @ _FROM_LMS.T
    return linear


def oklab(rgb: NDArray[np.uint8]) -> Floats:
    """…×3 sRGB uint8 → …×3 float64 OKLab (L 0…1, a, b)."""
    return _lab_of_linear(_linear(rgb))


def oklab_as_seen(rgb: NDArray[np.uint8]) -> Floats:
    """4×…×3 OKLab of the colours as seen normally and by protan, deutan and tritan people."""
    linear = _linear(rgb)
    seen = [linear, *(np.clip(linear @ matrix.T, 0, 1) for matrix in COLOR_BLINDNESS.values())]
    return np.stack([_lab_of_linear(each) for each in seen])


def oklch(rgb: NDArray[np.uint8]) -> Floats:
    """…×3 sRGB uint8 → …×3 float64 OKLCH (L 0…1, C ≥ 0, hue in radians)."""
    lab = oklab(rgb)
    return np.stack([lab[..., 0], np.hypot(lab[..., 1], lab[..., 2]), np.arctan2(lab[..., 2], lab[..., 1])], -1)


def rgb_of_oklch(lightness: float, chroma: float, hue: float) -> tuple[int, int, int]:
    """The sRGB colour 0…255; chroma is cut, in steps of 0.004, to what sRGB has at this lightness and hue (radians)."""
    linear = _linear_of_lch(lightness, chroma, hue)
    while chroma > 0 and not ((linear >= 0) & (linear <= 1)).all():
        chroma = max(0.0, chroma - 0.004)
        linear = _linear_of_lch(lightness, chroma, hue)
    linear = np.clip(linear, 0, 1)
    part = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    red, green, blue = (int(v) for v in np.rint(part * 255))
    return red, green, blue


def _linear_of_lch(lightness: float, chroma: float, hue: float) -> Floats:
    return _linear_of_lab(np.array([lightness, chroma * np.cos(hue), chroma * np.sin(hue)]))
