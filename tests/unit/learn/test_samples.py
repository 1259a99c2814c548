"""Weights made at the size of the image, and cut with it; every image as often as the others; memory bounded."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fcn_gui.core.errors import LearningError
from fcn_gui.core.loss_weights import balance, class_mass, edge, provenance, weight
from fcn_gui.core.progress import run_to_end
from fcn_gui.learn.crops import Window
from fcn_gui.learn.samples import Corrections, WeightSettings, draw_window, read_correction
from fcn_gui.net.preset import VOC21_LIGHT
from tests.unit.learn.corrections import Given, scene

PRESET = VOC21_LIGHT.at(256)
SETTINGS = WeightSettings()


def corrections(images: list[Given], settings: WeightSettings = SETTINGS, most_bytes: int = 1 << 24) -> Corrections:
    made = Corrections(images, 3, settings, PRESET, most_bytes)
    run_to_end(made.read_all())
    return made


def partly(seed: int) -> Given:
    """Some pixels accepted, some corrected, some neither, some void."""
    one = scene(seed)
    rng = np.random.default_rng(seed)
    vouch = np.kron(rng.integers(0, 3, (8, 12), dtype=np.uint8), np.ones((8, 8), np.uint8))
    mask = one.mask.copy()
    mask[rng.random(mask.shape) < 0.02] = 255
    return dataclasses.replace(one, mask=mask, vouch=vouch)


def native(image: Given, side_px: int = 96, mirrored: bool = False) -> Window:
    """A window that shows an image pixel by pixel."""
    return Window(image.mask.shape, 0, 0, side_px, mirrored)


def test_weights_are_those_of_the_whole_image_cut_like_it() -> None:
    images = [partly(1), partly(2)]
    settings = WeightSettings(emphasis=5, edge_gain=2, edge_sigma_px=4)
    made = corrections(images, settings)
    p = [provenance(one.mask, one.vouch, 5) for one in images]
    b = balance(class_mass(one.mask, each, 3) for one, each in zip(images, p, strict=True))
    np.testing.assert_array_equal(made.balance, b)
    for index, one in enumerate(images):
        expected = weight(one.mask, p[index], edge(one.mask, one.vouch, 2, 4), b)
        batch = made.cut([(index, native(one))], None)
        np.testing.assert_allclose(batch.weights[0, :64, :96], expected, rtol=1e-6)
        assert not batch.weights[0, 64:].any()
        counted = expected > 0
        np.testing.assert_array_equal(batch.labels[0, :64, :96][counted], one.mask[counted])
        np.testing.assert_array_equal(batch.free[0, :64, :96], one.vouch == 0)


def test_a_mirrored_window_is_the_mirror_image() -> None:
    made = corrections([partly(3)])
    plain = made.cut([(0, native(partly(3)))], None)
    mirrored = made.cut([(0, native(partly(3), mirrored=True))], None)
    for name in ("x", "labels", "weights", "free"):
        assert getattr(plain, name).flip(-1).equal(getattr(mirrored, name)), name


def test_labels_and_weights_are_never_blended() -> None:
    made = corrections([partly(4)])
    known = set(np.unique(made.cut([(0, native(partly(4)))], None).weights).tolist())
    scaled = made.cut([(0, Window((113, 171), 5, 9, 96, False))], None)
    assert set(scaled.weights.unique().tolist()) <= known
    assert set(scaled.labels.unique().tolist()) <= {0, 1, 2, 255}


def test_beyond_the_image_there_is_nothing() -> None:
    made = corrections([scene(5)])
    batch = made.cut([(0, Window((64, 96), -20, -30, 160, False))], np.random.default_rng(0))
    outside = np.ones((160, 160), bool)
    outside[20:84, 30:126] = False
    assert not batch.x[0][:, outside].any()
    assert not batch.weights[0][outside].any()
    assert not batch.free[0][outside].any()
    assert (batch.labels[0][outside] == 255).all()


@given(st.integers(0, 10_000), st.tuples(st.integers(1, 80), st.integers(1, 80)), st.sampled_from([33, 97, 257]))
@settings(max_examples=40, deadline=None)
def test_a_drawn_window_shows_a_correction(seed: int, shape: tuple[int, int], side_px: int) -> None:
    rng = np.random.default_rng(seed)
    vouch = np.zeros(shape, np.uint8)
    vouch[rng.integers(shape[0]), rng.integers(shape[1])] = 2
    image = Given("one", np.zeros((*shape, 3), np.uint8), np.ones(shape, np.uint8), vouch)
    made = corrections([image])
    window = draw_window(made.get(0), PRESET, side_px, rng)
    scale = 256 / max(shape)
    if scale * 0.7 >= 2:  # else nearest may step over a single pixel
        assert made.cut([(0, window)], rng).weights.any()


def test_each_class_is_looked_at_though_it_is_small() -> None:
    one = scene(6, labels=())
    mask = one.mask.copy()
    mask[30, 40] = 2
    made = corrections([dataclasses.replace(one, mask=mask)])
    rows, cols = made.get(0).centres.T
    share = (mask[rows, cols] == 2).mean()
    assert 0.35 < share < 0.65


def test_a_round_shows_every_image_once_but_for_those_without_a_correction() -> None:
    untouched = scene(9, vouched=False)
    made = corrections([scene(7), untouched, scene(8)])
    assert len(made) == 2
    assert sorted(made.order(np.random.default_rng(0))) == [0, 2]


def test_remembered_images_have_no_weight_and_are_free_everywhere() -> None:
    made = corrections([scene(1)])
    made.remember(scene(2).image)
    assert made.remembered == [1]
    batch = made.cut([(1, native(scene(2)))], None)
    assert not batch.weights.any()
    assert batch.free[0, :64].all()
    assert (made.balance == corrections([scene(1)]).balance).all()
    assert made.order(np.random.default_rng(0)) == [0]


def test_what_is_beyond_the_bound_is_read_again() -> None:
    reads: list[str] = []

    class Counted(Given):
        def read(self):
            reads.append(self.key)
            return super().read()

    images = [Counted(f"{n}", scene(n).image, scene(n).mask, scene(n).vouch) for n in range(4)]
    one = read_correction(images[0], 3, SETTINGS, 1000).size_bytes
    reads.clear()
    made = Corrections(images, 3, SETTINGS, PRESET, 2 * one)
    run_to_end(made.read_all())
    assert reads == ["0", "1", "2", "3"]
    made.get(3), made.get(2)
    assert len(reads) == 4
    made.get(0)
    assert reads[4:] == ["0"]


def test_a_large_image_is_kept_small_with_weights_of_its_own_size() -> None:
    one = scene(3, shape=(600, 900))
    got = read_correction(one, 3, SETTINGS, 300)
    assert got.image.shape == (200, 300, 3)
    whole = provenance(one.mask, one.vouch) * edge(one.mask, one.vouch)
    assert set(got.factor.ravel().tolist()) <= set(whole.ravel().tolist())
    assert got.mass.sum() == 600 * 900


def test_nothing_vouched_is_an_error() -> None:
    with pytest.raises(LearningError, match="No pixel is vouched"):
        corrections([scene(1, vouched=False)])


def test_maps_that_do_not_fit_are_an_error_that_names_the_image() -> None:
    one = scene(1)
    with pytest.raises(LearningError, match="scene 1: image, mask and vouch map differ"):
        corrections([dataclasses.replace(one, vouch=one.vouch[:-1])])
    with pytest.raises(LearningError, match="scene 1: class 7"):
        corrections([dataclasses.replace(one, mask=np.full_like(one.mask, 7))])


def test_settings_come_from_rows_or_have_their_defaults() -> None:
    assert WeightSettings.of({}) == WeightSettings(3, 1, 3, 1)
    rows = {"learn.correction_emphasis": 2.0, "learn.edge_gain": 0.0, "learn.edge_sigma_px": 5.0}
    assert WeightSettings.of({**rows, "learn.sampling_q": 0.5}) == WeightSettings(2, 0, 5, 0.5)
