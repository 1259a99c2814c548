"""What belongs to the person and not to a project: settings, the window's place, recent folders, checkpoints, the log.

A file that is damaged or from a newer program is left as it is, defaults are used, and `notices` says so.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs

from fcn_gui.disk.atomic import write_text

PROGRAM = "fcn-gui"
_VERSION = 1
_MOST_FOLDERS = 12


@dataclass(frozen=True)
class RecentFolder:
    """A folder that was open; `facts` is what the welcome page says of it (plain JSON), `opened` Unix seconds."""

    path: Path
    facts: Mapping[str, Any]
    opened: float


class UserData:
    """Files in the folders that the operating system has for it; each is made on the first write."""

    def __init__(self, config_dir: Path, data_dir: Path, log_dir: Path) -> None:
        self.config_dir = config_dir
        self.data_dir = data_dir
        self.log_dir = log_dir
        self.notices: list[str] = []
        """What could not be read, in words, newest last."""
        self._kept: set[Path] = set()

    @classmethod
    def standard(cls) -> "UserData":
        """The user's own folders, by platformdirs."""
        places = platformdirs.PlatformDirs(PROGRAM, appauthor=False)
        return cls(places.user_config_path, places.user_data_path, places.user_log_path)

    @property
    def settings_path(self) -> Path:
        return self.config_dir / "settings.json"

    @property
    def checkpoints_dir(self) -> Path:
        """Checkpoints that were imported: the command line knows them by name."""
        return self.data_dir / "checkpoints"

    @property
    def log_path(self) -> Path:
        return self.log_dir / "fcn-gui.log"

    def load_settings(self) -> dict[str, Any]:
        """The values that differ from the defaults, by id; {} where there are none or they can't be read."""
        values = self._load(self.settings_path, "the defaults are used").get("settings", {})
        return values if isinstance(values, dict) else {}

    def save_settings(self, values: Mapping[str, Any]) -> None:
        """Keep the values that differ from the defaults. Raises SaveError."""
        self._save(self.settings_path, {"settings": dict(values)})

    def load_window(self) -> dict[str, Any]:
        """Where the window and its panels were, as `save_window` got it; {} where that is not known."""
        values = self._load(self._window_path, "the window opens as new").get("window", {})
        return values if isinstance(values, dict) else {}

    def save_window(self, values: Mapping[str, Any]) -> None:
        """Keep where the window and its panels are (plain JSON). Raises SaveError."""
        self._save(self._window_path, {"window": dict(values)})

    def recent_folders(self) -> list[RecentFolder]:
        """Newest first, those too that are not there now: a drive comes back."""
        return self._recent()

    def remember_folder(self, path: Path, facts: Mapping[str, Any] | None = None) -> None:
        """Put a folder first among the recent ones, with what is known of it now. Raises SaveError."""
        others = [recent for recent in self._recent() if recent.path != path]
        self._save_recent([RecentFolder(path, facts or {}, time.time()), *others])

    def forget_folder(self, path: Path) -> None:
        """Take a folder off the recent ones. Raises SaveError."""
        self._save_recent([recent for recent in self._recent() if recent.path != path])

    @property
    def _window_path(self) -> Path:
        return self.config_dir / "window.json"

    @property
    def _recent_path(self) -> Path:
        return self.data_dir / "recent.json"

    def _recent(self) -> list[RecentFolder]:
        rows = self._load(self._recent_path, "the list of recent folders starts anew").get("folders", [])
        return [recent for row in rows if (recent := _recent_of(row))] if isinstance(rows, list) else []

    def _save_recent(self, recent: list[RecentFolder]) -> None:
        rows = [
            {"path": str(each.path), "facts": dict(each.facts), "opened": each.opened}
            for each in recent[:_MOST_FOLDERS]
        ]
        self._save(self._recent_path, {"folders": rows})

    def _load(self, path: Path, instead: str) -> dict[str, Any]:
        try:
            data = json.loads(path.read_text("utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, RecursionError) as error:
            return self._given_up(path, f"it can't be read ({error})", instead)
        if not isinstance(data, dict):
            return self._given_up(path, "it is not what this program writes", instead)
        if not isinstance(data.get("version"), int) or data["version"] > _VERSION:
            return self._given_up(path, "a newer fcn-gui wrote it", instead)
        return data

    def _given_up(self, path: Path, why: str, instead: str) -> dict[str, Any]:
        self._kept.add(path)
        notice = f"{path} was passed over, {why}: {instead}."
        if notice not in self.notices:
            self.notices.append(notice)
        return {}

    def _save(self, path: Path, data: Mapping[str, Any]) -> None:
        if path in self._kept and path.exists():
            # What could not be read may be worth a look, or belong to a newer program: it steps aside.
            path.replace(path.with_name(f"{path.name}.kept-{int(time.time())}"))
        self._kept.discard(path)
        write_text(path, json.dumps({"version": _VERSION, **data}, indent=2, ensure_ascii=True) + "\n")


def _recent_of(row: Any) -> RecentFolder | None:
    if not isinstance(row, dict) or not isinstance(row.get("path"), str) or not row["path"] or "\0" in row["path"]:
        return None
    facts, opened = row.get("facts"), row.get("opened")
    return RecentFolder(
        Path(row["path"]),
        facts if isinstance(facts, dict) else {},
        float(opened) if isinstance(opened, int | float) else 0.0,
    )
