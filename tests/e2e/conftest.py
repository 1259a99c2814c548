"""The wheel, installed into an environment of its own: what a user gets, without the checkout."""

import os
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e import program

CHECKOUT = Path(__file__).parents[2]
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session", autouse=True)
def commands_end() -> Iterator[None]:
    """What runs the commands of `program` ends with the tests."""
    yield
    program.close()


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `fcn-gui` program of an environment with the wheel; torch and Qt are borrowed from this one."""
    folder = tmp_path_factory.mktemp("installed")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(CHECKOUT)]
    subprocess.run(build, check=True, capture_output=True)
    environment = folder / "environment"
    # The pip of this environment serves that one: making another takes longer than all the rest.
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(environment)], check=True)
    python = environment / "bin" / "python"
    site = subprocess.run(
        [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    wheel = next(folder.glob("*.whl"))
    pip = [sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check"]
    subprocess.run([*pip, "install", "--no-deps", "--no-index", "-q", str(wheel)], check=True)
    (Path(site) / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return environment / "bin" / "fcn-gui"


@pytest.fixture
def fcn_gui(installed: Path, tmp_path: Path) -> Run:
    """Run the installed program from a folder far from the checkout."""

    def run(*arguments: object, **options: object) -> "subprocess.CompletedProcess[str]":
        environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": "", **options.pop("env", {})}  # type: ignore[dict-item]
        return subprocess.run(
            [str(installed), *map(str, arguments)],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=110,
            **options,  # type: ignore[call-overload]
        )

    return run
