"""VOC export: every file written beside the target, read back and compared, then put in place as a whole."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image as PillowImage

from fcn_gui.core.errors import ExportError, InputError, ProjectError
from fcn_gui.core.image_io import read_image
from fcn_gui.core.label_map import LabelMap
from fcn_gui.core.label_map_text import class_names_txt, labelmap_txt, parse_label_map, read_label_map
from fcn_gui.core.progress import Job, Progress
from fcn_gui.core.raster import UNVOUCHED, Mask, Vouch
from fcn_gui.disk.atomic import save_error, write_new
from fcn_gui.disk.image_keys import PROJECT_DIR, is_inside
from fcn_gui.disk.mask_file import check_labels, encode_mask, read_indices
from fcn_gui.disk.staged_folder import StagedFolder
from fcn_gui.disk.voc import IMAGES, MASKS, SETS, read_ids
from fcn_gui.disk.voc_ids import export_ids, own_name
from fcn_gui.disk.voc_image import write_voc_image
from fcn_gui.disk.voc_truth import ExportOptions, background_index, exported_mask


@dataclass(frozen=True)
class ExportItem:
    """An image of the project; `read` gives its mask and vouch map, `held_out` sends it to val."""

    key: str
    image_path: Path
    read: Callable[[], tuple[Mask, Vouch]]
    verified: bool = False
    held_out: bool | None = None


@dataclass(frozen=True)
class ExportRequest:
    """All images of a project, those left out too: ids depend on all of them."""

    target: Path
    label_map: LabelMap
    items: Sequence[ExportItem]
    options: ExportOptions = field(default_factory=ExportOptions)


@dataclass
class ExportReport:
    """What was written to `path` and what not; files are named by their keys."""

    path: Path
    written: int = 0
    verified: int = 0
    """Of the written ones, those that a person verified."""
    compared: int = 0
    """Files read back and found to hold what was written."""
    train: int = 0
    val: int = 0
    left_out: list[tuple[str, str]] = field(default_factory=list)
    """(file, reason)"""
    renamed: list[tuple[str, str]] = field(default_factory=list)
    """(file, id) where the id is not the file's own name."""
    reencoded: list[str] = field(default_factory=list)
    """Files that are not a copy of the photograph's bytes."""
    notes: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Plain values, for the command line."""
        return {
            "path": str(self.path),
            "written": self.written,
            "verified": self.verified,
            "compared": self.compared,
            "train": self.train,
            "val": self.val,
            "left_out": [{"file": file, "reason": reason} for file, reason in self.left_out],
            "renamed": [{"file": file, "id": name} for file, name in self.renamed],
            "reencoded": list(self.reencoded),
            "notes": list(self.notes),
        }


def export_voc(request: ExportRequest) -> Job[ExportReport]:
    """Write a VOC data set of the request's images; images that can't be exported are left out with the reason.

    Where none can, the target is not touched. Raises ExportError for a target that is not empty (without `overwrite`),
    that holds photographs of the request or a project, or that can't be written; SaveError for a full disk. Then, and
    when the job is closed, the target is what it was.
    """
    target = check_target(request)
    _check_names(request.label_map)
    report = ExportReport(target)
    names = export_ids([item.key for item in request.items])
    if request.options.void_index == "background":
        name = request.label_map.names[background_index(request.label_map)]
        report.notes.append(f"void was written as {name}: what was void can't be told from it any more")
    chosen = [
        (item, name) for item, name in zip(request.items, names, strict=True) if _is_chosen(item, request, report)
    ]
    if not chosen:
        return report
    staged = StagedFolder(target)
    is_done = False
    try:
        written = yield from _write_items(chosen, staged.path, request, report)
        if written:
            _write_lists(written, staged.path, request.label_map, report)
            staged.commit()
        is_done = bool(written)
    except OSError as error:
        raise save_error(target, error) from error
    finally:
        if not is_done:
            staged.discard()
    return report


def check_target(request: ExportRequest) -> Path:
    """Where the export will stand, links followed. Raises ExportError that says why it can't."""
    target = request.target.expanduser().resolve()
    if target.exists() and not target.is_dir():
        raise ExportError(f"{target} is a file; choose a folder.")
    if not target.is_dir() or not any(target.iterdir()):
        return target
    if not request.options.overwrite:
        raise ExportError(f"{target} is not empty; choose an empty folder, or replace it with --overwrite.")
    if next(target.rglob(PROJECT_DIR), None) is not None:
        raise ExportError(f"{target} holds a project with its masks; choose another folder, this one is not replaced.")
    if any(is_inside(item.image_path, target) for item in request.items):
        raise ExportError(f"{target} holds the photographs themselves; choose another folder, it is not replaced.")
    return target


def _check_names(label_map: LabelMap) -> None:
    for text, name in ((labelmap_txt(label_map), "labelmap.txt"), (class_names_txt(label_map), "class_names.txt")):
        read = parse_label_map(text, name).names
        changed = [own for own in label_map.names if own not in read]
        if changed:
            raise ExportError(f"The name {changed[0]!r} means something else in {name}; rename the class, then export.")


def _is_chosen(item: ExportItem, request: ExportRequest, report: ExportReport) -> bool:
    if request.options.only_verified and not item.verified:
        report.left_out.append((item.key, "not verified"))
        return False
    return True


def _write_items(
    chosen: Sequence[tuple[ExportItem, str]], folder: Path, request: ExportRequest, report: ExportReport
) -> Job[list[tuple[ExportItem, str]]]:
    for name in (IMAGES, MASKS, SETS):
        (folder / name).mkdir(parents=True)
    written = []
    for done, (item, name) in enumerate(chosen):
        yield Progress(done, len(chosen), f"{item.key} is written")
        try:
            _write_item(item, name, folder, request, report)
        except (InputError, ProjectError) as error:
            report.left_out.append((item.key, str(error)))
            (folder / IMAGES / f"{name}.jpg").unlink(missing_ok=True)
        else:
            written.append((item, name))
    yield Progress(len(chosen), len(chosen), "the lists are written")
    return written


def _write_item(item: ExportItem, name: str, folder: Path, request: ExportRequest, report: ExportReport) -> None:
    options = request.options
    mask, vouch = item.read()
    check_labels(mask, request.label_map, item.image_path)
    if options.unvouched == "void" and not (vouch != UNVOUCHED).any():
        raise InputError("nothing in it is vouched")
    image = read_image(item.image_path).image
    if image.shape[:2] != mask.shape:
        raise InputError(
            f"the mask is {mask.shape[1]} × {mask.shape[0]} pixels, the image {image.shape[1]} × {image.shape[0]}"
        )
    is_encoded = write_voc_image(item.image_path, image, folder / IMAGES / f"{name}.jpg", options.keep_metadata)
    truth = exported_mask(mask, vouch, request.label_map, options)
    _write_mask(folder / MASKS / f"{name}.png", truth, request.label_map)
    report.written += 1
    report.compared += 2
    report.verified += item.verified
    if is_encoded:
        report.reencoded.append(item.key)
    if name != own_name(item.key):
        report.renamed.append((item.key, name))


def _write_mask(path: Path, mask: Mask, label_map: LabelMap) -> None:
    palette = label_map.palette()
    write_new(path, encode_mask(mask, palette))
    with PillowImage.open(path) as opened:
        is_voc = opened.mode == "P" and bytes(opened.getpalette() or ()) == palette
    if not is_voc or not np.array_equal(read_indices(path, label_map, mask.shape), mask):
        raise ExportError(f"{path} holds something else than was written; check the drive and export again.")


def _write_lists(
    written: Sequence[tuple[ExportItem, str]], folder: Path, label_map: LabelMap, report: ExportReport
) -> None:
    val = [name for item, name in written if item.held_out]
    train = [name for item, name in written if not item.held_out]
    for split, names in (("train", train), ("val", val), ("trainval", [name for _, name in written])):
        path = folder / SETS / f"{split}.txt"
        write_new(path, "".join(f"{name}\n" for name in names).encode())
        if read_ids(path) != tuple(names):
            raise ExportError(f"{path} holds something else than was written; check the drive and export again.")
    write_new(folder / "labelmap.txt", labelmap_txt(label_map).encode())
    write_new(folder / "class_names.txt", class_names_txt(label_map).encode())
    for file in ("labelmap.txt", "class_names.txt"):
        if read_label_map(folder / file).names != label_map.names:
            raise ExportError(f"{folder / file} lists other classes than the project; check the drive.")
    report.train, report.val = len(train), len(val)
    report.compared += 5
