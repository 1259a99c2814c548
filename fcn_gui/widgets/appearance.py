"""Which theme is on, and its icons and fonts; follows the system live unless the person chose one."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QFont, QIcon, QPixmap
from PySide6.QtWidgets import QApplication

from fcn_gui.widgets.icons import IconStore
from fcn_gui.widgets.stylesheet import stylesheet
from fcn_gui.widgets.theme import DARK, LIGHT, Theme, font_for

PREFERENCES = ("system", "light", "dark")


class Appearance(QObject):
    """The theme of an application; `changed` when it switched, after palette and stylesheet were replaced."""

    changed = Signal()

    def __init__(self, app: QApplication, icons: IconStore, preference: str = "system") -> None:
        super().__init__()
        self._app = app
        self._icons = icons
        self._system_font = QFont(app.font())
        self._fonts: dict[tuple[str, int, bool], QFont] = {}
        self._preference = preference
        self._is_system_dark = app.styleHints().colorScheme() == Qt.ColorScheme.Dark
        self.theme = self._wanted()
        app.setStyle("Fusion")
        app.setPalette(self.theme.palette())
        self._is_dressed = False
        self.has_motion = False
        """Panels and messages may move; the window says so once it stands, see `motion`."""
        app.styleHints().colorSchemeChanged.connect(self._follow_system)

    def dress(self) -> None:
        """Put the stylesheet on, once a window stands: each widget is styled once and not at each step of building."""
        if not self._is_dressed:
            self._is_dressed = True
            self._app.setStyleSheet(stylesheet(self.theme, self._system_font))

    @property
    def preference(self) -> str:
        """`system`, `light` or `dark`."""
        return self._preference

    def set_preference(self, preference: str) -> None:
        """Switch at once. Raises ValueError for anything but PREFERENCES."""
        if preference not in PREFERENCES:
            raise ValueError(f"a theme is one of {PREFERENCES}, not {preference!r}")
        self._preference = preference
        self._switch()

    def icon(self, name: str, token: str = "text2", size: int = 18, on: str = "accent") -> QIcon:
        """The icon `name` in the colour of `token`; checked it takes `on`, disabled text3."""
        return self._icons.icon(
            name, self.theme.hex(token), size, on=self.theme.hex(on), disabled=self.theme.hex("text3")
        )

    def pixmap(self, name: str, token: str, size: int, ratio: float = 1.0) -> QPixmap:
        """The same for a painter; `ratio` is the device's."""
        return self._icons.pixmap(name, self.theme.hex(token), size, ratio)

    def font(self, role: str = "body", weight: int = 400, tabular: bool = False) -> QFont:
        """A font of theme.TYPE_SCALE at the system's size, always the same one: not to be changed."""
        key = (role, weight, tabular)
        if key not in self._fonts:
            self._fonts[key] = font_for(self._system_font, role, weight, tabular)
        return self._fonts[key]

    def _wanted(self) -> Theme:
        is_dark = self._is_system_dark if self._preference == "system" else self._preference == "dark"
        return DARK if is_dark else LIGHT

    def _follow_system(self, scheme: Qt.ColorScheme) -> None:
        self._is_system_dark = scheme == Qt.ColorScheme.Dark
        self._switch()

    def _switch(self) -> None:
        wanted = self._wanted()
        if wanted is not self.theme:
            self.theme = wanted
            self._app.setPalette(wanted.palette())
            self._is_dressed = False
            self.dress()
            self.changed.emit()
