"""Images with their truth to training crops: another scale, place, mirror image and light each time."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fcn_gui.core.raster import VOID, Image, Mask
from fcn_gui.learn.recipe import Recipe
from fcn_gui.net.preset import Preset, normalised, working_size
from fcn_gui.net.upsample import sample

_SMOOTH_BELOW = 0.75
"""Shrinking by more than this is smoothed first, so that fine texture does not turn into another one."""


@dataclass(frozen=True)
class Window:
    """A square of `side_px` at (`y0`, `x0`) of an image scaled to `size`, as a mirror image where `is_mirrored`."""

    size: tuple[int, int]
    y0: int
    x0: int
    side_px: int
    is_mirrored: bool

    def to_image(self, shape: tuple[int, ...]) -> NDArray[np.float64]:
        """The 2×3 affine map from pixels of the window to pixels of an image of `shape` (centres at whole numbers)."""
        step_y, step_x = shape[0] / self.size[0], shape[1] / self.size[1]
        across, first = (-1, self.x0 + self.side_px - 1) if self.is_mirrored else (1, self.x0)
        return np.array(
            [[across * step_x, 0, (first + 0.5) * step_x - 0.5], [0, step_y, (self.y0 + 0.5) * step_y - 0.5]]
        )


@dataclass(frozen=True)
class Crop:
    """`x` 3×S×S normalised, `truth` S×S uint8 with 255 void, `inside` S×S bool where there is image at all."""

    x: Tensor
    truth: NDArray[np.uint8]
    inside: NDArray[np.bool_]


def draw_window(shape: tuple[int, ...], preset: Preset, recipe: Recipe, rng: np.random.Generator) -> Window:
    """A window anywhere in an image of `shape`, at a scale between the recipe's; top left where it is smaller."""
    scale = math.exp(rng.uniform(math.log(recipe.smallest), math.log(recipe.largest)))
    height, width = (max(1, round(side * scale)) for side in working_size(preset, shape))
    side = recipe.side_px
    y0, x0 = (int(rng.integers(0, max(0, length - side) + 1)) for length in (height, width))
    return Window((height, width), y0, x0, side, bool(rng.random() < 0.5))


def cut(image: Image, truth: Mask, window: Window, preset: Preset, rng: np.random.Generator | None) -> Crop:
    """The window of image and truth; with `rng` in another light. Beyond the image: zeros, void."""
    to_image = window.to_image(image.shape)
    ratio = window.size[0] / image.shape[0]
    smooth = cv2.GaussianBlur(image, (0, 0), 0.35 / ratio) if ratio < _SMOOTH_BELOW else image
    side = (window.side_px, window.side_px)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    pixels = np.asarray(cv2.warpAffine(smooth, to_image, side, flags=flags, borderMode=cv2.BORDER_REPLICATE), np.uint8)
    labels = _nearest(truth, to_image, side, VOID)
    inside = _nearest(np.ones(truth.shape, np.uint8), to_image, side, 0) > 0
    lit = pixels.astype(np.float32) if rng is None else relit(pixels, rng)
    x = normalised(preset, torch.from_numpy(np.ascontiguousarray(lit.transpose(2, 0, 1)))[None])[0]
    return Crop(x * torch.from_numpy(inside), labels, inside)


def relit(pixels: Image, rng: np.random.Generator) -> NDArray[np.float32]:
    """Brightness, white balance, saturation and contrast changed at random; H×W×3 float32, 0…255."""
    lit = pixels.astype(np.float32) * rng.uniform(0.75, 1.25) * rng.uniform(0.92, 1.08, 3).astype(np.float32)
    grey = lit.mean(2, keepdims=True)
    lit = grey + (lit - grey) * rng.uniform(0.6, 1.4)
    middle = float(lit.mean())
    lit = middle + (lit - middle) * rng.uniform(0.75, 1.25) + rng.uniform(-20, 20)
    return np.asarray(np.clip(lit, 0, 255), np.float32)


def sample_grid(
    values: Tensor, window: Window, working: tuple[int, int], stride: int, every: int, first_px: float = 0.0
) -> Tensor:
    """K×h×w → K×n×n at each `every`-th pixel of a window.

    The points of `values` lie `stride` px apart from `first_px` on, on the image at its `working` size.
    """
    at = torch.arange(0, window.side_px, every, dtype=torch.float32)
    across = window.x0 + (window.side_px - 1 - at if window.is_mirrored else at)
    rows = (rescaled(window.y0 + at, window.size[0], working[0]) - first_px) / stride
    cols = (rescaled(across, window.size[1], working[1]) - first_px) / stride
    return sample(values, rows, cols)


def rescaled(pixels: Tensor, side: int, other: int) -> Tensor:
    """Where pixels of an image of `side` pixels lie in the same image of `other` pixels, kept inside."""
    return ((pixels + 0.5) * other / side - 0.5).clamp(0, other - 1)


def _nearest(plane: NDArray[np.uint8], to_image: NDArray, side: tuple[int, int], outside: int) -> NDArray[np.uint8]:
    flags = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
    out = cv2.warpAffine(plane, to_image, side, flags=flags, borderMode=cv2.BORDER_CONSTANT, borderValue=(outside,))
    return np.asarray(out, np.uint8)
