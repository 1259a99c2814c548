"""A folder in PASCAL VOC's form: what is where, and which image belongs to which mask and split.

JPEGImages/ID.jpg   SegmentationClass/ID.png   ImageSets/Segmentation/{train,val,trainval}.txt
labelmap.txt (CVAT's form) or class_names.txt (labelme's); without either the 21 classes of VOC
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath

from fcn_gui.core.errors import DatasetError
from fcn_gui.core.image_io import IMAGE_SUFFIXES
from fcn_gui.core.label_map import LabelMap, voc_label_map
from fcn_gui.core.label_map_text import read_label_map
from fcn_gui.disk.image_keys import DEVKITS, is_inside, is_safe_key, natural_order

IMAGES, MASKS, SETS = "JPEGImages", "SegmentationClass", "ImageSets/Segmentation"
LABEL_MAPS = ("labelmap.txt", "class_names.txt", "labels.txt")
MASK_SUFFIXES = frozenset((".png", ".bmp", ".tif", ".tiff", ".gif"))


@dataclass(frozen=True)
class VocFolder:
    """`images` and `masks` by id, ids in natural order; `splits` ids by the name of their list."""

    path: Path
    label_map: LabelMap
    images: Mapping[str, Path]
    masks: Mapping[str, Path]
    splits: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    prefix: str = ""
    """Where `path` lies below the folder that was asked for, "" or ending in `/`."""

    @classmethod
    def find(cls, folder: Path) -> "VocFolder | None":
        """The data set in `folder` (or in VOCdevkit/VOC2012 below it), None where that is no such data set.

        Raises LabelMapError for its list of classes, DatasetError for lists that lead out of the folder.
        """
        for nested in ("", *DEVKITS):
            path = folder / nested
            if (path / IMAGES).is_dir() and (path / MASKS).is_dir() and is_inside(path, folder):
                return cls(
                    path,
                    label_map_of(path),
                    files_by_id(path / IMAGES, IMAGE_SUFFIXES, path),
                    files_by_id(path / MASKS, MASK_SUFFIXES, path),
                    read_splits(path),
                    nested and f"{nested}/",
                )
        return None

    def mask_path(self, key: str) -> Path | None:
        """The mask of an image, by the image's key below the folder that was asked for."""
        name = self.id_of(key)
        return self.masks.get(name) if name is not None else None

    def held_out(self, key: str) -> bool | None:
        """Whether the image of a key stands in val, or in train; None where it stands in neither."""
        name = self.id_of(key)
        if name in self._val:
            return True
        return False if name in self._train else None

    def id_of(self, key: str) -> str | None:
        """The id of the image of a key, None for one that is not among `images`."""
        start = f"{self.prefix}{IMAGES}/"
        name = PurePosixPath(key.removeprefix(start)).with_suffix("").as_posix() if key.startswith(start) else ""
        return name if name in self.images else None

    @cached_property
    def _val(self) -> frozenset[str]:
        return frozenset(self.splits.get("val", ()))

    @cached_property
    def _train(self) -> frozenset[str]:
        return frozenset(self.splits.get("train", ()))


def label_map_of(folder: Path) -> LabelMap:
    """The classes that a data set lists, VOC's where it lists none. Raises LabelMapError."""
    for name in LABEL_MAPS:
        if (folder / name).is_file():
            return read_label_map(folder / name)
    return voc_label_map()


def files_by_id(folder: Path, suffixes: frozenset[str], root: Path) -> dict[str, Path]:
    """Files below `folder` by their path without suffix, in natural order; .jpg and .png come before others of a name.

    Links that leave `root` are left out. Raises DatasetError where the folder can't be listed.
    """
    if not is_inside(folder, root):
        raise DatasetError(f"{folder} is a link that leads out of the data set; nothing there was read.")
    found: dict[str, Path] = {}
    for here, folders, names in os.walk(folder, onerror=_not_listed):
        folders.sort(key=natural_order)
        for name in names:
            path = Path(here) / name
            if name.startswith("."):
                continue
            if path.suffix.lower() in suffixes and (not path.is_symlink() or is_inside(path, root)):
                key = path.relative_to(folder).with_suffix("").as_posix()
                if key not in found or path.suffix.lower() in (".jpg", ".png"):
                    found[key] = path
    return {key: found[key] for key in sorted(found, key=natural_order)}


def read_splits(folder: Path) -> dict[str, tuple[str, ...]]:
    """Ids by the name of their list in ImageSets/Segmentation. Raises DatasetError for ids that lead elsewhere."""
    lists = folder / SETS
    if not lists.is_dir() or not is_inside(lists, folder):
        return {}
    return {path.stem: read_ids(path) for path in sorted(lists.glob("*.txt")) if is_inside(path, folder)}


def read_ids(path: Path) -> tuple[str, ...]:
    """The ids of a list, one a line. Raises DatasetError for a file that is no text and an id that leads elsewhere."""
    try:
        lines = path.read_text("utf-8-sig").split("\n")
    except (OSError, ValueError) as error:
        raise DatasetError(f"{path} can't be read as a list of ids ({error}); repair or remove it.") from error
    ids = []
    for number, line in enumerate(lines, 1):
        name = line.strip("\r\n\t ").strip('"')
        if not name:
            continue
        if not is_safe_key(name):
            raise DatasetError(f"{path}, line {number}: {name!r} leads out of the data set; nothing was read.")
        ids.append(name)
    return tuple(ids)


def _not_listed(error: OSError) -> None:
    raise DatasetError(f"{error.filename} can't be listed ({error.strerror}); make it readable.")
