"""`fcn-gui export`."""

from pathlib import Path

import click

from fcn_gui.cli.reporting import as_json, follow, show
from fcn_gui.core.settings import Settings
from fcn_gui.disk.voc_truth import ExportOptions
from fcn_gui.session import headless
from fcn_gui.session.session import Session


@click.command("export")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "-o", "--output", required=True, type=click.Path(file_okay=False, path_type=Path), help="For the data set."
)
@click.option("--all", "all_images", is_flag=True, help="Images that are not verified too.")
@click.option("--unvouched", type=click.Choice(["void", "predicted"]), default="void", show_default=True)
@click.option("--void-band", type=click.IntRange(0, 50), default=0, show_default=True, help="Void along borders, px.")
@click.option("--void", type=click.Choice(["255", "background"]), default="255", show_default=True)
@click.option("--no-metadata", is_flag=True, help="Leave out EXIF and the like, such as GPS.")
@click.option("--overwrite", is_flag=True, help="Replace what is in the folder.")
@click.option("--project", type=click.Path(file_okay=False, path_type=Path), help="Where the project is kept.")
@as_json
def command(
    folder: Path,
    output: Path,
    all_images: bool,
    unvouched: str,
    void_band: int,
    void: str,
    no_metadata: bool,
    overwrite: bool,
    project: Path | None,
    as_json: bool,
) -> None:
    """Write the verified masks of the project in FOLDER as a PASCAL VOC data set."""
    options = ExportOptions(
        only_verified=not all_images,
        unvouched="predicted" if unvouched == "predicted" else "void",
        void_band_px=void_band,
        void_index="background" if void == "background" else 255,
        keep_metadata=not no_metadata,
        overwrite=overwrite,
    )
    with headless.opened(Session(Settings()), folder, project) as session:
        report = follow(headless.export(session, output, options), "export", as_json)
    facts = report.to_json()
    text = [f"{report.written} images written to {report.path}, {report.verified} of them verified"]
    text += [f"left out {row['file']}: {row['reason']}" for row in facts["left_out"]]
    text += [f"{row['file']} is {row['id']} there" for row in facts["renamed"]]
    show(facts, "\n".join(text + facts["notes"]), as_json)
