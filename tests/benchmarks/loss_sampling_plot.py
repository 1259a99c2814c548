"""The table and the plot of what `loss_sampling.py` has found so far.

    python -m tests.benchmarks.loss_sampling_plot OUT PLOT.png

Prints the table. The plot has the loss of the steps (a running mean, then the mean of the seeds) against steps and
against processor seconds, as the paper's figure 5; bands go from the lowest to the highest seed. Balanced ways are left
out of it: their loss is another quantity.
"""

import json
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage
from PIL import ImageDraw, ImageFont

from fcn_gui.cli.simulate_plot import DRAWN, GREY, GRID, INK, PAPER, SCALE, SMOOTHING, dashed, nice_step
from tests.benchmarks.loss_sampling import WAYS, log_path, results
from tests.benchmarks.patch_cost import cell_by_cell, cost_of_crop

SIZE, PANEL, TOP, LEFTS = (960, 440), (390, 310), 76, (62, 530)
MEMORY = 15
"""Steps of the running mean: a step of two crops is noisy."""
LOWEST, HIGHEST = 0.0, 2.0
STYLES = {
    "full": ((90, 90, 90), None),
    "cells 0.5": ((0, 114, 178), (9, 5)),
    "cells 0.25": ((213, 94, 0), (3, 4)),
    "patches 0.25": ((0, 158, 115), (14, 4)),
    "full, 8 crops": ((204, 121, 167), None),
}
HEADINGS = (
    "way",
    "seeds",
    "crops a step",
    "multiply-adds a step",
    "processor s a step",
    "wall s a step",
    "val loss",
    "mean IU",
    "of the 5 rarest",
    "mean accuracy",
)
COLUMNS = ("val_loss", "mean_iu", "rare_iu", "mean_accuracy")

Curve = NDArray[np.float64]
Point = tuple[float, float]


def table(found: list[dict]) -> Iterator[str]:
    """Lines of Markdown: mean ± standard deviation over the seeds."""
    yield f"| {' | '.join(HEADINGS)} |"
    yield "|---" * len(HEADINGS) + "|"
    for way, recipe in WAYS.items():
        runs = [run for run in found if run["way"] == way]
        if not runs:
            continue
        macs = recipe.images * cost_of_crop(recipe.side_px).multiply_adds / 1e9
        cpu, wall = (statistics.median(run[kind] / run["step"] for run in runs) for kind in ("cpu_seconds", "seconds"))
        measures = [spread_of([run[column] for run in runs]) for column in COLUMNS]
        crops = f"{recipe.images} × {recipe.side_px} px"
        cells = [way, str(len(runs)), crops, f"{macs:.1f} G", f"{cpu:.2f}", f"{wall:.2f}", *measures]
        yield f"| {' | '.join(cells)} |"


def spread_of(values: list[float]) -> str:
    """Mean ± standard deviation."""
    deviation = f" ± {statistics.stdev(values):.3f}" if len(values) > 1 else ""
    return f"{statistics.mean(values):.3f}{deviation}"


def of_patches() -> str:
    """What the terms of the full way would cost a step as patches of one cell each, which a network sees alone."""
    full = WAYS["full"]
    whole = cost_of_crop(full.crop_px)
    alone = cell_by_cell(full.crop_px)
    cells = alone.patches * full.images
    return (
        f"As {cells} patches of {alone.side_px} px, a cell each: {alone.multiply_adds * full.images / 1e9:.0f} G "
        f"multiply-adds a step, {alone.multiply_adds / whole.multiply_adds:.0f} x as many as at once, in "
        f"{alone.cpu_seconds / whole.cpu_seconds:.0f} x the processor time"
    )


def curves(out: Path, way: str, against: str) -> tuple[Curve, Curve]:
    """Where (n) and the smoothed loss (seeds × n) of the trainings of a way, from where it is on the plot."""
    logs = [read(log_path(out, way, run["seed"])) for run in results(out) if run["way"] == way]
    where = np.mean([[line[against] for line in log] for log in logs], 0)
    losses = [np.array([line["loss"] for line in log]) for log in logs]
    kernel = np.ones(MEMORY) / MEMORY
    where, smooth = where[MEMORY - 1 :], np.array([np.convolve(loss, kernel, "valid") for loss in losses])
    shown = int(np.argmax(smooth.mean(0) < HIGHEST))
    return where[shown:], smooth[:, shown:]


def read(path: Path) -> list[dict]:
    """The lines of a log."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


class Panel:
    """Loss against one thing, in points of the page."""

    def __init__(self, draw: ImageDraw.ImageDraw, left: float, furthest: float) -> None:
        self._draw, self._left, self._furthest = draw, left, furthest

    def axes(self, words: str) -> None:
        """Grid, numbers and what they are."""
        for tick in np.arange(LOWEST, HIGHEST + 0.01, 0.5):
            y = self._place(0, tick)[1]
            self._line([(self._left, y), (self._left + PANEL[0], y)], GRID if tick else INK, 1)
            text(self._draw, (self._left - 8, y), f"{tick:g}", 12, GREY, "rm")
        for tick in np.arange(0, self._furthest * 1.001, nice_step(self._furthest)):
            x, y = self._place(tick, LOWEST)
            self._line([(x, y), (x, y + 4)], INK, 1)
            text(self._draw, (x, y + 8), f"{tick:g}", 12, GREY, "ma")
        text(self._draw, (self._left + PANEL[0] / 2, TOP + PANEL[1] + 34), words, 13, INK, "mm")

    def band(self, where: Curve, losses: Curve, color: tuple[int, int, int]) -> None:
        """From the lowest to the highest seed."""
        edges = [*zip(where, losses.max(0), strict=True), *zip(where[::-1], losses.min(0)[::-1], strict=True)]
        points = [tuple(v * DRAWN for v in self._place(x, y)) for x, y in edges]
        self._draw.polygon(points, fill=(*color, 40))

    def curve(self, where: Curve, loss: Curve, way: str) -> None:
        """The mean of the seeds."""
        color, dash = STYLES[way]
        points = [self._place(x, y) for x, y in zip(where, loss, strict=True)]
        for part in dashed(points, dash) if dash else [points]:
            self._line(part, color, 2.2)

    def _line(self, points: list[Point], color: tuple[int, int, int], width: float) -> None:
        scaled = [(x * DRAWN, y * DRAWN) for x, y in points]
        self._draw.line(scaled, fill=color, width=max(1, round(width * DRAWN)), joint="curve")

    def _place(self, x: float, loss: float) -> Point:
        up = (min(max(loss, LOWEST), HIGHEST) - LOWEST) / (HIGHEST - LOWEST)
        return self._left + PANEL[0] * x / self._furthest, TOP + PANEL[1] * (1 - up)


def text(draw: ImageDraw.ImageDraw, at: Point, words: str, size: int, color: tuple[int, int, int], anchor: str) -> None:
    """Words at a place, which `anchor` says is what of them."""
    font = ImageFont.load_default(size * DRAWN)
    draw.text((at[0] * DRAWN, at[1] * DRAWN), words, fill=color, font=font, anchor=anchor)


def draw_plot(out: Path) -> PillowImage.Image:
    """Both panels, with their ways named above."""
    canvas = PillowImage.new("RGB", (SIZE[0] * DRAWN, SIZE[1] * DRAWN), PAPER)
    draw = ImageDraw.Draw(canvas, "RGBA")
    text(draw, (LEFTS[0], 20), "Loss of the steps", 16, INK, "lm")
    ways = [way for way in STYLES if any(run["way"] == way for run in results(out))]
    for number, way in enumerate(ways):
        color, dash = STYLES[way]
        x = LEFTS[0] + 160 + 150 * number
        for part in dashed([(x, 20), (x + 42, 20)], dash) if dash else [[(x, 20), (x + 42, 20)]]:
            draw.line([(px * DRAWN, py * DRAWN) for px, py in part], fill=color, width=round(2.4 * DRAWN))
        text(draw, (x + 50, 20), way, 13, color, "lm")
    for left, against, words in zip(LEFTS, ("step", "cpu_seconds"), ("steps", "processor seconds"), strict=True):
        found = {way: curves(out, way, against) for way in ways}
        panel = Panel(draw, left, max(float(where[-1]) for where, _ in found.values()))
        panel.axes(words)
        for way, (where, losses) in found.items():
            panel.band(where, losses, STYLES[way][0])
        for way, (where, losses) in found.items():
            panel.curve(where, losses.mean(0), way)
    return canvas.reduce(SMOOTHING)


def main() -> None:
    """Table to standard output, plot to a file."""
    out, plot = Path(sys.argv[1]), Path(sys.argv[2])
    found = list(results(out))
    print("\n".join(table(found)))
    print(of_patches())
    draw_plot(out).save(plot, "PNG", dpi=(72 * SCALE, 72 * SCALE), optimize=True)


if __name__ == "__main__":
    main()
