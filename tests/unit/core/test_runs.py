"""Arrays as runs: what goes in comes out, in little memory where there are long runs."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from fcn_gui.core.runs import Runs

SHAPES = st.tuples(st.integers(0, 9), st.integers(0, 40))


@settings(max_examples=80, deadline=None)
@given(arrays(np.uint8, SHAPES, elements=st.sampled_from([0, 0, 0, 0, 7, 255])))
def test_what_goes_in_comes_out(array: np.ndarray) -> None:
    runs = Runs.of(array)
    assert np.array_equal(runs.array(), array) and runs.array().shape == array.shape
    assert runs.has(7) == bool((array == 7).any())
    assert runs.constant is None or (array == runs.constant).all()


@settings(max_examples=40, deadline=None)
@given(arrays(np.uint8, SHAPES, elements=st.sampled_from([0, 0, 0, 0, 7, 255])))
def test_each_value_can_become_another_and_two_the_same(array: np.ndarray) -> None:
    table = bytes([3, *range(1, 7), 3, *range(8, 256)])
    runs = Runs.of(array)
    assert np.array_equal(runs.mapped(table).array(), np.frombuffer(table, np.uint8)[array])
    assert runs.mapped(table).has(3) == bool(np.isin(array, (0, 7)).any())
    assert np.array_equal(runs.array(), array), "what was mapped stays"


def test_a_view_and_a_bool_array_are_copied() -> None:
    array = np.zeros((20, 30), np.uint8)
    view, truth = array[3:9, 4:20], np.zeros((4, 5), bool)
    truth[1:3, 2] = True
    runs, said = Runs.of(view), Runs.of(truth)
    array[:] = 9
    truth[:] = False
    assert runs.constant == 0 and not runs.array().any()
    assert said.array().tolist() == [[0] * 5, [0, 0, 1, 0, 0], [0, 0, 1, 0, 0], [0] * 5]


@pytest.mark.parametrize("seed", range(3))
def test_noise_takes_no_more_than_itself(seed: int) -> None:
    noise = np.random.default_rng(seed).integers(0, 256, (50, 60)).astype(np.uint8)
    assert Runs.of(noise).nbytes == noise.size
    assert np.array_equal(Runs.of(noise).array(), noise)


def test_a_mask_takes_little() -> None:
    mask = np.zeros((1000, 1000), np.uint8)
    mask[200:700, 300:800] = 3
    assert Runs.of(mask).nbytes < 6_000
