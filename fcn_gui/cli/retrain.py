"""`fcn-gui retrain`."""

from pathlib import Path

import click

from fcn_gui.cli import choices
from fcn_gui.cli.reporting import as_json, follow, show
from fcn_gui.core.settings import Settings
from fcn_gui.session import headless
from fcn_gui.session.engine import Engine
from fcn_gui.session.session import Session


@click.command("retrain")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--seed", default=0, show_default=True)
@choices.device
@click.option("--project", type=click.Path(file_okay=False, path_type=Path), help="Where the project is kept.")
@as_json
def command(folder: Path, seed: int, device: str, project: Path | None, as_json: bool) -> None:
    """Fine-tune from the corrections of the project in FOLDER; the result goes live if it is measurably better."""
    from fcn_gui.learn.segmenter import TorchSegmenter

    with headless.opened(Session(Settings()), folder, project) as session:
        engine = Engine(lambda: TorchSegmenter(device))
        result = follow(headless.retrain(session, engine, seed), "retrain", as_json)
    verdict = result.verdict
    facts = {
        "accepted": verdict.accepted,
        "receipt": verdict.receipt(),
        "checkpoint": result.checkpoint.id,
        "number": result.number,
    }
    word = "is live" if verdict.accepted else "waits" if verdict.is_waiting else "was refused"
    show(facts, f"Checkpoint {result.number} ({result.checkpoint.id}) {word}: {verdict.reason}", as_json)
