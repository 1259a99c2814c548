"""The autopilot's hand: its mouse and keys do in the real window what a stroke says."""

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from fcn_gui.cli.autopilot.hand import Hand
from fcn_gui.cli.autopilot.pilot import Pilot, Script
from fcn_gui.core.raster import Mask
from fcn_gui.core.stroke import Stroke, Tool, coverage
from fcn_gui.widgets.main_window import MainWindow


def let(qtbot: QtBot, script: Script[object]) -> None:
    pilot = Pilot(script)
    with qtbot.waitSignal(pilot.ended, timeout=20_000):
        pilot.start()
    if pilot.error is not None:
        raise pilot.error


def hand_of(window: MainWindow) -> Hand:
    return Hand(window, window.canvas, window.view)


def open_mask(window: MainWindow) -> Mask:
    assert window.model.document is not None
    return window.model.document.masked.mask


def asked(stroke: Stroke, before: Mask) -> Mask:
    after, covered = before.copy(), coverage(stroke, before.shape)
    after[covered.rect.slices][covered.inside] = stroke.label or 0
    return after


STROKES = (
    Stroke(Tool.POLYGON, 2, ((4, 4), (30, 6), (34, 28), (8, 30))),
    Stroke(Tool.POLYGON, 0, ((10, 10), (16, 10), (13, 17))),
    Stroke(Tool.BRUSH, 1, ((8, 20), (20, 24), (30, 20)), 2.0),
)


@pytest.mark.parametrize("stroke", STROKES, ids=("polygon", "small polygon", "brush"))
def test_a_stroke_paints_what_it_covers(qtbot: QtBot, opened: MainWindow, stroke: Stroke) -> None:
    before = open_mask(opened).copy()
    zoom = opened.canvas.zoom
    let(qtbot, hand_of(opened).paint(stroke))
    assert opened.model.project is not None
    assert opened.model.project.item("p0.png").strokes == 1
    expected = asked(stroke, before)
    wrong = int((open_mask(opened) != expected).sum())
    assert wrong <= 0.1 * max(1, coverage(stroke, before.shape).inside.sum())
    assert opened.canvas.zoom == zoom


def test_a_class_without_a_key_is_found_by_its_name(qtbot: QtBot, opened: MainWindow) -> None:
    for number in range(12):
        opened.model.add_class(f"kind {number:02d}")
    label_map = opened.model.label_map
    assert label_map is not None
    label = label_map.index("kind 11")
    let(qtbot, hand_of(opened).paint(Stroke(Tool.POLYGON, label, ((4, 4), (30, 6), (34, 28), (8, 30)))))
    assert label in np.unique(open_mask(opened))


def test_text_goes_into_a_field_letter_by_letter_even_where_letters_are_keys(qtbot: QtBot, opened: MainWindow) -> None:
    field = opened.images.filter
    let(qtbot, hand_of(opened).write(field, "here eleven"))
    assert field.text() == "here eleven"
