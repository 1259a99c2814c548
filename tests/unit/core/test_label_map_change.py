"""What removing, merging and moving a class makes of every index, and the way back."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fcn_gui.core.errors import LabelMapError
from fcn_gui.core.label_map import LabelMap, own_label_map
from fcn_gui.core.label_map_change import move, removal
from fcn_gui.core.raster import VOID

ANIMALS = own_label_map(["cow", "dog", "hen", "owl"])


def of(change_table: bytes, *labels: int) -> list[int]:
    return [change_table[label] for label in labels]


def test_a_removed_class_becomes_another_and_those_behind_it_close_up() -> None:
    change = removal(ANIMALS, 2, into=4)
    assert change.after.names == ("background", "cow", "hen", "owl")
    assert of(change.table, 0, 1, 2, 3, 4, VOID) == [0, 1, 3, 2, 3, VOID]
    assert change.after.colors == tuple(ANIMALS.colors[i] for i in (0, 1, 3, 4))


def test_a_removed_class_may_become_void_or_background() -> None:
    assert removal(ANIMALS, 1, into=VOID).label(1) == VOID
    assert removal(ANIMALS, 4, into=0).label(4) == 0


def test_a_moved_class_pushes_the_others_along() -> None:
    down, up = move(ANIMALS, 1, 3), move(ANIMALS, 4, 1)
    assert down.after.names == ("background", "dog", "hen", "cow", "owl")
    assert of(down.table, 0, 1, 2, 3, 4, VOID) == [0, 3, 1, 2, 4, VOID]
    assert up.after.names == ("background", "owl", "cow", "dog", "hen")
    assert np.array_equal(up.of(np.array([[4, 1], [VOID, 0]], np.uint8)), [[1, 2], [VOID, 0]])


@pytest.mark.parametrize("label", [0, 5, -1, VOID])
def test_class_0_and_what_is_no_class_stay(label: int) -> None:
    with pytest.raises(LabelMapError):
        removal(ANIMALS, label, into=1)
    with pytest.raises(LabelMapError):
        move(ANIMALS, label, 1)


def test_a_class_goes_to_none_that_is_not_there_and_not_to_place_0() -> None:
    for into in (2, 5, 200):
        with pytest.raises(LabelMapError):
            removal(ANIMALS, 2, into)
    for to in (0, 5):
        with pytest.raises(LabelMapError, match="background stays"):
            move(ANIMALS, 2, to)


def test_the_way_back_keeps_what_was_renamed_and_added_since() -> None:
    change = removal(ANIMALS, 2, into=0)
    now = change.after.renamed(1, "ox").with_class("emu")
    back = change.back(now)
    assert back.after.names == ("background", "ox", "dog", "hen", "owl", "emu")
    assert of(back.table, 0, 1, 2, 3, 4, VOID) == [0, 1, 3, 4, 5, VOID]


def test_the_way_back_is_refused_where_the_name_was_given_away() -> None:
    change = removal(ANIMALS, 2, into=0)
    with pytest.raises(LabelMapError, match="dog"):
        change.back(change.after.with_class("dog"))


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_any_change_of_254_classes_is_taken_back(data: st.DataObject) -> None:
    count = data.draw(st.integers(3, 254))
    label_map = _many(count)
    label = data.draw(st.integers(1, count - 1))
    if data.draw(st.booleans()):
        change = move(label_map, label, data.draw(st.integers(1, count - 1)))
    else:
        others = [i for i in range(count) if i != label]
        change = removal(label_map, label, data.draw(st.sampled_from([*others, VOID])))
    back = change.back(change.after)
    assert back.after == label_map
    for index in range(count):
        if index != label or len(change.after) == count:
            assert change.after.classes[change.label(index)] == label_map.classes[index]
            assert back.label(change.label(index)) == index
    assert change.label(VOID) == back.label(VOID) == VOID
    assert all(change.label(index) < len(change.after) or change.label(index) == VOID for index in range(count))


_MOST = own_label_map([f"c{i}" for i in range(253)])


def _many(count: int) -> LabelMap:
    return LabelMap(_MOST.classes[:count])
