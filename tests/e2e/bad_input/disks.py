"""Disks that can't be written to: mounted for real where the tests run as root, else by permissions or a limit."""

import ctypes
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

CAPABILITIES_3 = 0x20080522
MAY_PASS_PERMISSIONS = 0b110
"""CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH of capabilities(7)."""


@contextmanager
def permissions_bite() -> Iterator[None]:
    """What root may do in spite of permissions, this thread and those that it starts may not meanwhile."""
    if os.geteuid() != 0:
        yield
        return
    if sys.platform != "linux":
        pytest.skip("permissions do not bite for root")
    libc = ctypes.CDLL(None, use_errno=True)
    header, before = (ctypes.c_uint32 * 2)(CAPABILITIES_3, 0), (ctypes.c_uint32 * 6)()
    assert libc.capget(header, before) == 0
    without = (ctypes.c_uint32 * 6)(*before)
    without[0] &= ~MAY_PASS_PERMISSIONS
    assert libc.capset(header, without) == 0, os.strerror(ctypes.get_errno())
    try:
        yield
    finally:
        assert libc.capset(header, before) == 0


def _mount(*arguments: object) -> bool:
    if sys.platform != "linux" or os.geteuid() != 0:
        return False
    told = subprocess.run(["mount", *map(str, arguments)], capture_output=True, check=False)
    return told.returncode == 0


def _unmount(folder: Path) -> None:
    subprocess.run(["umount", "--lazy", str(folder)], capture_output=True, check=True)


@contextmanager
def read_only(folder: Path, *, is_open: bool = False) -> Iterator[None]:
    """Nothing below `folder` can be written to meanwhile: a read-only mount, else permissions that bite.

    Skips the test where a window has it open already and neither holds for the threads of that window.
    """
    if _mount("--bind", folder, folder):
        try:
            if not _mount("-o", "remount,bind,ro", folder):
                pytest.skip("this machine mounts nothing read-only")
            yield
        finally:
            _unmount(folder)
        return
    if is_open and os.geteuid() == 0:
        pytest.skip("permissions do not bite for root's running threads, and nothing can be mounted here")
    folders = [folder, *(path for path in folder.rglob("*") if path.is_dir())]
    try:
        for each in folders:
            each.chmod(0o555)
        with permissions_bite():
            yield
    finally:
        for each in folders:
            each.chmod(0o755)


@contextmanager
def small_disk(folder: Path, kilobytes: int) -> Iterator[None]:
    """A disk of its own at `folder`, empty. Skips the test where none can be mounted."""
    folder.mkdir(exist_ok=True)
    if not _mount("-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", folder):
        pytest.skip("no disk can be mounted here")
    try:
        yield
    finally:
        _unmount(folder)


def fill(folder: Path) -> Path:
    """Write until the disk of `folder` is full; the file to delete for room again."""
    filler = folder.parent / folder.name / "filler.bin"
    with filler.open("wb", buffering=0) as file:
        try:
            while file.write(b"\0" * 1024):
                pass
        except OSError:
            return filler
    raise AssertionError("the disk is never full")
