"""How the network that completes strokes was made: strokes of the made-up person recorded, and learned from.

    python -m tests.benchmarks.completer_training record DATASET SPLIT OUT.npz [--without IDS.txt] [--part I/N] [--near]
    python -m tests.benchmarks.completer_training train OUT.safetensors RECORDS…

Of each photograph the person corrects a blank mask and the first look; of the strokes some are kept, each with the maps
around it (`learn/relations.py`) and which cells around it were meant as well: those of the same class that nobody
vouched for, where a label stands that the stroke replaced. Half of the strokes are completed by the network that is
shipped, one in five by the truth up to some distance, so that completed strokes are among what is learned from.
`--near` shows a part of each photograph, larger.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import torch
from safetensors.torch import save_file
from torch.nn import functional

from fcn_gui.cli.choices import load_checkpoint
from fcn_gui.core.annotation_cost import correction, scaled_image, scaled_mask
from fcn_gui.core.cleanup import cleaned
from fcn_gui.core.image_io import read_image
from fcn_gui.core.progress import run_to_end
from fcn_gui.core.raster import VOID
from fcn_gui.core.surroundings import AROUND_PX, Surroundings
from fcn_gui.disk.dataset import read_dataset, read_truth
from fcn_gui.learn.attune import attuned
from fcn_gui.learn.completion import BACKGROUND, completion
from fcn_gui.learn.features import look
from fcn_gui.learn.relations import Relations
from fcn_gui.learn.score_rows import ScoreRows
from fcn_gui.learn.segmenter import fitted
from fcn_gui.net.checkpoint import network_from
from fcn_gui.net.completer import Completer
from fcn_gui.net.device import choose
from fcn_gui.net.predict import Predictor
from fcn_gui.net.preset import Preset
from fcn_gui.session.completions import CompletedStrokes
from fcn_gui.session.proposal import USUAL

KEPT_OF_BLANK, KEPT_OF_FIRST, MOST_STROKES = 16, 10, 40
COMPLETED, COMPLETED_BY_TRUTH = 0.5, 0.2
FEWEST_CELLS = 10
SIDE, BATCH, EPOCHS, RATE = 128, 8, 7, 2e-3
LOOKED_AT_WITH = 769
NEAR, LEAST_TO_PAINT = (0.4, 0.8), 0.02
"""Sides of a part as shares of the photograph's; the share of it that a person has to paint."""


def record(
    dataset: Path, split: str, out: Path, without: set[str], part: tuple[int, int], is_near: bool = False
) -> None:
    torch.set_num_threads(1)
    found, rng = {}, np.random.default_rng(part[0])
    data = read_dataset(dataset, split)
    checkpoint = load_checkpoint("voc21-light")
    checkpoint = replace(checkpoint, preset={**checkpoint.preset, "long_side": LOOKED_AT_WITH})
    knows = set(data.label_map.names) <= set(checkpoint.label_map.names)
    network, preset = network_from(fitted(checkpoint, checkpoint.label_map)), Preset.from_json(checkpoint.preset)
    predictor, rows = Predictor(network, preset, choose("cpu"), checkpoint.id), ScoreRows.of(network).silenced()
    items = [item for item in data.items if item.id not in without][part[0] :: part[1]]
    began = time.monotonic()
    for number, item in enumerate(items):
        photo = read_image(item.image_path).image
        truth = read_truth(item, data.label_map, photo.shape)
        if is_near:
            photo, truth = _part(photo, truth, rng)
        truth = scaled_mask(truth)
        photo = np.ascontiguousarray(scaled_image(photo))
        grid, features = look(predictor, photo)
        starts = [(np.zeros_like(truth), KEPT_OF_BLANK)]
        if knows:
            own = attuned(grid, features, rows, network, preset)
            starts.append((cleaned(grid if own is None else own, photo, USUAL), KEPT_OF_FIRST))
        for start, most in starts:
            steps = _steps(
                photo, truth, start, rng, partial(completion, features=features, network=network, preset=preset)
            )
            for each in rng.permutation(len(steps))[:most]:
                around = steps[each]
                maps = Relations(photo, features, network, preset).maps(around)
                if maps is not None:
                    parts = maps.astype(np.float16), *_meant(around, truth)
                    found |= {f"{item.id}|{len(found)}|{number}": part for number, part in enumerate(parts)}
        if number % 20 == 0:
            print(f"{number}/{len(items)} {time.monotonic() - began:.0f} s", flush=True)
    np.savez(out, **found)


def _part(photo, truth, rng):
    """A piece of the photograph in which a person has something to paint."""
    for _ in range(20):
        height, width = (int(side * rng.uniform(*NEAR)) for side in truth.shape)
        y, x = rng.integers(0, truth.shape[0] - height + 1), rng.integers(0, truth.shape[1] - width + 1)
        part = truth[y : y + height, x : x + width]
        if ((part != BACKGROUND) & (part != VOID)).mean() > LEAST_TO_PAINT:
            return photo[y : y + height, x : x + width], part
    return photo, truth


def _steps(photo, truth, start, rng, completed) -> list[Surroundings]:
    steps: list[Surroundings] = []

    def complete(around: Surroundings):
        if around.label == BACKGROUND:
            return None
        steps.append(around)
        how = rng.random()
        if how < COMPLETED:
            return completed(around)
        if how < COMPLETED + COMPLETED_BY_TRUTH:
            away = cv2.distanceTransform((~around.stroke).view(np.uint8), cv2.DIST_L2, 3)
            return (away < rng.uniform(4, 40)) & (truth == around.label) & (around.vouch == 0)
        return None

    run_to_end(correction(start, truth, follow=CompletedStrokes(photo, complete)))
    return steps[:MOST_STROKES]


def _meant(around: Surroundings, truth):
    away = cv2.distanceTransform((~around.stroke).view(np.uint8), cv2.DIST_L2, 3)
    is_free = (around.vouch == 0) & (around.shown != around.label) & (away <= AROUND_PX) & (truth != VOID)
    counts = is_free & np.isin(around.shown, around.replaced)
    return around.at_cells(counts), around.at_cells(counts & (truth == around.label))


def train(out: Path, records: list[Path]) -> None:
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    strokes = [each for path in records for each in _read(path)]
    names = sorted({name for name, *_ in strokes})
    watched = set(names[::10])
    learned = [each for name, *each in strokes if name not in watched and each[1].sum() > FEWEST_CELLS]
    held = [each for name, *each in strokes if name in watched and each[1].sum() > FEWEST_CELLS]
    print(len(learned), "strokes to learn from,", len(held), "watched", flush=True)
    network = Completer().to(memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=1e-3)
    steps = EPOCHS * (len(learned) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps + 1, pct_start=0.1)
    average = torch.optim.swa_utils.AveragedModel(
        network, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.998)
    )
    began = time.monotonic()
    for epoch in range(EPOCHS):
        order, losses = rng.permutation(len(learned)), []
        for first in range(0, len(order) - BATCH + 1, BATCH):
            maps, counts, meant = _batch([_turned(_cut(learned[at], rng), rng) for at in order[first : first + BATCH]])
            loss = _loss(network, maps, counts, meant)[0]
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            average.update_parameters(network)
            losses.append(float(loss.detach()))
        print(
            f"{epoch + 1}: {time.monotonic() - began:.0f} s, {np.mean(losses):.4f};",
            _judged(average.module, held, rng),
            flush=True,
        )
        save_file({name: tensor.half().contiguous() for name, tensor in average.module.state_dict().items()}, out)


def _read(path: Path):
    """(image, maps, which cells count, which of them were meant) of each stroke."""
    with np.load(path) as kept:
        for name in kept:
            image, stroke, part = name.split("|")
            if part == "0":
                yield image, *(kept[f"{image}|{stroke}|{number}"] for number in range(3))


def _cut(sample, rng):
    height, width = sample[1].shape
    y, x = rng.integers(0, max(1, height - SIDE + 1)), rng.integers(0, max(1, width - SIDE + 1))
    parts = [part[..., y : y + SIDE, x : x + SIDE].astype(np.float32) for part in sample]
    pad = [(0, SIDE - parts[1].shape[0]), (0, SIDE - parts[1].shape[1])]
    return [np.pad(part, [(0, 0)] * (part.ndim - 2) + pad) for part in parts]


def _turned(parts, rng):
    quarter, is_mirrored = int(rng.integers(4)), rng.random() < 0.5
    parts = [np.rot90(part, quarter, (-2, -1))[..., :: -1 if is_mirrored else 1].copy() for part in parts]
    for some in (slice(7, 11), slice(13, 14), slice(14, 15)):  # colours, fine taps, taps of stride 8: not always there
        if rng.random() < 0.1:
            parts[0][some] = 0
    return parts


def _batch(samples):
    maps, counts, meant = (torch.from_numpy(np.stack(parts)) for parts in zip(*samples, strict=True))
    return maps.to(memory_format=torch.channels_last), counts, meant


def _loss(network, maps, counts, meant):
    with torch.autocast("cpu", torch.bfloat16):
        odds = network(maps)
    odds = odds.float()
    surprise = functional.binary_cross_entropy_with_logits(odds, meant, reduction="none") * counts
    cells = counts.sum((1, 2)).clamp(min=1)
    return (surprise.sum((1, 2)) / cells.sqrt()).sum() / cells.sqrt().sum(), odds


@torch.no_grad()
def _judged(network, held, rng) -> str:
    losses, odds, truth = [], [], []
    for first in range(0, len(held), BATCH):
        maps, counts, meant = _batch([_cut(each, rng) for each in held[first : first + BATCH]])
        loss, said = _loss(network, maps, counts, meant)
        losses.append(float(loss))
        odds.append(said[counts > 0].sigmoid())
        truth.append(meant[counts > 0])
    p, y = torch.cat(odds), torch.cat(truth)
    return f"watched {np.mean(losses):.4f}" + "".join(
        f"; > {at}: right {float(y[p > at].mean()):.3f}, found {float(y[p > at].sum() / y.sum()):.3f}"
        for at in (0.5, 0.7, 0.9)
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["record", "train"])
    parser.add_argument("paths", nargs="+")
    parser.add_argument("--without", type=Path)
    parser.add_argument("--part", default="0/1")
    parser.add_argument("--near", action="store_true")
    asked = parser.parse_args()
    if asked.what == "train":
        train(Path(asked.paths[0]), [Path(path) for path in asked.paths[1:]])
    else:
        left_out = set(asked.without.read_text().split()) if asked.without else set()
        part, parts = map(int, asked.part.split("/"))
        record(Path(asked.paths[0]), asked.paths[1], Path(asked.paths[2]), left_out, (part, parts), asked.near)
