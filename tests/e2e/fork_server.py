"""Runs `fcn-gui` commands one after the other, each in a fork of this process, which has imported what they need.

Started as `python -m` by `program`: reads one JSON object a line (arguments, environment, files for standard output and
error) and answers each with the exit code. What a cold start does is for `test_installed`.
"""

import importlib
import json
import os
import sys
import traceback

from fcn_gui.cli.command_list import COMMANDS
from fcn_gui.cli.main import main


def become_the_program(arguments: list[str], environment: dict[str, str], out: str, err: str) -> int:
    """Run the command in this process; its exit code."""
    os.environ.clear()
    os.environ.update(environment)
    for path, number in ((os.devnull, 0), (out, 1), (err, 2)):
        os.dup2(os.open(path, os.O_RDWR | os.O_CREAT), number)
    sys.argv = ["fcn-gui", *arguments]
    try:
        main()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:  # noqa: BLE001  as the interpreter does it
        traceback.print_exc()
        return 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


def serve() -> None:
    for name in COMMANDS:
        importlib.import_module(f"fcn_gui.cli.{name}")
    for name in ("torch", "torchvision", "fcn_gui.learn.segmenter", "fcn_gui.session.headless"):
        importlib.import_module(name)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            code = 1
            try:
                code = become_the_program(**json.loads(line))
            finally:
                os._exit(code)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    serve()
