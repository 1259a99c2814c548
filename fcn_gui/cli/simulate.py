"""`fcn-gui simulate`."""

import tempfile
from pathlib import Path
from typing import Any

import click

from fcn_gui.cli import choices
from fcn_gui.cli.reporting import as_json, follow, show
from fcn_gui.cli.simulate_plot import write_plot
from fcn_gui.disk.checkpoint_file import read_checkpoint_info
from fcn_gui.disk.dataset import read_dataset
from fcn_gui.session.ports import Segmenter
from fcn_gui.session.simulate import SimulationRequest, simulate
from fcn_gui.session.simulate_result import Mode, Simulation


@click.command("simulate")
@click.argument("dataset", type=click.Path(path_type=Path))
@click.option("--split", help="A list of the data set (such as val), or a file of ids; all images by default.")
@click.option(
    "--mode",
    "modes",
    multiple=True,
    type=click.Choice([mode.value for mode in Mode]),
    help="May be given several times; all four by default, manual always.",
)
@choices.checkpoint
@choices.device
@click.option("--seed", default=0, show_default=True)
@click.option("--pace", type=click.FloatRange(min=0), help="Seconds a step of a fine-tune takes; measured by default.")
@click.option("--plot", type=click.Path(dir_okay=False, path_type=Path), help="Draw the seconds as a PNG.")
@as_json
def command(
    dataset: Path,
    split: str | None,
    modes: tuple[str, ...],
    checkpoint: str,
    device: str,
    seed: int,
    pace: float | None,
    plot: Path | None,
    as_json: bool,
) -> None:
    """How many seconds a made-up person takes to annotate DATASET, by hand and with the machine's help.

    The person is always the same, works through the images in order and brings every mask as near to the truth as by
    hand. `ratio` is seconds and waiting in those of painting by hand.
    """

    def segmenter() -> Segmenter:
        from fcn_gui.learn.segmenter import TorchSegmenter

        # The fastest way to compute is not looked for: it may differ from run to run, and with it a pixel.
        return TorchSegmenter(device, measured=False)

    start = choices.checkpoint_path(checkpoint)
    read_checkpoint_info(start)
    wanted = tuple(map(Mode, modes)) or tuple(Mode)
    request = SimulationRequest(read_dataset(dataset, split), start, wanted, seed, pace)
    with tempfile.TemporaryDirectory(prefix="fcn-gui-simulate-") as scratch:
        found = follow(simulate(request, segmenter, Path(scratch)), "simulate", as_json)
    if plot is not None:
        write_plot(plot, found, f"{dataset.name}, {len(request.dataset.items)} images")
    facts = {**found.facts(), "images": len(request.dataset.items), "seed": seed, "checkpoint": checkpoint}
    show(facts, "\n".join(lines(found)), as_json)


def lines(found: Simulation) -> list[str]:
    """The table for a person."""
    text = [f"{'mode':8}{'seconds':>10}{'waiting':>10}{'strokes':>9}{'at limit':>10}{'mean IU':>9}{'ratio':>8}"]
    for mode, result in found.modes.items():
        facts: dict[str, Any] = result.facts()
        text.append(
            f"{mode.value:8}{result.seconds:10.1f}{result.waiting:10.1f}{result.strokes:9}{facts['hit_limit']:10}"
            f"{result.final_mean_iu:9.4f}{found.ratio(mode):8.3f}"
            + ("  void: worse masks than by hand" if found.is_void(mode) else "")
        )
        if mode is Mode.FULL:
            ends = f"{result.accepted} accepted, {result.refused} refused, {result.unfinished} unfinished"
            text.append(f"{'':8}fine-tunes: {ends}")
    if found.pace is not None:
        text.append(f"pace: {found.pace:.4g} s a step (--pace {found.pace:.4g} for the same strokes again)")
    return text
