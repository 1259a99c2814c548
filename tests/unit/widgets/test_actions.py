"""The table of actions: no key twice, every key of the contract, and what is made from it."""

from dataclasses import fields, replace

import pytest
from PySide6.QtGui import QKeySequence

from fcn_gui.widgets.action_rows import ACTIONS, MENUS
from fcn_gui.widgets.actions import ACTION_BY_ID, MOUSE, clashes, keys_markdown, keys_of
from fcn_gui.widgets.facts import Facts

KEYS = (
    "B P F S E 0 1 2 3 4 5 6 7 8 9 ` Delete X C K [ ] Ctrl+F Ctrl+0 Ctrl+Z Ctrl+Shift+Z Ctrl+Y Esc V Shift+V Return "
    "Backspace D A PgDown PgUp Shift+D N H M T U L R Ctrl+R Ctrl+. Ctrl+Shift+R Ctrl+S Ctrl+E Ctrl+O Ctrl+K F1 ?"
)
CONTRACT = KEYS.split()
ALL_ON = Facts(
    **{field.name: (True if field.type == "bool" else 3) for field in fields(Facts)}  # type: ignore[arg-type]
)
READY = replace(ALL_ON, is_read_only=False, is_retraining=False, label=1, classes=10)


def test_ids_are_unique_and_named_by_group() -> None:
    assert len(ACTION_BY_ID) == len(ACTIONS)
    assert all(row.id.count(".") == 1 and row.menu in MENUS for row in ACTIONS)


def test_no_key_is_used_twice() -> None:
    assert clashes({}) == {}


def test_a_clash_names_the_key_and_both_actions() -> None:
    assert clashes({"tool.fill": ("B",)}) == {"B": ["tool.brush", "tool.fill"]}
    assert clashes({"tool.fill": ("B",), "tool.brush": ()}) == {}


@pytest.mark.parametrize("key", CONTRACT)
def test_every_key_of_the_contract_does_something(key: str) -> None:
    assert [row.id for row in ACTIONS if key in row.keys], key


@pytest.mark.parametrize("row", ACTIONS, ids=lambda row: row.id)
def test_keys_are_such_that_qt_knows_them(row: object) -> None:
    for key in row.keys:  # type: ignore[attr-defined]
        sequence = QKeySequence(key)
        assert not sequence.isEmpty() and "Unknown" not in sequence.toString(), key


def test_keys_can_be_changed_and_taken_away() -> None:
    row = ACTION_BY_ID["tool.brush"]
    assert keys_of(row, {}) == ("B",)
    assert keys_of(row, {"tool.brush": ("Y", "Z")}) == ("Y", "Z")
    assert keys_of(row, {"tool.brush": ()}) == ()


@pytest.mark.parametrize("row", ACTIONS, ids=lambda row: row.id)
def test_without_a_folder_an_action_can_be_used_or_says_why_not(row: object) -> None:
    reason = row.reason(Facts())  # type: ignore[attr-defined]
    assert reason == "" or (reason[0].islower() and not reason.endswith("."))


def test_painting_needs_a_folder_an_image_and_the_right_to_write() -> None:
    reason = ACTION_BY_ID["tool.brush"].reason
    assert reason(Facts()) == "no folder is open"
    assert reason(replace(READY, is_read_only=True)) == "this window is read-only"
    assert reason(replace(READY, has_document=False)) == "no photo is open"
    assert reason(READY) == ""


def test_retraining_needs_corrections_and_that_nothing_learns() -> None:
    reason = ACTION_BY_ID["learn.retrain"].reason
    assert reason(replace(READY, has_vouched_images=False)) == "correct or verify a photo first"
    assert reason(replace(READY, is_retraining=True)) == "a fine-tune is running"
    assert reason(READY) == ""


def test_a_class_key_works_only_for_a_class_that_is_there() -> None:
    three = replace(READY, classes=3)
    assert ACTION_BY_ID["class.2"].reason(three) == ""
    assert ACTION_BY_ID["class.3"].reason(three) == "no class has this number"


def test_the_readmes_table_has_every_key_and_gesture() -> None:
    table = keys_markdown()
    for key in CONTRACT:
        assert (f"`{key}`" if key != "`" else "`` ` ``") in table
    assert all(what in table for what, _ in MOUSE)
    assert keys_markdown({"tool.brush": ("Y",)}).count("`Y`") == 1
