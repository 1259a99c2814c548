"""The program as click sees it; a command's module is imported when it is called, so that `--help` answers at once."""

from importlib import import_module

import click

from fcn_gui import __version__
from fcn_gui.cli.command_list import COMMANDS


class Program(click.Group):
    """`fcn-gui FOLDER` opens the window; `fcn-gui COMMAND …` does the rest."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = import_module(f"fcn_gui.cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            args = ["open", *args]
        return super().resolve_command(ctx, args)


@click.command(cls=Program, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="fcn-gui")
@click.pass_context
def program(ctx: click.Context) -> int | None:
    """Interactive segmentation annotator: open a folder, correct the predicted masks, export PASCAL VOC.

    `fcn-gui [FOLDER]` opens the window; each command has its own --help.
    """
    if ctx.invoked_subcommand is None:
        from fcn_gui.app import run

        return run(None)
    return None
