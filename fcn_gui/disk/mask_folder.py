"""Masks that lie somewhere else: which image each belongs to, and what its labels are among the classes of a project.

ID.png                                      masks alone
masks/ID.png  or  SegmentationClass/ID.png  below the folder that was named, which may also be one of these itself

Beside them, or in the folder above `masks` and `SegmentationClass`, a list of classes may say what the indices mean.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from fcn_gui.core.errors import DatasetError
from fcn_gui.core.label_map import LabelMap, is_background
from fcn_gui.core.label_map_text import read_label_map
from fcn_gui.core.raster import VOID, Mask
from fcn_gui.disk.image_keys import DEVKITS, is_inside
from fcn_gui.disk.mask_file import UnknownLabelError, read_indices, read_voc_mask
from fcn_gui.disk.voc import IMAGES, LABEL_MAPS, MASK_SUFFIXES, MASKS, files_by_id
from fcn_gui.disk.voc_truth import background_index

_PAIRS_IMAGES, _PAIRS_MASKS = "images", "masks"
_IMAGE_ROOTS = (*(f"{nested}/{IMAGES}/" for nested in DEVKITS), f"{IMAGES}/", f"{_PAIRS_IMAGES}/")


@dataclass(frozen=True)
class MaskFolder:
    """`masks` by id in `path`; `label_map` what their indices mean, None where no list says it: then the index itself.

    `has_colors`: the list gives the colours too, so that masks in colours can be read.
    """

    path: Path
    masks: Mapping[str, Path]
    label_map: LabelMap | None = None
    has_colors: bool = False

    @classmethod
    def find(cls, folder: Path) -> "MaskFolder":
        """The masks in a folder. Raises DatasetError where there are none, LabelMapError for the list of classes."""
        if not folder.is_dir():
            raise DatasetError(f"{folder} is no folder; choose one with masks.")
        path = _place(folder)
        masks = files_by_id(path, MASK_SUFFIXES, path)
        if not masks:
            raise DatasetError(f"{path} holds no masks (PNG, TIFF, BMP or GIF); choose another folder.")
        names = _list_of(path)
        label_map = None if names is None else read_label_map(names)
        return cls(path, masks, label_map, names is not None and names.name == LABEL_MAPS[0])

    def mask_of(self, key: str) -> Path | None:
        """The mask of the image of a key: of the same path without suffix, below JPEGImages/ or images/ if need be."""
        name = PurePosixPath(key).with_suffix("").as_posix()
        for root in ("", *_IMAGE_ROOTS):
            if name.startswith(root) and (found := self.masks.get(name.removeprefix(root))) is not None:
                return found
        return None

    def read(self, path: Path, label_map: LabelMap, shape: tuple[int, ...]) -> Mask:
        """H×W uint8 in the labels of `label_map`, 255 void: by name where a list names them, else by index.

        Raises MaskError: damaged, not of `shape`, in colours nobody listed; UnknownLabelError: a label without a class.
        """
        if self.label_map is None:
            return read_indices(path, label_map, shape)
        read = read_voc_mask if self.has_colors else read_indices
        mask = read(path, self.label_map, shape)
        table = np.arange(256, dtype=np.uint8)
        for index, name in enumerate(self.label_map.names):
            known = background_index(label_map) if is_background(name) else label_map.index(name)
            count = int(np.count_nonzero(mask == index)) if known is None else 0
            if count:
                raise UnknownLabelError(
                    f"{path} has the class {name} in {count} pixel{'s' if count != 1 else ''}, which this project has "
                    "not; add the class, then import again.",
                    {index: count},
                )
            table[index] = VOID if known is None else known
        return table[mask]


def _place(folder: Path) -> Path:
    """Where the masks lie in a folder that somebody chose."""
    for path in _candidates(folder):
        if path.is_dir() and is_inside(path, folder):
            return path
    return folder


def _candidates(folder: Path) -> Iterator[Path]:
    for nested in ("", *DEVKITS):
        yield folder / nested / MASKS
    yield folder / _PAIRS_MASKS


def _list_of(path: Path) -> Path | None:
    """The list of classes that belongs to the masks in `path`."""
    places = (path, path.parent) if path.name in (MASKS, _PAIRS_MASKS) else (path,)
    found = (place / name for place in places for name in LABEL_MAPS)
    return next((file for file in found if file.is_file()), None)
