"""Each factor of the loss weight against a plain re-computation, pixel by pixel."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.ndimage import distance_transform_edt

from fcn_gui.core.loss_weights import balance, class_mass, edge, provenance, weight

MASKS = hnp.arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=st.sampled_from([0, 1, 2, 255]))
CORRECTION = st.tuples(MASKS, st.integers(0, 2**32 - 1)).map(
    lambda pair: (pair[0], np.random.default_rng(pair[1]).integers(0, 3, pair[0].shape, dtype=np.uint8))
)


def plain_edge(mask, vouch, gain, sigma):
    out = np.ones(mask.shape)
    for (i, j), label in np.ndenumerate(mask):
        if vouch[i, j] == 0 or label == 255:
            continue
        others = [
            (i - a) ** 2 + (j - b) ** 2
            for (a, b), other in np.ndenumerate(mask)
            if vouch[a, b] and other not in (255, label)
        ]
        if others:
            out[i, j] = 1 + gain * math.exp(-min(others) / (2 * sigma**2))
    return out


def test_provenance_by_value():
    mask = np.array([[0, 1, 1], [255, 255, 2]], np.uint8)
    vouch = np.array([[0, 1, 2], [1, 2, 2]], np.uint8)
    got = provenance(mask, vouch, 3)
    assert got.dtype == np.float32
    assert got.tolist() == [[0, 1, 3], [0, 0, 3]]
    assert provenance(mask, vouch, 7.5)[0].tolist() == [0, 1, 7.5]


@pytest.mark.parametrize("emphasis", [0.5, 11, math.nan])
def test_an_emphasis_out_of_range_is_an_error(emphasis):
    with pytest.raises(ValueError, match="1…10"):
        provenance(np.zeros((1, 1), np.uint8), np.zeros((1, 1), np.uint8), emphasis)


def test_mask_and_vouch_map_must_have_one_size():
    with pytest.raises(ValueError, match="does not fit"):
        provenance(np.zeros((2, 3), np.uint8), np.zeros((3, 2), np.uint8))


@given(CORRECTION, st.floats(0, 5), st.floats(0.5, 20))
@settings(max_examples=50, deadline=None)
def test_edge_by_value(correction, gain, sigma):
    mask, vouch = correction
    got = edge(mask, vouch, gain, sigma)
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, plain_edge(mask, vouch, gain, sigma), rtol=2e-6)


def test_edge_beyond_its_reach_and_far_apart():
    """Distances of a few σ, where the short cut over bounding boxes must not show."""
    mask = np.zeros((5, 60), np.uint8)
    mask[:, 30:] = 3
    mask[2, 7] = 9
    vouch = np.ones_like(mask)
    vouch[:, 25:33] = 0
    for sigma in (0.5, 3, 8):
        np.testing.assert_allclose(edge(mask, vouch, 5, sigma), plain_edge(mask, vouch, 5, sigma), rtol=2e-6)


def test_edge_between_two_classes_next_to_each_other():
    mask = np.array([[0, 0, 1]], np.uint8)
    got = edge(mask, np.ones_like(mask), 1, 3)
    np.testing.assert_allclose(got, [[1 + math.exp(-4 / 18), 1 + math.exp(-1 / 18), 1 + math.exp(-1 / 18)]], rtol=1e-6)


def test_no_edge_without_a_vouched_pixel_of_another_class():
    mask = np.array([[0, 0, 1, 255]], np.uint8)
    assert (edge(mask, np.array([[1, 2, 0, 1]], np.uint8)) == 1).all()
    assert (edge(mask, np.ones_like(mask), gain=0) == 1).all()


@pytest.mark.parametrize(("gain", "sigma"), [(-1, 3), (6, 3), (1, 0.1), (1, 21)])
def test_edge_settings_out_of_range_are_an_error(gain, sigma):
    with pytest.raises(ValueError, match="0…5"):
        edge(np.zeros((1, 1), np.uint8), np.zeros((1, 1), np.uint8), gain, sigma)


@given(CORRECTION)
@settings(max_examples=50, deadline=None)
def test_edge_does_not_depend_on_where_the_image_is_seen_from(correction):
    mask, vouch = correction
    np.testing.assert_array_equal(edge(mask[::-1], vouch[::-1]), edge(mask, vouch)[::-1])
    np.testing.assert_array_equal(edge(mask.T, vouch.T), edge(mask, vouch).T)


def test_balance_by_value_over_all_images():
    one = np.array([[0, 0, 0, 0, 1]], np.uint8)
    two = np.array([[0, 3, 255, 1, 1]], np.uint8)
    p1, p2 = provenance(one, np.ones_like(one)), provenance(two, np.array([[2, 1, 1, 0, 2]], np.uint8))
    masses = [class_mass(one, p1, 4), class_mass(two, p2, 4)]
    assert masses[0].tolist() == [4, 1, 0, 0]
    assert masses[1].tolist() == [3, 3, 0, 1]
    mean = (7 + 4 + 1) / 3
    np.testing.assert_allclose(balance(masses), [math.sqrt(mean / 7), math.sqrt(mean / 4), 0, math.sqrt(mean / 1)])


def test_balance_is_clipped_on_both_sides():
    got = balance([np.array([1.0, 1e6, 10.0])])
    assert got.dtype == np.float32
    assert got.tolist()[0] == 4
    assert got.tolist()[2] == 4
    assert balance([np.array([1e6] + [1e-3] * 40)])[0] == 0.25


def test_balance_without_any_image_or_pixel():
    assert balance([np.zeros(3)]).tolist() == [0, 0, 0]


def test_a_class_out_of_range_is_an_error():
    mask = np.full((1, 2), 5, np.uint8)
    with pytest.raises(ValueError, match="class 5"):
        class_mass(mask, provenance(mask, np.ones_like(mask)), 5)


@given(CORRECTION, st.floats(1, 10))
@settings(max_examples=50, deadline=None)
def test_weight_is_the_product_and_zero_where_nobody_vouched(correction, emphasis):
    mask, vouch = correction
    p, e = provenance(mask, vouch, emphasis), edge(mask, vouch)
    b = balance([class_mass(mask, p, 3)])
    got = weight(mask, p, e, b)
    assert got.dtype == np.float32
    for (i, j), label in np.ndenumerate(mask):
        expected = 0.0 if label == 255 else float(p[i, j]) * float(e[i, j]) * float(b[label])
        assert got[i, j] == pytest.approx(expected, rel=1e-5)
        assert (got[i, j] > 0) == (vouch[i, j] > 0 and label != 255)


def test_edge_of_a_photograph_sized_mask_is_the_exact_distance():
    rng = np.random.default_rng(0)
    mask = np.kron(rng.integers(0, 12, (9, 13), dtype=np.uint8), np.ones((41, 37), np.uint8))
    vouch = (rng.random(mask.shape) < 0.3).astype(np.uint8)
    got = edge(mask, vouch, 1, 4)
    for label in range(12):
        own = (vouch > 0) & (mask == label)
        distance = distance_transform_edt(~((vouch > 0) & (mask != label)))
        np.testing.assert_allclose(got[own], 1 + np.exp(-(distance[own] ** 2) / 32), rtol=2e-6)
