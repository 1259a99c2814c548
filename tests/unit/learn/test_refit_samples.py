"""Vouched pixels as samples: their weights are those of the loss, all images share a bound, strokes cost little."""

import dataclasses

import numpy as np
import pytest
import torch

from fcn_gui.core.errors import LearningError
from fcn_gui.core.loss_weights import balance, class_mass, edge, provenance, weight
from fcn_gui.learn import refit_samples
from fcn_gui.learn.features import Features, features_at, look
from fcn_gui.learn.refit_samples import SampleStore, draw, weights_of
from fcn_gui.learn.samples import WeightSettings
from fcn_gui.net.checkpoint import network_from
from fcn_gui.net.device import Device
from fcn_gui.net.fcn import FCN
from fcn_gui.net.predict import Predictor
from fcn_gui.net.preset import VOC21_LIGHT
from tests.unit.learn.corrections import Given, scene
from tests.unit.learn.workshop import untrained

PRESET = VOC21_LIGHT.at(256)
SETTINGS = WeightSettings(emphasis=4, edge_gain=2, edge_sigma_px=2)


@pytest.fixture(scope="module")
def network() -> FCN:
    return network_from(untrained())


@pytest.fixture
def store(network: FCN, monkeypatch: pytest.MonkeyPatch) -> SampleStore:
    monkeypatch.setattr(refit_samples, "MOST_IN_ALL", 1200)
    monkeypatch.setattr(refit_samples, "MOST_THOROUGH", 2400)
    return SampleStore(network, PRESET)


def taps(network: FCN, image: Given) -> Features:
    kept = look(Predictor(network, PRESET, Device("cpu", "CPU")), image.image)[1]
    assert kept is not None
    return kept


def partly(seed: int) -> Given:
    """Some pixels accepted, some corrected, some neither, some void."""
    one = scene(seed)
    rng = np.random.default_rng(seed)
    vouch = np.kron(rng.integers(0, 3, (8, 12), dtype=np.uint8), np.ones((8, 8), np.uint8))
    mask = one.mask.copy()
    mask[rng.random(mask.shape) < 0.02] = 255
    return dataclasses.replace(one, mask=mask, vouch=vouch)


def weights_by_hand(images: list[Given]) -> list[np.ndarray]:
    ps = [provenance(each.mask, each.vouch, 4) for each in images]
    b = balance([class_mass(each.mask, p, 3) for each, p in zip(images, ps, strict=True)])
    return [weight(e.mask, p, edge(e.mask, e.vouch, 2, 2), b) for e, p in zip(images, ps, strict=True)]


def test_where_all_pixels_are_kept_their_weights_are_those_of_the_loss(network: FCN) -> None:
    store, images = SampleStore(network, PRESET), [partly(1), partly(2)]
    for each in images:
        each.vouch[:16] = 0
        store.put(each.key, "1", draw(each.mask, each.vouch, 3, SETTINGS, most=1 << 20), taps(network, each))
    samples = store.of([each.key for each in images], is_thorough=True)
    for by_hand, sample, found in zip(weights_by_hand(images), samples, weights_of(samples), strict=True):
        assert len(found) == (by_hand > 0).sum()
        np.testing.assert_allclose(found, by_hand.ravel()[sample.vouched.pixels], rtol=1e-5)


def test_kept_pixels_stand_for_the_others_of_their_class() -> None:
    """Without an edge factor all pixels of a class and provenance weigh alike, so the sum is kept exactly."""
    flat = dataclasses.replace(SETTINGS, edge_gain=0)
    image = scene(3)
    whole, some = (draw(image.mask, image.vouch, 3, flat, most) for most in (1 << 20, 300))
    b = np.array([1.0, 2.0, 0.5], np.float32)
    sums = [np.bincount(each.labels, each.weights(b), 3) for each in (whole, some, some.first(90))]
    np.testing.assert_allclose(sums[1], sums[0], rtol=1e-5)
    np.testing.assert_allclose(sums[2], sums[0], rtol=1e-5)


def test_classes_are_drawn_alike_and_so_is_any_first_part() -> None:
    image = scene(4)
    drawn = draw(image.mask, image.vouch, 3, SETTINGS, 300)
    assert len(drawn.pixels) == 300 == len(set(drawn.pixels.tolist()))
    assert np.bincount(drawn.labels).tolist() == [100, 100, 100]
    assert np.bincount(drawn.labels[:30]).tolist() == [10, 10, 10]
    rare = image.mask.copy()
    rare[rare == 2] = 0
    rare[0, :5] = 2
    assert np.bincount(draw(rare, image.vouch, 3, SETTINGS, 300).labels)[2] == 5


def test_a_draw_covers_the_image_evenly() -> None:
    drawn = draw(np.zeros((80, 120), np.uint8), np.ones((80, 120), np.uint8), 1, SETTINGS, 960)
    rows, cols = np.divmod(drawn.pixels, 120)
    in_cells = np.histogram2d(rows, cols, bins=(4, 6))[0]
    assert in_cells.min() > 20  # 40 on average


def test_void_and_unvouched_pixels_are_never_drawn() -> None:
    image = partly(5)
    drawn = draw(image.mask, image.vouch, 3, SETTINGS, 1 << 20)
    assert not np.isin(drawn.labels, 255).any()
    assert (image.vouch.ravel()[drawn.pixels] > 0).all()
    with pytest.raises(ValueError, match="class 2 is not one of 2"):
        draw(image.mask, image.vouch, 2, SETTINGS, 10)


def test_after_a_stroke_only_new_pixels_are_read(network: FCN, store: SampleStore) -> None:
    image = partly(6)
    kept = taps(network, image)
    store.put("a", "1", draw(image.mask, image.vouch, 3, SETTINGS, 600), kept)
    before = store.of(["a"])[0]
    vouch = image.vouch.copy()
    row, col = np.argwhere(vouch == 0)[0]
    vouch[row : row + 8, col : col + 8] = 2
    marked = Features({name: tap + 1 for name, tap in kept.taps.items()}, kept.shape)
    store.put("a", "2", draw(image.mask, vouch, 3, SETTINGS, 600), marked)
    after = store.of(["a"])[0]
    is_old = np.isin(after.vouched.pixels, before.vouched.pixels)
    assert 0 < is_old.sum() < len(is_old)
    for part, features in ((is_old, kept), (~is_old, marked)):
        expected = features_at(features, after.vouched.pixels[part], network, PRESET)
        torch.testing.assert_close(after.read[torch.from_numpy(part)], expected)
    assert store.version("a") == "2"


def test_all_images_share_a_bound(network: FCN, store: SampleStore) -> None:
    names = [str(number) for number in range(6)]
    for number, name in enumerate(names):
        image = scene(number)
        share = store.share(number + 1)
        store.put(name, "1", draw(image.mask, image.vouch, 3, SETTINGS, share), taps(network, image))
    assert sum(len(each.read) for each in store.of(names)) <= 1200
    assert {len(each.read) for each in store.of(names)} == {200}
    store.keep_only(names)
    width = store.of(names)[0].read.shape[1]
    assert store.nbytes <= 2 * 2400 * 4 * (width + 3)
    for name in names:
        image = scene(int(name))
        share = store.share(6, is_thorough=True)
        store.put(name, "2", draw(image.mask, image.vouch, 3, SETTINGS, share), taps(network, image))
    assert {len(each.read) for each in store.of(names, is_thorough=True)} == {400}, "for images to come"
    assert {len(each.read) for each in store.of(names)} == {200}, "while somebody paints"
    store.keep_only(names[:1])
    assert [each.key for each in store.of(names)] == ["0"]


def test_sums_are_those_of_the_pixels_that_take_part(network: FCN, store: SampleStore) -> None:
    image = scene(2)
    kept = taps(network, image)
    for share in (600, 240):
        store.put("a", str(share), draw(image.mask, image.vouch, 3, SETTINGS, share), kept)
        for keys in (["a"], ["a", "b", "c", "d", "e", "f"], ["a"]):
            sample = store.of(keys)[0]
            assert len(sample.read) == min(share, store.share(len(keys)))
            read = sample.read.numpy().astype(np.float64)
            for found, expected in zip(sample.sums, (read.sum(0), (read**2).sum(0)), strict=True):
                np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_the_balance_is_that_of_all_images_and_nothing_vouched_is_told(network: FCN, store: SampleStore) -> None:
    nothing = np.zeros((64, 96), np.uint8)
    store.put("none", "1", draw(nothing, nothing, 3, SETTINGS, 10), taps(network, scene(1)))
    assert store.of(["none"]) == []
    with pytest.raises(LearningError, match="No pixel is vouched"):
        weights_of([])
