"""`fcn-gui train`."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from fcn_gui.cli import choices
from fcn_gui.cli.reporting import as_json, follow, show
from fcn_gui.core.checkpoint import Checkpoint
from fcn_gui.core.errors import CheckpointError
from fcn_gui.core.label_map import LabelMap
from fcn_gui.disk.checkpoint_file import write_checkpoint
from fcn_gui.disk.dataset import read_dataset

if TYPE_CHECKING:
    from fcn_gui.learn.recipe import HeavyRecipe, Recipe
    from fcn_gui.learn.train import TrainResult

RECIPES = ("same-classes", "own-classes", "heavy", "heavy-small")
HEAVY = tuple(name for name in RECIPES if name.startswith("heavy"))
SAMPLINGS = {"cells": "cell", "pixels": "pixel", "patches": "patch"}
BALANCE_POWER = 0.5
STRIDES = {f"{stride}s": stride for stride in (32, 16, 8, 4, 2)}


@click.command("train")
@click.argument("dataset", type=click.Path(path_type=Path))
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="The new checkpoint.")
@click.option("--from", "start", default=choices.START, show_default=True, help="A bundled checkpoint, or a file.")
@click.option("--trunk", help="Random weights on this trunk (such as vgg16), or what --from must have.")
@click.option("--strides", type=click.Choice(list(STRIDES)), help="How fine; as its start by default.")
@click.option("--recipe", type=click.Choice(RECIPES), help="By what the start knows; heavy: the published one.")
@click.option("--epochs", type=click.FloatRange(min=0, min_open=True), help="How long, in passes over the images.")
@click.option("--minutes", type=click.FloatRange(min=0, min_open=True), help="How long, in minutes instead.")
@click.option("--seed", default=0, show_default=True)
@click.option("--sample", type=click.Choice(list(SAMPLINGS)), help="Learn from a share of these in each step.")
@click.option("--keep", type=click.FloatRange(0, 1, min_open=True), help="Which share; 1/share as many images a step.")
@click.option(
    "--balance", type=click.Choice(["weights", "draws"]), help="Rare classes count more, or are kept more often."
)
@click.option(
    "--log", "log_path", type=click.Path(path_type=Path), help="Loss and seconds of each step, lines of JSON."
)
@click.option("--half", is_flag=True, help="Store the weights as float16.")
@click.option("--each-stage", is_flag=True, help="With heavy: also write the coarser networks, beside it.")
@choices.device
@as_json
def command(
    dataset: Path,
    output: Path,
    start: str,
    trunk: str | None,
    strides: str | None,
    recipe: str | None,
    epochs: float | None,
    minutes: float | None,
    seed: int,
    sample: str | None,
    keep: float | None,
    balance: str | None,
    log_path: Path | None,
    half: bool,
    each_stage: bool,
    device: str,
    as_json: bool,
) -> None:
    """Train on the train list of DATASET; report on its val.

    Runs under torchrun too: several processes share each batch, the first one writes. The recipe "heavy" goes from the
    coarsest network to the finest in stages, as the published FCNs did: 100 000 images each, unless --epochs or
    --minutes say how long all of it takes.

    --sample cells --keep 0.25 is the paper's loss sampling (docs/loss-sampling.md): a step looks at a quarter of the
    cells of the coarsest stride, in four times as many crops. Patches are cut out, and nothing around them is seen.
    """
    from fcn_gui.learn.ranks import ranks
    from fcn_gui.learn.step_log import StepLog
    from fcn_gui.learn.train import TrainRequest, train
    from fcn_gui.net.device import choose
    from fcn_gui.net.fcn import build_trunk, strides_down_to

    if each_stage and recipe not in HEAVY:
        raise click.UsageError(f"--each-stage is for --recipe {' and '.join(HEAVY)}")
    if epochs is not None and minutes is not None:
        raise click.UsageError("choose --epochs or --minutes, not both")
    whole = read_dataset(dataset)
    begin = _start(start, trunk, whole.label_map, seed)
    chosen = _sampled(_recipe(recipe, begin, whole.label_map), sample, keep, balance)
    request = TrainRequest(
        read_dataset(dataset, "train") if "train" in whole.splits else whole,
        read_dataset(dataset, "val") if "val" in whole.splits else None,
        begin,
        epochs=epochs,
        minutes=minutes,
        seed=seed,
        strides=strides_down_to(build_trunk(begin.trunk), STRIDES[strides]) if strides else None,
        recipe=chosen,
        device=device,
        half=half,
        keep_stage=partial(_keep_stage, output) if each_stage else None,
    )
    with ranks(choose(device).name) as processes:
        if log_path is not None and processes.is_first:
            request = replace(request, log=StepLog(log_path))
        result = follow(train(request, processes), "train", as_json or not processes.is_first)
    if processes.is_first:
        _report(output, write_checkpoint(output, result.checkpoint), result, as_json)


def _report(output: Path, new_id: str, result: "TrainResult", as_json: bool) -> None:
    val = result.val
    facts = {
        "checkpoint": str(output),
        "id": new_id,
        "epochs": result.epochs,
        "seconds": round(result.seconds, 3),
        "mean_iu": val.measures.mean_iu if val else None,
        "pixel_accuracy": val.measures.pixel_accuracy if val else None,
        "trimap_iu": val.trimap_iu if val else None,
    }
    on_val = f"; val: mean IU {facts['mean_iu']:.4f}, pixel accuracy {facts['pixel_accuracy']:.4f}" if val else ""
    show(facts, f"{output}: {result.epochs:g} epochs in {result.seconds:.0f} s{on_val}", as_json)


def _keep_stage(output: Path, checkpoint: Checkpoint) -> None:
    """As OUTPUT-32s.safetensors for output.safetensors. Raises SaveError."""
    write_checkpoint(output.with_name(f"{output.stem}-{checkpoint.strides[-1]}s{output.suffix}"), checkpoint)


def _recipe(name: str | None, begin: Checkpoint, label_map: LabelMap) -> "Recipe | HeavyRecipe":
    from fcn_gui.learn.recipe import RECIPES as RECIPE_OF
    from fcn_gui.learn.recipe import recipe_for

    return RECIPE_OF[name] if name else recipe_for(begin, label_map)


def _sampled(
    recipe: "Recipe | HeavyRecipe", sample: str | None, keep: float | None, balance: str | None
) -> "Recipe | HeavyRecipe":
    """The recipe with --sample, --keep and --balance. Raises UsageError for those that don't go together."""
    from fcn_gui.learn.loss import Sampling
    from fcn_gui.learn.recipe import Recipe

    if (sample is None) != (keep is None):
        raise click.UsageError("--sample and --keep go together")
    if balance == "draws" and sample not in ("cells", "pixels"):
        raise click.UsageError("--balance draws needs --sample cells or --sample pixels")
    if sample is None and balance is None:
        return recipe
    if not isinstance(recipe, Recipe):
        raise click.UsageError("the heavy recipe looks at every pixel alike: leave out --sample and --balance")
    if sample is not None and keep is not None:
        recipe = replace(recipe, sampling=Sampling(SAMPLINGS[sample]), kept=keep)
    if balance is not None:
        recipe = replace(recipe, balance=BALANCE_POWER, is_balanced_by_draws=balance == "draws")
    return recipe


def _start(start: str, trunk: str | None, label_map: LabelMap, seed: int) -> Checkpoint:
    """The checkpoint of --from; random weights on --trunk where only that is given. Raises CheckpointError."""
    from fcn_gui.net.checkpoint import fresh
    from fcn_gui.net.foreign_weights import read_start
    from fcn_gui.net.vgg16 import staged_from_at_once

    source = click.get_current_context().get_parameter_source("start")
    if trunk is not None and source is ParameterSource.DEFAULT:
        return fresh(trunk, label_map, seed=seed)
    read = read_start(choices.checkpoint_path(start))
    if trunk is not None and trunk != read.trunk:
        read = staged_from_at_once(read)
    if trunk not in (None, read.trunk):
        raise CheckpointError(f"{start} has the trunk {read.trunk}, not {trunk}; leave out --from or --trunk.")
    return read
