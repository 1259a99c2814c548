"""A window of its own for the autopilot, the main job on the sample photographs in it, and what came out in numbers."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image as PillowImage
from PySide6.QtWidgets import QApplication

from fcn_gui.app import build
from fcn_gui.cli.autopilot.main_job import Outcome, Task, main_job, measured
from fcn_gui.cli.autopilot.pilot import Pilot
from fcn_gui.core.label_map_text import read_label_map
from fcn_gui.core.raster import Mask
from fcn_gui.core.setting_rows import RETRAIN_AFTER
from fcn_gui.disk.bundled import samples_dir
from fcn_gui.disk.mask_file import read_voc_mask, write_mask
from fcn_gui.disk.samples import PHOTOS, SERIES, copy_samples, reference_mask
from fcn_gui.disk.user_data import UserData
from fcn_gui.disk.voc_ids import export_ids
from fcn_gui.session.engine import SegmenterFactory

CORRECTED = frozenset(
    {
        *("astronaut.jpg", "cat.jpg", "chickens.jpg", "cow.jpg", "dog.jpg", "kingfisher.jpg", "owl.jpg"),
        *("windmill_altenbeichlingen.jpg", "windmill_bekonscot.jpg", "windmill_dudutki.jpg"),
        *("windmill_khokhlovka.jpg", "windmill_linda.jpg", "windmill_podgoschi.jpg", "windmill_rhodes.jpg"),
        "windmill_schillingstedt.jpg",
    }
)
"""Of the windmills so many that enough of them teach, however many the project's seed holds out."""
NEW_CLASS = "windmill"
LEAST_TAUGHT_IU = 0.6


@dataclass(frozen=True)
class Report:
    """`figures` ready for JSON; in words, what the program did not do and which figures fell short.

    How much a network learns differs a little from processor to processor, so a short figure is told and is no failure.
    """

    figures: dict[str, Any]
    broken: tuple[str, ...]
    short: tuple[str, ...] = ()


def run(work: Path, requested: float, segmenter_factory: SegmenterFactory | None = None) -> Report:
    """Do the main job on a copy of the samples in `work`/photos; the data set goes to `work`/VOCdevkit/VOC2012.

    `requested` is when the window was asked for (time.perf_counter). The masks that showed are in `work`/shown.
    """
    photos = work / "photos"
    by_kind = {kind: copy_samples(photos, (kind,)) for kind in (PHOTOS, SERIES)}
    label_map = read_label_map(samples_dir())
    names = [*by_kind[PHOTOS], *by_kind[SERIES]]
    truths = {name: read_voc_mask(reference_mask(name), label_map, None) for name in names}
    task = Task(photos, work / "VOCdevkit" / "VOC2012", truths, CORRECTED, NEW_CLASS)
    outcome = _drive(work, task, requested, segmenter_factory)
    _keep_shown(work / "shown", outcome)
    report = _report(task, outcome, by_kind)
    report.figures["seconds"] = round(time.perf_counter() - requested, 1)
    report.figures["folder"] = str(work)
    return report


def _drive(work: Path, task: Task, requested: float, segmenter_factory: SegmenterFactory | None) -> Outcome:
    """The script in the event loop of a window that keeps its settings to itself."""
    application = QApplication.instance()
    app = application if isinstance(application, QApplication) else QApplication(sys.argv[:1])
    own = UserData(work / "program" / "config", work / "program" / "data", work / "program" / "log")
    program = build(app, own, segmenter_factory)
    # The demo measures one fine-tune on all its corrections: one that began amid them would go live between two looks.
    program.settings.set(RETRAIN_AFTER, 0)
    pilot = Pilot(main_job(program, task, requested))
    pilot.ended.connect(app.quit)
    pilot.start()
    try:
        app.exec()
    finally:
        program.window.close()
        program.model.shutdown()
    if pilot.error is not None:
        raise pilot.error
    outcome: Outcome = pilot.result
    return outcome


def _report(task: Task, outcome: Outcome, by_kind: dict[str, list[str]]) -> Report:
    left = {kind: [name for name in names if name not in task.corrected] for kind, names in by_kind.items()}
    assert outcome.label_map is not None
    taught = outcome.label_map.index(task.new_class)
    assert taught is not None
    untouched = [*left[PHOTOS], *left[SERIES]]
    before, after = _mean_ius(task, outcome, untouched)
    known_before, known_after = _mean_ius(task, outcome, left[PHOTOS])
    taught_before = float(measured(outcome, task.truths, left[SERIES], after=False).iu[taught])
    taught_after = float(measured(outcome, task.truths, left[SERIES], after=True).iu[taught])
    exported, different = _compare_export(task.export_to, outcome)
    figures = {
        "first_look_mean_iu": round(before, 4),
        "after_retrain_mean_iu": round(after, 4),
        "known_classes_mean_iu_before": round(known_before, 4),
        "known_classes_mean_iu": round(known_after, 4),
        "taught_class": task.new_class,
        "taught_class_iu_before": round(taught_before, 4),
        "taught_class_iu": round(taught_after, 4),
        "strokes": outcome.strokes,
        "exported": exported,
        "export_equals_window": not different,
        "first_paint_ms": round(outcome.first_paint_ms, 1),
        "receipt": outcome.receipt,
        "corrected": sorted(task.corrected),
        "held_out": sorted(outcome.held_out),
        "not_corrected": sorted(untouched),
        "export": str(task.export_to),
    }
    figures_held: tuple[tuple[bool, str], ...] = (
        (after >= before, f"mean IU of the photos that were not corrected fell from {before:.4f} to {after:.4f}"),
        (
            known_after >= known_before,
            f"mean IU of those without a {task.new_class} fell from {known_before:.4f} to {known_after:.4f}",
        ),
        (taught_after >= LEAST_TAUGHT_IU, f"{task.new_class} has an IU of {taught_after:.3f} only"),
    )
    done: tuple[tuple[bool, str], ...] = (
        (exported == len(task.truths), f"{exported} of {len(task.truths)} photos were exported"),
        (not different, f"the exported mask of {', '.join(different)} is not what the window showed"),
    )
    return Report(figures, _not_held(done), _not_held(figures_held))


def _mean_ius(task: Task, outcome: Outcome, keys: Sequence[str]) -> tuple[float, float]:
    """Of the first looks, and of what showed after learning, over `keys` together."""
    before, after = (measured(outcome, task.truths, keys, after=is_after).mean_iu for is_after in (False, True))
    return before, after


def _not_held(checks: tuple[tuple[bool, str], ...]) -> tuple[str, ...]:
    return tuple(words for holds, words in checks if not holds)


def _compare_export(target: Path, outcome: Outcome) -> tuple[int, list[str]]:
    """How many masks were written, and which of them differ from what the window showed, read by Pillow alone."""
    keys = list(outcome.first_looks)
    written = {path.stem: path for path in (target / "SegmentationClass").glob("*.png")}
    different = [
        key
        for key, name in zip(keys, export_ids(keys), strict=True)
        if name not in written or not np.array_equal(_pixels(written[name]), outcome.shown[key])
    ]
    return len(written), different


def _pixels(path: Path) -> Mask:
    with PillowImage.open(path) as picture:
        return np.array(picture)


def _keep_shown(folder: Path, outcome: Outcome) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    assert outcome.label_map is not None
    for key, name in zip(outcome.shown, export_ids(list(outcome.shown)), strict=True):
        write_mask(folder / f"{name}.png", outcome.shown[key], outcome.label_map)
