"""The main job from the first photo to the exported data set, as a script for the window, and what it measured."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from fcn_gui.app import Program
from fcn_gui.cli.autopilot.hand import Hand
from fcn_gui.cli.autopilot.pilot import AutopilotError, Script, Until
from fcn_gui.cli.autopilot.plan import next_stroke
from fcn_gui.core.label_map import LabelMap
from fcn_gui.core.metrics import Measures, confusion_matrix
from fcn_gui.core.raster import Mask
from fcn_gui.session.document import Document
from fcn_gui.session.messages import Message

MOST_STROKES = 8
"""On one photo; then what stands is near enough to be verified."""
_log = logging.getLogger(__name__)
NEGLIGIBLE = 1 / 8000
"""Of the pixels of a photo: a wrong region smaller than this is left alone."""
FIRST_PREDICTION_MOST_S, RETRAIN_MOST_S, EXPORT_MOST_S = 180.0, 3600.0, 120.0
"""On a machine that does much else; a retrain with its folds alone is over in one or two minutes."""
_CTRL, _SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@dataclass(frozen=True)
class Task:
    """What to do in `folder`: which photos to correct by which masks, a class to teach, and where to export to."""

    folder: Path
    export_to: Path
    truths: Mapping[str, Mask]
    """The right mask of every photo, by key."""
    corrected: frozenset[str]
    new_class: str


@dataclass
class Outcome:
    """What was seen on the way: masks as they stood, by key; before learning, after it, and at the export."""

    label_map: LabelMap | None = None
    first_looks: dict[str, Mask] = field(default_factory=dict)
    shown: dict[str, Mask] = field(default_factory=dict)
    held_out: tuple[str, ...] = ()
    strokes: int = 0
    receipt: Mapping[str, object] = field(default_factory=dict)
    first_paint_ms: float = 0.0


def main_job(program: Program, task: Task, requested: float) -> Script[Outcome]:
    """Open, look, correct, retrain, look again, export. `requested` is when the window was (time.perf_counter)."""
    job = _MainJob(program, task)
    yield from job.show(requested)
    yield from job.open_folder()
    yield from job.look()
    yield from job.correct()
    yield from job.retrain()
    yield from job.look_again()
    yield from job.export()
    return job.outcome


def measured(outcome: Outcome, truths: Mapping[str, Mask], keys: Iterable[str], *, after: bool) -> Measures:
    """Measures over all `keys` together: of the first looks, or of the masks that showed after learning."""
    masks = outcome.shown if after else outcome.first_looks
    assert outcome.label_map is not None
    classes = len(outcome.label_map)
    total = np.zeros((classes, classes), np.int64)
    for key in keys:
        total += confusion_matrix(truths[key], masks[key], classes)
    return Measures.from_confusion(total)


class _MainJob:
    def __init__(self, program: Program, task: Task) -> None:
        self._program, self._task = program, task
        self._window, self._model, self._view = program.window, program.model, program.view
        self._errors: list[str] = []
        self._ended: dict[str, str] = {}
        self.outcome = Outcome()
        self._model.message_posted.connect(self._note_message)
        self._model.job_ended.connect(self._note_end)

    def show(self, requested: float) -> Script[None]:
        """Show the window; how long its first paint took."""
        painted: list[float] = []
        self._window.first_painted.connect(lambda: painted.append(time.perf_counter()))
        self._window.show()
        yield self._until("the first paint", lambda: bool(painted))
        self.outcome.first_paint_ms = 1000 * (painted[0] - requested)

    def open_folder(self) -> Script[None]:
        """Drop the folder on the window, take the VOC classes and add the new one."""
        model, panel = self._model, self._window.classes
        yield from self._hand.drop(self._task.folder)
        yield self._until("the question which classes", self._window.label_map_bar.isVisible)
        yield from self._hand.click(self._window.label_map_bar.voc)
        yield self._until("the classes", lambda: model.label_map is not None)
        yield self._until("all photos", lambda: model.project is not None and len(model.project.items) == self._count)
        yield from self._hand.press_key(Qt.Key.Key_N, _CTRL | _SHIFT)
        yield from self._hand.write(panel.new_name, self._task.new_class)
        QTest.keyClick(panel.new_name, Qt.Key.Key_Return)
        yield self._until("the new class", lambda: self._class_of(self._task.new_class) is not None)
        self.outcome.label_map = model.label_map
        self._window.canvas.setFocus(Qt.FocusReason.OtherFocusReason)

    def look(self) -> Script[None]:
        """Through the folder and back: each first look, made before anything is taught."""
        for key in self._keys():
            yield from self._wait_for(key)
            document = self._model.document
            assert document is not None and document.first_look is not None
            self.outcome.first_looks[key] = document.first_look.copy()
            yield from self._hand.press_key(Qt.Key.Key_D)
        for key in reversed(self._keys()):
            yield from self._wait_for(key)
            yield from self._hand.press_key(Qt.Key.Key_A)

    def correct(self) -> Script[None]:
        """Go through the folder: paint and verify the photos that are to be corrected."""
        for key in self._keys():
            yield from self._wait_for(key)
            if key in self._task.corrected:
                yield from self._paint(key)
                yield from self._hand.press_key(Qt.Key.Key_Return)
            else:
                yield from self._hand.press_key(Qt.Key.Key_D)
        assert self._model.project is not None
        items = self._model.project.items
        self.outcome.strokes = sum(item.strokes for item in items)
        self.outcome.held_out = tuple(item.key for item in items if item.held_out)

    def retrain(self) -> Script[None]:
        """Ctrl+R; wait for the fine-tune, the gate and the second look."""
        yield from self._hand.press_key(Qt.Key.Key_R, _CTRL)
        yield self._until("the retrain", lambda: "retrain" in self._ended, RETRAIN_MOST_S)
        if self._ended["retrain"] != "finished":
            raise AutopilotError(f"The retrain {self._ended['retrain']}.")
        yield self._until("the second look", lambda: not self._model.jobs and not self._model.is_busy, 180)
        newest = max(self._model.checkpoints, key=lambda entry: entry.number)
        self.outcome.receipt = newest.receipt

    def look_again(self) -> Script[None]:
        """Back through the folder: each mask as the window shows it now."""
        for key in reversed(self._keys()):
            yield from self._wait_for(key)
            shown = self._window.canvas.grab_shown_mask()
            assert shown is not None
            self.outcome.shown[key] = shown.copy()
            yield from self._hand.press_key(Qt.Key.Key_A)

    def export(self) -> Script[None]:
        """Ctrl+E, all images with unvouched pixels as predicted, to the folder of the task."""
        sheet = self._window.sheets.export
        yield from self._hand.press_key(Qt.Key.Key_E, _CTRL)
        yield from self._hand.write(sheet.target, str(self._task.export_to))
        for choice in (sheet.which, sheet.unvouched):
            QTest.keyClick(choice, Qt.Key.Key_End)
        yield from self._hand.click(sheet.export)
        yield self._until("the export", lambda: "export" in self._ended, EXPORT_MOST_S)

    # Small steps

    @cached_property
    def _hand(self) -> Hand:
        """Made when it is first used: the window builds its canvas after the first paint."""
        return Hand(self._window, self._window.canvas, self._view)

    @property
    def _count(self) -> int:
        return len(self._task.truths)

    def _keys(self) -> list[str]:
        assert self._model.project is not None
        return [item.key for item in self._model.project.items]

    def _class_of(self, name: str) -> int | None:
        label_map = self._model.label_map
        return label_map.index(name) if label_map is not None else None

    def _wait_for(self, key: str) -> Script[None]:
        """The photo on the canvas, predicted by what is live."""
        model = self._model

        def is_there() -> bool:
            document = model.document
            return (
                document is not None
                and document.key == key
                and document.prediction is not None
                and document.first_look is not None
                and self._window.canvas.stage is not None
            )

        yield self._until(f"{key} and its prediction", is_there, FIRST_PREDICTION_MOST_S)

    def _paint(self, key: str) -> Script[None]:
        """Stroke by stroke towards the right mask, each planned from what stands on the canvas."""
        truth = self._task.truths[key]
        least_px = max(12, round(truth.size * NEGLIGIBLE))
        for _ in range(MOST_STROKES):
            document = self._model.document
            assert document is not None
            stroke = next_stroke(document.masked.mask, truth, least_px)
            if stroke is None:
                return
            edition = document.edition
            yield from self._hand.paint(stroke)
            yield self._until("the stroke", partial(_has_changed, document, edition))

    def _until(self, what: str, holds: Callable[[], bool], most_s: float = 60.0) -> Until:
        """Wait, but not past an error that the window reported."""

        def holds_without_error() -> bool:
            if self._errors:
                raise AutopilotError(f"While waiting for {what}, the window reported: {self._errors[0]}")
            return holds()

        return Until(what, holds_without_error, most_s)

    def _note_message(self, message: Message) -> None:
        _log.debug("message: %s %s", message.kind, message.text)
        if message.kind == "error":
            self._errors.append(message.text)

    def _note_end(self, _id: int, kind: str, outcome: str, text: str) -> None:
        _log.debug("job: %s %s %s", kind, outcome, text)
        self._ended[kind] = outcome
        if outcome == "failed":
            self._errors.append(text)


def _has_changed(document: Document, edition: int) -> bool:
    return document.edition > edition
