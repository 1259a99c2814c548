"""What is made from the table of actions: look-up, keys with the person's changes, clashes, the README's key table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from PySide6.QtCore import QT_TRANSLATE_NOOP as NOOP

from fcn_gui.widgets.action_rows import ACTIONS, MENUS, Action

ACTION_BY_ID: Mapping[str, Action] = {row.id: row for row in ACTIONS}

MOUSE: tuple[tuple[str, str], ...] = (
    (str(NOOP("actions", "Erase with any tool")), str(NOOP("actions", "right drag"))),
    (str(NOOP("actions", "Straight line from the last point")), str(NOOP("actions", "Shift + click"))),
    (str(NOOP("actions", "Pick the class under the cursor")), str(NOOP("actions", "Alt + click"))),
    (str(NOOP("actions", "Brush size")), str(NOOP("actions", "Shift + wheel"))),
    (str(NOOP("actions", "Zoom at the cursor")), str(NOOP("actions", "wheel, Ctrl + wheel, pinch"))),
    (str(NOOP("actions", "Pan")), str(NOOP("actions", "Space + drag, middle drag, two-finger scroll"))),
)
"""What the mouse does on the canvas: (what, how)."""

Overrides = Mapping[str, tuple[str, ...]]
"""Keys that the person changed, by action id; an empty tuple takes the key away."""


def keys_of(row: Action, overrides: Overrides) -> tuple[str, ...]:
    """The keys of an action with the person's changes."""
    return overrides.get(row.id, row.keys)


def clashes(overrides: Overrides, rows: Iterable[Action] = ACTIONS) -> dict[str, list[str]]:
    """Keys that more than one action has, with the ids of those actions."""
    owners: dict[str, list[str]] = {}
    for row in rows:
        for key in keys_of(row, overrides):
            owners.setdefault(key, []).append(row.id)
    return {key: ids for key, ids in owners.items() if len(ids) > 1}


def keys_markdown(overrides: Overrides | None = None) -> str:
    """The README's table of keys, made from the same rows."""
    lines = ["| what | keys and mouse |", "|---|---|"]
    for menu in MENUS:
        for row in ACTIONS:
            if row.menu == menu and (keys := keys_of(row, overrides or {})):
                lines.append(f"| {row.text.rstrip('…')} | {' '.join(_code(key) for key in keys)} |")
    lines += [f"| {what} | {how} |" for what, how in MOUSE]
    return "\n".join(lines)


def _code(key: str) -> str:
    """A key as Markdown code; the backtick needs two around it."""
    return "`` ` ``" if key == "`" else f"`{key}`"
