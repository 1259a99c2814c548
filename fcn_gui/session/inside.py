"""What the page FCN inside tells of a photograph: its figures, which class and part to show; and a stored example."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from fcn_gui.core.errors import ProjectError
from fcn_gui.core.label_map import LabelMap
from fcn_gui.core.raster import VOID, Rect
from fcn_gui.disk.bundled import inside_dir
from fcn_gui.session.skips import Skips

FACTS_FILE = "example.json"
PART = 0.4
"""Of each side of the photo: so much of it is shown where a skip is looked at closely."""
LEAST_SHARE = 0.001
"""Of the photo: a class with less than that is not worth a picture."""


@dataclass(frozen=True)
class InsideFacts:
    """Of `photo` and the class `name`: `places` answers down and across, `strides` coarsest first.

    `changed` 0…1 for each stride, the share of labels that it changed; `most_added` 0…1 the largest change of the
    probability of the class by a skip in the busiest part; `unsure` 0…1 the share of the photo that is unsure beside
    borders.
    """

    photo: str
    name: str
    places: tuple[int, int]
    strides: tuple[int, ...]
    changed: tuple[float, ...]
    most_added: float
    unsure: float


def facts_of(skips: Skips, label: int, label_map: LabelMap, unsure_below: float) -> InsideFacts:
    """What is told of `skips`, with the heatmaps of `label`; a margin under `unsure_below` counts as unsure."""
    return InsideFacts(
        skips.key,
        label_map.names[label],
        skips.places.shape,
        tuple(look.stride for look in skips.looks),
        tuple(look.changed_share for look in skips.looks),
        part_of(skips, busiest_part(skips, label)).most_added(label),
        float((skips.doubt.beside_borders < unsure_below).mean()),
    )


def class_to_show(skips: Skips, wanted: int, label_map: LabelMap) -> int:
    """The class `wanted` where the photo has some of it, else the most frequent one that is no background."""
    counts = np.bincount(skips.looks[-1].labels.ravel(), minlength=256)[: len(label_map)]
    counts[:1] = 0
    if wanted != VOID and wanted < len(counts) and counts[wanted] >= LEAST_SHARE * skips.looks[-1].labels.size:
        return wanted
    return int(counts.argmax())


def busiest_part(skips: Skips, label: int) -> Rect:
    """Where the skips change the probability of a class most, in pixels of the picture; all of it where nowhere."""
    height, width = skips.photo.shape[:2]
    moved = np.zeros((height, width), np.float32)
    for number in range(1, len(skips.looks)):
        added = np.abs(skips.added_heat(number, label))
        moved += cv2.resize(added, (width, height), interpolation=cv2.INTER_LINEAR)
    if not moved.any():
        return Rect.of(moved.shape)
    rows, cols = max(1, round(PART * height)), max(1, round(PART * width))
    sums = cv2.boxFilter(moved, -1, (cols, rows), anchor=(0, 0), normalize=False, borderType=cv2.BORDER_CONSTANT)
    inside = sums[: height - rows + 1, : width - cols + 1]
    y, x = (int(at) for at in np.unravel_index(int(inside.argmax()), inside.shape))
    return Rect(x, y, x + cols, y + rows)


def part_of(skips: Skips, part: Rect) -> Skips:
    """Photo and looks of a part of the picture; places and doubt stay those of all of it."""
    looks = []
    for look in skips.looks:
        (height, width), (full_height, full_width) = look.probabilities.shape[1:], look.labels.shape
        rows = slice(part.y0 * height // full_height, -(-part.y1 * height // full_height))
        cols = slice(part.x0 * width // full_width, -(-part.x1 * width // full_width))
        looks.append(replace(look, labels=look.labels[part.slices], probabilities=look.probabilities[:, rows, cols]))
    return replace(skips, photo=np.ascontiguousarray(skips.photo[part.slices]), looks=tuple(looks))


@dataclass(frozen=True)
class Example:
    """A photograph of the samples, looked at by the bundled checkpoint: what is told of it, and a file a picture."""

    facts: InsideFacts
    files: Mapping[str, Path]


def example() -> Example:
    """The stored example. Raises ProjectError where the installation lacks it or it can't be read."""
    folder = inside_dir()
    try:
        told = json.loads((folder / FACTS_FILE).read_text("utf-8"))
        values: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in told.items()}
        facts = InsideFacts(**values)
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise ProjectError(f"{folder / FACTS_FILE} can't be read; install fcn-gui again.") from error
    return Example(facts, {path.stem: path for path in sorted(folder.glob("*.jpg"))})
