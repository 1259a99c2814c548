"""`fcn-gui evaluate`."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fcn_gui.cli import choices
from fcn_gui.cli.reporting import as_json, follow, show
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
@as_json
def command(dataset: Path, split: str | None, checkpoint: str, device: str, refine: str, as_json: bool) -> None:
    """Confusion matrix and measures of a checkpoint on DATASET (a VOC folder, a project, or images/ with masks/).

    Classes are matched by name. One scale, no mirror image; means are over the classes present in the truth.
    """
    from fcn_gui.learn.evaluate import evaluate

    loaded = choices.load_checkpoint(checkpoint)
    result = follow(evaluate(loaded, read_dataset(dataset, split), device, Refinement(refine)), "evaluate", as_json)
    facts = {**measures(result), "preset": dict(loaded.preset), "refine": refine}
    show(facts, "\n".join(lines(facts)), as_json)


def measures(result: "Evaluation") -> dict[str, Any]:
    """The JSON object of `evaluate`: fractions 0…1, classes that the truth does not have left out."""
    found = result.measures
    iu = zip(result.label_map.names, found.iu.tolist(), strict=True)
    return {
        "images": len(result.images),
        "pixel_accuracy": found.pixel_accuracy,
        "mean_accuracy": found.mean_accuracy,
        "mean_iu": found.mean_iu,
        "frequency_weighted_iu": found.frequency_weighted_iu,
        "trimap_iu": result.trimap_iu,
        "per_class": {name: value for name, value in iu if not math.isnan(value)},
        "confusion": result.confusion.tolist(),
        "seconds": round(result.seconds, 3),
    }


def lines(facts: Mapping[str, Any]) -> list[str]:
    """The measures for a person."""
    names = ("pixel_accuracy", "mean_accuracy", "mean_iu", "frequency_weighted_iu", "trimap_iu")
    text = [f"{facts['images']} images, {facts['seconds']:.1f} s, preset {facts['preset']['name']}"]
    text += [f"{name.replace('_', ' ').replace(' iu', ' IU'):24} {facts[name]:.4f}" for name in names]
    return text + [f"  {name:22} {value:.4f}" for name, value in facts["per_class"].items()]
