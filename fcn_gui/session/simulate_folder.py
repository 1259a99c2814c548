"""A data set as a folder of photographs that nobody has looked at yet, at the size at which the person works."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image as PillowImage

from fcn_gui.core.annotation_cost import scaled_image, scaled_mask
from fcn_gui.core.errors import DatasetError, SaveError
from fcn_gui.core.image_io import read_image
from fcn_gui.core.progress import Job, Progress
from fcn_gui.core.raster import VOID, Image, Mask
from fcn_gui.disk.dataset import Dataset, DatasetItem, read_truth
from fcn_gui.disk.project_header import HEADER_NAME, ProjectHeader, write_header


@dataclass(frozen=True)
class Scene:
    """An image of the data set (`name`), as the project's image `key`; `truth` H×W uint8 in the data set's classes."""

    name: str
    key: str
    truth: Mask


def lay_out(dataset: Dataset, folder: Path) -> Job[list[Scene]]:
    """Put the images of `dataset` into `folder`, in order. Raises ImageError, MaskError, DatasetError, SaveError."""
    if not dataset.items:
        raise DatasetError("The data set has no image with a mask; choose another or another split.")
    scenes = []
    for number, item in enumerate(dataset.items):
        yield Progress(number, len(dataset.items), f"Reading {item.id}")
        scenes.append(_lay_out(item, dataset, folder, number))
    return scenes


def new_project(place: Path, seed: int) -> Path:
    """A project's folder whose split is drawn by `seed`."""
    place.mkdir(parents=True)
    write_header(place / HEADER_NAME, ProjectHeader(split_seed=seed))
    return place


def _lay_out(item: DatasetItem, dataset: Dataset, folder: Path, number: int) -> Scene:
    image = read_image(item.image_path).image
    truth = read_truth(item, dataset.label_map, image.shape)
    small = scaled_image(image)
    as_it_is = small is image
    key = f"{number:05d}{item.image_path.suffix.lower() if as_it_is else '.png'}"
    try:
        if as_it_is:
            shutil.copyfile(item.image_path, folder / key)
        else:
            PillowImage.fromarray(small).save(folder / key)
    except OSError as error:
        raise SaveError(f"{folder / key} can't be written: {error.strerror or error}; free some space.") from error
    return Scene(item.id, key, scaled_mask(truth))


def fully_vouched(scene: Scene, folder: Path) -> tuple[Image, Mask, Mask]:
    """Image, mask and vouch map of a scene as if it had been painted already."""
    return read_image(folder / scene.key).image, scene.truth, (scene.truth != VOID).astype(np.uint8)
