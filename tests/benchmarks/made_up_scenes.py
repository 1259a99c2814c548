"""Scenes with things of no class, to learn completing strokes from.

    python -m tests.benchmarks.made_up_scenes DATASET SPLIT OUT COUNT IDS.txt

Photographs hold few cracks, lattices, roofs or grains. Here shapes of such kinds lie on one photograph and show the
pixels of another, or its own in another color; what is meant is known to the pixel. Photographs of IDS.txt are left
out.
"""

import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from PIL import Image as PillowImage

from fcn_gui.core.image_io import read_image
from fcn_gui.core.label_map import own_label_map
from fcn_gui.core.raster import Image, Inside
from fcn_gui.disk.dataset import read_dataset
from fcn_gui.disk.mask_file import write_mask

SEED = 11
SIDE_PX = 512
LEAST, MOST = 0.01, 0.6
"""Shares of a scene that its things may cover."""

Rng = np.random.Generator


def lines(size: tuple[int, int], rng: Rng) -> Inside:
    """Cracks, wires, branches: walks that bend, and fork."""
    canvas, width = np.zeros(size, np.uint8), rng.uniform(2, 14)
    for _ in range(rng.integers(1, 6)):
        _walk(canvas, rng.uniform(0, 1, 2) * size[::-1], rng.uniform(0, 2 * np.pi), width, rng, rng.uniform(0, 0.03))
    return canvas > 0


def _walk(canvas, at, way, width, rng, forks) -> None:
    bend = rng.uniform(0, 0.25)
    for _ in range(rng.integers(20, 120)):
        way += rng.normal(0, bend)
        after = at + rng.uniform(4, 9) * np.array([np.cos(way), np.sin(way)])
        cv2.line(canvas, [int(v) for v in at], [int(v) for v in after], 1, max(1, round(width * rng.uniform(0.8, 1.2))))
        at = after
        if width > 2 and rng.random() < forks:
            _walk(canvas, at, way + rng.choice([-1, 1]) * rng.uniform(0.4, 1.2), width * 0.7, rng, forks)


def lattice(size: tuple[int, int], rng: Rng) -> Inside:
    """Fences and poles: bars at nearly equal steps, in one way or two, some of them missing."""
    canvas = np.zeros(size, np.uint8)
    middle, turn = np.array(size[::-1]) / 2, rng.normal(0, 0.3)
    step = rng.uniform(30, 140)
    for way in (turn, turn + np.pi / 2)[: rng.integers(1, 3)]:
        along, across = np.array([np.cos(way), np.sin(way)]), np.array([-np.sin(way), np.cos(way)])
        width = rng.uniform(3, min(20, step / 3))
        for number in range(-9, 10):
            if rng.random() < 0.75:
                at = middle + across * step * (number + rng.normal(0, 0.06))
                ends = [sign * rng.uniform(0.1, 0.7) * max(size) * along for sign in (-1, 1)]
                cv2.line(canvas, *((at + end).astype(int).tolist() for end in ends), 1, round(width))
    return canvas > 0


def grains(size: tuple[int, int], rng: Rng) -> Inside:
    """Coins, cells, fruit: round shapes with a dented outline."""
    canvas, radius = np.zeros(size, np.uint8), np.exp(rng.uniform(np.log(8), np.log(150)))
    angle = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    for _ in range(rng.integers(1, max(2, int(60_000 / radius**2)) + 1)):
        dents = sum(rng.normal(0, rng.uniform(0, 0.5) / k) * np.cos(k * angle + rng.uniform(0, 7)) for k in range(1, 6))
        reach = radius * rng.uniform(0.7, 1.3) * np.clip(1 + dents, 0.3, 2)
        stretch = np.exp(rng.normal(0, 0.3))
        outline = np.stack([reach * np.cos(angle) * stretch, reach * np.sin(angle) / stretch], 1)
        cv2.fillPoly(canvas, [(outline + rng.uniform(0, 1, 2) * size[::-1]).astype(np.int32)], 1)
        if canvas.mean() > MOST:
            break
    return canvas > 0


def roofs(size: tuple[int, int], rng: Rng) -> Inside:
    """Buildings and fields from above: rectangles, alone or joined to an L, all turned nearly alike."""
    canvas, turn, side = np.zeros(size, np.uint8), rng.uniform(0, 90), rng.uniform(20, 130)
    for _ in range(rng.integers(1, 15)):
        at, own = rng.uniform(0, 1, 2) * size[::-1], turn + rng.normal(0, 4)
        for _ in range(rng.integers(1, 3)):
            sides = side * np.exp(rng.normal(0, 0.4, 2))
            corners = cv2.boxPoints((at.tolist(), sides.tolist(), own))
            cv2.fillPoly(canvas, [corners.astype(np.int32)], 1)
            at = at + rng.normal(0, side / 3, 2)
    return canvas > 0


def patches(size: tuple[int, int], rng: Rng) -> Inside:
    """Textures side by side: smooth noise above a threshold."""
    noise = rng.normal(0, 1, size).astype(np.float32)
    noise = cv2.GaussianBlur(noise, (0, 0), np.exp(rng.uniform(np.log(10), np.log(60))))
    return np.asarray(noise > np.quantile(noise, rng.uniform(0.5, 0.95)))


KINDS: tuple[Callable[[tuple[int, int], Rng], Inside], ...] = (lines, lattice, grains, roofs, patches)


def scene(ground: Image, other: Image, rng: Rng) -> tuple[Image, Inside]:
    """A photograph with things in it, and where they are."""
    ground = _scaled(ground)
    while True:
        inside = KINDS[rng.integers(len(KINDS))](ground.shape[:2], rng)
        if LEAST < inside.mean() < MOST:
            break
    below = ground.astype(np.float32)
    if rng.random() < 0.3:  # a calm ground, as walls, roads and slides are
        below = cv2.GaussianBlur(below, (0, 0), rng.uniform(2, 12))
    edge = cv2.GaussianBlur(inside.astype(np.float32), (0, 0), rng.uniform(0.4, 1.5))[..., None]
    seen = below + edge * (_looks(below, other, rng) - below)
    seen += rng.normal(0, rng.uniform(0, 5), seen.shape)
    return seen.clip(0, 255).astype(np.uint8), inside


def _looks(below, other: Image, rng: Rng):
    """What things show: a piece of the other photograph, the ground in another light, or a nearly even color."""
    height, width = below.shape[:2]
    how = rng.random()
    if how < 0.4:
        part = _scaled(other)
        high, wide = (max(24, int(side * rng.uniform(0.15, 0.6))) for side in part.shape[:2])
        y, x = rng.integers(0, part.shape[0] - high + 1), rng.integers(0, part.shape[1] - wide + 1)
        piece = part[y : y + high, x : x + wide]
        above = np.concatenate([piece, piece[:, ::-1]], 1)
        tile = np.concatenate([above, above[::-1]])
        times = height // tile.shape[0] + 1, width // tile.shape[1] + 1, 1
        return np.tile(tile, times)[:height, :width].astype(np.float32)
    if how < 0.7:
        return below * rng.uniform(0.3, 1.6, 3 if rng.random() < 0.5 else 1) + rng.uniform(-40, 40)
    mottled = cv2.GaussianBlur(rng.normal(0, 1, (height, width)).astype(np.float32), (0, 0), rng.uniform(1, 15))
    mottled *= rng.uniform(2, 25) / max(1e-6, float(mottled.std()))
    return rng.uniform(0, 255, 3) + mottled[..., None] + 0.2 * (below - below.mean())


def _scaled(image: Image) -> Image:
    factor = SIDE_PX / max(image.shape[:2])
    return cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)


def main(data: Path, split: str, out: Path, count: int, without: set[str]) -> None:
    """Write `images/`, `masks/` and `train.txt`, which names all of them."""
    rng, label_map = np.random.default_rng(SEED), own_label_map(["background", "thing"])
    photographs = [item.image_path for item in read_dataset(data, split).items if item.id not in without]
    for part in ("images", "masks"):
        (out / part).mkdir(parents=True)
    (out / "class_names.txt").write_text("".join(f"{name}\n" for name in label_map.names), "utf-8")
    (out / "train.txt").write_text("".join(f"{number:04}\n" for number in range(count)), "utf-8")
    for number in range(count):
        ground, other = (read_image(photographs[at]).image for at in rng.choice(len(photographs), 2, replace=False))
        image, inside = scene(ground, other, rng)
        PillowImage.fromarray(image).save(out / "images" / f"{number:04}.jpg", quality=int(rng.integers(75, 96)))
        write_mask(out / "masks" / f"{number:04}.png", inside.astype(np.uint8), label_map)


if __name__ == "__main__":
    data, split, out, count, without = sys.argv[1:]
    main(Path(data), split, Path(out), int(count), set(Path(without).read_text("utf-8").split()))
