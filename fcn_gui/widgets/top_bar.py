"""The one toolbar, as wide as the window: menu, project, tools, mask, the way to the next image, find, docks."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QSizePolicy, QToolBar, QToolButton, QWidget

from fcn_gui.widgets.appearance import Appearance
from fcn_gui.widgets.fitted_labels import ElidedLabel
from fcn_gui.widgets.labels import CapButton, IconButton
from fcn_gui.widgets.menus import ActionSet
from fcn_gui.widgets.theme import Height, Space

TOOL_SIDE, ICON = 32, 18
_TOOLS = ("tool.brush", "tool.polygon", "tool.fill", "tool.smart", "tool.eraser")
_STEPS = ("edit.undo", "edit.redo")
_MASK = ("mask.accept_region", "image.uncertain", "learn.repaint")
_WAY = ("image.previous", "image.next")
_DOCKS = ("view.images", "view.learning", "view.classes")


class TopBar(QToolBar):
    """Its three zones stand over the left dock, the canvas and the right dock."""

    def __init__(self, appearance: Appearance, actions: ActionSet) -> None:
        super().__init__()
        self._appearance, self._actions = appearance, actions
        self._has_project = self._is_compact = False
        self.setObjectName("top_bar")
        self.setMovable(False)
        self.setFloatable(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.setFixedHeight(Height.TOP_BAR)
        self.menu = QMenu(self)
        actions.fill_menu(self.menu)
        self._left, self._middle, self._right = QWidget(), QWidget(), QWidget()
        self._fill_left()
        self._fill_middle()
        self._fill_right()
        content = QWidget()
        content.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        row = QHBoxLayout(content)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._left)
        policy = self._middle.sizePolicy()
        policy.setHorizontalPolicy(QSizePolicy.Policy.Expanding)
        policy.setRetainSizeWhenHidden(True)
        self._middle.setSizePolicy(policy)
        row.addWidget(self._middle, 1)
        row.addWidget(self._right)
        self.addWidget(content)
        self.set_project("")

    def set_project(self, name: str) -> None:
        """The folder's name; empty on the welcome page, where only menu and search make sense."""
        self._has_project = bool(name)
        if name:
            self._actions.dress((*_TOOLS, *_STEPS, *_MASK, *_WAY, *_DOCKS))
        self._project.set_full_text(name or "fcn-gui")
        self._project.setVisible(not (self._is_compact and name))
        self._chevron.setVisible(bool(name))
        self._middle.setVisible(bool(name))
        for button in self._dock_buttons:
            button.setVisible(bool(name))

    def set_image(self, name: str) -> None:
        """The file that is open."""
        self._file.set_full_text(name)

    def set_layout(self, left_px: int, right_px: int, is_compact: bool) -> None:
        """Zones as wide as the docks; compact leaves file name and key caps out and folds the search to an icon."""
        self._left.setMinimumWidth(left_px)
        self._left.setMaximumWidth(240 if is_compact else left_px)
        self._is_compact = is_compact
        self._project.setVisible(not (is_compact and self._has_project))
        self._right.setFixedWidth(right_px or 280)
        self._file.setVisible(not is_compact)
        self._verify.set_cap_shown(not is_compact)
        self._find.setVisible(not is_compact)
        self._find_icon.setVisible(is_compact)

    def open_menu(self) -> None:
        """Show the whole menu under its button."""
        self.menu.popup(self._menu_button.mapToGlobal(QPoint(0, self._menu_button.height() + 4)))

    def _fill_left(self) -> None:
        row = _row(self._left, Space.ROW)
        self._menu_button = IconButton(self._appearance, "menu", self._actions.tooltip("help.menu"), ICON, TOOL_SIDE)
        self._menu_button.clicked.connect(self._actions.action("help.menu").trigger)
        row.addWidget(self._menu_button)
        row.addSpacing(Space.TIGHT)
        self._project = ElidedLabel(role="heading")
        self._project.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        row.addWidget(self._project)
        self._chevron = IconButton(self._appearance, "chevron-down", self.tr("Folder"), 16, 24)
        self._chevron.clicked.connect(self._open_folder_menu)
        row.addWidget(self._chevron)
        row.addStretch(1)

    def _fill_middle(self) -> None:
        row = _row(self._middle, Space.ROW)
        for number, group in enumerate((_TOOLS, _STEPS, _MASK)):
            if number:
                row.addSpacing(Space.ROW)
                row.addWidget(_separator())
                row.addSpacing(Space.ROW)
            for action_id in group:
                row.addWidget(self._button(action_id))
        row.addStretch(1)
        row.addWidget(self._button(_WAY[0], 28))
        self._file = ElidedLabel(role="second")
        self._file.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._file.setMaximumWidth(220)
        row.addWidget(self._file)
        row.addWidget(self._button(_WAY[1], 28))
        row.addSpacing(Space.PANEL)
        self._verify = self._cap_button("mask.verify_next", kind="filled")
        row.addWidget(self._verify)
        row.addSpacing(Space.TIGHT)

    def _fill_right(self) -> None:
        row = _row(self._right, Space.PANEL)
        self._find = self._cap_button("help.actions", icon="search")
        self._find.set_spread(True)
        row.addWidget(self._find, 1)
        row.addStretch(0)
        self._find_icon = self._button("help.actions")
        self._actions.dress(["help.actions"])
        row.addWidget(self._find_icon)
        row.addSpacing(Space.TIGHT)
        self._dock_buttons = [self._button(action_id) for action_id in _DOCKS]
        for button in self._dock_buttons:
            button.setFixedSize(26, 28)
            button.setProperty("kind", "dock")
            row.addWidget(button)

    def _button(self, action_id: str, side: int = TOOL_SIDE) -> QToolButton:
        button = QToolButton()
        button.setDefaultAction(self._actions.action(action_id))
        button.setIconSize(QSize(ICON, ICON))
        button.setFixedSize(side, side)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setAccessibleName(self._actions.text(action_id))
        return button

    def _cap_button(self, action_id: str, kind: str = "", icon: str = "") -> CapButton:
        """A button that follows its action: words, key, enabled."""
        button = CapButton(self._appearance, self._actions.text(action_id), self._actions.key(action_id), icon, kind)
        action = self._actions.action(action_id)

        def follow() -> None:
            button.setEnabled(action.isEnabled())
            button.setToolTip(action.toolTip())
            button.set_key(self._actions.key(action_id))

        action.changed.connect(follow)
        button.clicked.connect(action.trigger)
        follow()
        return button

    def _open_folder_menu(self) -> None:
        menu = QMenu(self)
        for action_id in ("file.open_folder", "file.open_sample", "file.export", "file.close_folder"):
            menu.addAction(self._actions.action(action_id))
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self._chevron.mapToGlobal(QPoint(0, self._chevron.height() + 4)))


def _row(zone: QWidget, margin: int) -> QHBoxLayout:
    row = QHBoxLayout(zone)
    row.setContentsMargins(margin, 0, Space.ROW, 0)
    row.setSpacing(2)
    return row


def _separator() -> QFrame:
    line = QFrame()
    line.setFrameShape(QFrame.Shape.NoFrame)
    line.setFixedSize(1, 20)
    line.setProperty("surface", "line")
    return line
