import numpy as np

from fcn_gui.core.mean_field import Field, messages

NEAR = Field(cell_px=1, reach=1, dilation=1, rounds=1, color_sigma=3, place_sigma=5, strength=2)


def test_one_round_equals_a_plain_loop_over_neighbours():
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(3, 6, 7)).astype(np.float32)
    lab = 4 * rng.normal(size=(3, 6, 7)).astype(np.float32)
    said = np.exp(scores) / np.exp(scores).sum(0)
    expected = np.zeros_like(scores)
    for r, c in np.ndindex(6, 7):
        total = 1e-3
        for dr, dc in np.ndindex(3, 3):
            rr, cc = r + dr - 1, c + dc - 1
            if (rr, cc) == (r, c) or not (0 <= rr < 6 and 0 <= cc < 7):
                continue
            gap = ((lab[:, r, c] - lab[:, rr, cc]) ** 2).sum()
            weight = np.exp(-gap / 18 - ((dr - 1) ** 2 + (dc - 1) ** 2) / 50)
            total += weight
            expected[:, r, c] += weight * said[:, rr, cc]
        expected[:, r, c] *= 2 / total
    assert np.allclose(messages(scores, lab, NEAR), expected, atol=1e-4)


def test_offsets_name_each_pair_of_neighbours_once():
    field = Field(cell_px=2, reach=2, dilation=3, rounds=1, color_sigma=1, place_sigma=1, strength=1)
    both = {*field.offsets, *((-down, -right) for down, right in field.offsets)}
    assert len(both) == 2 * len(field.offsets) == 24
    assert both == {(3 * r, 3 * c) for r in range(-2, 3) for c in range(-2, 3)} - {(0, 0)}


def test_what_neighbours_say_is_a_share_of_the_strength():
    scores = np.zeros((2, 4, 5), np.float32)
    scores[1] = 30
    said = messages(scores, np.zeros((3, 4, 5), np.float32), NEAR)
    assert np.allclose(said[1], 2, atol=2e-3)
    assert np.allclose(said[0], 0, atol=2e-3)


def test_a_map_smaller_than_the_window_is_no_error():
    field = Field(cell_px=1, reach=3, dilation=2, rounds=2, color_sigma=3, place_sigma=5, strength=4)
    assert np.array_equal(
        messages(np.ones((2, 1, 1), np.float32), np.zeros((3, 1, 1), np.float32), field), [[[0]], [[0]]]
    )
