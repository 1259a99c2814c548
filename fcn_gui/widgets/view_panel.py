"""The section View of the right dock, and below it the tool's: sliders and switches over `ViewState`, nothing more."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from fcn_gui.core.palette import VOID_COLOR, overlay_colors
from fcn_gui.qt.session_model import SessionModel
from fcn_gui.qt.view_state import CursorFacts, ViewState
from fcn_gui.widgets.appearance import Appearance
from fcn_gui.widgets.controls import Segments, Switch, ValueSlider
from fcn_gui.widgets.heat_scale import HeatScale
from fcn_gui.widgets.labels import PanelHead
from fcn_gui.widgets.page_parts import small
from fcn_gui.widgets.theme import Height, Space
from fcn_gui.widgets.tool_section import ToolSection


class ViewPanel(QWidget):
    """How the open image looks, and the options of the tool in hand."""

    def __init__(self, model: SessionModel, view: ViewState, appearance: Appearance) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(ViewSection(model, view, appearance))
        line = QFrame()
        line.setFixedHeight(1)
        line.setProperty("surface", "line")
        column.addWidget(line)
        column.addWidget(ToolSection(view, appearance))
        column.addStretch(1)


SEGMENT_OF = {"doubts": "uncertainty", "comparison": "difference"}
"""Under which segment the modes stand that have none of their own."""


class ViewSection(QWidget):
    """Segments of the four modes, below them what the chosen one has to set, and the photo's own tones."""

    def __init__(self, model: SessionModel, view: ViewState, appearance: Appearance) -> None:
        super().__init__()
        self._view = view
        self._appearance = appearance
        modes = (
            ("mask", self.tr("Mask")),
            ("heatmap", self.tr("Heatmap")),
            ("uncertainty", self.tr("Uncertainty")),
            ("difference", self.tr("Difference")),
        )
        self.segments = Segments(appearance, modes, self.tr("View"))
        self.segments.chosen.connect(lambda mode: setattr(view, "mode", mode))
        self.sliders = self._sliders()
        self.grey = Switch(appearance, self.tr("Photo in grey below"))
        self.grey.toggled.connect(lambda on: setattr(view, "grey_photo", on))
        self.scale = HeatScale(appearance)
        self._heat_title = HeatTitle(model, view, appearance)
        self.photo = PhotoTones(view, appearance)
        doubts = small(self.tr("Pixels that you vouched for, and the network is sure are something else."), wraps=True)
        compared = small(self.tr("Pixels that two checkpoints call something else."), wraps=True)
        for words in (doubts, compared):
            words.setContentsMargins(Space.PANEL, Space.TIGHT, Space.PANEL, Space.TIGHT)
        self._rows: dict[QWidget, tuple[str, ...]] = {
            doubts: ("doubts",),
            compared: ("comparison",),
            self._heat_title: ("heatmap",),
            self.scale: ("heatmap",),
            self.sliders["opacity"]: ("mask",),
            self.sliders["heat_opacity"]: ("heatmap",),
            self.sliders["hide_below"]: ("heatmap",),
            self.grey: ("heatmap",),
            self.sliders["outline_px"]: ("mask", "uncertainty", "difference", "doubts", "comparison"),
            self.sliders["uncertainty"]: ("mask", "difference"),
            self.sliders["dots_below"]: ("uncertainty",),
        }
        self._lay_out()
        view.changed.connect(self._show)
        view.cursor_moved.connect(self._show_cursor)
        self._show("")

    def _sliders(self) -> dict[str, ValueSlider]:
        percent, off = "{:.0f} %", self.tr("off")
        rows = {
            "opacity": (self.tr("Opacity"), (0, 1), lambda v: percent.format(100 * v)),
            "heat_opacity": (self.tr("Opacity"), (0, 1), lambda v: percent.format(100 * v)),
            "outline_px": (self.tr("Outline"), (0, 6), lambda v: f"{round(2 * v) / 2:g} px" if v >= 0.25 else off),
            "uncertainty": (self.tr("Uncertainty"), (0, 1), lambda v: f"{v:.2f}" if v >= 0.005 else off),
            "dots_below": (self.tr("Dots below"), (0.05, 1), "{:.2f}".format),
            "hide_below": (self.tr("Hide below"), (0, 0.95), "{:.2f}".format),
        }
        made = {}
        for field, (name, span, words) in rows.items():
            slider = ValueSlider(self._appearance, name, span, words)
            slider.moved.connect(lambda value, field=field: setattr(self._view, field, _rounded(field, value)))
            made[field] = slider
        return made

    def _lay_out(self) -> None:
        head = PanelHead(self.tr("View"))
        head.row.setContentsMargins(Space.PANEL, 0, Space.PANEL, 0)
        around = QHBoxLayout()
        around.setContentsMargins(Space.PANEL, 0, Space.PANEL, Space.TIGHT)
        around.addWidget(self.segments)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, Space.ROW)
        column.setSpacing(0)
        column.addWidget(head)
        column.addLayout(around)
        for row in self._rows:
            column.addWidget(row)
        column.addWidget(self.photo)

    def _show(self, field: str) -> None:
        view = self._view
        self.segments.show_value(SEGMENT_OF.get(view.mode, view.mode))
        for name, slider in self.sliders.items():
            slider.show_value(getattr(view, name))
        self.grey.setChecked(view.grey_photo)
        for row, modes in self._rows.items():
            row.setVisible(view.mode in modes)

    def _show_cursor(self, facts: CursorFacts | None) -> None:
        value = facts.heat if facts is not None else None
        self.scale.show_value(value)
        self._heat_title.show_value(value)


def _rounded(field: str, value: float) -> float:
    """Outlines go in half pixels."""
    return round(2 * value) / 2 if field == "outline_px" else value


class HeatTitle(QWidget):
    """Swatch and name of the heatmap's class, and its probability under the cursor."""

    def __init__(self, model: SessionModel, view: ViewState, appearance: Appearance) -> None:
        super().__init__()
        self._model, self._view, self._appearance = model, view, appearance
        self._words = ""
        self.setFixedHeight(Height.OPTION)
        view.changed.connect(lambda field: self.update())
        model.label_map_changed.connect(self.update)
        appearance.changed.connect(self.update)

    @property
    def text(self) -> str:
        """The value as it stands there, empty where the cursor is over nothing."""
        return self._words

    def show_value(self, value: float | None) -> None:
        """The probability under the cursor, 0…1, None where there is none."""
        words = "" if value is None else f"{value:.2f}"
        if words != self._words:
            self._words = words
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, label_map = self._appearance.theme, self._model.label_map
        label = self._view.shown_heatmap_label
        is_class = label_map is not None and label < len(label_map)
        name = label_map.names[label] if label_map is not None and is_class else self.tr("void")
        color = overlay_colors(label_map)[label] if label_map is not None and is_class else VOID_COLOR
        inner = self.rect().adjusted(Space.PANEL, 0, -Space.PANEL, 0)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("edge"), 1))
        painter.setBrush(QColor(*(int(v) for v in color)))
        painter.drawRoundedRect(inner.left(), (self.height() - 12) // 2, 12, 12, 3, 3)
        middle, strong = Qt.AlignmentFlag.AlignVCenter, self._appearance.font("body", 500, tabular=True)
        painter.setPen(theme.color("text"))
        painter.setFont(strong)
        metrics, around = painter.fontMetrics(), self.tr("under the cursor")
        width = metrics.horizontalAdvance(self._words) + 8 if self._words else 0
        room = inner.width() - 20 - width
        if self._words and metrics.horizontalAdvance(f"{name}  {around}") > room:
            around = ""  # the name goes before
        painter.drawText(inner, middle | Qt.AlignmentFlag.AlignRight, self._words)
        shown = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, room)
        painter.drawText(inner.adjusted(20, 0, 0, 0), middle | Qt.AlignmentFlag.AlignLeft, shown)
        if self._words and around:
            painter.setPen(theme.color("text2"))
            painter.setFont(self._appearance.font("body"))
            painter.drawText(inner.adjusted(0, 0, -width, 0), middle | Qt.AlignmentFlag.AlignRight, around)
        painter.end()


class PhotoTones(QWidget):
    """Brightness, contrast and gamma of the photo, folded until they are wanted."""

    def __init__(self, view: ViewState, appearance: Appearance) -> None:
        super().__init__()
        self._view = view
        self._appearance = appearance
        self.fold = QPushButton(self.tr("Photo"))
        self.fold.setProperty("kind", "quiet")
        self.fold.setCheckable(True)
        self.reset = QPushButton(self.tr("Reset"))
        self.reset.setProperty("kind", "link")
        signed = "{:+.0f} %"
        rows = {
            "brightness": (self.tr("Brightness"), (-1, 1), lambda v: signed.format(100 * v) if round(100 * v) else "0"),
            "contrast": (self.tr("Contrast"), (-1, 1), lambda v: signed.format(100 * v) if round(100 * v) else "0"),
            "gamma": (self.tr("Gamma"), (0.2, 3), "{:.2f}".format),
        }
        self.sliders = {name: ValueSlider(appearance, text, span, words) for name, (text, span, words) in rows.items()}
        self._lay_out()
        for name, slider in self.sliders.items():
            slider.moved.connect(lambda value, name=name: setattr(view, name, value))
        self.fold.toggled.connect(self._unfold)
        self.reset.clicked.connect(self._reset)
        view.changed.connect(self._show)
        appearance.changed.connect(self._renew_icon)
        self._show("")
        self._unfold(False)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(Space.PANEL - 8, 0, Space.PANEL - 4, 0)
        row.addWidget(self.fold)
        row.addStretch(1)
        row.addWidget(self.reset)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        for slider in self.sliders.values():
            column.addWidget(slider)

    def _unfold(self, is_open: bool) -> None:
        for slider in self.sliders.values():
            slider.setVisible(is_open)
        self._renew_icon()
        self._show("")

    def _renew_icon(self) -> None:
        name = "chevron-down" if self.fold.isChecked() else "chevron-right"
        self.fold.setIcon(self._appearance.icon(name, "text2", 16))

    def _reset(self) -> None:
        self._view.brightness, self._view.contrast, self._view.gamma = 0.0, 0.0, 1.0

    def _show(self, field: str) -> None:
        view = self._view
        for name, slider in self.sliders.items():
            slider.show_value(getattr(view, name))
        is_changed = (view.brightness, view.contrast, view.gamma) != (0.0, 0.0, 1.0)
        self.reset.setVisible(is_changed)
