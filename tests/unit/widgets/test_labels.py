"""Small pieces: keys as people read them, words elided in the middle."""

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from fcn_gui.widgets.fitted_labels import ClippedLabel, ElidedLabel
from fcn_gui.widgets.labels import key_text


@pytest.mark.parametrize(
    ("key", "shown"), [("Ctrl+Shift+Z", "Ctrl Shift Z"), ("B", "B"), ("Ctrl++", "Ctrl +"), ("Return", "Return")]
)
def test_keys_are_written_without_plus_signs(qapp: object, key: str, shown: str) -> None:
    assert key_text(key) == shown


def test_a_long_name_keeps_its_start_and_end_and_has_a_tooltip(qtbot: QtBot) -> None:
    label = ElidedLabel("a-very-long-name-of-a-photograph-from-the-farm-0421.jpg")
    qtbot.addWidget(label)
    label.resize(120, 20)
    label.show()
    assert label.text().startswith("a-") and label.text().endswith("jpg") and "…" in label.text()
    assert label.toolTip() == label.full_text
    label.resize(900, 20)
    assert label.text() == label.full_text and not label.toolTip()


def test_words_are_clipped_after_a_whole_line(qtbot: QtBot) -> None:
    label = ClippedLabel()
    qtbot.addWidget(label)
    label.show()
    line = label.fontMetrics().lineSpacing()
    label.resize(label.fontMetrics().horizontalAdvance("mean IU 0.711 → 0.727"), 2 * line + 3)
    label.set_full_text("Mean IU 0.711 → 0.727 is better on all of the 12 held-out images of this folder")
    assert label.text().count("\n") == 1 and label.text().endswith("…")
    assert label.toolTip() == label.full_text
    label.resize(label.width(), 9 * line)
    assert label.text().replace("\n", " ") == label.full_text and not label.toolTip()


def test_words_are_elided_at_the_end_where_that_is_asked_for(qtbot: QtBot) -> None:
    label = ElidedLabel(elide=Qt.TextElideMode.ElideRight)
    qtbot.addWidget(label)
    label.resize(90, 20)
    label.set_full_text("19 images left: about 30 s (10 s … 50 s)")
    assert label.text().startswith("19 images") and label.text().endswith("…")
    assert label.toolTip() == label.full_text
