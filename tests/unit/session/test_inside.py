"""What the page FCN inside is told of a photograph: class, part, figures, and the stored example."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fcn_gui.core.image_io import read_size
from fcn_gui.core.label_map_text import read_label_map
from fcn_gui.core.progress import run_to_end
from fcn_gui.core.raster import VOID, Rect
from fcn_gui.disk.bundled import inside_dir, samples_dir
from fcn_gui.session.inside import busiest_part, class_to_show, example, facts_of, part_of
from fcn_gui.session.skips import Skips, look_by_stride
from tests.unit.session.workshop import MAP, at_work, make_folder, photo


@pytest.fixture
def looked(tmp_path: Path) -> Skips:
    with at_work(make_folder(tmp_path / "photos", 1), tmp_path / "scratch") as (session, engine):
        request = session.predict_request()
        assert request is not None
        return run_to_end(look_by_stride(engine, request, np.full((24, 32), VOID, np.uint8)))


def with_labels(skips: Skips, labels: np.ndarray) -> Skips:
    last = replace(skips.looks[-1], labels=labels.astype(np.uint8))
    return replace(skips, looks=(*skips.looks[:-1], last))


def with_heat(skips: Skips, heats: list[np.ndarray]) -> Skips:
    """Class 2 has these probabilities, stride by stride."""
    looks = []
    for look, heat in zip(skips.looks, heats, strict=True):
        probabilities = look.probabilities.copy()
        probabilities[2] = heat
        looks.append(replace(look, probabilities=probabilities))
    return replace(skips, looks=tuple(looks))


def test_the_class_in_hand_shows_where_the_photo_has_it(looked: Skips) -> None:
    assert class_to_show(looked, 2, MAP) == 2
    labels = np.zeros((24, 32))
    labels[:3], labels[0, 0] = 1, 2
    assert class_to_show(with_labels(looked, labels), 2, MAP) == 2
    labels[0, 0] = 1
    assert class_to_show(with_labels(looked, labels), 2, MAP) == 1, "there is no tree"
    assert class_to_show(with_labels(looked, labels), 0, MAP) == 1, "background tells little"
    assert class_to_show(with_labels(looked, labels), VOID, MAP) == 1
    assert class_to_show(with_labels(looked, np.zeros((24, 32))), 2, MAP) == 0


def test_the_busiest_part_is_where_the_skips_change_most(looked: Skips) -> None:
    flat, spot = np.full((24, 32), 0.2), np.full((24, 32), 0.2)
    spot[14:20, 20:28] = 0.9
    part = busiest_part(with_heat(looked, [flat, flat, spot]), 2)
    assert (part.width, part.height) == (13, 10)
    assert part.x0 <= 20 and part.x1 >= 28 and part.y0 <= 14 and part.y1 >= 20
    corner = flat.copy()
    corner[-1, -1] = 1
    part = busiest_part(with_heat(looked, [flat, corner, corner]), 2)
    assert (part.x1, part.y1) == (32, 24), "never beyond the photo"
    assert busiest_part(with_heat(looked, [flat, flat, flat]), 2) == Rect(0, 0, 32, 24)


def test_a_part_has_the_same_pixels(looked: Skips) -> None:
    part = part_of(looked, Rect(4, 6, 17, 16))
    assert np.array_equal(part.photo, looked.photo[6:16, 4:17])
    assert np.array_equal(part.changed(1), looked.changed(1)[6:16, 4:17])
    assert np.array_equal(part.heat(2, 1), looked.heat(2, 1)[6:16, 4:17])
    coarse = replace(looked.looks[0], probabilities=looked.looks[0].probabilities[:, ::2, ::2])
    heat = part_of(replace(looked, looks=(coarse,)), Rect(4, 6, 16, 16)).heat(0, 1)
    assert np.array_equal(heat, looked.heat(0, 1)[6:16:2, 4:16:2])


def test_figures_are_those_of_the_pictures(looked: Skips) -> None:
    facts = facts_of(looked, 2, MAP, 0.5)
    assert (facts.photo, facts.name, facts.places, facts.strides) == ("p0.png", "tree", (6, 8), (4, 2, 1))
    assert facts.changed == tuple(look.changed_share for look in looked.looks)
    assert 0 < facts.most_added <= looked.most_added(2)
    assert facts.unsure == pytest.approx((looked.doubt.beside_borders < 0.5).mean())
    assert facts_of(looked, 2, MAP, 0.0).unsure == 0


def test_places_are_the_answers_of_the_coarsest_stride(looked: Skips) -> None:
    assert looked.places.shape == (6, 8)
    answers = looked.places.answers(2)
    assert np.array_equal(answers[1:3, 1:3], np.full((2, 2), answers[0, 0]))
    assert np.allclose(answers[::4, ::4], looked.heat(0, 2)[::4, ::4], atol=2e-3), "there it was looked"
    assert not looked.places.answers(99).any()


def test_doubt_is_small_where_one_class_is_far_ahead(looked: Skips) -> None:
    margins = looked.doubt.margins.astype(np.float32)
    two = np.sort(looked.looks[-1].probabilities.astype(np.float32), 0)[-2:]
    assert np.allclose(margins, two[1] - two[0], atol=2e-3)
    assert margins[photo(0)[1] == 2].min() > 0.5
    assert (looked.doubt.beside_borders.astype(np.float32) >= margins - 2e-3).all(), "borders only take doubt away"


def test_a_grid_finer_than_the_picture_has_a_place_for_each_pixel(tmp_path: Path) -> None:
    from PIL import Image as PillowImage

    folder = tmp_path / "photos"
    folder.mkdir()
    PillowImage.new("RGB", (3000, 300), (60, 150, 60)).save(folder / "p0.png")
    with at_work(folder, tmp_path / "scratch") as (session, engine):
        request = session.predict_request()
        assert request is not None
        found = run_to_end(look_by_stride(engine, request, np.full((300, 3000), VOID, np.uint8)))
    assert found.places.shape == found.photo.shape[:2] == (51, 512)
    assert found.places.answers(1).shape == (51, 512)


def test_the_stored_example_is_whole_and_small() -> None:
    stored = example()
    ends = [f"{stride}s" for stride in stored.facts.strides]
    wanted = {"places", "answers", "heatmap", "says", "doubt", "unsure"}
    wanted |= {f"{what}-{end}" for what in ("labels", "added") for end in ends}
    assert set(stored.files) == wanted
    assert all(min(read_size(path)) > 100 for path in stored.files.values())
    assert sum(path.stat().st_size for path in inside_dir().iterdir()) < 400_000
    assert (samples_dir() / "photos" / stored.facts.photo).exists()
    assert stored.facts.name in read_label_map(samples_dir() / "labelmap.txt").names
    assert len(stored.facts.changed) == len(stored.facts.strides)
