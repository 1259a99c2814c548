"""The command line as a person meets it: another process, its exit code and what it says."""

import os
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
Told = subprocess.CompletedProcess[str]


def fcn_gui(*arguments: object) -> Told:
    """Run `fcn-gui` with arguments, to its end."""
    command = [sys.executable, "-m", "fcn_gui", *map(str, arguments)]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False, timeout=110
    )


def one_line_of_failure(told: Told) -> str:
    """The only line of a program that failed, as it must."""
    assert told.returncode == 1, (told.returncode, told.stdout, told.stderr)
    lines = told.stderr.strip().splitlines()
    assert len(lines) == 1, told.stderr
    assert lines[0].startswith("fcn-gui: ")
    return lines[0]
