"""`fcn-gui checkpoints`."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click
import numpy as np

from fcn_gui.cli.choices import describe_checkpoint, imported_checkpoints
from fcn_gui.cli.reporting import as_json, follow, show
from fcn_gui.core.checkpoint import Checkpoint
from fcn_gui.core.errors import ProjectError
from fcn_gui.core.label_map_text import read_label_map
from fcn_gui.disk.bundled import model_names, model_path
from fcn_gui.disk.checkpoint_file import SUFFIX, read_checkpoint_info, write_checkpoint
from fcn_gui.disk.project_folder import ProjectFolder
from fcn_gui.disk.user_data import UserData


@click.group("checkpoints")
def command() -> None:
    """Say which checkpoints there are and where they came from; bring in those that others published."""


@command.command("list")
@click.argument("folder", required=False, type=click.Path(file_okay=False, exists=True, path_type=Path))
@as_json
def list_(folder: Path | None, as_json: bool) -> None:
    """The bundled checkpoints, those that were imported, and those of the project in FOLDER."""
    rows = [{"name": name, **_facts(read_checkpoint_info(model_path(name)))} for name in model_names()]
    rows += [
        {"name": name, **_facts(read_checkpoint_info(path)), "state": "imported"}
        for name, path in imported_checkpoints().items()
    ]
    if folder is not None:
        rows += _of_project(folder)
    lines = [f"{row['name']}  {row['id']}  {row['state']}  {row['classes']} classes" for row in rows]
    show({"checkpoints": rows}, "\n".join(lines), as_json)


@command.command("info")
@click.argument("checkpoint")
@as_json
def info(checkpoint: str, as_json: bool) -> None:
    """Where a CHECKPOINT (a bundled or imported name, or a file) came from, and its receipt."""
    found = describe_checkpoint(checkpoint)
    is_ours, is_imported = checkpoint in model_names(), checkpoint in imported_checkpoints()
    facts: dict[str, Any] = {
        **_facts(found),
        "state": "bundled" if is_ours else "imported" if is_imported else "file",
        "class_names": list(found.label_map.names),
        "trunk": found.trunk,
        "strides": list(found.strides),
        "preset": dict(found.preset),
        "parent": found.parent,
        "licence": found.licence,
        "receipt": dict(found.receipt) if found.receipt else None,
    }
    show(facts, "\n".join(f"{name}: {_plain(value)}" for name, value in facts.items()), as_json)


_output = click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Another file for it.")
_form = click.option(
    "--form",
    type=click.Choice(["staged", "at-once", "torchvision", "caffe", "features"]),
    help="Which FCN-8s, or whose colours of VGG16, where the file does not say it.",
)
_classes = click.option("--classes", type=click.Path(path_type=Path), help="Names of its classes; VOC's by default.")
_width = click.option(
    "--fc-channels",
    type=click.IntRange(1, 2 * 4096),
    help="How many channels fc6 and fc7 start with, at random, where VGG16 comes without them; 4096 by default.",
)
_half = click.option("--half", is_flag=True, help="Store the weights as float16: half the size, not exact.")


@command.command("import")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@_output
@_form
@_classes
@_width
@_half
@as_json
def import_(
    file: Path,
    output: Path | None,
    form: str | None,
    classes: Path | None,
    fc_channels: int | None,
    half: bool,
    as_json: bool,
) -> None:
    """Make a checkpoint of published weights in FILE: pytorch-fcn's, VGG16, DeepLab's MobileNetV2.

    Without --output it is kept for you, and `--checkpoint` and `--from` know it by the name of FILE.
    """
    target = output or _own_place(file.name.removesuffix(".tar"))
    _import(file, target, _Wishes(form, classes, half, fc_channels), as_json)


@command.command("download")
@click.argument("name")
@_output
@_form
@_classes
@_half
@as_json
def download(name: str, output: Path | None, form: str | None, classes: Path | None, half: bool, as_json: bool) -> None:
    """Fetch the published weights NAME and import them; what broke off goes on at the next call."""
    from fcn_gui.disk.download import cache_dir, download
    from fcn_gui.disk.published_weights import published

    what = published(name)
    file = follow(download(what, cache_dir()), "download", as_json)
    _import(file, output or _own_place(f"{name}.pth"), _Wishes(form or what.form or None, classes, half), as_json)


@dataclass(frozen=True)
class _Wishes:
    """What the person says of a file, and how it is to be kept."""

    form: str | None
    classes: Path | None
    half: bool
    fc_channels: int | None = None


def _import(file: Path, target: Path, wishes: _Wishes, as_json: bool) -> None:
    from fcn_gui.net.foreign_weights import import_weights

    labels = read_label_map(wishes.classes) if wishes.classes else None
    found = import_weights(file, wishes.form or "", labels, wishes.fc_channels)
    if wishes.half:
        found = replace(found, tensors={name: value.astype(np.float16) for name, value in found.tensors.items()})
    new_id = write_checkpoint(target, found)
    facts = {**_facts(replace(found, id=new_id)), "state": "imported", "checkpoint": str(target)}
    facts |= {"trunk": found.trunk, "form": (found.receipt or {}).get("form"), "licence": found.licence}
    show(facts, f"{target}: {found.trunk}, {len(found.label_map)} classes; licence: {found.licence}", as_json)


def _own_place(name: str) -> Path:
    return UserData.standard().checkpoints_dir / f"{Path(name).stem}{SUFFIX}"


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
