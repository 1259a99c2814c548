"""Label maps: what is refused and why, names and synonyms, changes that make a new map."""

import pytest

from fcn_gui.core.errors import LabelMapError
from fcn_gui.core.label_map import VOC_NAMES, LabelClass, LabelMap, own_label_map, voc_label_map
from fcn_gui.core.palette import OWN_COLORS, VOID_COLOR


def test_voc_has_21_classes_in_order() -> None:
    voc = voc_label_map()
    assert len(voc) == 21
    assert voc.names == VOC_NAMES
    assert voc.colors[:3] == ((0, 0, 0), (128, 0, 0), (0, 128, 0))


def test_the_palette_is_vocs_and_void_is_the_last() -> None:
    palette = voc_label_map().palette()
    assert len(palette) == 768
    assert tuple(palette[:6]) == (0, 0, 0, 128, 0, 0)
    assert tuple(palette[-3:]) == VOID_COLOR
    own = own_label_map(["cell"]).palette()
    assert tuple(own[3:6]) == OWN_COLORS[0]
    assert tuple(own[-3:]) == VOID_COLOR


@pytest.mark.parametrize(
    ("spelling", "name"),
    [
        ("cat", "cat"),
        ("Cat", "cat"),
        ("_background_", "background"),
        ("airplane", "aeroplane"),
        ("dining table", "diningtable"),
        ("dining_table", "diningtable"),
        ("Motorcycle", "motorbike"),
        ("potted plant", "pottedplant"),
        ("couch", "sofa"),
        ("tv", "tvmonitor"),
        ("tv/monitor", "tvmonitor"),
        ("bike", "bicycle"),
    ],
)
def test_a_class_is_found_by_its_synonyms(spelling: str, name: str) -> None:
    voc = voc_label_map()
    index = voc.index(spelling)
    assert index is not None
    assert voc.names[index] == name


def test_a_name_that_stands_there_wins_over_a_synonym() -> None:
    label_map = own_label_map(["sofa", "couch"])
    assert (label_map.index("sofa"), label_map.index("couch")) == (1, 2)
    assert label_map.index("bicyclist") is None


def test_own_classes_come_after_background_in_the_own_colors() -> None:
    label_map = own_label_map([" cell ", "nucleus"])
    assert label_map.names == ("background", "cell", "nucleus")
    assert label_map.colors == ((0, 0, 0), OWN_COLORS[0], OWN_COLORS[1])


def test_background_among_the_own_classes_goes_first_and_only_once() -> None:
    assert own_label_map(["cell", "Background"]).names == ("Background", "cell")
    assert own_label_map([]).names == ("background",)


def test_a_new_class_goes_to_the_end_and_the_old_map_stays() -> None:
    before = own_label_map(["cell"])
    after = before.with_class("nucleus")
    assert after.names == ("background", "cell", "nucleus")
    assert after.colors[2] == OWN_COLORS[1]
    assert len(before) == 2
    assert before.with_class("a", (1, 2, 3)).colors[2] == (1, 2, 3)


def test_rename_and_recolour_change_one_class() -> None:
    label_map = own_label_map(["cell", "nucleus"])
    assert label_map.renamed(1, "blob").names == ("background", "blob", "nucleus")
    assert label_map.renamed(1, "blob").colors == label_map.colors
    assert label_map.recoloured(2, (9, 9, 9)).colors[2] == (9, 9, 9)
    assert label_map.recoloured(2, (9, 9, 9)).names == label_map.names


@pytest.mark.parametrize("name", ["", " ", "a:b", "#a", "two\nlines", "cell"])
def test_a_bad_or_taken_name_is_refused(name: str) -> None:
    label_map = own_label_map(["cell"])
    with pytest.raises(LabelMapError, match="class 2"):
        label_map.with_class(name)


def test_a_taken_color_and_voids_color_are_refused() -> None:
    label_map = own_label_map(["cell", "nucleus"])
    with pytest.raises(LabelMapError, match=r"class 2.*cell \(class 1\) has the colour #FFB224"):
        label_map.recoloured(2, OWN_COLORS[0])
    with pytest.raises(LabelMapError, match="void has the colour"):
        label_map.recoloured(2, VOID_COLOR)


def test_no_class_and_more_than_254_are_refused() -> None:
    with pytest.raises(LabelMapError, match="no class"):
        LabelMap(())
    classes = [LabelClass(f"c{i}", (i, i // 7, 3)) for i in range(255)]
    assert len(LabelMap(tuple(classes[:254]))) == 254
    with pytest.raises(LabelMapError, match="255 classes, class 254 is the first too many"):
        LabelMap(tuple(classes))


def test_json_and_back_is_the_same_map() -> None:
    for label_map in (voc_label_map(), own_label_map(["cell", "Zürich ☃", "a b"])):
        assert LabelMap.from_json(label_map.to_json()) == label_map


@pytest.mark.parametrize(
    "data",
    [
        None,
        {},
        "cat",
        [],
        ["cat"],
        [{"name": "cat"}],
        [{"name": "cat", "color": "red"}],
        [{"name": "cat", "color": 7}],
        [{"name": "cat", "color": "#010203"}, {"name": "cat", "color": "#010204"}],
    ],
)
def test_json_of_something_else_is_refused_with_its_source(data: object) -> None:
    with pytest.raises(LabelMapError, match=r"^project\.json"):
        LabelMap.from_json(data, "project.json")


def test_a_label_map_can_be_a_key() -> None:
    assert hash(voc_label_map()) == hash(voc_label_map())
    assert voc_label_map() == voc_label_map()
