"""Every image has stored files of its own, on every file system."""

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fcn_gui.disk.stems import Stems, digest_of, is_too_long


def test_a_key_is_stored_under_itself_suffix_included() -> None:
    stems = Stems()
    assert stems.stem_for("day 1/a.jpg") == "day 1/a.jpg"
    assert stems.stem_for("day 1/a.png") == "day 1/a.png"
    assert not stems.hashed


@pytest.mark.parametrize(
    ("first", "second"),
    [("a.jpg", "A.jpg"), ("Dir/a.jpg", "dir/a.jpg"), ("stra\u00dfe.jpg", "STRASSE.jpg"), ("\u00e9.jpg", "e\u0301.jpg")],
)
def test_keys_that_some_systems_hold_equal_get_files_apart(first: str, second: str) -> None:
    stems = Stems()
    assert stems.stem_for(first) == first
    assert stems.stem_for(second) == hashlib.sha256(second.encode()).hexdigest()
    assert stems.stem_for(first) == first
    assert dict(stems.hashed) == {second: digest_of(second)}


def test_a_known_key_keeps_its_name_whichever_is_asked_first() -> None:
    stems = Stems(taken=["b.jpg", "B.jpg"], hashed={"B.jpg": digest_of("B.jpg")})
    assert stems.stem_for("B.jpg") == digest_of("B.jpg")
    assert stems.stem_for("b.jpg") == "b.jpg"
    assert Stems(taken=["A.jpg"]).stem_for("a.jpg") == digest_of("a.jpg")


@pytest.mark.parametrize("name", ["x" * 250, "ö" * 125, "x" * 251 + ".jpg", "写" * 84])
def test_names_too_long_for_another_suffix_go_under_their_digest(name: str) -> None:
    assert is_too_long(name)
    assert Stems().stem_for(name) == digest_of(name)


def test_a_name_that_just_fits_is_kept() -> None:
    assert Stems().stem_for("x" * 249) == "x" * 249


def test_a_folder_named_like_a_stored_file_does_not_meet_it() -> None:
    stems = Stems()
    assert stems.stem_for("a.jpg") == "a.jpg"  # stored as a.jpg.png
    assert stems.stem_for("a.jpg.png/b.jpg") == digest_of("a.jpg.png/b.jpg")


def test_names_that_are_no_unicode_have_a_digest_too() -> None:
    assert len(digest_of("caf\udce9.jpg")) == 64


@settings(max_examples=50)
@given(st.lists(st.text(st.sampled_from("aAbB1/é"), min_size=1, max_size=5), max_size=30))
def test_no_two_keys_share_a_stored_name_even_without_case(keys: list[str]) -> None:
    stems = Stems()
    stored = {key: stems.stem_for(key) for key in keys}
    assert len({stem.casefold() for stem in stored.values()}) == len(stored)
    assert stored == {key: stems.stem_for(key) for key in reversed(keys)}
