"""The plot of a simulation: the person's seconds, waiting included, over the images, one line a mode."""

from pathlib import Path

import numpy as np
from PIL import Image as PillowImage
from PIL import ImageDraw, ImageFont

from fcn_gui.core.errors import SaveError
from fcn_gui.session.simulate_result import Mode, ModeResult, Simulation

SCALE, SMOOTHING = 2, 2
"""Twice as many pixels as the sizes below say, for print and sharp screens; drawn larger still, for smooth lines."""
DRAWN = SCALE * SMOOTHING
SIZE, LEFT, RIGHT, TOP, BOTTOM = (780, 480), 64, 216, 74, 58
INK, GREY, GRID, PAPER = (30, 30, 34), (105, 105, 112), (226, 226, 230), (255, 255, 255)
# Okabe and Ito's colours, told apart by colour-blind people; dashes tell them apart in grey print.
STYLES: dict[Mode, tuple[tuple[int, int, int], tuple[int, int] | None]] = {
    Mode.MANUAL: ((90, 90, 90), None),
    Mode.FROZEN: ((0, 114, 178), (9, 5)),
    Mode.REFIT: ((213, 94, 0), (3, 4)),
    Mode.FULL: ((0, 158, 115), None),
}
LABEL_GAP = 18

Point = tuple[float, float]


def write_plot(path: Path, found: Simulation, title: str) -> None:
    """Draw to a PNG file. Raises SaveError."""
    try:
        draw_plot(found, title).save(path, "PNG", dpi=(72 * SCALE, 72 * SCALE))
    except OSError as error:
        raise SaveError(f"{path} can't be written: {error.strerror or error}; choose another place.") from error


def draw_plot(found: Simulation, title: str) -> PillowImage.Image:
    """The plot as an RGB picture of twice 780×480 pixels."""
    canvas = PillowImage.new("RGB", (SIZE[0] * DRAWN, SIZE[1] * DRAWN), PAPER)
    plot = _Plot(ImageDraw.Draw(canvas), found)
    plot.text((LEFT, 20), title, 16, INK, "lm")
    plot.axes()
    plot.lines()
    return canvas.reduce(SMOOTHING)


class _Plot:
    """Draws in points of the page; x counts images, y minutes of the person."""

    def __init__(self, draw: ImageDraw.ImageDraw, found: Simulation) -> None:
        self._draw, self._found = draw, found
        self._curves = {mode: _minutes(result) for mode, result in found.modes.items()}
        self._images = max(len(curve) - 1 for curve in self._curves.values()) or 1
        self._step = nice_step(max(float(curve[-1]) for curve in self._curves.values()))
        most = max(float(curve[-1]) for curve in self._curves.values())
        self._top = self._step * max(1, int(np.ceil(most / self._step)))

    def axes(self) -> None:
        """Grid, numbers and what they are."""
        for tick in np.arange(0, self._top + self._step / 2, self._step):
            y = self._place(0, tick)[1]
            self._line([(LEFT, y), (SIZE[0] - RIGHT, y)], GRID if tick else INK, 1)
            self.text((LEFT - 8, y), f"{tick:g}", 12, GREY, "rm")
        for image in range(0, self._images + 1, max(1, round(nice_step(self._images)))):
            x, y = self._place(image, 0)
            self._line([(x, y), (x, y + 4)], INK, 1)
            self.text((x, y + 8), str(image), 12, GREY, "ma")
        self.text(((LEFT + SIZE[0] - RIGHT) / 2, SIZE[1] - 16), "images done", 13, INK, "mm")
        self.text((LEFT, TOP - 18), "minutes, waiting included", 13, INK, "lm")

    def lines(self) -> None:
        """The curves, each with its name and total at its end; ends that are close are moved apart."""
        ends = sorted(self._curves, key=lambda mode: -float(self._curves[mode][-1]))
        heights = spread([self._place(0, float(self._curves[mode][-1]))[1] for mode in ends], LABEL_GAP * 2)
        for mode, height in zip(ends, heights, strict=True):
            color, dash = STYLES[mode]
            curve = self._curves[mode]
            points = [self._place(image, float(minutes)) for image, minutes in enumerate(curve)]
            for part in dashed(points, dash) if dash else [points]:
                self._line(part, color, 2.4)
            x = SIZE[0] - RIGHT + 12
            self._line([points[-1], (x - 2, height)], color, 1)
            self.text((x, height - 7), mode.value, 14, color, "lm")
            total = f"{curve[-1]:.1f} min, {self._found.modes[mode].strokes} strokes"
            share = "" if mode is Mode.MANUAL else f"; {self._found.ratio(mode):.2f} of manual"
            self.text((x, height + 9), total + share, 11, GREY, "lm")

    def text(self, at: Point, words: str, size: int, color: tuple[int, int, int], anchor: str) -> None:
        """Words at a place, which `anchor` says is what of them."""
        font = ImageFont.load_default(size * DRAWN)
        self._draw.text((at[0] * DRAWN, at[1] * DRAWN), words, fill=color, font=font, anchor=anchor)

    def _line(self, points: list[Point], color: tuple[int, int, int], width: float) -> None:
        scaled = [(x * DRAWN, y * DRAWN) for x, y in points]
        self._draw.line(scaled, fill=color, width=max(1, round(width * DRAWN)), joint="curve")

    def _place(self, image: float, minutes: float) -> Point:
        width, height = SIZE[0] - LEFT - RIGHT, SIZE[1] - TOP - BOTTOM
        return LEFT + width * image / self._images, TOP + height * (1 - minutes / self._top)


def _minutes(result: ModeResult) -> np.ndarray:
    """n+1 cumulated minutes of a person over n images, beginning with 0."""
    return np.cumsum([0.0, *(image.seconds + image.waiting for image in result.images)]) / 60


def nice_step(most: float, about: int = 5) -> float:
    """A step of 1, 2 or 5 times a power of ten that takes `about` of them to reach `most`."""
    rough = max(most, 1e-6) / about
    power = 10.0 ** np.floor(np.log10(rough))
    return float(next(step * power for step in (1, 2, 5, 10) if step * power >= rough * 0.999))


def spread(heights: list[float], gap: float) -> list[float]:
    """Rising heights moved down as little as keeps them `gap` apart."""
    placed: list[float] = []
    for height in heights:
        placed.append(height if not placed else max(height, placed[-1] + gap))
    below = SIZE[1] - BOTTOM + 10
    over = max(0.0, placed[-1] - below) if placed else 0.0
    return [height - over for height in placed]


def dashed(points: list[Point], dash: tuple[int, int]) -> list[list[Point]]:
    """The path cut into dashes of `dash[0]` with gaps of `dash[1]`, measured along it."""
    path = np.array(points)
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(path, axis=0).T))])
    parts = []
    for start in np.arange(0, along[-1], sum(dash)):
        stops = [start, *along[(along > start) & (along < start + dash[0])], min(start + dash[0], along[-1])]
        parts.append([(float(np.interp(s, along, path[:, 0])), float(np.interp(s, along, path[:, 1]))) for s in stops])
    return parts
