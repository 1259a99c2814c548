"""Where the files of a project are: beside the photographs, where the person said, or in the user's data folder."""

import hashlib
import os
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from fcn_gui.core.errors import ProjectError
from fcn_gui.disk.atomic import make_folder, save_error
from fcn_gui.disk.image_keys import PROJECT_DIR
from fcn_gui.disk.lock import LOCK_NAME
from fcn_gui.disk.user_data import PROGRAM

_NOT_COPIED = (LOCK_NAME, "cache", "*.fcn-tmp")


@dataclass(frozen=True)
class ProjectPlace:
    """`photos`, the folder `files` for everything of ours, and what to tell the person (empty: nothing)."""

    photos: Path
    files: Path
    notice: str = ""


def find_place(photos: Path, wanted: Path | None = None, user_dir: Path | None = None) -> ProjectPlace:
    """The place of the project of `photos`: `wanted`, else `.fcn-gui` in it, else in `user_dir` (platformdirs').

    Nothing is made yet, but where a project lies in a folder that can't be written to, it is copied to the user's data
    folder, so that work goes on from it. Raises ProjectError, SaveError.
    """
    photos = Path(os.path.abspath(photos.expanduser()))  # noqa: PTH100 - links stay: keys lie below this name
    if not photos.is_dir():
        raise ProjectError(f"{photos} is no folder; choose the folder of the photographs.")
    files = Path(os.path.abspath(wanted.expanduser())) if wanted else photos / PROJECT_DIR  # noqa: PTH100
    if files == photos:
        raise ProjectError(f"{files} holds the photographs; choose another folder for the project, one in it will do.")
    if files.is_symlink() and wanted is None:
        raise ProjectError(f"{files} is a link that leads elsewhere; remove it, or name its target with --project.")
    if files.exists() and not files.is_dir():
        raise ProjectError(f"{files} is a file, not a project's folder; move it away.")
    if can_write(files):
        return ProjectPlace(photos, files)
    own = user_place(photos, user_dir)
    if files.is_dir() and not own.exists():
        _copy_project(files, own)
    return ProjectPlace(photos, own, f"{files.parent} can't be written to: this project is kept in {own}.")


def user_place(photos: Path, user_dir: Path | None = None) -> Path:
    """Where the user's data folder keeps the project of `photos` when the folder itself can't."""
    base = user_dir or platformdirs.user_data_path(PROGRAM, appauthor=False)
    digest = hashlib.sha256(os.fsencode(photos.resolve())).hexdigest()[:16]
    name = "".join(c if c.isalnum() else "_" for c in photos.name)[:40]
    return base / "projects" / f"{name}-{digest}"


def can_write(folder: Path) -> bool:
    """Whether files can be made in `folder`, or `folder` itself where it is missing."""
    while not folder.exists():
        if folder.parent == folder:
            return False
        folder = folder.parent
    return folder.is_dir() and os.access(
        folder, os.W_OK | os.X_OK, effective_ids=os.access in os.supports_effective_ids
    )


def _copy_project(source: Path, target: Path) -> None:
    """As a whole or not at all; links are not followed out of the project."""
    beside = target.parent / f".{secrets.token_hex(8)}"
    try:
        make_folder(target.parent)
        shutil.copytree(source, beside, symlinks=True, ignore=shutil.ignore_patterns(*_NOT_COPIED))
        for path in beside.rglob("*"):
            if path.is_symlink():
                path.unlink()
            else:
                path.chmod(0o700 if path.is_dir() else 0o600)
        beside.chmod(0o700)
        beside.rename(target)
    except (OSError, shutil.Error) as error:
        shutil.rmtree(beside, ignore_errors=True)
        raise save_error(target, error if isinstance(error, OSError) else OSError(str(error))) from error
