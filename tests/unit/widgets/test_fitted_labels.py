"""Labels that show as much of their words as there is room for."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from fcn_gui.widgets.fitted_labels import ClippedLabel, ElidedLabel

FULL, SHORT = "20 images left: about 20 s (20 s … 30 s)", "20 images left: about 20 s"


@pytest.fixture
def label(qtbot: QtBot) -> ElidedLabel:
    made = ElidedLabel(elide=Qt.TextElideMode.ElideRight)
    qtbot.addWidget(made)
    made.show()
    return made


def test_the_short_words_stand_in_where_the_long_ones_have_no_room(label: ElidedLabel) -> None:
    label.set_texts(FULL, SHORT)
    width = label.fontMetrics().horizontalAdvance(FULL)
    for wide, shown, tooltip in ((width + 4, FULL, ""), (width - 4, SHORT, FULL)):
        label.resize(wide, 20)
        assert (label.text(), label.toolTip(), label.accessibleName()) == (shown, tooltip, FULL)
    label.resize(60, 20)
    assert label.text().startswith("20 i") and label.text().endswith("…") and label.toolTip() == FULL
    label.set_full_text(FULL)
    assert SHORT not in label.text()


def test_line_breaks_in_names_take_no_second_line(label: ElidedLabel) -> None:
    label.set_full_text("new\nline.jpg")
    label.resize(label.sizeHint().width(), 20)
    assert label.text() == "new line.jpg"
    assert label.sizeHint().height() < 2 * label.fontMetrics().height()


def test_our_words_begin_at_the_left_also_after_a_name_that_is_read_from_the_right(qtbot: QtBot) -> None:
    clipped = ClippedLabel()
    qtbot.addWidget(clipped)
    clipped.show()
    clipped.resize(400, 40)
    clipped.set_full_text("حافلة fell by 0.048")
    assert clipped.full_text == "حافلة fell by 0.048" and clipped.toolTip() == ""
    picture = clipped.grab().toImage()

    def has_ink(image: QImage, columns: range) -> bool:
        return len({image.pixel(x, y) for x in columns for y in range(image.height())}) > 1

    assert has_ink(picture, range(60)) and not has_ink(picture, range(340, 400))
