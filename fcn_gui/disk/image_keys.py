"""Keys: an image's path below the project's folder, with `/`, its suffix included; and which images a folder has."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath

from fcn_gui.core.errors import ProjectError
from fcn_gui.core.image_io import IMAGE_SUFFIXES

PROJECT_DIR = ".fcn-gui"
_MASK_FOLDERS = {  # a folder of masks is known by the folder of images beside it
    "SegmentationClass": "JPEGImages",
    "SegmentationObject": "JPEGImages",
    "masks": "images",
}
DEVKITS = ("VOCdevkit/VOC2012", "VOC2012", "VOCdevkit/VOC2007", "VOC2007")
"""Where a data set in VOC's form may lie below the folder that somebody names."""
_EXPORT = {"JPEGImages", "SegmentationClass", "ImageSets", "labelmap.txt", "class_names.txt"}
_NUMBER = re.compile(r"[0-9]+")


def natural_order(key: str) -> list[str]:
    """Sort key: folder by folder, without case, numbers by value (`a2` before `a10`)."""
    return [_order(name) for name in key.split("/")]


def is_safe_key(key: str) -> bool:
    """Whether `key` is a relative path that stays where it is put, on every system."""
    if not key or "\0" in key or key.startswith("/"):
        return False
    if os.sep == "\\" and ("\\" in key or PureWindowsPath(key).drive):
        return False
    return all(part not in ("", ".", "..") for part in key.split("/"))


def check_key(key: str) -> str:
    """`key`, if it is safe. Raises ProjectError."""
    if not is_safe_key(key):
        raise ProjectError(f"{key!r} leads out of the project's folder; nothing was read or written.")
    return key


def is_inside(path: Path, folder: Path) -> bool:
    """Whether `path`, all links followed, lies in `folder` or is it; neither need exist."""
    try:
        return path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError):  # links in a ring
        return False


def scan_images(folder: Path, left_out: Path | None = None) -> Iterator[str]:
    """Keys of all images below `folder` in natural order, given as they are found.

    Left out: the folder `left_out`, names that begin with a dot, masks of a data set, exports among the photographs,
    links that leave `folder`, links to folders, folders that can't be listed. Whether a file is a sound image is not
    looked at. Raises ProjectError where `folder` itself can't be listed.
    """
    try:
        entries = _listed(folder)
    except OSError as error:
        raise ProjectError(
            f"{folder} can't be opened: {error.strerror or error}; choose a folder that can be read."
        ) from error
    yield from _scan(_Scan(folder, str(left_out) if left_out else ""), "", entries)


@dataclass(frozen=True)
class _Scan:
    root: Path
    left_out: str


def _scan(scan: _Scan, prefix: str, entries: list[os.DirEntry[str]]) -> Iterator[str]:
    names = {entry.name for entry in entries}
    if names >= _EXPORT and prefix and prefix.rstrip("/") not in DEVKITS:
        return  # what was exported from here is not to be done again
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            if _MASK_FOLDERS.get(entry.name) not in names and entry.path != scan.left_out:
                yield from _scan(scan, f"{prefix}{entry.name}/", _listed_if_allowed(entry.path))
        elif _is_image(entry, scan.root):
            yield prefix + entry.name


def _is_image(entry: os.DirEntry[str], root: Path) -> bool:
    if PurePosixPath(entry.name).suffix.lower() not in IMAGE_SUFFIXES:
        return False
    if entry.is_symlink():
        return is_inside(Path(entry.path), root) and not Path(entry.path).is_dir()
    return entry.is_file(follow_symlinks=False)


def _listed(folder: Path | str) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as found:
        entries = [entry for entry in found if not entry.name.startswith(".")]
    return sorted(entries, key=lambda entry: _order(entry.name))


def _listed_if_allowed(folder: str) -> list[os.DirEntry[str]]:
    try:
        return _listed(folder)
    except OSError:  # another person's folder among the photographs: the rest still works
        return []


def _order(name: str) -> str:
    """A text that sorts as names should: one text is compared far faster than a list of texts and numbers."""
    return f"{_NUMBER.sub(_counted, name.casefold())}\0{name}"


def _counted(number: re.Match[str]) -> str:
    digits = number[0].lstrip("0")
    return f"0{chr(len(digits))}{digits}"  # fewer digits, smaller number
