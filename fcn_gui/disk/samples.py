"""The sample photographs, as a folder of the user's own: what the program brings along is never worked on itself."""

import shutil
from pathlib import Path

from fcn_gui.core.errors import SaveError
from fcn_gui.disk.bundled import samples_dir

PHOTOS, SERIES, MASKS = "photos", "series", "masks"


def copy_samples(target: Path, folders: tuple[str, ...] = (PHOTOS, SERIES)) -> list[str]:
    """Copy the photographs of `folders` into `target`, those that are there already left alone; their names.

    Raises SaveError, and ProjectError where the installation lacks them.
    """
    names = []
    for folder in folders:
        for source in sorted((samples_dir() / folder).glob("*.jpg")):
            names.append(source.name)
            _copy(source, target / source.name)
    return names


def reference_mask(name: str) -> Path:
    """The reference mask of a sample photograph, by the photograph's name."""
    return samples_dir() / MASKS / f"{Path(name).stem}.png"


def _copy(source: Path, target: Path) -> None:
    if target.exists():
        return
    beside = target.with_name(f".{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, beside)
        beside.replace(target)
    except OSError as error:
        raise SaveError(f"{target} can't be written: {error.strerror or error}; free some space.") from error
