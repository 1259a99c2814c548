"""Figures at an axis."""

from hypothesis import given, settings
from hypothesis import strategies as st

from fcn_gui.widgets.curve import ticks


def test_ticks_are_round_and_reach_round_the_values() -> None:
    assert ticks(0.61, 0.74) == [0.6, 0.65, 0.7, 0.75]
    assert ticks(0, 20, 5) == [0, 5, 10, 15, 20]


def test_a_single_value_gets_an_axis_too() -> None:
    marks = ticks(0.7, 0.7)
    assert marks[0] < 0.7 < marks[-1]


@settings(max_examples=50)
@given(st.floats(0, 1), st.floats(0.001, 1))
def test_ticks_always_hold_the_values_between_them(low: float, span: float) -> None:
    marks = ticks(low, low + span)
    assert marks[0] <= low + 1e-6 and marks[-1] >= low + span - 1e-6
    assert 2 <= len(marks) <= 7
    assert marks == sorted(marks)


@settings(max_examples=50)
@given(st.floats(0, 1), st.floats(1e-9, 1))
def test_no_two_figures_at_an_axis_are_told_alike(low: float, span: float) -> None:
    told = [f"{mark:.3f}" for mark in ticks(low, low + span)]
    assert len(set(told)) == len(told) >= 2
