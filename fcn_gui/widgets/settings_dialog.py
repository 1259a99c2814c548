"""Settings, made from the rows of `core.settings`: each change counts at once; keys with a check for clashes."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from fcn_gui.core.setting_rows import SETTINGS, SettingRow
from fcn_gui.core.settings import Settings
from fcn_gui.widgets.actions import Overrides
from fcn_gui.widgets.appearance import Appearance
from fcn_gui.widgets.controls import Switch
from fcn_gui.widgets.floating import Sheet, show_page
from fcn_gui.widgets.key_editor import KeyEditor
from fcn_gui.widgets.labels import Combo
from fcn_gui.widgets.own_keys import KEYS, key_overrides, store_overrides
from fcn_gui.widgets.segment_tabs import SegmentTabs
from fcn_gui.widgets.theme import Height, Space

WIDTH_PX, FIELD_PX = 620, 180
_BESIDE = {"regions": "brush"}
"""Groups that show on the page of another."""
_UNITS = {"_px": " px", "_percent": " %"}
_ABBREVIATIONS = frozenset({"crf", "cpu", "cuda", "mps"})


class SettingsDialog(Sheet):
    """`changed(id)` after each change; nothing has to be confirmed."""

    changed = Signal(str)

    def __init__(self, appearance: Appearance, parent: QWidget, settings: Settings) -> None:
        super().__init__(appearance, parent, WIDTH_PX)
        self._settings = settings
        self._area = QScrollArea(widgetResizable=True)
        self._area.setAccessibleName(self.tr("Settings"))
        names = {
            "view": self.tr("View"),
            "brush": self.tr("Brush"),
            "images": self.tr("Images"),
            "learn": self.tr("Learning"),
            "export": self.tr("Export"),
            "net": self.tr("Network"),
            KEYS: self.tr("Keys"),
        }
        known = {_group(row) for row in SETTINGS} | {KEYS}
        self.tabs = SegmentTabs(appearance, [name for name in names if name in known], ground="menu")
        self.tabs.set_texts({name: text for name, text in names.items() if name in known})
        self.tabs.chosen.connect(self._show_group)
        head = QHBoxLayout()
        head.setContentsMargins(Space.LARGE, Space.PANEL, Space.LARGE, Space.ROW)
        title = QLabel(self.tr("Settings"))
        title.setProperty("role", "heading")
        head.addWidget(title)
        head.addSpacing(Space.LARGE)
        head.addWidget(self.tabs, 1)
        self.column.addLayout(head)
        self.column.addWidget(self._area)
        self._area.setMinimumHeight(340)

    def ask(self) -> None:
        """Open."""
        self._show_group(self.tabs.current)
        self.open()
        self.tabs.focus_current()

    def _show_group(self, group: str) -> None:
        if group == KEYS:
            editor = KeyEditor(self._appearance, key_overrides(self._settings))
            editor.changed.connect(self._store_keys)
            show_page(self._area, editor)
        else:
            show_page(self._area, self._page(group))

    def _page(self, group: str) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        # Labels and fields keep the inset that a switch has by itself.
        column.setContentsMargins(Space.TIGHT, Space.ROW, Space.TIGHT, Space.LARGE)
        grid = QGridLayout()
        grid.setVerticalSpacing(Space.TIGHT)
        grid.setColumnStretch(0, 1)
        grid.setColumnMinimumWidth(2, Space.PANEL)
        grid.setHorizontalSpacing(0)
        for number, row in enumerate(_rows(group)):
            field = self._field(row)
            field.setToolTip(self.tr(row.tooltip))
            field.setAccessibleName(self.tr(row.text))
            if isinstance(field, Switch):
                grid.addWidget(field, number, 0, 1, 3)
                continue
            label = QLabel(self.tr(row.text))
            label.setProperty("role", "second")
            label.setToolTip(self.tr(row.tooltip))
            label.setMinimumHeight(Height.OPTION)
            label.setContentsMargins(Space.PANEL, 0, 0, 0)
            grid.addWidget(label, number, 0)
            grid.addWidget(field, number, 1, Qt.AlignmentFlag.AlignRight)
        column.addLayout(grid)
        column.addStretch(1)
        again = QPushButton(self.tr("Back to the defaults"))
        again.setAutoDefault(False)
        again.clicked.connect(lambda: self._reset(group))
        foot = QHBoxLayout()
        foot.setContentsMargins(Space.PANEL, 0, Space.PANEL, 0)
        foot.addWidget(again)
        foot.addStretch(1)
        column.addLayout(foot)
        return page

    def _field(self, row: SettingRow) -> QWidget:
        value = self._settings.get(row.id)
        if row.choices:
            combo = Combo(self._appearance, row.text)
            combo.setFixedWidth(FIELD_PX)
            for choice in row.choices:
                words = self.tr(str(choice))
                combo.addItem(words.upper() if choice in _ABBREVIATIONS else words.capitalize(), choice)
            combo.setCurrentIndex(combo.findData(value))
            combo.currentIndexChanged.connect(lambda _index: self._store(row.id, combo.currentData()))
            return combo
        if row.type is bool:
            switch = Switch(self._appearance, self.tr(row.text))
            switch.setChecked(bool(value))
            switch.toggled.connect(lambda is_on: self._store(row.id, is_on))
            return switch
        return self._spin_box(row, value)

    def _spin_box(self, row: SettingRow, value: object) -> QWidget:
        box: QSpinBox | QDoubleSpinBox
        low, high = row.minimum or 0, 1_000_000 if row.maximum is None else row.maximum
        number = value if isinstance(value, int | float) else 0
        if row.type is int:
            box = QSpinBox(minimum=int(low), maximum=int(high), value=int(number))
        else:
            decimals = 3 if 0 < low < 0.01 else 2 if high <= 1 else 1
            box = QDoubleSpinBox(
                minimum=low, maximum=high, singleStep=0.5 if decimals == 1 else 0.05, decimals=decimals, value=number
            )
        box.setSuffix(next((unit for end, unit in _UNITS.items() if row.id.endswith(end)), ""))
        box.setFixedSize(FIELD_PX, Height.BUTTON)
        box.lineEdit().setTextMargins(Space.SMALL, 0, 0, 0)
        box.setKeyboardTracking(False)
        box.valueChanged.connect(lambda new: self._store(row.id, new))
        return box

    def _store(self, setting: str, value: object) -> None:
        self._settings.set(setting, value)
        self.changed.emit(setting)

    def _store_keys(self, overrides: Overrides) -> None:
        store_overrides(self._settings, overrides)
        self.changed.emit(KEYS)

    def _reset(self, group: str) -> None:
        for row in _rows(group):
            self._store(row.id, row.default)
        self._show_group(group)


def _rows(group: str) -> list[SettingRow]:
    """The rows of a group that have a field here: a file is chosen where it is shown, on the welcome page."""
    return [row for row in SETTINGS if _group(row) == group and (row.type is not str or row.choices)]


def _group(row: SettingRow) -> str:
    own = row.id.partition(".")[0]
    return _BESIDE.get(own, own)
