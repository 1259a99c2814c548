"""Small pieces: keys as people read them, words elided in the middle."""

import pytest
from pytestqt.qtbot import QtBot

from fcn_gui.widgets.labels import ElidedLabel, key_text


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
