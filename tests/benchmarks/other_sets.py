"""Other sets to simulate on, made from the three data sets: `python -m tests.benchmarks.other_sets ../shared/data OUT`.

Lists of twenty photographs that are in no `sim` list (`fcn-gui simulate ../shared/data/camvid --split OUT/camvid.txt`),
and folders with label maps of their own (`fcn-gui simulate OUT/posts`): thin things, one texture, and animals under
names that no checkpoint knows. By the folders of `write_more` nothing was chosen but the bound on foreseen strokes.
"""

import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from fcn_gui.core.label_map import own_label_map
from fcn_gui.disk.dataset import Dataset, DatasetItem, read_dataset, read_truth
from fcn_gui.disk.mask_file import write_mask

COUNT, SEED, SEED_OF_MORE = 20, 5, 77
LEAST_SHARE = 0.04
"""Of a photograph that the class it was taken for covers."""


def others(data: Path, name: str, splits: Sequence[str]) -> tuple[Dataset, list[DatasetItem]]:
    """The photographs of these splits that are not in `sim`."""
    whole = read_dataset(data / name)
    seen = {item.id for item in read_dataset(data / name, "sim").items}
    found = [item for split in splits for item in read_dataset(data / name, split).items]
    return whole, [item for item in found if item.id not in seen]


def write_list(path: Path, items: Sequence[DatasetItem]) -> None:
    path.write_text("".join(f"{item.id}\n" for item in items), "utf-8")


def write_set(folder: Path, whole: Dataset, items: Sequence[DatasetItem], new: Mapping[str, str]) -> None:
    """Images and masks of `items`, with the classes of `new` (old name → new name) and background for all others."""
    label_map = own_label_map(["background", *new.values()])
    for part in ("images", "masks"):
        (folder / part).mkdir(parents=True)
    (folder / "class_names.txt").write_text("".join(f"{name}\n" for name in label_map.names), "utf-8")
    for item in items:
        truth = read_truth(item, whole.label_map)
        mask = np.where(truth == 255, 255, 0).astype(np.uint8)
        for label, name in enumerate(new, 1):
            mask[truth == whole.label_map.names.index(name)] = label
        shutil.copy(item.image_path, folder / "images")
        write_mask(folder / "masks" / f"{item.id}.png", mask, label_map)


def with_class(whole: Dataset, items: Sequence[DatasetItem], name: str, most: int) -> list[DatasetItem]:
    """The first of which it covers enough."""
    label = whole.label_map.names.index(name)
    found = []
    for item in items:
        if (read_truth(item, whole.label_map) == label).mean() > LEAST_SHARE:
            found.append(item)
        if len(found) == most:
            break
    return found


def write_more(data: Path, out: Path) -> None:
    """People, furniture and vehicles under new names; people and buildings in streets."""
    camvid, streets = others(data, "camvid", ["train"])
    streets = streets[9 :: len(streets) // COUNT][:COUNT]
    write_set(out / "walkers", camvid, streets, {"pedestrian": "walker", "bicyclist": "rider"})
    write_set(out / "facades", camvid, streets, {"building": "facade"})
    voc, left = read_dataset(data / "voc21"), list(read_dataset(data / "voc21", "train").items)
    np.random.default_rng(SEED_OF_MORE).shuffle(left)  # type: ignore[arg-type]
    sets = {
        "people": {"person": "human"},
        "furniture": {"chair": "seat", "pottedplant": "shrub"},
        "vehicles": {"car": "auto", "bus": "coach"},
    }
    for folder, new in sets.items():
        chosen: list[DatasetItem] = []
        for name in new:
            found = with_class(voc, left, name, COUNT // len(new))
            left = [item for item in left if item not in found]
            chosen += found
        write_set(out / folder, voc, chosen, new)


def main(data: Path, out: Path) -> None:
    """Write all lists and folders."""
    out.mkdir(parents=True)
    rng = np.random.default_rng(SEED)
    camvid, streets = others(data, "camvid", ["train"])
    streets = streets[5 :: len(streets) // COUNT][:COUNT]
    write_list(out / "camvid.txt", streets)
    for name, splits in (("nuclei", ["train", "val"]), ("voc21", ["val"])):
        _, items = others(data, name, splits)
        rng.shuffle(items)  # type: ignore[arg-type]
        write_list(out / f"{name}.txt", items[:COUNT])
    write_set(out / "posts", camvid, streets, {"pole": "post", "sign_symbol": "board"})
    write_set(out / "trees", camvid, streets, {"tree": "foliage"})
    voc, photographs = read_dataset(data / "voc21"), list(read_dataset(data / "voc21", "train").items)
    rng.shuffle(photographs)  # type: ignore[arg-type]
    animals = [item for name in ("dog", "horse") for item in with_class(voc, photographs, name, COUNT // 2)]
    write_set(out / "animals", voc, animals, {"dog": "brute", "horse": "steed"})
    write_more(data, out)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
