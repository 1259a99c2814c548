import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from fcn_gui.learn.crops import Window, cut, draw_window, relit, sample_grid
from fcn_gui.learn.recipe import Recipe
from fcn_gui.net.preset import VOC21_LIGHT

RECIPE = Recipe(rate=1e-3, new_rate=1e-3, crop_px=65, smallest=0.5, largest=2.0)


def _scene(height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """An image whose red is the row, green the column, and a truth of 8-pixel squares."""
    rows, cols = np.indices((height, width))
    image = np.stack([rows % 256, cols % 256, np.zeros_like(rows)], -1).astype(np.uint8)
    return image, ((rows // 8 + cols // 8) % 3).astype(np.uint8)


@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 9999), height=st.integers(1, 700), width=st.integers(1, 700))
def test_a_window_lies_in_the_image_where_it_fits(seed: int, height: int, width: int) -> None:
    window = draw_window((height, width, 3), VOC21_LIGHT, RECIPE, np.random.default_rng(seed))
    assert 320 <= max(window.size) <= 1280, "half to twice the working size"
    for first, side in ((window.y0, window.size[0]), (window.x0, window.size[1])):
        assert first == 0 or first + 65 <= side


def test_equal_generators_draw_equal_windows() -> None:
    draws = [draw_window((300, 400), VOC21_LIGHT, RECIPE, np.random.default_rng(5)) for _ in range(2)]
    assert draws[0] == draws[1]


@pytest.mark.parametrize("is_mirrored", [False, True])
def test_at_the_image_s_own_scale_a_crop_is_a_slice(is_mirrored: bool) -> None:
    image, truth = _scene(100, 120)
    crop = cut(image, truth, Window((100, 120), 20, 30, 65, is_mirrored), VOC21_LIGHT, None)
    step = -1 if is_mirrored else 1
    expected = image[20:85, 30:95][:, ::step].astype(np.float32)
    assert np.abs(crop.x.permute(1, 2, 0).numpy() * 128 + 128 - expected).max() < 1e-3
    assert np.array_equal(crop.truth, truth[20:85, 30:95][:, ::step])
    assert crop.inside.all()


def test_beyond_the_image_there_is_zero_and_void() -> None:
    image, truth = _scene(40, 50)
    crop = cut(image, truth, Window((40, 50), 0, 0, 65, False), VOC21_LIGHT, np.random.default_rng(0))
    assert crop.inside[:40, :50].all() and crop.inside.sum() == 2000
    assert (crop.truth[40:] == 255).all() and (crop.truth[:, 50:] == 255).all()
    assert crop.x[:, 40:].abs().sum() == 0


@pytest.mark.parametrize("scale", [0.5, 1.7])
def test_image_and_truth_stay_together_at_any_scale(scale: float) -> None:
    image, truth = _scene(200, 240)
    size = (round(200 * scale), round(240 * scale))
    crop = cut(image, truth, Window(size, 10, 20, 65, False), VOC21_LIGHT, None)
    rows = crop.x[0].numpy() * 128 + 128
    cols = crop.x[1].numpy() * 128 + 128
    expected = (np.floor(rows + 0.5).astype(int) // 8 + np.floor(cols + 0.5).astype(int) // 8) % 3
    assert (expected == crop.truth).mean() > 0.85  # but for the pixels that fall on a square's border


def test_another_light_stays_within_bytes_and_differs() -> None:
    image, _ = _scene(64, 64)
    lit = relit(image, np.random.default_rng(1))
    assert lit.dtype == np.float32 and lit.min() >= 0 and lit.max() <= 255
    assert not np.allclose(lit, image)


@pytest.mark.parametrize("is_mirrored", [False, True])
def test_answers_are_read_at_the_pixels_of_the_window(is_mirrored: bool) -> None:
    cols = torch.arange(0, 129, 8, dtype=torch.float32).expand(1, 13, 17)
    window = Window((192, 256), 16, 40, 33, is_mirrored)
    read = sample_grid(cols, window, (96, 128), 8, 2)
    pixels = np.arange(40, 73, 2)
    expected = (pixels + 0.5) * 128 / 256 - 0.5
    assert read.shape == (1, 17, 17)
    assert np.allclose(read[0, 3].numpy(), expected[::-1] if is_mirrored else expected, atol=1e-3)
