import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from fcn_gui.core.errors import ProjectError
from fcn_gui.core.raster import Rect
from fcn_gui.session.packing import _text, pack_bits, pack_pixels, unpack_bits, unpack_pixels

SHAPES = st.tuples(st.integers(1, 9), st.integers(1, 9))


@settings(max_examples=50, deadline=None)
@given(st.data(), SHAPES)
def test_changed_pixels_come_back_and_no_others(data: st.DataObject, shape: tuple[int, int]) -> None:
    mask = data.draw(arrays(np.uint8, shape))
    vouch = data.draw(arrays(np.uint8, shape, elements=st.integers(0, 2)))
    changed = data.draw(arrays(np.bool_, shape))
    entry = pack_pixels(mask, vouch, [(Rect.of(shape), changed)])
    there, vouched = np.full(shape, 77, np.uint8), np.zeros(shape, np.uint8)
    for _ in range(2):
        unpack_pixels(entry, there, vouched)
        assert np.array_equal(there, np.where(changed, mask, 77))
        assert np.array_equal(vouched, np.where(changed, vouch, 0))


def test_several_rectangles_come_back() -> None:
    rng = np.random.default_rng(3)
    mask, vouch = rng.integers(0, 256, (9, 9)).astype(np.uint8), rng.integers(0, 3, (9, 9)).astype(np.uint8)
    touched = [(Rect(0, 0, 4, 3), rng.random((3, 4)) > 0.5), (Rect(2, 2, 9, 9), rng.random((7, 7)) > 0.5)]
    entry = json.loads(json.dumps(pack_pixels(mask, vouch, touched)))
    there, vouched = np.zeros((9, 9), np.uint8), np.zeros((9, 9), np.uint8)
    unpack_pixels(entry, there, vouched)
    for rect, inside in touched:
        assert np.array_equal(there[rect.slices][inside], mask[rect.slices][inside])
        assert np.array_equal(vouched[rect.slices][inside], vouch[rect.slices][inside])


def test_long_runs_take_little_and_come_back() -> None:
    mask = np.arange(6, dtype=np.uint8).repeat(50 * 300).reshape(300, 300)
    changed = np.ones((300, 300), bool)
    changed[100:200, 30:60] = False
    entry = json.loads(json.dumps(pack_pixels(mask, mask % 3, [(Rect.of(mask.shape), changed)])))
    assert len(json.dumps(entry)) < 2_000
    there, vouched = np.full(mask.shape, 77, np.uint8), np.zeros(mask.shape, np.uint8)
    unpack_pixels(entry, there, vouched)
    assert np.array_equal(there, np.where(changed, mask, 77))
    assert np.array_equal(vouched, np.where(changed, mask % 3, 0))


def test_values_as_they_were_written_before_runs_are_read() -> None:
    values = np.array([4, 5, 4, 9], np.uint8)
    entry = {
        "rects": [[0, 0, 2, 2]],
        "changed": _text(np.packbits(np.ones(4, bool))),
        "mask": _text(values),
        "vouch": 2,
    }
    mask, vouch = np.zeros((3, 3), np.uint8), np.zeros((3, 3), np.uint8)
    unpack_pixels(entry, mask, vouch)
    assert mask[:2, :2].ravel().tolist() == [4, 5, 4, 9] and vouch.sum() == 8


@pytest.mark.parametrize(
    "damage",
    [
        {"rects": [[0, 0, 50, 50]]},
        {"rects": [[-1, 0, 3, 4]]},
        {"rects": [[0, 0, 6, 6]]},
        {"rects": None},
        {"changed": "?"},
        {"mask": ""},
        {"mask": None},
        {"mask": 300},
        {"vouch": "AAAA"},
        {"vouch": {}},
        {"mask": {"runs": "?", "lengths": "?"}},
        {"mask": {"runs": _text(np.ones(2, np.uint8)), "lengths": _text(np.array([9, 9], "<u4").view(np.uint8))}},
        {"mask": {"runs": _text(np.ones(1, np.uint8)), "lengths": _text(np.array([9, 3], "<u4").view(np.uint8))}},
    ],
)
def test_a_damaged_entry_is_refused_and_changes_nothing(damage: dict[str, object]) -> None:
    noise = np.arange(36, dtype=np.uint8).reshape(6, 6)
    entry = pack_pixels(noise, noise % 3, [(Rect(1, 1, 4, 5), np.ones((4, 3), bool))])
    mask, vouch = np.zeros((6, 6), np.uint8), np.zeros((6, 6), np.uint8)
    with pytest.raises(ProjectError):
        unpack_pixels({**entry, **damage}, mask, vouch)
    assert not mask.any()
    assert not vouch.any()


@settings(max_examples=50, deadline=None)
@given(st.data(), SHAPES)
def test_bits_come_back(data: st.DataObject, shape: tuple[int, int]) -> None:
    inside = data.draw(arrays(np.bool_, shape))
    back = unpack_bits(pack_bits(inside), shape)
    assert back is not None
    assert np.array_equal(back, inside)


@pytest.mark.parametrize("text", ["", "not base64", "AAAA"])
def test_text_that_is_no_bits_is_none(text: str) -> None:
    assert unpack_bits(text, (5, 5)) is None


def test_bits_of_another_size_are_none() -> None:
    assert unpack_bits(pack_bits(np.ones((9, 9), bool)), (4, 4)) is None
