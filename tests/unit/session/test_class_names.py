"""What classes were called before, and which went into another: by names, in any order of renames and merges."""

import numpy as np
import pytest

from fcn_gui.core.label_map import LabelMap, own_label_map
from fcn_gui.core.label_map_change import removal
from fcn_gui.core.raster import VOID
from fcn_gui.session.class_names import Formerly, after_change, checkpoint_by_names, from_json, known_names, to_json
from tests.fakes.segmenter import colour_checkpoint

MAP = own_label_map(["background", "cow", "horse", "tree"])


def classes(*names: str) -> LabelMap:
    return own_label_map(["background", *names])


MERGED = Formerly("cow", "horse", True)


@pytest.mark.parametrize(
    ("formerly", "now", "names", "merges"),
    [
        ((MERGED,), classes("cow", "tree"), ("background", "cow", "horse", "tree"), ((1, 2),)),
        ((MERGED, Formerly("beast", "cow")), classes("beast"), ("background", "beast", "horse", "tree"), ((1, 2),)),
        ((Formerly("pony", "horse"), Formerly("cow", "pony", True)), classes("cow"), None, ((1, 2),)),
        ((MERGED, Formerly("tree", "cow", True)), classes("tree"), MAP.names, ((1, 2), (3, 1))),
        ((Formerly("animal", "horse", True),), classes("animal"), ("background", "cow", "animal", "tree"), ()),
        ((MERGED,), classes("cow", "horse"), MAP.names, ()),
        ((MERGED, Formerly("pony", "horse")), classes("cow", "pony"), ("background", "cow", "pony", "tree"), ()),
        ((Formerly("cow", "horse"),), classes("cow"), MAP.names, ()),
    ],
    ids=["both known", "renamed after", "renamed before", "again", "new class", "back", "back and renamed", "no merge"],
)
def test_a_merge_is_found_in_a_checkpoint_of_before(
    formerly: tuple[Formerly, ...], now: LabelMap, names: tuple[str, ...] | None, merges: tuple[tuple[int, int], ...]
) -> None:
    found, pairs = known_names(MAP, formerly, now)
    assert pairs == merges
    assert names is None or found.names == names
    assert known_names(classes("cow", "tree"), (MERGED,), classes("cow", "tree"))[1] == (), "one made after it"


def test_what_goes_into_void_or_the_background_is_forgotten() -> None:
    formerly = (Formerly("horse", "pony"), MERGED._replace(now="horse", before="mule"))
    assert after_change(formerly, removal(MAP, 2, VOID)) == ()
    assert after_change(formerly, removal(MAP, 2, 0)) == ()
    assert after_change(formerly, removal(MAP, 2, 1)) == (*formerly, MERGED)


def test_a_header_keeps_it_and_what_else_stands_there_is_left_out() -> None:
    formerly = (Formerly("bull", "cow"), MERGED)
    assert from_json(to_json(formerly)) == formerly
    assert to_json(formerly)[0] == ["bull", "cow"], "as it was kept before there were merges"
    assert from_json([["a", "b", "c"], ["a"], 7, ["a", "b", True, 1]]) == (Formerly("a", "b"),)
    assert from_json("cow") == ()


def test_a_checkpoint_without_score_layers_keeps_its_weights() -> None:
    before = colour_checkpoint(MAP)
    after = checkpoint_by_names(before, (MERGED,), classes("cow", "tree"))
    assert np.array_equal(after.tensors["colors"], before.tensors["colors"])
