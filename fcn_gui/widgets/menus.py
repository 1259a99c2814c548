"""QActions made from the table, and the menus that hold them."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QCoreApplication, QObject, Signal
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from fcn_gui.widgets.action_rows import ACTIONS, MENUS, Action
from fcn_gui.widgets.actions import ACTION_BY_ID, Overrides, keys_of
from fcn_gui.widgets.appearance import Appearance
from fcn_gui.widgets.facts import Facts
from fcn_gui.widgets.labels import key_text


def translated(text: str) -> str:
    """A text of the table in the person's language."""
    return QCoreApplication.translate("actions", text)


class ActionSet(QObject):
    """One QAction a row, added to the window so that its keys work everywhere in it; `triggered` says which."""

    triggered = Signal(str)
    keys_changed = Signal()

    def __init__(self, appearance: Appearance, window: QWidget, overrides: Overrides) -> None:
        super().__init__(window)
        self._appearance = appearance
        self._overrides = overrides
        self._reasons: dict[str, str] = {}
        self._texts: dict[str, str] = {}
        self._groups: dict[str, QActionGroup] = {}
        self._actions = {row.id: self._made(row, window) for row in ACTIONS}
        self._dressed: set[str] = set()
        self.set_overrides(overrides)
        appearance.changed.connect(self._retint)

    def action(self, action_id: str) -> QAction:
        """The QAction of an id; KeyError for an unknown one."""
        return self._actions[action_id]

    def reason(self, action_id: str) -> str:
        """Why it can't be used now; empty when it can."""
        return self._reasons.get(action_id, "")

    def text(self, action_id: str) -> str:
        """What it is called now."""
        return self._texts.get(action_id) or translated(ACTION_BY_ID[action_id].text)

    def key(self, action_id: str) -> str:
        """Its first key in portable form; empty for none."""
        return next(iter(self.keys(action_id)), "")

    def keys(self, action_id: str) -> tuple[str, ...]:
        """All its keys in portable form."""
        return keys_of(ACTION_BY_ID[action_id], self._overrides)

    def set_text(self, action_id: str, text: str) -> None:
        """Say more than the table does, such as a class's name; empty goes back to the table's text."""
        self._texts[action_id] = text
        self._describe(ACTION_BY_ID[action_id])

    def set_overrides(self, overrides: Overrides) -> None:
        """Use the person's keys."""
        self._overrides = overrides
        for row in ACTIONS:
            self._actions[row.id].setShortcuts([QKeySequence(key) for key in keys_of(row, overrides)])
            self._describe(row)
        self.keys_changed.emit()

    def update(self, facts: Facts) -> None:
        """Enable what can be used and say why the rest can't."""
        for row in ACTIONS:
            reason = translated(row.reason(facts)) if row.reason(facts) else ""
            if reason != self._reasons.get(row.id):
                self._reasons[row.id] = reason
                self._actions[row.id].setEnabled(not reason)
                self._describe(row)

    def fill_menu(self, menu: QMenu | QMenuBar) -> None:
        """A submenu for each group of the table."""
        if isinstance(menu, QMenu):
            menu.aboutToShow.connect(lambda: self.dress(ACTION_BY_ID))
        for name in MENUS:
            submenu = menu.addMenu(translated(name))
            submenu.setToolTipsVisible(True)
            for row in ACTIONS:
                if row.menu == name:
                    submenu.addAction(self._actions[row.id])

    def tooltip(self, action_id: str) -> str:
        """Name and key, what it does, and the reason when it can't be used."""
        row = ACTION_BY_ID[action_id]
        keys = ", ".join(key_text(key) for key in keys_of(row, self._overrides))
        lines = [f"{self.text(row.id).rstrip('…')} ({keys})" if keys else self.text(row.id).rstrip("…")]
        if row.tooltip:
            lines.append(translated(row.tooltip))
        if reason := self.reason(row.id):
            lines.append(self.tr("Not now: {reason}").format(reason=reason))
        return "\n".join(lines)

    def _made(self, row: Action, window: QWidget) -> QAction:
        action = QAction(window)
        action.setObjectName(row.id)
        action.setAutoRepeat(row.repeats)
        action.setCheckable(bool(row.choice) or row.is_checkable)
        if row.choice:
            group = self._groups.setdefault(row.choice, QActionGroup(self))
            group.addAction(action)
        action.triggered.connect(lambda _checked=False, action_id=row.id: self.triggered.emit(action_id))
        window.addAction(action)
        return action

    def _describe(self, row: Action) -> None:
        action = self._actions[row.id]
        action.setText(self.text(row.id))
        action.setToolTip(self.tooltip(row.id))

    def dress(self, action_ids: Iterable[str]) -> None:
        """Give actions their icons: those of the toolbar at once, the menu's when it opens."""
        for action_id in action_ids:
            row = ACTION_BY_ID[action_id]
            if row.icon and action_id not in self._dressed:
                self._dressed.add(action_id)
                self._draw_icon(row)

    def _retint(self) -> None:
        for action_id in self._dressed:
            self._draw_icon(ACTION_BY_ID[action_id])

    def _draw_icon(self, row: Action) -> None:
        # A dock that is there is the usual case and stays quiet; one that is folded away is dimmed.
        token, on = ("ctl", "text2") if row.is_checkable else ("text2", "accent")
        self._actions[row.id].setIcon(self._appearance.icon(row.icon, token, 18, on))
