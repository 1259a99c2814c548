"""What is laid over a photograph, by value, and that it takes no time."""

import time

import cv2
import numpy as np
import pytest

from fcn_gui.core.label_map import voc_label_map
from fcn_gui.core.overlay import (
    FELL_COLOR,
    HATCH_COLOR,
    ROSE_COLOR,
    change_rgba,
    heatmap_rgba,
    laid_over,
    magma,
    mask_rgba,
    muted_photo,
)
from fcn_gui.core.palette import overlay_colors

COLORS = np.array([[0, 0, 0], [200, 30, 60], [10, 220, 90]], np.uint8)


def test_classes_are_filled_at_45_percent_and_background_is_clear() -> None:
    out = mask_rgba(np.array([[0, 1, 2, 7]], np.uint8), COLORS)
    assert out.tolist() == [[[0, 0, 0, 0], [200, 30, 60, 115], [10, 220, 90, 115], [0, 0, 0, 0]]]


def test_hidden_classes_are_clear_and_background_can_be_shown() -> None:
    out = mask_rgba(np.array([[0, 1, 2]], np.uint8), COLORS, 1.0, hidden={2}, background_index=None)
    assert out[0, :, 3].tolist() == [255, 255, 0]


def test_void_is_hatched_and_the_hatch_meets_over_rectangles() -> None:
    labels = np.full((20, 30), 255, np.uint8)
    whole = mask_rgba(labels, COLORS)
    lines = (whole[:, :, :3] == HATCH_COLOR).all(2)
    assert 0.2 < lines.mean() < 0.4
    assert (lines[1:, :-1] == lines[:-1, 1:]).all()  # 45°
    assert (whole[~lines] == (0, 0, 0, 97)).all()
    part = mask_rgba(labels[3:, 5:], COLORS, origin_xy=(5, 3))
    assert (part == whole[3:, 5:]).all()
    assert not mask_rgba(labels, COLORS, hidden={255}).any()


def test_magma_goes_from_black_to_pale_yellow() -> None:
    scale = magma()
    assert scale.shape == (256, 3)
    assert np.abs(scale[0].astype(int) - (0, 0, 4)).max() <= 1
    assert np.abs(scale[128].astype(int) - (183, 55, 121)).max() <= 2
    assert np.abs(scale[255].astype(int) - (252, 253, 191)).max() <= 1


def test_heat_rises_smoothly_from_5_to_50_percent() -> None:
    p = np.array([[0.0, 0.05, 0.275, 0.5, 1.0]], np.float32)
    out = heatmap_rgba(p)
    part = np.clip((p[0] - 0.05) / 0.45, 0, 1)
    assert out[0, :, 3] == pytest.approx(204 * part**2 * (3 - 2 * part), abs=2)
    assert (out[0, -1, :3] == magma()[255]).all()


def test_heat_can_be_hidden_up_to_any_level() -> None:
    p = np.linspace(0, 1, 101, dtype=np.float32)[None]
    for below in (0.0, 0.4, 0.5, 0.7, 0.95):
        alpha = heatmap_rgba(p, 1.0, below)[0, :, 3].astype(int)
        assert (alpha[p[0] < below - 0.01] == 0).all()
        assert (np.diff(alpha) >= 0).all()
        assert alpha[-1] == 255


def test_a_muted_photo_has_a_quarter_of_its_colour() -> None:
    image = np.array([[[200, 100, 0], [90, 90, 90]]], np.uint8)
    grey = 0.299 * 200 + 0.587 * 100
    expected = 0.78 * (grey + 0.25 * (np.array([200, 100, 0]) - grey))
    assert muted_photo(image)[0, 0] == pytest.approx(expected, abs=1)
    assert muted_photo(image)[0, 1] == pytest.approx(0.78 * 90, abs=1)
    assert (muted_photo(image, 1, 1) == image).all()


def test_laid_over_mixes_by_alpha() -> None:
    image = np.full((1, 3, 3), 100, np.uint8)
    rgba = np.array([[[200, 0, 50, 0], [200, 0, 50, 255], [200, 0, 50, 51]]], np.uint8)
    assert laid_over(image, rgba)[0].tolist() == [[100, 100, 100], [200, 0, 50], [120, 80, 90]]


def test_each_takes_little_time_on_an_ordinary_photograph() -> None:
    rng = np.random.default_rng(0)
    image = rng.integers(0, 256, (375, 500, 3)).astype(np.uint8)
    labels = cv2.resize(rng.integers(0, 21, (12, 16)).astype(np.uint8), (500, 375), interpolation=cv2.INTER_NEAREST)
    labels[:60] = 255
    p, colors = rng.random((375, 500), np.float32), overlay_colors(voc_label_map())
    for work in (lambda: mask_rgba(labels, colors), lambda: heatmap_rgba(p), lambda: muted_photo(image)):
        assert min(_seconds(work) for _ in range(15)) < 0.005


def _seconds(work) -> float:
    start = time.thread_time()
    work()
    return time.thread_time() - start


def test_a_change_is_amber_or_blue_and_as_strong_as_it_is() -> None:
    rgba = change_rgba(np.array([[0.0, 0.2, 0.1, -0.2, -0.9]]), full_at=0.2, opacity=1.0)
    assert rgba[0, :, 3].tolist() == pytest.approx([0, 255, 128, 255, 255], abs=3)
    assert rgba[0, 1, :3].tolist() == list(ROSE_COLOR) and rgba[0, 3, :3].tolist() == list(FELL_COLOR)
