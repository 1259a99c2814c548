"""`fcn-gui [FOLDER]`."""

from pathlib import Path

import click


@click.command("open")
@click.argument("folder", required=False, type=click.Path(file_okay=False, path_type=Path))
@click.option("--project", type=click.Path(file_okay=False, path_type=Path), help="Keep the project here instead.")
def command(folder: Path | None, project: Path | None) -> int:
    """Open the window, on FOLDER where one is given."""
    from fcn_gui.app import run

    if folder is not None and not folder.is_dir():
        raise click.BadParameter(f"there is no folder '{folder}' and no command of that name", param_hint="FOLDER")
    return run(folder, project)
