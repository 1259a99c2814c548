"""Superpixels keep to edges, cover the image, and are connected."""

import time

import cv2
import numpy as np
import pytest

from fcn_gui.core.superpixels import superpixels


def two_halves(height: int = 150, width: int = 200) -> tuple[np.ndarray, np.ndarray]:
    """A slanted edge between two noisy colours, and which side each pixel is on."""
    rows, cols = np.mgrid[0:height, 0:width]
    side = cols + rows // 2 > width // 2
    noise = np.random.default_rng(0).normal(0, 6, (height, width, 3))
    colors = np.where(side[:, :, None], (190, 120, 60), (60, 110, 170))
    return np.clip(colors + noise, 0, 255).astype(np.uint8), side


def test_no_superpixel_lies_on_both_sides_of_an_edge() -> None:
    image, side = two_halves()
    labels = superpixels(image)
    share = np.bincount(labels.ravel(), weights=side.ravel()) / np.bincount(labels.ravel())
    pixels = np.bincount(labels.ravel())
    mixed = pixels[(share > 0.05) & (share < 0.95)].sum()
    assert mixed < 0.01 * labels.size


def test_they_are_numbered_from_0_without_gaps_and_there_are_as_many_as_said() -> None:
    labels = superpixels(two_halves(300, 400)[0])
    assert labels.dtype == np.int32
    assert (np.unique(labels) == np.arange(labels.max() + 1)).all()
    assert 900 < labels.max() < 1500


def test_each_is_connected() -> None:
    labels = superpixels(two_halves()[0])
    stray = sum(
        cv2.connectedComponents((labels == number).astype(np.uint8), connectivity=4)[0] - 2
        for number in range(labels.max() + 1)
    )
    assert stray <= 0.01 * labels.max()


def test_the_same_image_gives_the_same() -> None:
    image = two_halves()[0]
    assert (superpixels(image) == superpixels(image)).all()


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (3, 2000), (5, 5), (64, 3)])
def test_any_size(shape: tuple[int, int]) -> None:
    labels = superpixels(np.random.default_rng(0).integers(0, 256, (*shape, 3)).astype(np.uint8))
    assert labels.shape == shape
    assert labels.min() == 0


def test_a_photograph_of_ordinary_size_takes_a_moment() -> None:
    image = two_halves(375, 500)[0]
    superpixels(image)
    start = time.thread_time()
    superpixels(image)
    assert time.thread_time() - start < 0.6  # 0.15 s where nothing else runs
