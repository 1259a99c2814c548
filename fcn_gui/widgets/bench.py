"""What an open folder needs on screen, built when it is first needed: the window itself shows sooner."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtWidgets import QAbstractButton, QWidget

from fcn_gui.qt.session_model import SessionModel
from fcn_gui.qt.view_state import ViewState
from fcn_gui.widgets.actions import ACTION_BY_ID
from fcn_gui.widgets.appearance import Appearance
from fcn_gui.widgets.bottom_dock import BottomDock
from fcn_gui.widgets.canvas import Canvas
from fcn_gui.widgets.class_panel import ClassPanel
from fcn_gui.widgets.clean_up import CleanUp
from fcn_gui.widgets.confusion_marks import ConfusionMarks
from fcn_gui.widgets.hold_keys import HELD_ACTIONS
from fcn_gui.widgets.image_list import ImageList
from fcn_gui.widgets.label_map_bar import LabelMapBar
from fcn_gui.widgets.learning_panel import LearningPanel
from fcn_gui.widgets.measures_panel import MeasuresPanel
from fcn_gui.widgets.menus import ActionSet
from fcn_gui.widgets.messages import MessageBar
from fcn_gui.widgets.motion import DockMover
from fcn_gui.widgets.right_dock import RightDock
from fcn_gui.widgets.skips_panel import SkipsPanel
from fcn_gui.widgets.this_image import ThisImage
from fcn_gui.widgets.view_panel import PhotoTones, ViewPanel
from fcn_gui.widgets.workbench import Workbench


class Bench:
    """Images, canvas, classes, view, learning with measures and skips, and the bars over the canvas."""

    def __init__(self, model: SessionModel, view: ViewState, appearance: Appearance, actions: ActionSet) -> None:
        self.images = ImageList(model, appearance)
        self.canvas = Canvas(model, view, appearance)
        self.canvas.setProperty("drawsFocus", True)
        self._actions = actions
        actions.keys_changed.connect(self._follow_keys)
        self._follow_keys()
        self.classes = ClassPanel(model, view, appearance)
        self.learning = LearningPanel(model, appearance, actions)
        self.clean_up = CleanUp(model, view, appearance, actions)
        panels = (ViewPanel(model, view, appearance), self.clean_up, ThisImage(model))
        self.dock = RightDock(self.classes, panels)
        self.measures = MeasuresPanel(model, appearance, actions)
        self.skips = SkipsPanel(model, view, appearance)
        self.bottom = BottomDock(appearance, self.learning, self.measures, self.skips)
        self.marks = ConfusionMarks(model, self.canvas, appearance)
        self.measures.places_found.connect(self.marks.show_places)
        self.measures.cell_left.connect(self.marks.clear)
        self.canvas.zoomed.connect(self._follow_place)
        self.page = Workbench(self.images, self.canvas, self.dock, self.bottom)
        self.page.mover = DockMover(self.page, appearance)
        self.messages = MessageBar(appearance, self.page.area)
        self.messages.key_of = lambda wanted: actions.key(wanted) if wanted in ACTION_BY_ID else ""
        self.label_map_bar = LabelMapBar(appearance, self.page.area)
        self.messages.below = self.label_map_bar

    def _follow_keys(self) -> None:
        """Keys that are held are the canvas's own; they follow what the person made of them."""
        self.canvas.hold_keys.set_keys({name: self._actions.keys(name) for name in HELD_ACTIONS})

    def _follow_place(self) -> None:
        stage = self.canvas.stage
        self.skips.follow(stage.viewport if stage is not None else None)

    def place_bars(self) -> None:
        """Keep what floats over the canvas at its place."""
        for bar in (self.messages, self.label_map_bar):
            bar.place()

    def arrangement(self) -> dict[str, Any]:
        """Sizes of docks and folded sections, as plain JSON."""
        return {**self.page.arrangement(), "open_sections": ["photo"] if self._photo_fold.isChecked() else []}

    def arrange(self, kept: Mapping[str, Any]) -> None:
        """Take back what `arrangement` gave."""
        self.page.arrange(kept)
        sections = kept.get("open_sections")
        self._photo_fold.setChecked(isinstance(sections, list) and "photo" in sections)

    @property
    def _photo_fold(self) -> QAbstractButton:
        tones = self.page.findChild(PhotoTones)
        assert isinstance(tones, PhotoTones)
        return tones.fold

    def zones(self) -> tuple[QWidget, ...]:
        """In the order in which Tab goes through them."""
        left, middle, _right, below = self.page.in_tab_order()
        return left, middle, *self.dock.in_tab_order, below
