"""`fcn-gui demo`."""

import tempfile
import time
from pathlib import Path
from typing import Any

import click

from fcn_gui.cli.reporting import as_json, show
from fcn_gui.disk.samples import copy_samples
from fcn_gui.disk.user_data import UserData
from fcn_gui.qt import display


@click.command("demo")
@click.option("--auto", is_flag=True, help="Let the program drive its own window through the main job, and measure.")
@click.option("--into", type=click.Path(file_okay=False, path_type=Path), help="Copy and work here (a new folder).")
@as_json
def command(auto: bool, into: Path | None, as_json: bool) -> int:
    """Open the window on a copy of the sample photos; with --auto watch it correct, retrain and export by itself."""
    requested = time.perf_counter()
    if into is not None and into.exists() and any(into.iterdir()):
        raise click.BadParameter(f"{into} is not empty; name a new folder", param_hint="--into")
    return _drive(into, requested, as_json) if auto else _open(into)


def _open(into: Path | None) -> int:
    from fcn_gui.app import run

    display.demand()
    folder = into or _next_folder(UserData.standard().data_dir)
    copy_samples(folder)
    return run(folder)


def _drive(into: Path | None, requested: float, as_json: bool) -> int:
    display.do_without()
    from fcn_gui.cli.autopilot.run import run

    work = into or Path(tempfile.mkdtemp(prefix="fcn-gui-demo-"))
    report = run(work.resolve(), requested)
    show({**report.figures, "short": list(report.short)}, _words(report.figures), as_json)
    for short in report.short:
        click.echo(f"fcn-gui: a figure of the demo fell short: {short}.", err=True)
    for broken in report.broken:
        click.echo(f"fcn-gui: the demo did not do what it promises: {broken}; {work} has everything.", err=True)
    return 1 if report.broken else 0


def _next_folder(data_dir: Path) -> Path:
    """A folder that is not there yet, so that each demo starts afresh and none is lost."""
    number = 1
    while (folder := data_dir / f"demo-{number}").exists():
        number += 1
    return folder


def _words(figures: dict[str, Any]) -> str:
    receipt = figures["receipt"]
    return "\n".join(
        (
            f"{len(figures['corrected'])} photos corrected with {figures['strokes']} strokes, "
            f"of these held out: {', '.join(figures['held_out']) or 'none'}",
            f"{len(figures['not_corrected'])} photos not corrected: mean IU at first look "
            f"{figures['first_look_mean_iu']:.4f}, after retraining {figures['after_retrain_mean_iu']:.4f}",
            f"taught {figures['taught_class']}: IU on photos that were not corrected "
            f"{figures['taught_class_iu_before']:.3f}, after retraining {figures['taught_class_iu']:.3f}",
            f"receipt: {receipt.get('reason', 'none')}",
            f"{figures['exported']} photos exported to {figures['export']}, "
            f"{'equal to' if figures['export_equals_window'] else 'other than'} what the window showed",
            f"first paint after {figures['first_paint_ms']:.0f} ms, {figures['seconds']:.0f} s in all",
        )
    )
