"""Label maps that can't be: refused with the line, typed or from a file; the person is asked on."""

from pathlib import Path

import pytest
from PySide6.QtTest import QTest

from tests.e2e.desk import LEFT, Desk

BAD_FILES = {
    "empty.txt": ("", "empty"),
    "twice.txt": ("background\ncow\ntree\ncow\n", "4"),
    "labelmap.txt": ("# label:color_rgb:parts:actions\nbackground:0,0,0::\ncow:9,9,9::\ntree:9,9,9::\n", "4"),
    "many.txt": ("\n".join(f"class{n}" for n in range(255)) + "\n", "255"),
    "colour.txt": ("# label:color_rgb:parts:actions\nbackground:0,0,0::\ncow:9,9,900::\n", "3"),
}


@pytest.fixture
def asked(desk: Desk, photos: Path) -> Desk:
    """The folder is open, its classes are not chosen."""
    desk.window.folders.open(photos)
    desk.rest()
    assert desk.window.label_map_bar.isVisible()
    return desk


def test_files_that_are_no_label_map_are_refused_with_the_line(asked: Desk, tmp_path: Path) -> None:
    bar = asked.window.label_map_bar
    for name, (text, said) in BAD_FILES.items():
        (tmp_path / name).write_text(text)
        bar.read(tmp_path / name)
        assert name in asked.bar_error(), "names the file"
        assert said in asked.bar_error(), f"{name}: {asked.bar_error()}"
        assert bar.isVisible(), "it is asked on"
        assert asked.model.label_map is None
    QTest.mouseClick(bar.voc, LEFT)
    asked.rest()
    assert len(asked.model.label_map) == 21
    asked.paint((10.5, 10.5), label=3)
    assert asked.document.masked.mask[10, 10] == 3


def test_typed_classes_of_one_name_are_refused(asked: Desk) -> None:
    asked.type_classes("cow\ntree\ncow")
    assert "cow" in asked.bar_error().casefold()
    assert asked.model.label_map is None
    asked.type_classes("cow\ntree")
    asked.rest()
    assert asked.model.label_map.names == ("background", "cow", "tree")


def test_a_class_that_is_there_already_is_refused_later_too(desk: Desk, photos: Path) -> None:
    desk.open(photos)
    desk.model.add_class("tree")
    assert "tree" in desk.told[-1].text
    assert len(desk.model.label_map) == 3
    desk.model.recolour_class(1, desk.model.label_map.colors[2])
    assert desk.told[-1].kind == "warn"


def test_254_classes_work_and_no_more(asked: Desk, tmp_path: Path) -> None:
    lines = [f"c{number}:{number},{number // 2},7::" for number in range(254)]
    (tmp_path / "labelmap.txt").write_text("# label:color_rgb:parts:actions\n" + "\n".join(lines))
    asked.window.label_map_bar.read(tmp_path / "labelmap.txt")
    asked.rest()
    assert len(asked.model.label_map) == 254
    asked.paint((10.5, 10.5), label=253)
    asked.rest()
    assert asked.document.masked.mask[10, 10] == 253
    asked.model.add_class("one more")
    assert "254" in asked.told[-1].text
    assert len(asked.model.label_map) == 254
