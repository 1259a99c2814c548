"""What typed letters find."""

from hypothesis import given, settings
from hypothesis import strategies as st

from fcn_gui.widgets.fuzzy import match

NAMES = ("Retrain now", "Repaint this image", "Accept region under the cursor", "Next uncertain region", "Undo")


def best(typed: str) -> list[str]:
    found = [(m.score, name) for name in NAMES if (m := match(typed, name))]
    return [name for _, name in sorted(found, key=lambda pair: -pair[0])]


def test_the_start_of_a_name_comes_before_the_start_of_a_word() -> None:
    assert best("re")[:2] == ["Retrain now", "Repaint this image"]
    assert set(best("re")[2:]) == {"Accept region under the cursor", "Next uncertain region"}


def test_first_letters_of_words_find_a_name() -> None:
    assert best("nur") == ["Next uncertain region"]
    assert best("ru") == ["Accept region under the cursor"]


def test_letters_in_the_wrong_order_or_strewn_about_find_nothing() -> None:
    assert best("odnu") == []
    assert match("aeore", "Accept region under the cursor") is None


def test_nothing_typed_finds_everything() -> None:
    assert len(best("")) == len(NAMES)


def test_the_marked_letters_are_those_typed() -> None:
    found = match("region", "Accept region under the cursor")
    assert found is not None
    assert [("Accept region under the cursor"[a:b]) for a, b in found.spans] == ["region"]


@settings(max_examples=50)
@given(st.text(max_size=12), st.text(max_size=30))
def test_spans_lie_in_order_inside_the_name(typed: str, name: str) -> None:
    found = match(typed, name)
    if found is not None:
        flat = [edge for span in found.spans for edge in span]
        assert flat == sorted(flat)
        assert not flat or 0 <= flat[0] <= flat[-1] <= len(name.casefold())
