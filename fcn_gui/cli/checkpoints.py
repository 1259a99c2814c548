"""`fcn-gui checkpoints`."""

import json
from pathlib import Path
from typing import Any

import click

from fcn_gui.cli.choices import describe_checkpoint
from fcn_gui.cli.reporting import as_json, show
from fcn_gui.core.checkpoint import Checkpoint
from fcn_gui.core.errors import ProjectError
from fcn_gui.disk.bundled import model_names, model_path
from fcn_gui.disk.checkpoint_file import read_checkpoint_info
from fcn_gui.disk.project_folder import ProjectFolder


@click.group("checkpoints")
def command() -> None:
    """Say which checkpoints there are, and where they came from."""


@command.command("list")
@click.argument("folder", required=False, type=click.Path(file_okay=False, exists=True, path_type=Path))
@as_json
def list_(folder: Path | None, as_json: bool) -> None:
    """The bundled checkpoints, and those of the project in FOLDER."""
    rows = [{"name": name, **_facts(read_checkpoint_info(model_path(name)))} for name in model_names()]
    if folder is not None:
        rows += _of_project(folder)
    lines = [f"{row['name']}  {row['id']}  {row['state']}  {row['classes']} classes" for row in rows]
    show({"checkpoints": rows}, "\n".join(lines), as_json)


@command.command("info")
@click.argument("checkpoint")
@as_json
def info(checkpoint: str, as_json: bool) -> None:
    """Where a CHECKPOINT (a bundled name, or a file) came from, and its receipt."""
    found = describe_checkpoint(checkpoint)
    facts: dict[str, Any] = {
        **_facts(found),
        "class_names": list(found.label_map.names),
        "trunk": found.trunk,
        "strides": list(found.strides),
        "preset": dict(found.preset),
        "parent": found.parent,
        "licence": found.licence,
        "receipt": dict(found.receipt) if found.receipt else None,
    }
    show(facts, "\n".join(f"{name}: {_plain(value)}" for name, value in facts.items()), as_json)


def _of_project(folder: Path) -> list[dict[str, Any]]:
    project = ProjectFolder.open(folder)
    if not project.checkpoints_dir.is_dir():
        raise ProjectError(f"{folder} has no checkpoints of its own yet: retrain it first.")
    live = project.header.live_checkpoint
    rows = []
    for path in sorted(project.checkpoints_dir.glob("*.safetensors")):
        found = read_checkpoint_info(path)
        receipt = found.receipt or {}
        state = "waiting" if receipt.get("waiting") else "refused" if receipt.get("accepted") is False else "kept"
        state = "live" if found.id == live else state
        rows.append({"name": str(path), **_facts(found), "state": state})
    return rows


def _facts(checkpoint: Checkpoint) -> dict[str, Any]:
    return {"id": checkpoint.id, "state": "bundled", "classes": len(checkpoint.label_map)}


def _plain(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
