"""Messages say what happened, then what to do, as the look has it."""

from datetime import datetime, timedelta

import pytest

from fcn_gui.session import messages


@pytest.mark.parametrize(
    ("message", "text"),
    [
        (messages.reopened(14, 2), "Reopened after a crash: 14 strokes on 2 images are back."),
        (messages.reopened(1, 1), "Reopened after a crash: 1 stroke on 1 image is back."),
        (
            messages.read_only("", "14:02"),
            "This folder is open in another window since 14:02, so this one is read-only.",
        ),
        (
            messages.became_live(6, 0.711, 0.727, "5 held-out images", "id"),
            "Checkpoint 6 is live: mean IU 0.711 → 0.727 on 5 held-out images. Your strokes stay.",
        ),
        (
            messages.was_refused(7, "mean IU 0.7 → 0.6 is lower on 2 held-out images.", 6, "id"),
            "Checkpoint 7 was refused: mean IU 0.7 → 0.6 is lower on 2 held-out images. Checkpoint 6 stays.",
        ),
        (messages.back_at(5, "id"), "Back at checkpoint 5, with its predictions."),
        (
            messages.exported("23 verified images", "~/farm-walk-voc", 125, True),
            "Exported 23 verified images to ~/farm-walk-voc; 125 left out, not verified.",
        ),
        (
            messages.not_saved("The disk is full.", True),
            "The disk is full. Your strokes are in memory and in your data folder; "
            "they are saved again when it can be.",
        ),
    ],
)
def test_texts(message: messages.Message, text: str) -> None:
    assert message.text == text
    assert "!" not in message.text


def test_buttons_name_what_they_do() -> None:
    assert messages.back_at(5, "abc").actions == (("Undo", "learn.live:abc"),)
    assert messages.not_saved("x.").actions == (("Save again", "file.save"),)
    assert messages.cant_be_opened("x", True).actions == (("Add a class", "class.add"),)
    assert messages.cant_be_opened("x", False).actions == ()


def test_who_has_the_folder_is_told_with_the_time_on_the_clock() -> None:
    now = datetime.now().astimezone()
    today = messages.read_only("ada on desk (process 7)", now.isoformat(sep=" ", timespec="minutes")).text
    assert f"in a window of ada on desk (process 7) since {now:%H:%M}, so" in today
    before = now - timedelta(days=2)
    assert f"since {before:%Y-%m-%d %H:%M}, so" in messages.read_only("", before.isoformat(timespec="minutes")).text
