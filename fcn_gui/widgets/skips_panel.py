"""The page Skips: what the network says of the open image at each stride, side by side."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from fcn_gui.core.palette import overlay_colors
from fcn_gui.core.raster import VOID
from fcn_gui.core.viewport import Viewport
from fcn_gui.qt.session_model import SessionModel
from fcn_gui.qt.view_state import ViewState
from fcn_gui.session.skips import Skips, StrideLook
from fcn_gui.widgets.appearance import Appearance
from fcn_gui.widgets.controls import Segments
from fcn_gui.widgets.page_parts import PageHead, column_of, small
from fcn_gui.widgets.skip_picture import Mode, SkipPicture, picture_of
from fcn_gui.widgets.theme import Space

LOOK_MS = 120
"""Predictions come one upon the other while somebody paints."""


class SkipsPanel(QWidget):
    """Looks while it is looked at; heatmaps are those of the class in hand."""

    fold_wanted = Signal()

    def __init__(self, model: SessionModel, view: ViewState, appearance: Appearance) -> None:
        super().__init__()
        self._model, self._view, self._appearance = model, view, appearance
        modes = (
            (Mode.LABELS.value, self.tr("Labels")),
            (Mode.CHANGED.value, self.tr("Changed labels")),
            (Mode.HEAT.value, self.tr("Heatmap")),
            (Mode.ADDED.value, self.tr("Added heat")),
        )
        self.modes = Segments(appearance, modes, self.tr("What is shown of each stride"))
        self.modes.setFixedWidth(336)
        self._head = PageHead(appearance, self.tr("Fold or open this panel"), (self.modes,))
        self.pictures: list[SkipPicture] = []
        self._part = QRectF(0, 0, 1, 1)
        self._row_widget = QWidget()
        self._row = QHBoxLayout(self._row_widget)
        self._row.setContentsMargins(Space.PANEL, 0, Space.PANEL, Space.ROW)
        self._row.setSpacing(Space.PANEL)
        self._empty = small(wraps=True)
        self._body = QStackedWidget()
        self._body.addWidget(self._row_widget)
        self._body.addWidget(column_of(self._empty))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._head)
        column.addWidget(self._body, 1)
        self._timer = QTimer(self, singleShot=True, interval=LOOK_MS)
        self._timer.timeout.connect(self._look)
        self._connect()
        self._show()

    @property
    def head_row(self) -> QHBoxLayout:
        """Where the tabs come first."""
        return self._head.row

    def set_folded(self, is_folded: bool) -> None:
        """Only the head."""
        self._body.setVisible(not is_folded)
        self._head.fold.set_icon_name("chevron-up" if is_folded else "chevron-down")
        self._look_soon()

    def set_compact(self, is_compact: bool) -> None:
        """The modes become a list to choose from."""
        self.modes.setFixedWidth(160 if is_compact else 336)

    def set_wide(self, is_wide: bool) -> None:
        """The pictures share what there is."""

    @property
    def part(self) -> QRectF:
        """The part of the image that is shown, as fractions of it."""
        return self._part

    @property
    def legend(self) -> str:
        """What the pictures show, in words."""
        return self._head.state.full_text

    def follow(self, viewport: Viewport | None) -> None:
        """Show the part of the image that the canvas shows."""
        self._part = QRectF(0, 0, 1, 1)
        if viewport is not None:
            (x0, y0), (x1, y1) = viewport.to_image((0, 0)), viewport.to_image(viewport.widget_wh)
            width, height = viewport.image_wh
            seen = QRectF(x0 / width, y0 / height, (x1 - x0) / width, (y1 - y0) / height) & self._part
            self._part = seen if seen.width() > 0 and seen.height() > 0 else self._part
        for picture in self.pictures:
            picture.show_part(self._part)

    def _connect(self) -> None:
        model = self._model
        self._head.fold.clicked.connect(self.fold_wanted)
        self.modes.chosen.connect(lambda _: self._show())
        self._view.changed.connect(lambda field: self._show() if field == "label" else None)
        model.skips_changed.connect(self._show)
        model.label_map_changed.connect(self._show)
        for signal in (model.document_opened, model.document_closed, model.project_closed):
            signal.connect(self._show)
        for told in (model.document_opened, model.prediction_changed):
            told.connect(self._look_soon)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._look_soon()

    def _look_soon(self) -> None:
        if self.isVisible() and self._body.isVisible():
            self._timer.start()

    def _look(self) -> None:
        document = self._model.document
        if self.isVisible() and document is not None and document.prediction is not None:
            self._model.look_by_stride()

    def _show(self) -> None:
        skips, label_map = self._model.skips, self._model.label_map
        self._body.setCurrentIndex(0 if skips is not None else 1)
        has_image = self._model.document is not None
        self._empty.setText(self.tr("Looking stride by stride.") if has_image else self.tr("Choose an image first."))
        self._head.state.set_full_text(self._legend() if skips is not None else "")
        if skips is None or label_map is None or not self.isVisible():
            return
        while len(self.pictures) < len(skips.looks):
            self.pictures.append(SkipPicture(self._appearance))
            self.pictures[-1].show_part(self._part)
            self._row.addWidget(self.pictures[-1], 1)
        colors = np.array(overlay_colors(label_map))
        for number, picture in enumerate(self.pictures):
            picture.setVisible(number < len(skips.looks))
            if number < len(skips.looks):
                look = skips.looks[number]
                shown = picture_of(skips, number, Mode(self.modes.value), self._label, colors)
                picture.show_picture(f"{look.stride}s", self._words(skips, number, look), shown)

    @property
    def _label(self) -> int:
        return 0 if self._view.label == VOID else self._view.label

    def _words(self, skips: Skips, number: int, look: StrideLook) -> str:
        found = "" if look.mean_iu is None else self.tr("mean IU {iu}").format(iu=f"{look.mean_iu:.3f}")
        before = skips.looks[number - 1].mean_iu if number else None
        if before is not None and look.mean_iu is not None:
            found = f"{found} ({look.mean_iu - before:+.3f})".replace("-", "−")
        changed = self.tr("{share} changed").format(share=f"{100 * look.changed_share:.1f} %") if number else ""
        return ", ".join(part for part in (found, changed) if part)

    def _legend(self) -> str:
        label_map, mode = self._model.label_map, Mode(self.modes.value)
        name = label_map.names[self._label] if label_map is not None and self._label < len(label_map) else ""
        if mode is Mode.HEAT:
            return self.tr("Probability of {name}").format(name=name)
        if mode is Mode.ADDED:
            most = self._model.skips.most_added(self._label) if self._model.skips is not None else 0.0
            words = self.tr("{name}: amber more, blue less likely, up to {most}")
            return words.format(name=name, most=f"{most:.2f}")
        if mode is Mode.CHANGED:
            return self.tr("Pixels that a skip calls something else")
        looks = self._model.skips.looks if self._model.skips is not None else ()
        return self.tr("Mean IU on vouched pixels") if any(look.mean_iu is not None for look in looks) else ""
