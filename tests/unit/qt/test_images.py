import numpy as np
import pytest

from fcn_gui.qt.images import to_array, to_qimage


@pytest.mark.parametrize("shape", [(1, 1, 3), (3, 5, 3), (7, 2, 3), (4, 1001, 3)])
def test_pixels_come_back_whatever_the_width(shape: tuple[int, int, int]) -> None:
    image = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    assert np.array_equal(to_array(to_qimage(image)), image)


def test_a_qimage_owns_its_bytes() -> None:
    image = np.full((4, 4, 3), 9, np.uint8)
    made = to_qimage(image)
    image[:] = 200
    del image
    assert (to_array(made) == 9).all()


def test_alpha_and_views_are_taken() -> None:
    rgba = np.zeros((6, 6, 4), np.uint8)
    rgba[..., 1], rgba[..., 3] = 50, 255
    made = to_qimage(rgba[1:4, 2:5])
    assert (made.width(), made.height(), made.pixelColor(0, 0).green()) == (3, 3, 50)
    assert to_qimage(np.full((2, 3), 7, np.uint8)).pixelColor(2, 1).red() == 7


@pytest.mark.parametrize("array", [np.zeros((2, 2), np.float32), np.zeros((2, 2, 2), np.uint8), np.zeros(4, np.uint8)])
def test_what_is_no_picture_is_refused(array: np.ndarray) -> None:
    with pytest.raises(ValueError, match="picture"):
        to_qimage(array)
