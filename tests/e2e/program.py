"""The command line as a person meets it: another process, its exit code and what it says.

Python, torch and Qt are imported once for all of them; see `fork_server`.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
Told = subprocess.CompletedProcess[str]
_servers: list["subprocess.Popen[str]"] = []


def fcn_gui(*arguments: object) -> Told:
    """Run `fcn-gui` with arguments, to its end."""
    given = list(map(str, arguments))
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder) / "out", Path(folder) / "err"
        request = {"arguments": given, "environment": _environment(), "out": str(out), "err": str(err)}
        server = _server()
        assert server.stdin is not None
        assert server.stdout is not None
        try:
            server.stdin.write(json.dumps(request) + "\n")
            server.stdin.flush()
            code = int(server.stdout.readline())
        except BaseException:
            close()  # its next answer would be taken for another's
            raise
        return Told(["fcn-gui", *given], code, out.read_text(), err.read_text())


def close() -> None:
    """End the process that runs the commands."""
    while _servers:
        with _servers.pop() as server:
            server.kill()


def _server() -> "subprocess.Popen[str]":
    if not _servers:
        command = [sys.executable, "-m", "tests.e2e.fork_server"]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        _servers.append(subprocess.Popen(command, cwd=CHECKOUT, env=_environment(), text=True, **pipes))
    return _servers[0]


def _environment() -> dict[str, str]:
    return {**os.environ, "QT_QPA_PLATFORM": "offscreen", "OMP_NUM_THREADS": "1"}


def one_line_of_failure(told: Told) -> str:
    """The only line of a program that failed, as it must."""
    assert told.returncode == 1, (told.returncode, told.stdout, told.stderr)
    lines = told.stderr.strip().splitlines()
    assert len(lines) == 1, told.stderr
    assert lines[0].startswith("fcn-gui: ")
    return lines[0]
