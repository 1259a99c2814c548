"""Options that several commands share, and what they mean."""

from pathlib import Path

import click

from fcn_gui.core.checkpoint import Checkpoint
from fcn_gui.core.errors import CheckpointError
from fcn_gui.core.refinement import CHOICES
from fcn_gui.disk.bundled import model_names, model_path
from fcn_gui.disk.checkpoint_file import SUFFIX, read_checkpoint, read_checkpoint_info
from fcn_gui.disk.user_data import UserData

START = "voc21-light"

checkpoint = click.option(
    "--checkpoint", default=START, show_default=True, help="A bundled or imported checkpoint, or a file."
)
device = click.option("--device", type=click.Choice(["auto", "cpu", "cuda", "mps"]), default="auto", show_default=True)

refine = click.option(
    "--refine",
    type=click.Choice(CHOICES),
    default=CHOICES[0],
    show_default=True,
    help="Bring borders to those of the photo: a random field (fast, crf, wide), over six looks at it (looks, "
    "for thin things, ten times as slow), a guided filter, or superpixels.",
)


def checkpoint_path(name: str) -> Path:
    """The file of a bundled or imported checkpoint by its name, or the file itself. Raises CheckpointError."""
    if name in model_names():
        return model_path(name)
    imported = imported_checkpoints()
    return imported[name] if name in imported else Path(name) if Path(name).exists() else model_path(name)


def imported_checkpoints() -> dict[str, Path]:
    """Name → file of what the person imported, sorted."""
    folder = UserData.standard().checkpoints_dir
    return {path.name.removesuffix(SUFFIX): path for path in sorted(folder.glob(f"*{SUFFIX}"))}


def load_checkpoint(name: str) -> Checkpoint:
    """The checkpoint of that name or file, seen to fit its network. Raises CheckpointError."""
    from fcn_gui.net.checkpoint import network_from

    path = checkpoint_path(name)
    checkpoint = read_checkpoint(path)
    try:
        network_from(checkpoint, is_shared=True)
    except CheckpointError as error:
        raise CheckpointError(f"{path}: {error}") from error
    return checkpoint


def describe_checkpoint(name: str) -> Checkpoint:
    """As `load_checkpoint` without the weights."""
    return read_checkpoint_info(checkpoint_path(name))
