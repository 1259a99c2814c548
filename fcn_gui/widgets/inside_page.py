"""FCN inside: how a classifier becomes a heatmap, what each skip adds, where the network is unsure, in pictures.

They are those of the open photo where there is one, made from what the page Skips asks for; else a stored example.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from fcn_gui.core.image_io import read_image
from fcn_gui.core.palette import overlay_colors
from fcn_gui.core.raster import Image
from fcn_gui.qt.session_model import SessionModel
from fcn_gui.qt.view_state import ViewState
from fcn_gui.session.inside import InsideFacts, class_to_show, example, facts_of
from fcn_gui.widgets.appearance import Appearance
from fcn_gui.widgets.fitted_labels import ElidedLabel
from fcn_gui.widgets.floating import SHADOW_PX, Sheet, show_page
from fcn_gui.widgets.inside_pictures import pictures_of
from fcn_gui.widgets.inside_words import Chapter, InsideWords
from fcn_gui.widgets.labels import CapButton
from fcn_gui.widgets.menus import ActionSet
from fcn_gui.widgets.page_parts import small
from fcn_gui.widgets.skip_picture import CAPTION_PX, SkipPicture
from fcn_gui.widgets.theme import Space

WIDTH_PX, MOST_PICTURE_PX, AROUND_PX = 960, 320, 96
LOOK_MS = 120
"""Predictions come one upon the other while somebody paints."""


class InsidePage(Sheet):
    """Looks at the open photo while it is open itself; heatmaps are those of the class in hand if the photo has it.

    `facts` is what it tells, `pictures` what it shows, by name; `is_live` where they are of the open photo, and then
    `buttons` lead to the same on the canvas, by action id.
    """

    def __init__(
        self, appearance: Appearance, parent: QWidget, model: SessionModel, view: ViewState, actions: ActionSet
    ) -> None:
        super().__init__(appearance, parent, WIDTH_PX)
        self._model, self._view, self._actions = model, view, actions
        self.words = InsideWords(self)
        self.facts: InsideFacts | None = None
        self.is_live, self._label = False, 0
        self.pictures: dict[str, InsidePicture] = {}
        self.buttons: dict[str, CapButton] = {}
        self._area = QScrollArea(widgetResizable=True)
        self._area.setAccessibleName(self.tr("FCN inside"))
        self.column.addWidget(self._area)
        self._timer = QTimer(self, singleShot=True, interval=LOOK_MS)
        self._timer.timeout.connect(self._look)
        for told in (model.document_opened, model.prediction_changed):
            told.connect(self._look_soon)
        model.skips_changed.connect(self._follow)

    def show_inside(self) -> None:
        """Open with the open photo, or with the example until that was looked at."""
        if not self._show_photo():
            self._show_example()
        self.open()
        self._area.setFocus()
        self._look_soon()

    def place(self) -> None:
        """As high as the window allows."""
        self._area.setFixedHeight(max(200, self.host.height() - AROUND_PX - 2 * SHADOW_PX))
        super().place()

    def _look_soon(self) -> None:
        if self.isVisible():
            self._timer.start()

    def _look(self) -> None:
        document = self._model.document
        if self.isVisible() and document is not None and document.prediction is not None:
            self._model.look_by_stride()

    def _follow(self) -> None:
        if self.isVisible():
            self._show_photo()

    def _show_photo(self) -> bool:
        """False where nothing is known of the open photo, or none is open."""
        skips, label_map, document = self._model.skips, self._model.label_map, self._model.document
        if skips is None or label_map is None or document is None or skips.key != document.key:
            return False
        label, below = class_to_show(skips, self._view.label, label_map), self._view.dots_below
        self._label, facts = label, facts_of(skips, label, label_map, below)
        colors = np.array(overlay_colors(label_map))
        self._show(facts, pictures_of(skips, label, colors, below), is_live=True)
        return True

    def _show_example(self) -> None:
        stored = example()
        images = {name: read_image(path).image for name, path in stored.files.items()}
        self._show(stored.facts, images, is_live=False)

    def _show(self, facts: InsideFacts, images: Mapping[str, Image], is_live: bool) -> None:
        """The page anew, where a person reads it at the same place."""
        place = self._area.verticalScrollBar().value()
        self.facts, self.is_live, self.pictures, self.buttons = facts, is_live, {}, {}
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(Space.WIDE, Space.LARGE, Space.WIDE, Space.LARGE)
        column.setSpacing(Space.ROW)
        title = QLabel(self.tr("FCN inside"))
        title.setProperty("role", "figure")
        column.addWidget(title)
        column.addWidget(ElidedLabel(self.words.origin(facts, is_live), role="small"))
        for chapter in self.words.chapters(facts):
            column.addSpacing(Space.PANEL)
            self._add_chapter(column, chapter, images)
        column.addStretch(1)
        show_page(self._area, page)
        self._area.verticalScrollBar().setValue(place)

    def _add_chapter(self, column: QVBoxLayout, chapter: Chapter, images: Mapping[str, Image]) -> None:
        head, text = QLabel(chapter.title), QLabel(chapter.text, wordWrap=True)
        head.setProperty("role", "heading")
        column.addWidget(head)
        column.addWidget(text)
        for captions in chapter.rows:
            row = QHBoxLayout()
            row.setSpacing(Space.PANEL)
            for caption in captions:
                picture = InsidePicture(self._appearance)
                picture.show_picture(caption.title, caption.words, images[caption.name])
                self.pictures[caption.name] = picture
                row.addWidget(picture, 1)
            column.addLayout(row)
        foot = QHBoxLayout()
        foot.addWidget(small(chapter.foot, wraps=True), 1)
        for action_id in chapter.actions if self.is_live else ():
            button = CapButton(self._appearance, self._actions.text(action_id), self._actions.key(action_id))
            button.clicked.connect(lambda _checked=False, wanted=action_id: self._go_to(wanted))
            self.buttons[action_id] = button
            foot.addWidget(button)
        column.addLayout(foot)

    def _go_to(self, action_id: str) -> None:
        """See it on the canvas, or in its panel; what shows already isn't switched off."""
        self.close_sheet()
        if action_id != f"view.{self._view.mode}":
            self._actions.action(action_id).trigger()
        if action_id == "view.heatmap":
            self._view.heatmap_label = self._label


class InsidePicture(SkipPicture):
    """As high as its width asks for, up to a limit; all of them in a row have the same proportions."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__(appearance)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def heightForWidth(self, width: int) -> int:
        size = self.image.size()
        wanted = round(width * size.height() / max(1, size.width()))
        return min(wanted, MOST_PICTURE_PX) + CAPTION_PX + Space.TIGHT

    def hasHeightForWidth(self) -> bool:
        return True
