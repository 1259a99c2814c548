"""One window or process at a time."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fcn_gui.core.errors import LockedError, SaveError
from fcn_gui.disk.lock import ProjectLock

HOLDER = """
import sys
from pathlib import Path
from fcn_gui.disk.lock import ProjectLock
lock = ProjectLock.acquire(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def holder(folder: Path) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    return process


def end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.communicate()


def test_the_second_process_is_told_who_has_it(tmp_path: Path) -> None:
    process = holder(tmp_path / "project")
    try:
        with pytest.raises(LockedError, match="open elsewhere") as caught:
            ProjectLock.acquire(tmp_path / "project")
        assert f"process {process.pid}" in caught.value.who
        assert caught.value.since
    finally:
        end(process)


def test_a_killed_process_leaves_no_lock(tmp_path: Path) -> None:
    end(holder(tmp_path))
    with ProjectLock.acquire(tmp_path) as lock:
        assert lock.is_held
        assert lock.is_protected


def test_a_second_window_of_the_same_process_is_kept_out_too(tmp_path: Path) -> None:
    with ProjectLock.acquire(tmp_path), pytest.raises(LockedError) as caught:
        ProjectLock.acquire(tmp_path)
    assert str(os.getpid()) in caught.value.who


def test_after_release_others_get_in(tmp_path: Path) -> None:
    first = ProjectLock.acquire(tmp_path)
    first.release()
    first.release()
    assert not first.is_held
    with ProjectLock.acquire(tmp_path) as second:
        assert second.is_held


@pytest.mark.parametrize("content", [b"", b"not json", b"[1]", b"{}", bytes(range(256))])
def test_what_stands_in_the_file_locks_nobody_out_and_breaks_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "lock").write_bytes(content)
    with ProjectLock.acquire(tmp_path):
        (tmp_path / "lock").write_bytes(content)
        with pytest.raises(LockedError, match="another window"):
            ProjectLock.acquire(tmp_path)


def test_a_link_in_place_of_the_lock_is_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("theirs")
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "lock").symlink_to(outside)
    with pytest.raises(SaveError):
        ProjectLock.acquire(tmp_path / "project")
    assert outside.read_text() == "theirs"
