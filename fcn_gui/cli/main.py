"""The program `fcn-gui`: picks the command, turns errors into one line and an exit code.

0 done, 1 failed, 2 wrong use, 130 interrupted.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from fcn_gui.cli.command_list import COMMANDS
from fcn_gui.core.errors import FcnGuiError

FAILED, INTERRUPTED = 1, 130

# Read when PyTorch is loaded. Threads of the network that wait are to sleep: spinning they take the processor from the
# window and from other programs, and where there are any, a step of a fine-tune took ten times as long.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the program with `arguments` (those of the process by default) and exit with its code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    sys.exit(_open_window(given) if _only_opens_the_window(given) else _run_command(given))


def _only_opens_the_window(given: list[str]) -> bool:
    """No command and no option: the window comes up without waiting for the command-line library."""
    if len(given) != 1:
        return not given
    return given[0] not in COMMANDS and not given[0].startswith("-") and Path(given[0]).is_dir()


def _open_window(given: list[str]) -> int:
    from fcn_gui.app import run

    try:
        return run(Path(given[0]) if given else None)
    except FcnGuiError as failure:
        return _tell(failure)


def _run_command(given: list[str]) -> int:
    import click

    from fcn_gui.cli.commands import program

    try:
        code = program.main(given, prog_name="fcn-gui", standalone_mode=False)
    except click.ClickException as wrong_use:
        wrong_use.show()
        return wrong_use.exit_code
    except (click.Abort, KeyboardInterrupt):
        print("fcn-gui: interrupted; what was finished stays", file=sys.stderr)
        return INTERRUPTED
    except FcnGuiError as failure:
        return _tell(failure)
    return code if isinstance(code, int) else 0


def _tell(failure: FcnGuiError) -> int:
    print(f"fcn-gui: {failure}", file=sys.stderr)
    return FAILED
