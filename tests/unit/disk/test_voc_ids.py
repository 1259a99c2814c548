"""Ids are file names and lines of a list at once."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fcn_gui.disk.voc_ids import export_ids, plain_id


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("a.jpg", "a"),
        ("a b\tc.png", "a_b_c"),
        ("day 1/cam/x.y.tif", "day_1_cam_x.y"),
        ("new\nline.jpg", "new_line"),
        ("写真.jpg", "写真"),
        ("e\u0301.jpg", "é"),
        ("no\u00a0break\u2028.jpg", "no_break_"),
        ("caf\udce9.jpg", "caf_"),
        ('w:h*a?t"<>|\\.jpg', "w_h_a_t_____"),
        ("-rf.jpg", "rf"),
        ("JPEGImages/2007_000032.jpg", "2007_000032"),
        ("VOCdevkit/VOC2012/JPEGImages/sub/x.jpg", "sub_x"),
        ("JPEGImages.jpg", "JPEGImages"),
        ("---.jpg", "image"),
    ],
)
def test_the_id_of_a_file(key: str, expected: str) -> None:
    assert plain_id(key) == expected


def test_clashes_are_numbered_without_case_and_without_meeting_others() -> None:
    assert export_ids(["a.jpg", "a.png", "A.jpg", "a_2.jpg", "b/c.jpg", "b_c.jpg"]) == [
        "a",
        "a_2",
        "A_3",
        "a_2_2",
        "b_c",
        "b_c_2",
    ]


@settings(max_examples=50)
@given(st.lists(st.text(min_size=1, max_size=300), max_size=12))
def test_ids_are_unique_and_fit_a_name_and_a_line(keys: list[str]) -> None:
    ids = export_ids(keys)
    assert len({name.casefold() for name in ids}) == len(keys)
    for name in ids:
        assert 0 < len(f"{name}.jpg".encode()) <= 255
        assert name.split() == [name]
        assert name.splitlines() == [name]
        assert not set(name) & set('/\\"\0')
        assert not name.startswith((".", "-"))
    assert ids == export_ids(keys)
