"""Heatmap and uncertainty on device pixels."""

import numpy as np
import pytest
from PySide6.QtGui import QImage, QPainter

from fcn_gui.core.overlay import heatmap_rgba
from fcn_gui.core.prediction import Prediction
from fcn_gui.core.raster import Rect
from fcn_gui.core.scores import Axis, ScoreGrid
from fcn_gui.core.viewport import Viewport
from fcn_gui.widgets.placement import Placement
from fcn_gui.widgets.score_layers import ScoreLayers

RAMP = np.linspace(-4, 4, 10, dtype=np.float32)
DOUBT = np.array([-4, -4, -2, -0.5, -0.2, 0.2, 0.5, 2, 4, 4], np.float32)
"""Of a width in the middle that no border has by itself."""


def prediction(ramp: np.ndarray = RAMP) -> Prediction:
    """Two classes on a grid of stride 4; class 1 is likelier towards the right."""
    values = np.stack([np.zeros((6, 10), np.float32), np.tile(ramp, (6, 1))])
    axis = Axis(0.5 / 4 - 0.5, 1 / 4)
    grid = ScoreGrid(values, (24, 40), axis, axis)
    return Prediction(grid.labels(), grid, "id")


def whole(zoom: float, ratio: float = 1.0) -> Placement:
    return Placement.of(Viewport((40, 24), (round(40 * zoom), round(24 * zoom)), zoom, (0.0, 0.0)), ratio)


def alpha(image: QImage) -> np.ndarray:
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4)
    return rows[..., 3].astype(int)


@pytest.mark.parametrize("zoom", [0.5, 1.0, 3.5])
def test_the_heatmap_shows_the_probability_of_its_place(zoom: float) -> None:
    found, place = prediction(), whole(zoom)
    drawn = alpha(ScoreLayers(found).heatmap(place, 1, 0.8, 0.05))
    cols = np.clip((np.arange(drawn.shape[1]) + 0.5) / zoom, 0, 39.9).astype(int)
    expected = heatmap_rgba(found.scores.heatmap(1)[12:13, cols], 0.8, 0.05)[0, :, 3]
    assert np.abs(drawn[drawn.shape[0] // 2] - expected).max() <= 26, "within the step from one pixel to the next"


def test_unlikely_places_stay_clear_and_likely_ones_are_as_opaque_as_said() -> None:
    drawn = alpha(ScoreLayers(prediction()).heatmap(whole(2.0), 1, 0.8, 0.05))
    assert drawn[:, :4].max() == 0 and drawn[:, -4:].min() == pytest.approx(0.8 * 255, abs=2)


def test_a_class_without_scores_has_no_heatmap() -> None:
    assert ScoreLayers(prediction()).heatmap(whole(1.0), 7, 0.8, 0.05).isNull()


def dots(amount: float, zoom: float = 8.0, ramp: np.ndarray = DOUBT) -> np.ndarray:
    place = whole(zoom)
    image = QImage(*place.device_wh, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    painter = QPainter(image)
    ScoreLayers(prediction(ramp)).paint_dots(painter, place, Rect(0, 0, *place.device_wh), amount)
    painter.end()
    return alpha(image)


def test_dots_lie_where_the_two_likeliest_are_close() -> None:
    middle = dots(0.5)
    assert middle[:, 140:180].any() and not middle[:, :60].any() and not middle[:, -60:].any()


def test_more_dots_with_a_greater_amount_and_none_without() -> None:
    assert not dots(0.0).any() and (dots(0.9) > 0).sum() > (dots(0.3) > 0).sum() > 0


def test_a_surer_place_has_smaller_dots() -> None:
    drawn = dots(1.0) > 0
    assert drawn[:, 140:180].sum() > 1.5 * drawn[:, 40:80].sum() > 0


def test_a_border_between_two_sure_sides_is_no_news() -> None:
    edge = np.where(np.arange(10) < 5, -6, 6).astype(np.float32)
    edge[4:6] = -0.1, 0.1
    assert not dots(0.5, ramp=edge).any()
