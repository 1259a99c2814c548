"""A DATASET of the command line: a VOC-format folder, a project folder, or `images/` and `masks/` of equal names."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from fcn_gui.core.errors import DatasetError
from fcn_gui.core.image_io import IMAGE_SUFFIXES
from fcn_gui.core.label_map import LabelMap
from fcn_gui.core.raster import VOID, Mask
from fcn_gui.disk.image_keys import PROJECT_DIR
from fcn_gui.disk.mask_file import read_voc_mask, read_vouch
from fcn_gui.disk.project_folder import ProjectFolder
from fcn_gui.disk.project_header import HEADER_NAME
from fcn_gui.disk.state_log import StateRow
from fcn_gui.disk.voc import MASK_SUFFIXES, VocFolder, files_by_id, label_map_of, read_ids

_WORKED_ON = ("corrected", "verified")  # other states may hide a vouch map without a vouched pixel


@dataclass(frozen=True)
class DatasetItem:
    """An image with its mask; `vouch_path` where only the vouched pixels of the mask are somebody's word."""

    id: str
    image_path: Path
    mask_path: Path
    vouch_path: Path | None = None


@dataclass(frozen=True)
class Dataset:
    """`kind` is "voc", "project" or "pairs"; `splits` holds the ids of every split there is."""

    items: list[DatasetItem]
    label_map: LabelMap
    kind: str
    splits: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def read_dataset(path: Path, split: str | None = None) -> Dataset:
    """The data set in a folder, or the part of it in `split`: the name of one, or a file of ids.

    In a project only images with vouched pixels count; its splits are train and val (held-out). Where a folder in VOC's
    form was worked on as a project, the project's masks stand in for the folder's. Raises DatasetError,
    LabelMapError, ProjectError.
    """
    if not path.is_dir():
        raise DatasetError(f"{path} is no folder; a data set is one in VOC's form, a project, or images/ with masks/.")
    whole = _voc(path) or _project(path) or _pairs(path)
    if whole is None:
        raise DatasetError(
            f"{path} is no data set: it has neither JPEGImages/ with SegmentationClass/, nor {PROJECT_DIR}/, "
            "nor images/ with masks/."
        )
    return whole if split is None else _part(whole, path, split)


def read_truth(item: DatasetItem, label_map: LabelMap, shape: tuple[int, ...] | None = None) -> Mask:
    """H×W uint8: what people said of an image, 255 where they said nothing. Raises MaskError."""
    mask = read_voc_mask(item.mask_path, label_map, shape)
    if item.vouch_path is not None:
        mask[read_vouch(item.vouch_path, mask.shape) == 0] = VOID
    return mask


def _voc(path: Path) -> Dataset | None:
    folder = VocFolder.find(path)
    if folder is None:
        return None
    items = _matched(folder.images, folder.masks)
    if _is_project(path):
        project = _opened(path)
        states = project.read_states()
        if project.header.label_map == folder.label_map:
            items = [_worked_on(project, states, item) or item for item in items]
    return Dataset(items, folder.label_map, "voc", folder.splits)


def _worked_on(project: ProjectFolder, states: Mapping[str, StateRow], item: DatasetItem) -> DatasetItem | None:
    found = _project_item(project, states, item.image_path.relative_to(project.folder).as_posix())
    return found and replace(found, id=item.id)


def _pairs(path: Path) -> Dataset | None:
    if not (path / "images").is_dir() or not (path / "masks").is_dir():
        return None
    images = files_by_id(path / "images", IMAGE_SUFFIXES, path)
    masks = files_by_id(path / "masks", MASK_SUFFIXES, path)
    lists = {name: path / f"{name}.txt" for name in ("train", "val", "trainval", "test")}
    splits = {name: read_ids(file) for name, file in lists.items() if file.is_file()}
    return Dataset(_matched(images, masks), label_map_of(path), "pairs", splits)


def _matched(images: Mapping[str, Path], masks: Mapping[str, Path]) -> list[DatasetItem]:
    return [DatasetItem(name, image, masks[name]) for name, image in images.items() if name in masks]


def _project(path: Path) -> Dataset | None:
    if not _is_project(path):
        return None
    project = _opened(path)
    label_map = project.header.label_map
    if label_map is None:
        raise DatasetError(f"{path} is a project without classes; open it in the window and choose them.")
    states = project.read_states()
    items = [item for key in project.scan() if (item := _project_item(project, states, key)) is not None]
    splits = {
        "train": tuple(item.id for item in items if not _is_held_out(states, item.id)),
        "val": tuple(item.id for item in items if _is_held_out(states, item.id)),
        "trainval": tuple(item.id for item in items),
    }
    return Dataset(items, label_map, "project", splits)


def _opened(path: Path) -> ProjectFolder:
    project = ProjectFolder.open(path)
    if project.is_cut_off:
        raise DatasetError(f"{path} was cut off while its classes were changed; open it in the window once.")
    return project


def _is_project(path: Path) -> bool:
    return (path / PROJECT_DIR / HEADER_NAME).is_file()


def _project_item(project: ProjectFolder, states: Mapping[str, StateRow], key: str) -> DatasetItem | None:
    mask, vouch = project.mask_path(key), project.vouch_path(key)
    if not mask.is_file() or not vouch.is_file():
        return None
    if (key not in states or states[key].status not in _WORKED_ON) and not np.any(read_vouch(vouch)):
        return None
    return DatasetItem(key, project.image_path(key), mask, vouch)


def _is_held_out(states: Mapping[str, StateRow], key: str) -> bool:
    return key in states and states[key].held_out is True


def _part(whole: Dataset, path: Path, split: str) -> Dataset:
    if split in whole.splits:
        ids, source = whole.splits[split], f"the split {split} of {path}"
    elif Path(split).is_file():
        ids, source = read_ids(Path(split)), split
    else:
        known = ", ".join(sorted(whole.splits)) or "none"
        raise DatasetError(f"{path} has no split {split!r} (there are: {known}), and no file has that name.")
    by_id = {item.id: item for item in whole.items}
    missing = [name for name in ids if name not in by_id]
    if missing:
        raise DatasetError(
            f"{source} lists {missing[0]!r}, which has no image with a mask"
            f"{f' ({len(missing)} like it)' if len(missing) > 1 else ''}; add them or take them off the list."
        )
    return Dataset([by_id[name] for name in ids], whole.label_map, whole.kind, whole.splits)
