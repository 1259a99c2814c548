"""What a person can set: the values that differ from the defaults of `setting_rows`.

A value that is of the wrong type, out of range or unknown is left out when settings are read, and `problems` says so.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from fcn_gui.core.setting_rows import KEYS, LONG_SIDE, SETTINGS, WORKING_SIZE, SettingRow, Value


class Settings:
    """Values by id. Those of scope `user` belong to the person, those of `project` to the project that is open."""

    def __init__(self, values: Mapping[str, Any] | None = None, rows: Iterable[SettingRow] = SETTINGS) -> None:
        self._rows = {row.id: row for row in rows}
        self._values: dict[str, Value] = {}
        self.problems: list[str] = []
        """Sentences about values that could not be used, newest last."""
        self._take(values or {}, ("user", "project"))

    @property
    def rows(self) -> tuple[SettingRow, ...]:
        """All rows, in the order in which a dialog shows them."""
        return tuple(self._rows.values())

    def row(self, id: str) -> SettingRow:
        """The row of a setting, also of `keys.<action id>`; KeyError for an unknown id."""
        if id.startswith(KEYS) and id not in self._rows:
            return SettingRow(id, str, "", text=id.removeprefix(KEYS), tooltip="Keys of this action")
        return self._rows[id]

    def get(self, id: str) -> Any:
        """The value, of the row's type; its default where it was not set. KeyError for an unknown id."""
        return self._values.get(id, self.row(id).default)

    def set(self, id: str, value: Any) -> None:
        """Set a value; KeyError for an unknown id, ValueError, saying what may stand there, for a bad one."""
        row = self.row(id)
        fitting = row.fitting(value)
        if fitting == row.default:
            self._values.pop(id, None)
        else:
            self._values[id] = fitting

    def reset(self, id: str) -> None:
        """Back to the default."""
        self._values.pop(id, None)

    def is_default(self, id: str) -> bool:
        """Nobody set it to something else."""
        return id not in self._values

    def changed(self, scope: str) -> dict[str, Value]:
        """The values of a scope (`user` or `project`) that differ from their defaults: what is stored."""
        return {id: value for id, value in sorted(self._values.items()) if self.row(id).scope == scope}

    def open_project(self, values: Mapping[str, Any]) -> None:
        """Forget the project that was open; take the values of another one."""
        self._values = dict(self.changed("user"))
        self._take(values, ("project",))

    @property
    def long_side(self) -> int | str | None:
        """The working long side that the project sets: pixels, "native", or None where it sets none."""
        size = self.get(WORKING_SIZE)
        return {"auto": None, "checkpoint": None, "own": int(self.get(LONG_SIDE))}.get(size, str(size))

    def keys(self) -> dict[str, str]:
        """Keys that the person gave to actions, by action id; "" takes an action its key."""
        return {id.removeprefix(KEYS): str(value) for id, value in self._values.items() if id.startswith(KEYS)}

    def _take(self, values: Mapping[str, Any], scopes: tuple[str, ...]) -> None:
        for id, value in values.items():
            try:
                if self.row(id).scope not in scopes:
                    self.problems.append(f"The setting {id} does not belong here; it is left out.")
                    continue
                self.set(id, value)
            except KeyError:
                self.problems.append(f"There is no setting {id}; it is left out.")
            except ValueError as error:
                self.problems.append(f"{error}; {self.row(id).default!r} is used.")
