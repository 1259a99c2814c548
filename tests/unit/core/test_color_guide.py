import numpy as np

from fcn_gui.core.color_guide import ColorGuide


def test_a_border_between_colours_of_equal_grey_is_kept():
    colors = np.zeros((40, 40, 3), np.float32)
    colors[:, :20] = 0.6, 0.2, 0.3
    colors[:, 20:] = 0.2, 0.4042, 0.3  # the same grey
    soft = np.broadcast_to(np.clip((np.arange(40, dtype=np.float32) - 13) / 10, 0, 1), (40, 40))
    sharp = ColorGuide(colors, 6, 1e-4).filtered(np.ascontiguousarray(soft))
    flat = ColorGuide(np.full_like(colors, 0.5), 6, 1e-4).filtered(np.ascontiguousarray(soft))
    assert (sharp[:, 20] - sharp[:, 19]).min() > 5 * (flat[:, 20] - flat[:, 19]).max()


def test_a_plane_without_any_change_stays():
    colors = np.random.default_rng(0).random((20, 30, 3), np.float32)
    assert np.allclose(ColorGuide(colors, 3, 1e-3).filtered(np.full((20, 30), 0.7, np.float32)), 0.7, atol=1e-4)
