"""The paper's loss sampling (Long et al. 2015, §4.3, figure 5) re-run small: what it costs and what it brings.

    python -m tests.benchmarks.loss_sampling DATASET OUT [--seeds 3] [--steps 100] [--ways WAY …]

Trains the light net in each way and with each seed, for as many steps each, on one thread. OUT gets a log of each
training (a line a step) and `results.jsonl` (a line a training: loss and mean IU on every fourth image of val). A
training that is there already is not done again. `loss_sampling_plot.py` makes the table and the plot.
"""

import argparse
import dataclasses
import json
import math
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

from fcn_gui.core.checkpoint import Checkpoint
from fcn_gui.core.image_io import read_image
from fcn_gui.core.metrics import Measures, confusion_matrix
from fcn_gui.core.progress import run_to_end
from fcn_gui.core.raster import VOID
from fcn_gui.disk.bundled import model_path
from fcn_gui.disk.checkpoint_file import read_checkpoint
from fcn_gui.disk.dataset import Dataset, read_dataset, read_truth
from fcn_gui.learn.loss import Sampling
from fcn_gui.learn.recipe import OWN_CLASSES, Recipe
from fcn_gui.learn.step_log import StepLog
from fcn_gui.learn.train import TrainRequest, train
from fcn_gui.net.predict import Predictor

FULL = dataclasses.replace(OWN_CLASSES, crop_px=257, batch=2, overlap=0.0, sides=(), kept_share=0.0)
"""Cross-entropy alone, as in the paper; two crops a step, to which sampling adds."""
CELLS = dataclasses.replace(FULL, sampling=Sampling.CELL, kept=0.25)
WAYS: dict[str, Recipe] = {
    "full": FULL,
    "cells 0.5": dataclasses.replace(CELLS, kept=0.5),
    "cells 0.25": CELLS,
    "patches 0.25": dataclasses.replace(CELLS, sampling=Sampling.PATCH),
    "full, weights": dataclasses.replace(FULL, balance=0.5),
    "cells 0.25, draws": dataclasses.replace(CELLS, balance=0.5, is_balanced_by_draws=True),
    "full, 8 crops": dataclasses.replace(FULL, batch=8),
}
JUDGED_EVERY = 4
RARE = 5
"""So many classes, those with the fewest pixels, have a mean IU of their own."""


def main() -> None:
    """All trainings that are not there yet, one seed after the other."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("dataset", type=Path)
    asked.add_argument("out", type=Path)
    asked.add_argument("--seeds", type=int, default=3)
    asked.add_argument("--steps", type=int, default=100)
    asked.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS))
    given = asked.parse_args()
    torch.set_num_threads(1)
    given.out.mkdir(parents=True, exist_ok=True)
    train_set, val = read_dataset(given.dataset, "train"), read_dataset(given.dataset, "val")
    for seed in range(given.seeds):
        for way in given.ways:
            if (way, seed) not in {(done["way"], done["seed"]) for done in results(given.out)}:
                log = log_path(given.out, way, seed)
                child = trained(train_set, WAYS[way], given.steps, seed, log)
                found = {"way": way, "seed": seed} | costs(log) | judged(child, val)
                with (given.out / "results.jsonl").open("a", encoding="utf-8") as file:
                    file.write(json.dumps(found) + "\n")
                print(time.strftime("%H:%M:%S"), found, flush=True)


def results(out: Path) -> Iterator[dict]:
    """What is there already."""
    path = out / "results.jsonl"
    for line in path.read_text("utf-8").splitlines() if path.exists() else ():
        yield json.loads(line)


def log_path(out: Path, way: str, seed: int) -> Path:
    """Of one training."""
    return out / f"{way} {seed}.jsonl"


def trained(dataset: Dataset, recipe: Recipe, steps: int, seed: int, log: Path) -> Checkpoint:
    """The child of the bundled checkpoint after `steps` steps."""
    epochs = steps / math.ceil(len(dataset.items) / recipe.images)
    start = read_checkpoint(model_path("voc21-light"))
    request = TrainRequest(dataset, None, start, epochs, seed=seed, recipe=recipe, device="cpu", log=StepLog(log))
    return run_to_end(train(request)).checkpoint


def costs(log: Path) -> dict[str, float]:
    """What all steps of a log took, and how many images each looked at."""
    last = json.loads(log.read_text("utf-8").splitlines()[-1])
    return {name: last[name] for name in ("step", "images", "seconds", "cpu_seconds")}


def judged(checkpoint: Checkpoint, val: Dataset) -> dict[str, float]:
    """Cross-entropy of a pixel and the measures, on every fourth image."""
    predictor = Predictor.of(checkpoint, "cpu", measured=False)
    classes = len(val.label_map)
    confusion, surprise = np.zeros((classes, classes), np.int64), 0.0
    for item in val.items[::JUDGED_EVERY]:
        image = read_image(item.image_path).image
        truth = read_truth(item, val.label_map, image.shape)
        [grid] = predictor.score_batch([image])
        confusion += confusion_matrix(truth, grid.labels(), classes)
        counted = truth != VOID
        likely = grid.probabilities()[:, counted][truth[counted], np.arange(counted.sum())]
        surprise -= float(np.log(likely.clip(1e-12), dtype=np.float64).sum())
    measures = Measures.from_confusion(confusion)
    rare = np.argsort(confusion.sum(1))[:RARE]
    return {
        "val_loss": surprise / int(confusion.sum()),
        "mean_iu": measures.mean_iu,
        "pixel_accuracy": measures.pixel_accuracy,
        "mean_accuracy": measures.mean_accuracy,
        "rare_iu": float(np.mean([measures.iu[label] for label in rare])),
    }


if __name__ == "__main__":
    main()
