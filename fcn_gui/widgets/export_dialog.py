"""Export as a VOC data set: where to, and how; a sheet over the window, the result comes as a message."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLayout,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from fcn_gui.core.settings import Settings
from fcn_gui.widgets.appearance import Appearance
from fcn_gui.widgets.controls import Switch
from fcn_gui.widgets.floating import Sheet
from fcn_gui.widgets.labels import Combo
from fcn_gui.widgets.theme import Height, Space

WIDTH_PX, WIDEST_BAND_PX = 520, 20


class ExportDialog(Sheet):
    """`export_wanted(target, options, overwrite)`; the options are remembered in the settings."""

    export_wanted = Signal(object, object, bool)

    def __init__(self, appearance: Appearance, parent: QWidget, settings: Settings) -> None:
        super().__init__(appearance, parent, WIDTH_PX)
        self._settings = settings
        self.target = QLineEdit()
        self.target.setAccessibleName(self.tr("Folder to write"))
        self._error, self._counts = QLabel(wordWrap=True), QLabel(wordWrap=True)
        self._error.setProperty("role", "error")
        self._counts.setProperty("role", "second")
        self.which = self._choice(
            self.tr("Images"), ((True, self.tr("Only verified")), (False, self.tr("All with a mask")))
        )
        self.unvouched = self._choice(
            self.tr("Unvouched pixels"), (("void", self.tr("As void")), ("predicted", self.tr("As predicted")))
        )
        self.void = self._choice(
            self.tr("Void is written as"),
            ((255, self.tr("255, as VOC has it")), ("background", self.tr("background, for CVAT"))),
        )
        self.band = QSpinBox(minimum=0, maximum=WIDEST_BAND_PX, suffix=" px")
        self.band.setAccessibleName(self.tr("Void band along borders"))
        self.band.setSpecialValueText(self.tr("none"))
        self.band.lineEdit().setTextMargins(Space.SMALL, 0, 0, 0)
        self.metadata = Switch(appearance, self.tr("Keep metadata of the photos, such as the place"))
        self.overwrite = Switch(appearance, self.tr("This folder is not empty: replace what is in it"))
        self.export = QPushButton(self.tr("Export"))
        self._lay_out()
        self.target.textChanged.connect(self._check)
        self.overwrite.toggled.connect(self._check)

    def ask(self, target: Path, verified: int, total: int) -> None:
        """Open with a folder to write to."""
        self.target.setText(str(target))
        self._counts.setText(
            self.tr("{n} of {total} images verified.").format(n=verified, total=total)
            + " "
            + self.tr("Each file that is written is read back and compared.")
        )
        self._read_settings()
        self.overwrite.setChecked(False)
        self._check()
        self.open()
        self.export.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def problem(self) -> str:
        """What is said to stand in the way."""
        return self._error.text()

    def options(self) -> Mapping[str, Any]:
        """What was chosen, by the names of ExportOptions."""
        return {
            "only_verified": self.which.currentData(),
            "unvouched": self.unvouched.currentData(),
            "void_index": self.void.currentData(),
            "void_band_px": self.band.value(),
            "keep_metadata": self.metadata.isChecked(),
        }

    def _lay_out(self) -> None:
        body = QVBoxLayout()
        body.setContentsMargins(Space.TIGHT, Space.LARGE, Space.TIGHT, Space.LARGE)
        body.setSpacing(Space.PANEL)
        title = QLabel(self.tr("Export as a VOC data set"))
        title.setProperty("role", "heading")
        choose = QPushButton(self.tr("Choose…"))
        choose.setAutoDefault(False)
        choose.clicked.connect(self._ask_folder)
        place = QHBoxLayout()
        place.setSpacing(Space.ROW)
        place.addWidget(self.target, 1)
        place.addWidget(choose)
        form = QFormLayout()
        form.setHorizontalSpacing(Space.LARGE)
        form.setVerticalSpacing(Space.ROW)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        rows: tuple[QWidget, ...] = (self.which, self.unvouched, self.band, self.void)
        for field in rows:
            label = QLabel(field.accessibleName())
            label.setProperty("role", "second")
            label.setMinimumHeight(Height.BUTTON)
            form.addRow(label, field)
        cancel = QPushButton(self.tr("Cancel"))
        for button in (cancel, self.export):
            button.setAutoDefault(True)
        cancel.clicked.connect(self.close_sheet)
        self.export.clicked.connect(self._export)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(cancel)
        buttons.addWidget(self.export)
        body.addLayout(_inset(title, self._counts, place, self._error))
        body.addWidget(self.overwrite)
        body.addLayout(_inset(form))
        body.addWidget(self.metadata)
        body.addLayout(_inset(buttons))
        self.column.addLayout(body)

    def _choice(self, name: str, options: tuple[tuple[object, str], ...]) -> Combo:
        combo = Combo(self._appearance, name)
        for value, text in options:
            combo.addItem(text, value)
        return combo

    def _read_settings(self) -> None:
        get = self._settings.get
        self.which.setCurrentIndex(self.which.findData(bool(get("export.only_verified"))))
        self.unvouched.setCurrentIndex(max(0, self.unvouched.findData(get("export.unvouched"))))
        self.band.setValue(int(get("export.void_band_px")))
        self.metadata.setChecked(bool(get("export.keep_metadata")))

    def _check(self) -> None:
        """Say what stands in the way before it is tried."""
        text = self.target.text().strip()
        path = _path_of(text) if text else None
        problem, is_full = "", False
        if path is None:
            problem = self.tr("Choose a folder to write to.")
        elif path.exists() and not path.is_dir():
            problem = self.tr("{path} is a file; choose a folder.").format(path=path)
        elif path.is_dir() and any(path.iterdir()):
            is_full = True
        self.overwrite.setVisible(is_full)
        self.export.setEnabled(not problem)
        self._say(problem)

    def _say(self, problem: str) -> None:
        """What stands in the way, under the folder; "" when nothing does."""
        self._error.setText(problem)
        self._error.setVisible(bool(problem))
        self.target.setProperty("bad", bool(problem))
        self.target.style().polish(self.target)
        if self.isVisible():
            self.place()

    def _ask_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(self.window(), self.tr("Export to"), self.target.text())
        if name:
            self.target.setText(name)

    def _export(self) -> None:
        replaces = self.overwrite.isVisibleTo(self) and self.overwrite.isChecked()
        if self.overwrite.isVisibleTo(self) and not replaces:
            self._say(self.tr("Choose an empty folder, or switch on that what is in this one is replaced."))
            return
        options = self.options()
        for name in ("only_verified", "unvouched", "void_band_px", "keep_metadata"):
            self._settings.set(f"export.{name}", options[name])
        self.close_sheet()
        self.export_wanted.emit(
            _path_of(self.target.text().strip()),
            options,
            replaces,
        )


def _path_of(text: str) -> Path:
    """What was typed as a path; `~name` of nobody here is a folder of that name."""
    try:
        return Path(text).expanduser()
    except RuntimeError:
        return Path(text)


def _inset(*parts: QWidget | QLayout) -> QVBoxLayout:
    """The parts one under the other, as far from the side as a switch keeps its words by itself."""
    column = QVBoxLayout()
    column.setContentsMargins(Space.PANEL, 0, Space.PANEL, 0)
    column.setSpacing(Space.PANEL)
    for part in parts:
        if isinstance(part, QLayout):
            column.addLayout(part)
        else:
            column.addWidget(part)
    return column
