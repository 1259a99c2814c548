"""How the network that completes strokes was made, from records of strokes (`completer_records.py`).

python -m tests.benchmarks.completer_training OUT.safetensors RECORDS… [--start BEFORE.safetensors]
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch.nn import functional

from fcn_gui.net.completer import Completer

FEWEST_CELLS = 10
SIDE, BATCH = 128, 8
EPOCHS, RATE = 7, 2e-3
EPOCHS_MORE, RATE_MORE = 4, 1e-3
"""Where learning goes on from a network."""
IS_UNHELD = 0.2
"""Strokes of which is hidden what had been held of the image: a part of them, for often nothing is."""


def train(out: Path, records: list[Path], start: Path | None = None) -> None:
    epochs, rate = (EPOCHS, RATE) if start is None else (EPOCHS_MORE, RATE_MORE)
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    strokes = [each for path in records for each in _read(path)]
    names = sorted({name for name, *_ in strokes})
    watched = set(names[::12])
    learned = [each for name, *each in strokes if name not in watched and each[1].sum() > FEWEST_CELLS]
    held = [each for name, *each in strokes if name in watched and each[1].sum() > FEWEST_CELLS]
    print(len(learned), "strokes to learn from,", len(held), "watched", flush=True)
    network = Completer().to(memory_format=torch.channels_last)
    if start is not None:
        network.load_state_dict({name: tensor.float() for name, tensor in load_file(start).items()})
    optimiser = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=1e-3)
    steps = epochs * (len(learned) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=steps + 1, pct_start=0.1)
    average = torch.optim.swa_utils.AveragedModel(
        network, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.998)
    )
    began = time.monotonic()
    for epoch in range(epochs):
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
    if rng.random() < IS_UNHELD:
        parts[0][16] = 0
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
    parser.add_argument("out", type=Path)
    parser.add_argument("records", type=Path, nargs="+")
    parser.add_argument("--start", type=Path)
    asked = parser.parse_args()
    train(asked.out, asked.records, asked.start)
