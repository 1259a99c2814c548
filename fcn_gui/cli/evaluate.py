"""`fcn-gui evaluate`."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import numpy as np
from numpy.typing import NDArray

from fcn_gui.cli import choices
from fcn_gui.cli.reporting import as_json, follow, show
from fcn_gui.core.border_bands import WIDTHS_PX
from fcn_gui.core.metrics import Measures, Over
from fcn_gui.core.refinement import Refinement
from fcn_gui.disk.dataset import read_dataset

if TYPE_CHECKING:
    from fcn_gui.learn.evaluate import Evaluation


@click.command("evaluate")
@click.argument("dataset", type=click.Path(path_type=Path))
@click.option("--split", help="A list of the data set (such as val), or a file of ids; all images by default.")
@choices.checkpoint
@choices.device
@choices.refine
@click.option("--by-stride", "is_by_stride", is_flag=True, help="Also as far as 16s, 8s, … alone: what each skip adds.")
@as_json
def command(
    dataset: Path, split: str | None, checkpoint: str, device: str, refine: str, is_by_stride: bool, as_json: bool
) -> None:
    """Confusion matrix and measures of a checkpoint on DATASET (a VOC folder, a project, or images/ with masks/).

    Classes are matched by name. One scale, no mirror image; means are over the classes present in the truth, and
    `mean_iu_union` is over those that were only said as well, with 0.
    """
    from fcn_gui.learn.evaluate import evaluate

    if is_by_stride and refine == Refinement.LOOKS:
        raise click.UsageError("--by-stride is of one look at each photo; choose another --refine.")
    loaded = choices.load_checkpoint(checkpoint)
    job = evaluate(loaded, read_dataset(dataset, split), device, Refinement(refine), is_by_stride)
    result = follow(job, "evaluate", as_json)
    facts = {**measures(result), "preset": dict(loaded.preset), "refine": refine}
    show(facts, "\n".join(lines(facts)), as_json)


def measures(result: "Evaluation") -> dict[str, Any]:
    """The JSON object of `evaluate`: fractions 0…1, classes that the truth does not have left out."""
    found, names = result.measures, result.label_map.names
    facts: dict[str, Any] = {
        "images": len(result.images),
        "pixel_accuracy": found.pixel_accuracy,
        "mean_accuracy": found.mean_accuracy,
        "mean_iu": found.mean_iu,
        "frequency_weighted_iu": found.frequency_weighted_iu,
        "trimap_iu": _or_none(result.trimap_iu),
        "mean_iu_union": result.mean_iu(Over.UNION),
        "trimap_curve": dict(zip(map(str, WIDTHS_PX), map(_or_none, result.trimap_curve), strict=True)),
        "per_class": _known(names, found.iu),
        "per_class_accuracy": _known(names, found.accuracy),
        "confusion": result.confusion.tolist(),
        "seconds": round(result.seconds, 3),
    }
    if strides := result.by_stride:
        facts["by_stride"] = {str(s): _short(each, trimap_iu) for s, (each, trimap_iu) in strides.items()}
    return facts


def _known(names: Sequence[str], values: NDArray[np.float64]) -> dict[str, float]:
    return {name: value for name, value in zip(names, values.tolist(), strict=True) if not math.isnan(value)}


def _short(found: Measures, trimap_iu: float) -> dict[str, float | None]:
    return {
        "pixel_accuracy": found.pixel_accuracy,
        "mean_accuracy": found.mean_accuracy,
        "mean_iu": found.mean_iu,
        "frequency_weighted_iu": found.frequency_weighted_iu,
        "trimap_iu": _or_none(trimap_iu),
    }


def _or_none(value: float) -> float | None:
    """JSON has no nan: a set without borders has nothing near them."""
    return None if math.isnan(value) else value


def lines(facts: Mapping[str, Any]) -> list[str]:
    """The measures for a person."""
    names = ("pixel_accuracy", "mean_accuracy", "mean_iu", "mean_iu_union", "frequency_weighted_iu", "trimap_iu")
    text = [f"{facts['images']} images, {facts['seconds']:.1f} s, preset {facts['preset']['name']}"]
    known = [(name.replace("_", " ").replace(" iu", " IU"), facts[name]) for name in names if facts[name] is not None]
    text += [f"{words:24} {value:.4f}" for words, value in known]
    text += [f"  {name:22} {value:.4f}" for name, value in facts["per_class"].items()]
    curve = (f"{px} px {value:.4f}" for px, value in facts["trimap_curve"].items() if value is not None)
    text.append("mean IU near borders: " + ", ".join(curve))
    for stride, each in facts.get("by_stride", {}).items():
        near = "" if each["trimap_iu"] is None else f", trimap IU {each['trimap_iu']:.4f}"
        text.append(f"as far as {stride + 's':4} mean IU {each['mean_iu']:.4f}{near}")
    return text
