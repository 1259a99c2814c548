"""Two checkpoints on the open photo, and what was vouched for but is doubted: shown, never changed."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from fcn_gui.core.raster import Mask
from fcn_gui.qt.images import to_array
from fcn_gui.session.engine import SegmenterFactory
from fcn_gui.widgets.main_window import MainWindow
from tests.fakes.segmenter import WithoutRefit
from tests.gui.conftest import at_rest
from tests.unit.session.workshop import corrections, dab, photo

SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def segmenter() -> SegmenterFactory:
    return WithoutRefit


@pytest.fixture
def learned(qtbot: QtBot, opened: MainWindow) -> MainWindow:
    """Checkpoint 1 is live, p4 open."""
    model = opened.model
    for number in range(3):
        model.select(f"p{number}.png")
        at_rest(qtbot, opened)
        for stroke in corrections(photo(number)[1], every=1):
            model.apply_stroke(stroke)
        opened.trigger("mask.verify_next")
        at_rest(qtbot, opened)
    opened.trigger("learn.retrain")
    qtbot.waitUntil(lambda: any(entry.is_live and entry.number for entry in model.checkpoints), timeout=20_000)
    model.select("p4.png")
    at_rest(qtbot, opened)
    assert model.document is not None and model.document.key == "p4.png"
    return opened


def mask_of(window: MainWindow) -> tuple[Mask, Mask]:
    assert window.model.document is not None
    masked = window.model.document.masked
    return masked.mask.copy(), masked.vouch.copy()


def picture(window: MainWindow) -> np.ndarray:
    return to_array(window.canvas.grab().toImage()).copy()


def test_any_checkpoint_is_compared_with_another_from_its_receipt(qtbot: QtBot, learned: MainWindow) -> None:
    start, live = (entry.id for entry in learned.model.checkpoints)
    assert learned.actions_set.reason("view.comparison")
    before, plain = mask_of(learned), picture(learned)
    learned.run_message_action(f"learn.receipt:{start}")
    sheet = learned.sheets.receipt
    assert sheet.other.currentText() == "Checkpoint 1, live"
    with qtbot.waitSignal(learned.model.compared):
        qtbot.mouseClick(sheet.compare, Qt.MouseButton.LeftButton)
    assert not sheet.isVisible()
    found = learned.model.comparison
    assert found is not None
    assert (found.numbers, found.key) == ((1, 0), "p4.png")
    assert (found.before == photo(4)[1]).mean() > 0.9, "what the live one says"
    assert (found.after == photo(4)[1]).mean() < 0.5, "what the start says, which takes grass for a cow"
    assert learned.view.mode == "comparison"
    assert learned.messages.current is not None and "Checkpoint 1 → 0" in learned.messages.current.text
    learned.messages.dismiss()
    assert not np.array_equal(picture(learned), plain)
    assert all(np.array_equal(a, b) for a, b in zip(before, mask_of(learned), strict=True))
    assert live == next(entry.id for entry in learned.model.checkpoints if entry.is_live)
    learned.model.select("p5.png")
    at_rest(qtbot, learned)
    assert learned.view.mode == "mask"
    assert learned.model.comparison is None


def test_weights_that_are_gone_are_told_and_nothing_else_happens(qtbot: QtBot, learned: MainWindow) -> None:
    learned.model.compare("nobody", learned.model.checkpoints[0].id)
    assert learned.messages.current is not None and "no checkpoint nobody" in learned.messages.current.text
    assert learned.model.comparison is None


def test_what_the_network_doubts_is_shown_by_key_and_stays(qtbot: QtBot, learned: MainWindow) -> None:
    for y in range(4, 20, 3):  # vouched for as a cow, all of it, whatever is there
        for x in range(4, 28, 3):
            learned.model.apply_stroke(dab(x + 0.5, y + 0.5, 1, 3.0))
    at_rest(qtbot, learned)
    before = mask_of(learned)
    learned.view.mode = "difference"
    plain = picture(learned)
    qtbot.keyClick(learned.canvas, Qt.Key.Key_U, SHIFT)
    assert learned.view.mode == "doubts"
    shown = picture(learned)
    assert not np.array_equal(shown, plain)
    assert all(np.array_equal(a, b) for a, b in zip(before, mask_of(learned), strict=True))
    qtbot.keyClick(learned.canvas, Qt.Key.Key_U, SHIFT)
    assert learned.view.mode == "mask"
