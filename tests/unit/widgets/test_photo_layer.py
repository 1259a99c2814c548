"""The photograph on device pixels."""

import cv2
import numpy as np
import pytest

from fcn_gui.core.raster import Image
from fcn_gui.core.viewport import Viewport
from fcn_gui.qt.images import to_array
from fcn_gui.widgets.photo_layer import PhotoLayer, Tone
from fcn_gui.widgets.placement import Placement


@pytest.fixture
def image() -> Image:
    rough = np.random.default_rng(4).integers(0, 255, (12, 16, 3)).astype(np.uint8)
    return np.asarray(cv2.resize(rough, (64, 48), interpolation=cv2.INTER_CUBIC), np.uint8)


def shown(image: Image, zoom: float, tone: Tone | None = None, ratio: float = 1.0) -> Image:
    """All of `image` as it is drawn at a zoom."""
    height, width = image.shape[:2]
    size = (round(width * zoom), round(height * zoom))
    place = Placement.of(Viewport((width, height), size, zoom, (0.0, 0.0)), ratio)
    return to_array(PhotoLayer(image).picture(place, tone or Tone()))


def test_at_100_percent_every_pixel_is_itself(image: Image) -> None:
    assert (shown(image, 1.0) == image).all()


@pytest.mark.parametrize("zoom", [3.0, 5.0])
def test_much_enlarged_pixels_are_squares(image: Image, zoom: float) -> None:
    side = int(zoom)
    assert (shown(image, zoom) == image.repeat(side, 0).repeat(side, 1)).all()


def test_a_screen_of_ratio_2_gets_twice_the_pixels(image: Image) -> None:
    assert shown(image, 1.0, ratio=2.0).shape == (96, 128, 3)


@pytest.mark.parametrize("zoom", [0.5, 0.25])
def test_shrunk_photos_are_averages_not_samples(image: Image, zoom: float) -> None:
    noisy = np.clip(image.astype(int) + np.random.default_rng(0).integers(-60, 60, image.shape), 0, 255)
    drawn = shown(noisy.astype(np.uint8), zoom).astype(int)
    side = round(1 / zoom)
    means = noisy.reshape(48 // side, side, 64 // side, side, 3).mean((1, 3))
    assert np.abs(drawn - means).mean() < 2.5


@pytest.mark.parametrize("zoom", [0.31, 0.77, 1.4, 2.6])
def test_a_ramp_stays_a_ramp_at_any_zoom(zoom: float) -> None:
    ramp = np.tile(np.linspace(20, 230, 200).astype(np.uint8)[None, :, None], (40, 1, 3))
    row = shown(ramp, zoom)[4, :, 0].astype(float)
    x = (np.arange(len(row)) + 0.5) / zoom - 0.5
    expected = np.interp(x, np.arange(200), np.linspace(20, 230, 200))
    assert np.abs(row - expected)[6:-6].max() < 3


def test_neutral_tones_change_nothing_and_muting_takes_colour_and_light(image: Image) -> None:
    assert Tone().table() is None
    muted = shown(image, 1.0, Tone(is_muted=True)).astype(float)
    assert np.ptp(muted, axis=2).mean() < 0.3 * np.ptp(image.astype(float), axis=2).mean()
    assert muted.mean() == pytest.approx(0.78 * shown(image, 1.0).mean(), rel=0.08)


def test_tones_go_the_way_they_say() -> None:
    for tone, sign in ((Tone(brightness=0.2), 1), (Tone(brightness=-0.2), -1), (Tone(gamma=2.0), 1)):
        table = tone.table()
        assert table is not None and np.sign(int(table[100]) - 100) == sign
    table = Tone(contrast=0.5).table()
    assert table is not None and table[60] < 60 and table[200] > 200
