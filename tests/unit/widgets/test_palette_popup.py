"""What the palette lists, in which order."""

from fcn_gui.widgets.palette_popup import Entry, ranked

ENTRIES = [
    Entry("a", "Resume the fine-tune", reason="nothing is paused"),
    Entry("b", "Next uncertain region"),
    Entry("c", "Retrain now"),
    Entry("d", "Fit"),
]


def test_what_can_be_used_comes_first_and_what_fits_best_before_the_rest() -> None:
    assert [entry.id for entry in ranked(ENTRIES, "re")] == ["c", "b", "a"]


def test_without_letters_everything_is_listed() -> None:
    assert {entry.id for entry in ranked(ENTRIES, "")} == {"a", "b", "c", "d"}


def test_the_letters_that_matched_can_be_marked() -> None:
    first = ranked(ENTRIES, "re")[0]
    assert [first.text[a:b] for a, b in first.spans] == ["Re"]
