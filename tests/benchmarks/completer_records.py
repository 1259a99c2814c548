"""What the network that completes strokes learned from: strokes of the made-up person, recorded.

    python -m tests.benchmarks.completer_records DATASET SPLIT OUT.npz [--without IDS.txt] [--part I/N] [--near]

Of each photograph the person corrects a blank mask and the first look; of the strokes some are kept, each with the maps
around it (`learn/relations.py`) and which cells around it were meant as well: those of the same class that nobody
vouched for, where a label stands that the stroke replaced. Half of the strokes are completed by the network that is
shipped, one in five by the truth up to some distance, so that completed strokes are among what is learned from.

Where the checkpoint knows the classes it looks first at half of the photographs. At the others, and where it does not
know them, looks a refit of the classes as new ones, on up to seven of the photographs before, nothing in one of seven.
`--near` shows a part of each photograph, larger.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import torch

from fcn_gui.cli.choices import load_checkpoint
from fcn_gui.core.annotation_cost import correction, scaled_image, scaled_mask
from fcn_gui.core.cleanup import cleaned
from fcn_gui.core.image_io import read_image
from fcn_gui.core.label_map import LabelMap, own_label_map
from fcn_gui.core.progress import run_to_end
from fcn_gui.core.raster import VOID, Image, Mask
from fcn_gui.core.scores import ScoreGrid
from fcn_gui.core.surroundings import AROUND_PX, Surroundings
from fcn_gui.disk.dataset import Dataset, DatasetItem, read_dataset, read_truth
from fcn_gui.learn.attune import attuned
from fcn_gui.learn.completion import BACKGROUND, completion
from fcn_gui.learn.features import Features, grid_of, look
from fcn_gui.learn.refitter import Once, Refitter
from fcn_gui.learn.relations import Relations
from fcn_gui.learn.score_rows import ScoreRows
from fcn_gui.learn.segmenter import fitted
from fcn_gui.net.checkpoint import network_from
from fcn_gui.net.device import choose
from fcn_gui.net.predict import Predictor
from fcn_gui.net.preset import Preset
from fcn_gui.session.completions import CompletedStrokes
from fcn_gui.session.ports import CorrectedImage
from fcn_gui.session.proposal import USUAL

KEPT_OF_BLANK, KEPT_OF_FIRST, MOST_STROKES = 16, 10, 40
COMPLETED, COMPLETED_BY_TRUTH = 0.5, 0.2
LOOKED_AT_WITH = 769
NEAR, LEAST_TO_PAINT = (0.4, 0.8), 0.02
"""Sides of a part as shares of the photograph's; the share of it that a person has to paint."""
MOST_BEFORE, REFITTED = 7, 0.85


@dataclass
class Scene:
    """A photograph, its truth, its taps, and what is held of it before the first stroke; None: nothing."""

    id: str
    image: Image
    truth: Mask
    features: Features
    held: ScoreGrid | None = None
    first_look: Mask | None = None


class Looks:
    """The network for one label map."""

    def __init__(self, label_map: LabelMap) -> None:
        checkpoint = load_checkpoint("voc21-light")
        checkpoint = replace(checkpoint, preset={**checkpoint.preset, "long_side": LOOKED_AT_WITH})
        self._checkpoint = fitted(checkpoint, label_map)
        self.network, self.preset = network_from(self._checkpoint), Preset.from_json(checkpoint.preset)
        self._predictor = Predictor(self.network, self.preset, choose("cpu"), checkpoint.id)
        self._before: list[Scene] = []

    def by_checkpoint(self, name: str, image: Image, truth: Mask) -> Scene:
        """As the checkpoint holds it."""
        rows = ScoreRows.of(self.network).silenced()
        grid, features = look(self._predictor, image)
        assert features is not None
        own = attuned(grid, features, rows, self.network, self.preset)
        return Scene(name, image, truth, features, grid, cleaned(grid if own is None else own, image, USUAL))

    def by_refit(self, name: str, image: Image, truth: Mask, rng: np.random.Generator) -> Scene:
        """As a refit of some that were shown before holds it."""
        scene = Scene(name, image, truth, look(self._predictor, image)[1])
        some = self._before[-int(rng.integers(1, MOST_BEFORE + 1)) :]
        if some and rng.random() < REFITTED:
            taps = {each.id: each.features for each in some}
            images = Once([_corrected(each) for each in some], {})
            refit = run_to_end(Refitter(self._checkpoint, self.network).refit(images, lambda key, _: taps[key]))
            if refit is not None:
                rows = ScoreRows.of_tensors(refit.tensors, self.network).silenced()
                scene.held = grid_of(scene.features, rows, self.network, self.preset)
                scene.first_look = cleaned(scene.held, image, USUAL)
        self._before = [*self._before, scene][-MOST_BEFORE - 1 :]
        return scene


def _corrected(scene: Scene) -> CorrectedImage:
    vouch = np.where(scene.truth == VOID, 0, 2).astype(np.uint8)
    return CorrectedImage(scene.id, lambda: (scene.image, scene.truth, vouch), True, scene.id, scene.id, scene.id)


def scenes(data: Dataset, items: Sequence[DatasetItem], rng, is_near: bool) -> Iterator[tuple[Looks, Scene]]:
    """All of them, with the network that looked; those of one class one after the other where refits look."""
    known = load_checkpoint("voc21-light").label_map
    knows = set(data.label_map.names) <= set(known.names)
    by_checkpoint = items[::2] if knows else []
    others = sorted((item for item in items if item not in by_checkpoint), key=partial(_most_of, data))
    looks = Looks(known)
    for item in by_checkpoint:
        yield looks, looks.by_checkpoint(item.id, *_photograph(data, item, rng, is_near))
    names = data.label_map.names
    looks = Looks(own_label_map([names[0], *(f"new {name}" for name in names[1:])]) if knows else data.label_map)
    for item in others:
        yield looks, looks.by_refit(item.id, *_photograph(data, item, rng, is_near), rng)


def _most_of(data: Dataset, item: DatasetItem) -> int:
    """Which class there is most of, class 0 aside."""
    return int(np.bincount(read_truth(item, data.label_map).ravel(), minlength=256)[1:VOID].argmax())


def _photograph(data: Dataset, item: DatasetItem, rng, is_near: bool) -> tuple[Image, Mask]:
    photo = read_image(item.image_path).image
    truth = read_truth(item, data.label_map, photo.shape)
    if is_near:
        photo, truth = _part(photo, truth, rng)
    return np.ascontiguousarray(scaled_image(photo)), scaled_mask(truth)


def _part(photo, truth, rng):
    """A piece of the photograph in which a person has something to paint."""
    for _ in range(20):
        height, width = (int(side * rng.uniform(*NEAR)) for side in truth.shape)
        y, x = rng.integers(0, truth.shape[0] - height + 1), rng.integers(0, truth.shape[1] - width + 1)
        part = truth[y : y + height, x : x + width]
        if ((part != BACKGROUND) & (part != VOID)).mean() > LEAST_TO_PAINT:
            return photo[y : y + height, x : x + width], part
    return photo, truth


def record(
    dataset: Path, split: str, out: Path, without: set[str], part: tuple[int, int], is_near: bool = False
) -> None:
    torch.set_num_threads(1)
    found, rng = {}, np.random.default_rng(100 + part[0] + 7 * is_near)
    data = read_dataset(dataset, split)
    items = [item for item in data.items if item.id not in without]
    items = [items[each] for each in rng.permutation(len(items))][part[0] :: part[1]]
    began = time.monotonic()
    for number, (looks, scene) in enumerate(scenes(data, items, rng, is_near)):
        starts = [(np.zeros_like(scene.truth), KEPT_OF_BLANK)]
        if scene.first_look is not None:
            starts.append((scene.first_look, KEPT_OF_FIRST))
        for start, most in starts:
            steps = _steps(looks, scene, start, rng)
            for each in rng.permutation(len(steps))[:most]:
                around = steps[each]
                maps = Relations(scene.features, looks.network, looks.preset).maps(around)
                if maps is not None:
                    parts = maps.astype(np.float16), *_meant(around, scene.truth)
                    found |= {f"{scene.id}|{len(found)}|{place}": kept for place, kept in enumerate(parts)}
        if number % 20 == 0:
            print(f"{number}/{len(items)} {time.monotonic() - began:.0f} s", flush=True)
    np.savez(out, **found)


def _steps(looks: Looks, scene: Scene, start: Mask, rng) -> list[Surroundings]:
    steps: list[Surroundings] = []

    def complete(around: Surroundings):
        if around.label == BACKGROUND:
            return None
        steps.append(around)
        how = rng.random()
        if how < COMPLETED:
            return completion(around, scene.features, looks.network, looks.preset)
        if how < COMPLETED + COMPLETED_BY_TRUTH:
            away = cv2.distanceTransform((~around.stroke).view(np.uint8), cv2.DIST_L2, 3)
            return (away < rng.uniform(4, 40)) & (scene.truth == around.label) & (around.vouch == 0)
        return None

    follow = CompletedStrokes(scene.image, complete, scene.held)
    run_to_end(correction(start, scene.truth, follow=follow))
    return steps[:MOST_STROKES]


def _meant(around: Surroundings, truth):
    away = cv2.distanceTransform((~around.stroke).view(np.uint8), cv2.DIST_L2, 3)
    is_free = (around.vouch == 0) & (around.shown != around.label) & (away <= AROUND_PX) & (truth != VOID)
    counts = is_free & np.isin(around.shown, around.replaced)
    return around.at_cells(counts), around.at_cells(counts & (truth == around.label))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("dataset", type=Path)
    parser.add_argument("split")
    parser.add_argument("out", type=Path)
    parser.add_argument("--without", type=Path)
    parser.add_argument("--part", default="0/1")
    parser.add_argument("--near", action="store_true")
    asked = parser.parse_args()
    left_out = set(asked.without.read_text().split()) if asked.without else set()
    index, count = map(int, asked.part.split("/"))
    record(asked.dataset, asked.split, asked.out, left_out, (index, count), asked.near)
