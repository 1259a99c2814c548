"""What every test may rely on: no display, no home of its own, no thread left behind."""

import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# Threads that spin while they wait for each other take the time of everything else on a busy machine.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

IN_MEMORY, ENOUGH_BYTES = Path("/dev/shm"), 4 << 30
MOST_PROCESSES = 4
"""Each holds a network or two."""


def pytest_configure(config: pytest.Config) -> None:
    """Temporary folders lie in memory where there is room: waiting for the disk is half the time of the window's tests.

    `--basetemp` or PYTEST_DEBUG_TEMPROOT put them elsewhere.
    """
    is_free = config.option.basetemp is None and "PYTEST_DEBUG_TEMPROOT" not in os.environ
    if is_free and os.access(IN_MEMORY, os.W_OK) and shutil.disk_usage(IN_MEMORY).free > ENOUGH_BYTES:
        os.environ["PYTEST_DEBUG_TEMPROOT"] = str(IN_MEMORY)


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """The default run takes all cores; what is chosen by hand runs alone, where it can be timed, read and debugged."""
    is_whole = config.args_source is config.ArgsSource.TESTPATHS and config.option.markexpr == "not slow"
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, MOST_PROCESSES) if is_whole and config.option.capture != "no" else 0


SHARED = Path(os.environ.get("FCN_GUI_SHARED", Path(__file__).parents[2] / "shared"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """Real images with masks, and pretrained weights: beside the repository, never in it."""
    if not (SHARED / "data").is_dir():
        pytest.skip(f"needs the real data sets in {SHARED}")
    return SHARED


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings, recent folders and logs of a test never meet the user's own."""
    home = tmp_path_factory.mktemp("home")
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(home if name == "HOME" else home / name.lower()))
    return home


@pytest.fixture(autouse=True)
def no_thread_is_left_behind() -> Iterator[None]:
    """A thread that a test started has ended when the test ends."""
    before = set(threading.enumerate())
    yield
    left = [t for t in threading.enumerate() if t not in before and t.is_alive() and not t.daemon]
    for thread in left:
        thread.join(timeout=5)
    assert not [t for t in left if t.is_alive()], f"threads left behind: {left}"
