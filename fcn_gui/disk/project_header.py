"""project.json: what holds for the project as a whole."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fcn_gui.core.errors import NewerFormatError, ProjectError
from fcn_gui.core.label_map import LabelMap
from fcn_gui.disk.atomic import write_text

HEADER_NAME = "project.json"
VERSION = 1
_CHECKPOINT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}")


@dataclass(frozen=True)
class ProjectHeader:
    """`label_map` is None until one was chosen, `live_checkpoint` until one was loaded.

    `settings` holds this project's own values, ready for JSON.
    """

    version: int = VERSION
    label_map: LabelMap | None = None
    live_checkpoint: str | None = None
    split_seed: int = 0
    settings: Mapping[str, Any] = field(default_factory=dict)


def is_checkpoint_id(text: object) -> bool:
    """Whether `text` can name a file among the checkpoints and nothing elsewhere."""
    return isinstance(text, str) and _CHECKPOINT_ID.fullmatch(text) is not None


def read_header(path: Path) -> ProjectHeader:
    """What stands in project.json; a new header where there is none.

    Raises NewerFormatError, LabelMapError, and ProjectError where it is damaged or tries to lead elsewhere.
    """
    try:
        data = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return ProjectHeader()
    except OSError as error:
        raise ProjectError(f"{path} can't be read: {error.strerror or error}; make it readable.") from error
    except (ValueError, RecursionError) as error:
        raise _damaged(path, "it is not JSON") from error
    if not isinstance(data, dict) or not isinstance(data.get("version"), int):
        raise _damaged(path, "it has no version")
    if data["version"] > VERSION:
        raise NewerFormatError(
            f"{path} was written by a newer fcn-gui (version {data['version']}, this one knows {VERSION}); "
            "update fcn-gui to open the project."
        )
    return _header_of(data, path)


def write_header(path: Path, header: ProjectHeader) -> None:
    """Write project.json as a whole. Raises SaveError, NewerFormatError where a newer program wrote the one there."""
    if path.exists():
        read_header(path)
    data = {
        "format": "fcn-gui/project",
        "version": VERSION,
        "label_map": header.label_map.to_json() if header.label_map else None,
        "live_checkpoint": header.live_checkpoint,
        "split_seed": header.split_seed,
        "settings": dict(header.settings),
    }
    write_text(path, json.dumps(data, indent=2, ensure_ascii=True) + "\n")


def _header_of(data: dict[str, Any], path: Path) -> ProjectHeader:
    checkpoint, seed, settings = data.get("live_checkpoint"), data.get("split_seed", 0), data.get("settings", {})
    if checkpoint is not None and not is_checkpoint_id(checkpoint):
        raise _damaged(path, f"{checkpoint!r} is no name of a checkpoint")
    if not isinstance(seed, int) or not isinstance(settings, dict):
        raise _damaged(path, "its seed or settings are not what they should be")
    rows = data.get("label_map")
    return ProjectHeader(
        label_map=None if rows is None else LabelMap.from_json(rows, str(path)),
        live_checkpoint=checkpoint,
        split_seed=seed,
        settings=settings,
    )


def _damaged(path: Path, why: str) -> ProjectError:
    return ProjectError(f"{path} is damaged ({why}); move it away to choose the classes anew, masks and strokes stay.")
