"""The pictures of FCN inside show what was looked at, of photographs of any shape."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage
from PySide6.QtGui import QGuiApplication

from fcn_gui.core.overlay import muted_photo
from fcn_gui.core.palette import overlay_colors
from fcn_gui.core.progress import run_to_end
from fcn_gui.core.raster import VOID, Image
from fcn_gui.session.inside import class_to_show, facts_of
from fcn_gui.session.skips import Skips, look_by_stride
from fcn_gui.widgets.inside_pictures import pictures_of
from tests.unit.session.workshop import MAP, at_work, photo

COLORS = np.array(overlay_colors(MAP))


def looked(folder: Path, image: Image) -> Skips:
    photos = folder / "photos"
    photos.mkdir()
    PillowImage.fromarray(image).save(photos / "p0.png")
    with at_work(photos, folder / "scratch") as (session, engine):
        request = session.predict_request()
        assert request is not None
        return run_to_end(look_by_stride(engine, request, np.full(image.shape[:2], VOID, np.uint8)))


@pytest.fixture
def skips(tmp_path: Path, qapp: QGuiApplication) -> Skips:
    return looked(tmp_path, photo(0)[0])


@pytest.mark.parametrize("shape", [(1, 1), (3, 5000), (900, 2), (1300, 700), (24, 32)])
def test_any_shape_has_all_pictures(tmp_path: Path, qapp: QGuiApplication, shape: tuple[int, int]) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (*shape, 3)).astype(np.uint8)
    found = looked(tmp_path, noise)
    label = class_to_show(found, 1, MAP)
    pictures = pictures_of(found, label, COLORS, 0.5)
    assert len(pictures) == 12 and all(picture.size and picture.shape[2] == 3 for picture in pictures.values())
    assert all(pictures[name].shape == found.photo.shape for name in ("places", "answers", "heatmap", "unsure"))
    assert 0 <= facts_of(found, label, MAP, 0.5).unsure <= 1


def test_lines_lie_between_the_places_and_nowhere_else(skips: Skips) -> None:
    is_line = (pictures_of(skips, 2, COLORS, 0.5)["places"] != skips.photo).any(2)
    assert is_line.all(0).sum() == 7 and is_line.all(1).sum() == 5
    inside = is_line[~is_line.all(1)][:, ~is_line.all(0)]
    assert not inside.any()


def test_dots_lie_on_doubt_alone(skips: Skips) -> None:
    lead = np.ones((24, 32), np.float16)
    sure = replace(skips, doubt=replace(skips.doubt, beside_borders=lead))
    assert np.array_equal(pictures_of(sure, 2, COLORS, 0.5)["unsure"], muted_photo(skips.photo))
    lead = lead.copy()
    lead[:, 16:] = 0
    half = pictures_of(replace(skips, doubt=replace(skips.doubt, beside_borders=lead)), 2, COLORS, 0.5)["unsure"]
    is_dot = (half != muted_photo(skips.photo)).any(2)
    assert is_dot[:, 18:].any() and not is_dot[:, :16].any()


def test_the_frame_is_where_the_part_comes_from(skips: Skips) -> None:
    heats = [look.probabilities.copy() for look in skips.looks]
    for heat in heats:
        heat[2] = 0
    heats[2][2, 14:20, 20:28] = 0.9
    looks = tuple(replace(look, probabilities=heat) for look, heat in zip(skips.looks, heats, strict=True))
    pictures = pictures_of(replace(skips, looks=looks), 2, COLORS, 0.5)
    rows, cols = np.nonzero((pictures["heatmap"] == 255).all(2))
    assert rows.min() <= 15 and rows.max() >= 18 and cols.min() <= 21 and cols.max() >= 26
    grey = pictures["added-2s"].astype(int)
    assert (grey.max(2) - grey.min(2)).max() < 60, "nothing was added at the second stride"
    amber = pictures["added-1s"].astype(int)
    assert ((amber[..., 0] - amber[..., 2]) > 100).sum() >= 30
